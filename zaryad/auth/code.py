"""Sign in by a code sent to a phone. Nothing in the answers tells whether the phone is known.

A failed try is committed before it is answered: a client that hangs up early has spent it all the same.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

import msgspec

from zaryad import accounts, notify
from zaryad.auth import store
from zaryad.auth.keys import keyed
from zaryad.auth.model import CODE_DIGITS, Gate, Origin, Settings, SignedIn
from zaryad.auth.sign_in import open_sign_in
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db
from zaryad.platform.http_asked import network_of


class CodeSent(msgspec.Struct, frozen=True):
    """The answer, the same for every phone."""

    digits: int
    expires_in_s: int
    resend_after_s: int


async def send_code(
    db: Db, gate: Gate, typed_phone: str, *, origin: Origin, language: str, now: dt.datetime
) -> CodeSent:
    """Send a new code, which replaces the one before; TOO_MANY with `retry_after_s` when it is too early for one."""
    phone = accounts.normal_phone(typed_phone, gate.people)
    rules = gate.rules
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    id, address = new_id(), f"codes {network_of(origin.address)}"
    async with db.begin() as tx:
        if await store.counted(tx, address, now) >= rules.codes_per_address_hour:
            raise DomainError(Kind.TOO_MANY, "codes_from_address", retry_after_s=600)
        row = await store.lock_code(tx, phone, id, now)
        sent = [at for at in row.sent_at if at > now - store.HOUR]
        _check_pace(rules, sent, now)
        await store.write_code(
            tx,
            phone,
            id=id,
            code_hash=keyed(gate.keys.codes, str(id), phone, code),
            expires_at=now + dt.timedelta(seconds=rules.code_life_s),
            tries_left=rules.code_tries,
            sent_at=[*sent, now],
            touched_at=now,
        )
        await store.count(tx, address, now)
        await notify.send_sms(
            tx,
            phone,
            "sms.code",
            language,
            now,
            not_after=now + dt.timedelta(seconds=rules.code_life_s),
            code=code,
            minutes=max(rules.code_life_s // 60, 1),
        )
    return CodeSent(CODE_DIGITS, rules.code_life_s, rules.resend_after_s)


async def sign_in_by_code(
    db: Db, gate: Gate, typed_phone: str, typed_code: str, *, origin: Origin, language: str, now: dt.datetime
) -> SignedIn:
    """Sign in whoever reads the phone's messages; the first time makes a driver of them."""
    phone = accounts.normal_phone(typed_phone, gate.people)
    rules = gate.rules
    code = "".join(character for character in typed_code if not character.isspace())
    address = f"failures {network_of(origin.address)}"
    signed_in: SignedIn | DomainError | None = None
    async with db.begin() as tx:
        if await store.counted(tx, address, now) >= rules.failures_per_address_hour:
            raise DomainError(Kind.TOO_MANY, "tries_from_address", retry_after_s=600)
        row = await store.lock_code(tx, phone, new_id(), now)
        same = hmac.compare_digest(keyed(gate.keys.codes, str(row.id), phone, code), row.code_hash or b"")
        if row.code_hash is not None and row.tries_left > 0 and row.expires_at > now and same:
            await store.write_code(tx, phone, code_hash=None, tries_left=0, touched_at=now)
            person = await accounts.ensure_by_phone(tx, phone, language, now)
            if person.status == "active":
                signed_in = await open_sign_in(tx, gate, person, "code", origin=origin, now=now)
            else:
                signed_in = DomainError(Kind.FORBIDDEN, "person_blocked")
        else:
            await store.write_code(tx, phone, tries_left=max(row.tries_left - 1, 0), touched_at=now)
            await store.count(tx, address, now)
    if signed_in is None:
        raise DomainError(Kind.REFUSED, "code_wrong")
    if isinstance(signed_in, DomainError):
        raise signed_in
    return signed_in


def _check_pace(rules: Settings, sent: list[dt.datetime], now: dt.datetime) -> None:
    if not sent:
        return
    wait = max(sent) + dt.timedelta(seconds=rules.resend_after_s) - now
    if wait > dt.timedelta(0):
        raise DomainError(Kind.TOO_MANY, "code_too_soon", retry_after_s=_seconds(wait))
    if len(sent) >= rules.codes_per_hour:
        wait = min(sent) + store.HOUR - now
        raise DomainError(Kind.TOO_MANY, "codes_too_many", retry_after_s=_seconds(wait))


def _seconds(wait: dt.timedelta) -> int:
    return max(-(-wait // dt.timedelta(seconds=1)), 1)
