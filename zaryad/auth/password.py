"""Staff: what a login and a password have to be, and signing in with them.

Hashing is slow on purpose (argon2id, RFC 9106). It is done outside of any transaction, in a thread, two at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from zaryad import accounts
from zaryad.accounts import Person, PersonId
from zaryad.auth import store
from zaryad.auth.entropy import entropy_bits
from zaryad.auth.model import Gate, Origin, SignedIn
from zaryad.auth.roles import Role
from zaryad.auth.sign_in import end_all, open_sign_in
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db
from zaryad.platform.http_asked import network_of

PASSWORD_MAX = 256
_HASHER = PasswordHasher()


@cache
def _at_once() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(2)


@cache
def _nobodys() -> str:
    """Return a hash to compare with when there is no such login: the answer takes as long."""
    return _HASHER.hash("nobody has this password")


def check_password(password: str, rules: accounts.Settings, known: Iterable[str] = ()) -> None:
    """Raise `password_weak` unless it is as hard to guess as the system settings ask."""
    if len(password) > PASSWORD_MAX:
        raise DomainError(Kind.INVALID, "password_long", most=PASSWORD_MAX)
    if entropy_bits(password, known) < rules.password_bits_min:
        raise DomainError(Kind.INVALID, "password_weak", least=rules.password_bits_min)


async def hash_password(password: str) -> str:
    """Hash a password for keeping."""
    return await anyio.to_thread.run_sync(_HASHER.hash, password, limiter=_at_once())


async def create_staff(  # noqa: PLR0917  # told in the order of a form
    db: Db,
    rules: accounts.Settings,
    login: str,
    password: str,
    roles: Iterable[Role],
    name: str | None,
    now: dt.datetime,
    *,
    language: str | None = None,
) -> Person:
    """Make a member of staff; login and password follow the system settings."""
    kept = accounts.check_login(login, rules)
    check_password(password, rules, _known(kept, name))
    hashed = await hash_password(password)
    words = [role.value for role in roles]
    async with db.begin() as tx:
        return await accounts.create_staff(tx, kept, hashed, words, name, now, language=language or rules.language)


async def ensure_staff(  # noqa: PLR0917  # told in the order of a form
    db: Db,
    rules: accounts.Settings,
    login: str,
    password: str,
    roles: Iterable[Role],
    name: str | None,
    now: dt.datetime,
) -> Person:
    """Make a member of staff unless the login is there; an existing one is left as it is."""
    async with db.begin() as tx:
        known = await accounts.by_login(tx, login)
    return known.person if known is not None else await create_staff(db, rules, login, password, roles, name, now)


async def set_roles(db: Db, login: str, roles: Iterable[Role]) -> Person:
    """Replace the roles of whoever has the login; they hold from each device's next refresh on."""
    person = await _by_login(db, login)
    async with db.begin() as tx:
        return await accounts.set_roles(tx, person.id, [role.value for role in roles])


async def set_password(db: Db, rules: accounts.Settings, login: str, password: str, now: dt.datetime) -> Person:
    """Replace the password of whoever has the login, and sign them out everywhere."""
    person = await _by_login(db, login)
    check_password(password, rules, _known(login, person.name))
    hashed = await hash_password(password)
    async with db.begin() as tx:
        await end_all(tx, person.id, now, "password_changed")
        return await accounts.set_password(tx, person.id, hashed, now)


async def sign_in_by_password(
    db: Db, gate: Gate, login: str, password: str, *, origin: Origin, now: dt.datetime
) -> SignedIn:
    """Sign a member of staff in. A wrong login and a wrong password are answered alike, and as slowly."""
    rules, login = gate.rules, login.strip()
    network = network_of(origin.address)
    subject = f"login {login.lower()[:200]}"
    caps = {
        f"{subject} {network}": rules.login_failures_per_hour,
        subject: rules.login_failures_per_hour * 10,
        f"failures {network}": rules.failures_per_address_hour,
    }
    async with db.begin() as tx:
        for cap, most in caps.items():
            if await store.counted(tx, cap, now) >= most:
                raise DomainError(Kind.TOO_MANY, "tries_too_many", retry_after_s=600)
        known = await accounts.by_login(tx, login)
    stored = known.password_hash if known is not None and known.password_hash is not None else _nobodys()
    right = await anyio.to_thread.run_sync(_matches, stored, password[: PASSWORD_MAX + 1], limiter=_at_once())
    if known is None or known.password_hash is None or not right:
        async with db.begin() as tx:
            for cap in caps:
                await store.count(tx, cap, now)
        raise DomainError(Kind.REFUSED, "login_wrong")
    fresh = await hash_password(password) if _HASHER.check_needs_rehash(stored) else None
    async with db.begin() as tx:
        if fresh is not None:
            await accounts.set_password(tx, known.person.id, fresh, now)
        return await open_sign_in(tx, gate, known.person, "password", origin=origin, now=now)


async def set_status(db: Db, person_id: PersonId, status: accounts.Status, now: dt.datetime) -> Person:
    """Block a person, which signs them out everywhere, or let them back in."""
    async with db.begin() as tx:
        person = await accounts.set_status(tx, person_id, status)
        if status != "active":
            await end_all(tx, person_id, now, "blocked")
    return person


async def _by_login(db: Db, login: str) -> Person:
    async with db.begin() as tx:
        known = await accounts.by_login(tx, login)
    if known is None:
        raise DomainError(Kind.NOT_FOUND, "person_unknown")
    return known.person


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def _known(login: str, name: str | None) -> list[str]:
    return [login, *(name or "").split()]
