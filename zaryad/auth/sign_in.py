"""Open a sign-in, keep it alive by rotation, end it.

A refresh token is good for one use. Its successor is derived from it with our key, so that a client whose answer
was lost gets the same successor again, for `reuse_grace_s` and only while that is the newest. Any other use of an
old token means that two hold it: the whole family is revoked, and both have to prove who they are.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from uuid import UUID

import msgspec

from zaryad import accounts
from zaryad.accounts import Person, PersonId
from zaryad.auth import store
from zaryad.auth.access import issue_access
from zaryad.auth.keys import Keys, keyed
from zaryad.auth.model import Gate, Origin, SignedIn, SignIn, Tokens, Way
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db, Tx

TOKEN_MAX = 200
USER_AGENT_MAX = 200


class Refresh(msgspec.Struct, frozen=True):
    """A refresh token in the open, and its end."""

    token: str
    expires_at: dt.datetime

    def __repr__(self) -> str:
        return "Refresh(...)"


async def open_sign_in(tx: Tx, gate: Gate, person: Person, way: Way, *, origin: Origin, now: dt.datetime) -> SignedIn:
    """Sign an active person in on one more device."""
    if person.status != "active":
        raise DomainError(Kind.FORBIDDEN, "person_blocked")
    id, refresh = new_id(), secrets.token_urlsafe(32)
    expires_at = now + gate.rules.refresh_life
    values: dict[str, object] = {
        "id": id,
        "person_id": person.id,
        "way": way,
        "created_at": now,
        "last_used_at": now,
        "expires_at": expires_at,
        "address": origin.address[:64],
        "user_agent": origin.user_agent[:USER_AGENT_MAX],
    }
    await store.open_family(tx, values, _hash(gate.keys, refresh))
    return _signed_in(gate, id, person, Refresh(refresh, expires_at), now)


async def refresh(db: Db, gate: Gate, presented: str, *, origin: Origin, now: dt.datetime) -> SignedIn:
    """Exchange a refresh token for its successor; UNAUTHENTICATED when it is not, or no longer, good."""
    async with db.begin() as tx:
        done = await _exchange(tx, gate, presented, origin, now) if len(presented) <= TOKEN_MAX else None
    if done is None:
        raise DomainError(Kind.UNAUTHENTICATED, "sign_in_again")
    return done


async def _exchange(tx: Tx, gate: Gate, presented: str, origin: Origin, now: dt.datetime) -> SignedIn | None:
    """Decide; None refuses, and what was revoked on the way stays revoked."""
    keys, rules = gate.keys, gate.rules
    presented_hash = _hash(keys, presented)
    family = await store.lock_family(tx, presented_hash)
    if family is None or family.revoked_at is not None or family.expires_at <= now:
        return None
    person = await accounts.find(tx, family.person_id)
    if person is None or person.status != "active":
        await store.revoke(tx, now, "blocked", id=family.id)
        return None
    token = await store.token(tx, presented_hash)
    successor = _successor(keys, presented)
    if token.used_at is None:
        expires_at = now + rules.refresh_life
        await store.use_token(tx, presented_hash, now)
        await store.add_token(tx, family.id, token.generation + 1, _hash(keys, successor), now)
        await store.write_family(
            tx,
            family.id,
            last_used_at=now,
            expires_at=expires_at,
            address=origin.address[:64],
            user_agent=origin.user_agent[:USER_AGENT_MAX],
        )
        return _signed_in(gate, family.id, person, Refresh(successor, expires_at), now)
    newest = await store.newest_generation(tx, family.id)
    if newest == token.generation + 1 and now - token.used_at <= dt.timedelta(seconds=rules.reuse_grace_s):
        return _signed_in(gate, family.id, person, Refresh(successor, family.expires_at), now)
    await store.revoke(tx, now, "reuse", id=family.id)
    return None


async def list_sign_ins(tx: Tx, person_id: PersonId, now: dt.datetime) -> list[SignIn]:
    """List where a person is signed in, the latest used first."""
    return await store.open_of(tx, person_id, now)


async def end_sign_in(tx: Tx, person_id: PersonId, id: UUID, now: dt.datetime) -> None:
    """End one of the person's sign-ins; NOT_FOUND when it is not theirs, or over."""
    if not await store.revoke(tx, now, "signed_out", person_id=person_id, id=id):
        raise DomainError(Kind.NOT_FOUND, "sign_in_unknown")


async def end_all(tx: Tx, person_id: PersonId, now: dt.datetime, why: str = "signed_out") -> int:
    """End all of the person's sign-ins; access tokens run out within minutes. Returns how many."""
    return await store.revoke(tx, now, why, person_id=person_id)


async def sign_out(tx: Tx, keys: Keys, tokens: list[str], caller_sign_in: UUID | None, now: dt.datetime) -> None:
    """End this device's sign-in by whatever it shows; nothing to end is as good."""
    if caller_sign_in is not None:
        await store.revoke(tx, now, "signed_out", id=caller_sign_in)
    for token in tokens:
        family = await store.lock_family(tx, _hash(keys, token)) if len(token) <= TOKEN_MAX else None
        if family is not None:
            await store.revoke(tx, now, "signed_out", id=family.id)


async def tidy(db: Db, now: dt.datetime) -> None:
    """Delete what has served: codes after a day, counts after two hours, sign-ins a month after their end."""
    async with db.begin() as tx:
        await store.forget(
            tx,
            codes_before=now - dt.timedelta(days=1),
            counts_before=now - dt.timedelta(hours=2),
            ended_before=now - dt.timedelta(days=30),
        )


def _signed_in(gate: Gate, id: UUID, person: Person, refresh: Refresh, now: dt.datetime) -> SignedIn:
    life = gate.rules.access_life
    access = issue_access(gate.keys.access, person, id, now, life)
    return SignedIn(id, person, Tokens(access, now + life, refresh.token, refresh.expires_at))


def _hash(keys: Keys, token: str) -> bytes:
    return keyed(keys.refresh, "stored", token)


def _successor(keys: Keys, token: str) -> str:
    return base64.urlsafe_b64encode(keyed(keys.refresh, "next", token)).rstrip(b"=").decode()
