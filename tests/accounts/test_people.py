"""People and cards: one spelling of a phone and of a card, one person per phone, roles that exist."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa

from zaryad import accounts
from zaryad.accounts import IdToken, Settings, normal_phone, phone_prefixes
from zaryad.accounts.tables import person
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
KG = Settings(phone_prefixes=phone_prefixes("+996, +7"))
ANY = Settings()


@pytest.mark.parametrize(
    ("typed", "rules"),
    [
        ("+996 555 12-34-56", ANY),
        ("+996555123456", KG),
        ("996555123456", ANY),
        ("996 (555) 123-456", KG),
        ("00996555123456", ANY),
        ("0555 123 456", KG),
        ("555123456", KG),
        (" +996\u00a0555\u00a0123\u00a0456 ", KG),
    ],
)
def test_a_phone_has_one_spelling(typed: str, rules: Settings) -> None:
    assert normal_phone(typed, rules) == "+996555123456"


@pytest.mark.parametrize(
    "typed", ["", "+", "abc", "+996", "+996 555", "+9" * 20, "1" * 40, "'; drop table person", "+996555123456789"]
)
def test_what_is_no_phone(typed: str) -> None:
    with pytest.raises(DomainError, match="phone_invalid"):
        normal_phone(typed, ANY)


def test_the_prefix_rule() -> None:
    assert normal_phone("+7 912 345-67-89", KG) == "+79123456789"
    with pytest.raises(DomainError) as caught:
        normal_phone("+44 20 7946 0958", KG)
    assert caught.value.facts == {"prefixes": "+996, +7"}
    assert normal_phone("+44 20 7946 0958", ANY) == "+442079460958"
    assert phone_prefixes(None) == phone_prefixes(" , ") == ()
    for nonsense in ("kg", "+996x"):
        with pytest.raises(ValueError, match="PhonePrefix"):
            Settings(phone_prefixes=(nonsense,))


async def test_the_same_phone_at_once_is_one_person(db: Db) -> None:
    async def come() -> accounts.Person:
        async with db.begin() as tx:
            return await accounts.ensure_by_phone(tx, "+996555123456", "ky", NOW)

    people = await asyncio.gather(*(come() for _ in range(8)))
    assert len({each.id for each in people}) == 1
    assert (people[0].roles, people[0].language) == (frozenset({"driver"}), "ky")
    async with db.begin() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(person)) == 1
        assert await accounts.by_phone(tx, "+996555123456") == people[0]
        assert await accounts.find(tx, people[0].id) == people[0]


async def test_logins_are_one_in_any_case_and_roles_have_to_exist(db: Db) -> None:
    async with db.begin() as tx:
        made = await accounts.create_staff(tx, "Aibek", "hash", ["operator", "driver"], "Айбек", NOW)
        found = await accounts.by_login(tx, "aiBEK")
        assert found is not None
        assert (found.person, found.password_hash) == (made, "hash")
        with pytest.raises(DomainError, match="login_taken"):
            await accounts.create_staff(tx, "AIBEK", "hash", ["operator"], None, NOW)
        with pytest.raises(DomainError, match="role_unknown"):
            await accounts.set_roles(tx, made.id, ["king"])
        assert (await accounts.set_roles(tx, made.id, ["admin"])).roles == {"admin"}
        with pytest.raises(DomainError, match="person_unknown"):
            await accounts.set_roles(tx, accounts.PersonId(new_id()), ["admin"])


@pytest.mark.parametrize(
    ("login", "fits"), [("ab", False), ("abc", True), ("a" * 150, True), ("a" * 151, False), ("a b c", False)]
)
def test_a_logins_length_follows_the_settings(login: str, fits: bool) -> None:
    if fits:
        assert accounts.check_login(login, ANY) == login
        return
    with pytest.raises(DomainError, match="login_"):
        accounts.check_login(login, ANY)


async def test_a_card_is_found_in_any_case(db: Db) -> None:
    async with db.begin() as tx:
        owner = await accounts.ensure_by_phone(tx, "+996555123456", "ru", NOW)
        kept = await accounts.put_token(tx, IdToken(token=" abc123 ", person_id=owner.id, group="fleet"), NOW)
        assert kept.token == "ABC123"
        assert await accounts.find_token(tx, "aBc123") == kept
        assert await accounts.tokens_of(tx, owner.id) == [kept]
        blocked = await accounts.put_token(tx, IdToken(token="abc123", status="blocked", expires_at=NOW), NOW)
        assert await accounts.find_token(tx, "ABC123") == blocked
        assert await accounts.tokens_of(tx, owner.id) == []
        assert await accounts.find_token(tx, "\x00") is None
        assert await accounts.find_token(tx, "nope") is None
        for wrong in ("", " ", "x" * 37, "карта"):
            with pytest.raises(DomainError, match="token_invalid"):
                await accounts.put_token(tx, IdToken(token=wrong), NOW)
        with pytest.raises(DomainError, match="person_unknown"):
            await accounts.put_token(tx, IdToken(token="X", person_id=accounts.PersonId(new_id())), NOW)
        assert await accounts.drop_token(tx, "abc123")
        assert not await accounts.drop_token(tx, "abc123")


async def test_what_a_person_changes_of_themselves(db: Db) -> None:
    async with db.begin() as tx:
        it = await accounts.ensure_by_phone(tx, "+996555123456", "ru", NOW)
        assert (await accounts.change(tx, it.id, name=" Айбек ", language="en")).name == "Айбек"
        assert (await accounts.change(tx, it.id)).language == "en"
        assert (await accounts.change(tx, it.id, name="")).name is None
        for wrong in ({"language": "de"}, {"name": "x" * 101}, {"name": "a\nb"}):
            with pytest.raises(DomainError):
                await accounts.change(tx, it.id, **wrong)
