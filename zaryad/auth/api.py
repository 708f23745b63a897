"""Routes of people: signing in and out, oneself, one's devices, cards, and for an admin who may do what.

Browsers keep the tokens in cookies that scripts cannot read; programs take them from the body and send the access
token as `Authorization: Bearer`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post

from zaryad import accounts
from zaryad.accounts import IdToken, Person
from zaryad.auth import api_people, sign_in
from zaryad.auth import code as codes
from zaryad.auth import password as passwords
from zaryad.auth.api_people import PersonShown, person_shown
from zaryad.auth.code import CodeSent
from zaryad.auth.cookies import sign_in_cookies, sign_out_cookies
from zaryad.auth.model import CSRF_COOKIE, REFRESH_COOKIE, Gate, Origin, SignedIn
from zaryad.auth.roles import PUBLIC, SIGNED_IN, Caller
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db
from zaryad.platform.http import Asked, csrf_matches

# What proves who somebody is needs no double submit: a browser that lost its token of it must be able to come in.
DOOR = {**PUBLIC, "csrf": False}

Typed = Annotated[str, msgspec.Meta(max_length=64)]
Secret = Annotated[str, msgspec.Meta(max_length=300)]


class CodeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send a code."""

    phone: Typed


class CodeShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that came."""

    phone: Typed
    code: Annotated[str, msgspec.Meta(max_length=16)]


class PasswordShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of staff."""

    login: Annotated[str, msgspec.Meta(max_length=1_000)]
    password: Secret


class RefreshShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The refresh token, for clients without cookies."""

    refresh_token: Secret


class TokensGiven(msgspec.Struct, frozen=True):
    """What the client keeps; a browser has the same as cookies."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    me: PersonShown


class DeviceShown(msgspec.Struct, frozen=True):
    """One place where the person is signed in."""

    id: UUID
    way: str
    current: bool
    created_at: dt.datetime
    last_used_at: dt.datetime
    expires_at: dt.datetime
    address: str
    user_agent: str


class MeChanged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person may change of themselves; what is absent stays."""

    name: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    language: Annotated[str, msgspec.Meta(max_length=2)] | None = None


@post("/auth/codes", opt=DOOR, status_code=202, tags=["auth"])
async def send_code(
    data: CodeAsked, db: Db, now: dt.datetime, language: str, asked: Asked, *, auth_gate: Gate
) -> CodeSent:
    """Send a code by SMS. The answer is the same for every phone, known or not."""
    return await codes.send_code(db, auth_gate, data.phone, origin=origin_of(asked), language=language, now=now)


@post("/auth/sessions", opt=DOOR, tags=["auth"])
async def open_session(
    *, data: CodeShown, db: Db, now: dt.datetime, language: str, asked: Asked, auth_gate: Gate
) -> TokensGiven:
    """Sign in with a code; the first time makes a driver."""
    done = await codes.sign_in_by_code(
        db, auth_gate, data.phone, data.code, origin=origin_of(asked), language=language, now=now
    )
    return given(asked, auth_gate, done, now)


@post("/auth/staff-sessions", opt=DOOR, tags=["auth"])
async def open_staff_session(
    data: PasswordShown, db: Db, now: dt.datetime, asked: Asked, auth_gate: Gate
) -> TokensGiven:
    """Sign staff in with login and password."""
    done = await passwords.sign_in_by_password(
        db, auth_gate, data.login, data.password, origin=origin_of(asked), now=now
    )
    return given(asked, auth_gate, done, now)


@post("/auth/refresh", opt=PUBLIC, status_code=200, tags=["auth"])
async def refresh_session(
    db: Db, now: dt.datetime, asked: Asked, auth_gate: Gate, data: RefreshShown | None = None
) -> TokensGiven:
    """Exchange the refresh token, of the body or of the cookie, for new tokens. It is good once.

    With the cookie, `X-CSRF-Token` is needed as everywhere.
    """
    if data is not None:
        done = await sign_in.refresh(db, auth_gate, data.refresh_token, origin=origin_of(asked), now=now)
        return given(asked, auth_gate, done, now)
    if REFRESH_COOKIE in asked.cookies and not csrf_matches(asked, asked.csrf_header, CSRF_COOKIE):
        raise DomainError(Kind.FORBIDDEN, "csrf_mismatch")
    found = await renew(db, auth_gate, asked, now)
    if found is None:
        forget(asked, auth_gate)
        raise DomainError(Kind.UNAUTHENTICATED, "sign_in_again")
    return _tokens(found, now)


@delete("/auth/session", opt=PUBLIC, tags=["auth"])
async def close_session(db: Db, now: dt.datetime, asked: Asked, visitor: Caller | None, auth_gate: Gate) -> None:
    """Sign this device out; its cookies go. Signed out already is as good."""
    async with db.begin() as tx:
        mine = visitor.sign_in_id if visitor is not None else None
        tokens = asked.cookies.get(REFRESH_COOKIE, [])
        await sign_in.sign_out(tx, auth_gate.keys, tokens, mine, now)
    forget(asked, auth_gate)


@get("/auth/sessions", opt=SIGNED_IN, tags=["auth"])
async def list_sessions(db: Db, now: dt.datetime, caller: Caller) -> list[DeviceShown]:
    """List where one is signed in."""
    async with db.begin() as tx:
        found = await sign_in.list_sign_ins(tx, caller.person_id, now)
    return [
        DeviceShown(
            id=each.id,
            way=each.way,
            current=each.id == caller.sign_in_id,
            created_at=each.created_at,
            last_used_at=each.last_used_at,
            expires_at=each.expires_at,
            address=each.address,
            user_agent=each.user_agent,
        )
        for each in found
    ]


@delete("/auth/sessions/{id:uuid}", opt=SIGNED_IN, tags=["auth"])
async def revoke_session(id: UUID, db: Db, now: dt.datetime, caller: Caller) -> None:
    """Sign one of one's devices out."""
    async with db.begin() as tx:
        await sign_in.end_sign_in(tx, caller.person_id, id, now)


