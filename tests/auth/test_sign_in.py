"""Signing in on a real database: races, rotation, passwords."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import pytest
import sqlalchemy as sa

from zaryad import accounts, auth, notify
from zaryad.auth import Gate, Origin, Role, Settings, SignedIn
from zaryad.auth.tables import refresh_token, sign_in, sign_in_code
from zaryad.kernel.errors import DomainError
from zaryad.platform.db import Db

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
GATE = Gate(auth.keys_of(b"a secret"), Settings(), accounts.Settings())
HERE = Origin("10.0.0.1", "a test")
PHONE = "+996555123456"


async def code_for(db: Db, now: dt.datetime = NOW) -> str:
    await auth.send_code(db, GATE, PHONE, origin=HERE, language="ru", now=now)
    async with db.begin() as tx:
        text = (await notify.recent(tx))[0].text
    found = re.search(r"\d{6}", text or "")
    assert found is not None
    return found[0]


async def enter(db: Db, code: str, now: dt.datetime = NOW) -> SignedIn:
    return await auth.sign_in_by_code(db, GATE, PHONE, code, origin=HERE, language="ru", now=now)


async def exchange(db: Db, token: str, now: dt.datetime = NOW) -> SignedIn:
    return await auth.refresh(db, GATE, token, origin=HERE, now=now)


async def test_one_code_opens_once_however_many_try_at_once(db: Db) -> None:
    code = await code_for(db)
    results = await asyncio.gather(*(enter(db, code) for _ in range(6)), return_exceptions=True)
    assert len([each for each in results if isinstance(each, SignedIn)]) == 1
    assert {str(each) for each in results if isinstance(each, DomainError)} == {"code_wrong"}


async def test_guessing_at_once_has_five_tries_too(db: Db) -> None:
    code = await code_for(db)
    wrong = [f"{(int(code) + step) % 1_000_000:06}" for step in range(1, 13)]
    results = await asyncio.gather(*(enter(db, each) for each in wrong), return_exceptions=True)
    assert all(isinstance(each, DomainError) for each in results)
    with pytest.raises(DomainError, match="code_wrong"):
        await enter(db, code)


async def test_the_same_refresh_at_once_gives_the_same_successor(db: Db) -> None:
    first = (await enter(db, await code_for(db))).tokens.refresh
    given = await asyncio.gather(*(exchange(db, first) for _ in range(5)))
    assert len({each.tokens.refresh for each in given}) == 1
    async with db.begin() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(refresh_token)) == 2


async def test_a_sign_in_lives_as_long_as_it_is_used(db: Db) -> None:
    signed_in = await enter(db, await code_for(db))
    token, now = signed_in.tokens.refresh, NOW
    for _ in range(4):
        now += dt.timedelta(days=6)
        token = (await exchange(db, token, now)).tokens.refresh
    with pytest.raises(DomainError, match="sign_in_again"):
        await exchange(db, token, now + dt.timedelta(days=7))


async def test_a_theft_ends_the_family_and_no_other(db: Db) -> None:
    mine = await enter(db, await code_for(db))
    later = NOW + dt.timedelta(minutes=5)
    other = await enter(db, await code_for(db, later), later)
    second = await exchange(db, mine.tokens.refresh, later)
    with pytest.raises(DomainError, match="sign_in_again"):
        await exchange(db, mine.tokens.refresh, later + dt.timedelta(minutes=2))
    with pytest.raises(DomainError, match="sign_in_again"):
        await exchange(db, second.tokens.refresh, later + dt.timedelta(minutes=2))
    assert (await exchange(db, other.tokens.refresh, later)).id == other.id
    async with db.begin() as tx:
        why = await tx.scalar(sa.select(sign_in.c.revoked_why).where(sign_in.c.id == mine.id))
    assert why == "reuse"


@pytest.mark.parametrize("token", ["", "x", "x" * 201, "\x00", "é"])
async def test_what_was_never_ours_is_refused_and_harms_nobody(db: Db, token: str) -> None:
    signed_in = await enter(db, await code_for(db))
    with pytest.raises(DomainError, match="sign_in_again"):
        await exchange(db, token)
    await exchange(db, signed_in.tokens.refresh)


async def test_staff_are_made_once_with_a_good_password(db: Db) -> None:
    rules = accounts.Settings()
    with pytest.raises(DomainError, match="password_weak"):
        await auth.create_staff(db, rules, "aibek", "aibek1", [Role.OPERATOR], None, NOW)
    first = await auth.ensure_staff(db, rules, "aibek", "a long enough phrase", {Role.OPERATOR}, "Айбек", NOW)
    again = await auth.ensure_staff(db, rules, "AIBEK", "another long phrase", {Role.ADMIN}, "Айбек", NOW)
    assert first == again
    signed_in = await auth.sign_in_by_password(db, GATE, "aibek", "a long enough phrase", origin=HERE, now=NOW)
    assert (await auth.set_roles(db, "aibek", [Role.ADMIN])).roles == {"admin"}
    assert (await exchange(db, signed_in.tokens.refresh)).person.roles == {"admin"}
    await auth.set_password(db, rules, "aibek", "quite another phrase", NOW)
    with pytest.raises(DomainError, match="login_wrong"):
        await auth.sign_in_by_password(db, GATE, "aibek", "a long enough phrase", origin=HERE, now=NOW)
    with pytest.raises(DomainError, match="sign_in_again"):
        await exchange(db, signed_in.tokens.refresh)


async def test_what_has_served_is_forgotten(db: Db) -> None:
    await enter(db, await code_for(db))
    await auth.tidy(db, NOW + dt.timedelta(hours=3))
    async with db.begin() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(sign_in_code)) == 1
    await auth.tidy(db, NOW + dt.timedelta(days=40))
    async with db.begin() as tx:
        for table in (sign_in_code, sign_in, refresh_token):
            assert await tx.scalar(sa.select(sa.func.count()).select_from(table)) == 0
