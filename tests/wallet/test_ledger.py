"""Transfers happen once, are never changed, and never overdraw a wallet."""

import psycopg
import pytest
import sqlalchemy as sa

from tests.wallet.books import NOW, assert_sound, open_books, som, transfer
from zaryad import wallet
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.platform.db import Db
from zaryad.wallet import Posting, Transfer, TransferId


async def test_a_transfer_moves_money_once(db: Db) -> None:
    books = await open_books(db)
    top_up = transfer(books.bank, books.purse, 500)
    async with db.begin() as tx:
        assert await wallet.post(tx, top_up, NOW)
        assert not await wallet.post(tx, top_up, NOW)
        assert await books.standing(tx) == (500, 0)
        assert await wallet.balance(tx, books.purse) == 500
        assert await wallet.balance(tx, books.bank) == -500
    await assert_sound(db)


async def test_the_same_id_with_other_content_is_a_bug_and_is_told(db: Db) -> None:
    books = await open_books(db, 100)
    first = transfer(books.purse, books.revenue, 60)
    async with db.begin() as tx:
        await wallet.post(tx, first, NOW)
        for other in (61, 1000):  # with money enough and without: the id is judged first
            with pytest.raises(DomainError) as told:
                await wallet.post(tx, transfer(books.purse, books.revenue, other, id=first.id), NOW)
            assert (told.value.kind, told.value.code) == (Kind.CONFLICT, "transfer_id_reused")
        assert await books.standing(tx) == (40, 0)


async def test_a_refusal_leaves_the_transaction_usable_and_nothing_behind(db: Db) -> None:
    books = await open_books(db, 100)
    too_much = transfer(books.purse, books.revenue, 101)
    async with db.begin() as tx:
        with pytest.raises(DomainError) as told:
            await wallet.post(tx, too_much, NOW)
        assert (told.value.kind, told.value.code) == (Kind.REFUSED, "not_enough_money")
        assert await wallet.post(tx, transfer(books.bank, books.purse, 1), NOW)
        assert await wallet.post(tx, too_much, NOW)
        assert await books.standing(tx) == (0, 0)
    await assert_sound(db)


async def test_a_replay_is_told_as_one_even_when_the_money_is_gone(db: Db) -> None:
    books = await open_books(db, 100)
    sale = transfer(books.purse, books.revenue, 100)
    async with db.begin() as tx:
        assert await wallet.post(tx, sale, NOW)
        assert not await wallet.post(tx, sale, NOW)


async def test_held_money_cannot_be_spent(db: Db) -> None:
    books = await open_books(db, 100)
    async with db.begin() as tx:
        await books.hold(tx, 70)
        with pytest.raises(DomainError, match="not_enough_money"):
            await wallet.post(tx, transfer(books.purse, books.revenue, 31), NOW)
        assert await wallet.post(tx, transfer(books.purse, books.revenue, 30), NOW)


async def test_a_transfer_of_several_lines_is_one(db: Db) -> None:
    books = await open_books(db, 100)
    async with db.begin() as tx:
        vat = await wallet.system_account(tx, "vat", "12", "KGS", NOW)
        lines = (Posting(books.purse, books.revenue, som(88)), Posting(books.purse, vat, som(12)))
        assert await wallet.post(tx, Transfer(TransferId(new_id()), "charging", lines), NOW)
        assert await wallet.balance(tx, vat) == 12
        assert await books.standing(tx) == (0, 0)
    await assert_sound(db)


async def test_the_database_keeps_an_account_in_its_currency(db: Db) -> None:
    books = await open_books(db, 100)
    rubles = Transfer(TransferId(new_id()), "charging", (Posting(books.purse, books.revenue, Money(1, "RUB")),))
    with pytest.raises(
        sa.exc.IntegrityError,
        match=r"fk_posting_(debit|credit)",  # whichever of the two it looks at first
    ):
        async with db.begin() as tx:
            await wallet.post(tx, rubles, NOW)
    await assert_sound(db)


@pytest.mark.parametrize("table", ["transfer", "posting", "account"])
async def test_history_cannot_be_changed(db: Db, database_url: str, table: str) -> None:
    await open_books(db, 100)
    column = "currency" if table == "account" else "at"
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in (
            f"update {table} set {column} = {column}",
            f"delete from {table}",
            f"truncate {table} cascade",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation, match="never changed or deleted"):
                connection.execute(statement)
    await assert_sound(db)


async def test_verify_names_what_is_wrong(db: Db) -> None:
    books = await open_books(db, 100)
    async with db.begin() as tx:
        await books.hold(tx, 30)
    async with db.begin() as tx:
        await tx.execute(sa.text("update account_guard set posted_minor = 90, held_minor = 20"))
        found = {v.rule: v.text for v in await wallet.verify(tx)}
    assert set(found) == {"guard_equals_postings", "guard_equals_holds"}
    assert "guard says posted 90, postings say 100" in found["guard_equals_postings"]
    assert str(books.purse) in found["guard_equals_holds"]


async def test_accounts_are_opened_once(db: Db) -> None:
    books = await open_books(db, 100)
    async with db.begin() as tx:
        assert await wallet.ensure_wallet(tx, books.person, "KGS", NOW) == books.purse
        assert await wallet.ensure_wallet(tx, books.person, "RUB", NOW) != books.purse
        assert wallet.wallet_of(books.person, "KGS") == books.purse
        with pytest.raises(DomainError, match="no_such_account"):
            await wallet.standing(tx, books.revenue)