@delete("/auth/sessions", opt=SIGNED_IN, tags=["auth"])
async def revoke_sessions(db: Db, now: dt.datetime, caller: Caller, asked: Asked, auth_gate: Gate) -> None:
    """Sign all of one's devices out, this one too."""
    async with db.begin() as tx:
        await sign_in.end_all(tx, caller.person_id, now)
    forget(asked, auth_gate)


@get("/me", opt=SIGNED_IN, tags=["me"])
async def get_me(db: Db, caller: Caller) -> PersonShown:
    """Return oneself."""
    async with db.begin() as tx:
        return person_shown(_found(await accounts.find(tx, caller.person_id)))


@patch("/me", opt=SIGNED_IN, tags=["me"])
async def change_me(data: MeChanged, db: Db, caller: Caller) -> PersonShown:
    """Change one's name or language."""
    async with db.begin() as tx:
        return person_shown(await accounts.change(tx, caller.person_id, name=data.name, language=data.language))


@get("/me/tokens", opt=SIGNED_IN, tags=["me"])
async def list_my_tokens(db: Db, caller: Caller) -> list[IdToken]:
    """List one's own cards."""
    async with db.begin() as tx:
        return await accounts.tokens_of(tx, caller.person_id)


def settings_routes(system: Mapping[str, object]) -> list[Any]:
    """Return the route that tells the system settings, by their exact names. None writes them."""
    told = {name if name.startswith("System.") else f"System.{name}": value for name, value in system.items()}

    @get("/settings", opt=SIGNED_IN, tags=["settings"])
    async def get_settings() -> dict[str, Any]:
        """Return the system settings; they are set in the configuration file only."""
        return told

    return [get_settings]


def origin_of(asked: Asked) -> Origin:
    """Return where a request comes from."""
    return Origin(asked.address, asked.user_agent)


def given(asked: Asked, gate: Gate, done: SignedIn, now: dt.datetime) -> TokensGiven:
    """Give the tokens, as cookies and as the body."""
    keep(asked, gate, done, now)
    return _tokens(done, now)


def keep(asked: Asked, gate: Gate, done: SignedIn, now: dt.datetime) -> None:
    """Leave the sign-in in the browser."""
    asked.set_cookies = sign_in_cookies(
        asked.host, gate.rules.cookie_domains, done.tokens, asked.cookie(CSRF_COOKIE), now, secure=asked.secure
    )


def forget(asked: Asked, gate: Gate) -> None:
    """Take the sign-in out of the browser."""
    asked.set_cookies = sign_out_cookies(asked.host, gate.rules.cookie_domains, secure=asked.secure)


async def renew(db: Db, gate: Gate, asked: Asked, now: dt.datetime) -> SignedIn | None:
    """Exchange whichever refresh cookie is good (an older configuration may have left another) and keep the result."""
    for token in asked.cookies.get(REFRESH_COOKIE, ()):
        try:
            done = await sign_in.refresh(db, gate, token, origin=origin_of(asked), now=now)
        except DomainError:
            continue
        keep(asked, gate, done, now)
        return done
    return None


def _tokens(done: SignedIn, now: dt.datetime) -> TokensGiven:
    tokens, second = done.tokens, dt.timedelta(seconds=1)
    return TokensGiven(
        access_token=tokens.access,
        token_type="Bearer",  # noqa: S106  # a scheme, not a secret
        expires_in=(tokens.access_expires_at - now) // second,
        refresh_token=tokens.refresh,
        refresh_expires_in=(tokens.refresh_expires_at - now) // second,
        me=person_shown(done.person),
    )


def _found(person: Person | None) -> Person:
    if person is None or person.status != "active":
        raise DomainError(Kind.UNAUTHENTICATED, "sign_in_again")
    return person


routes: list[Any] = [
    send_code,
    open_session,
    open_staff_session,
    refresh_session,
    close_session,
    list_sessions,
    revoke_session,
    revoke_sessions,
    get_me,
    change_me,
    list_my_tokens,
    *api_people.routes,
]
