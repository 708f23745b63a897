"""A statement adds up, page by page."""

import datetime as dt
import itertools

import pytest

from tests.wallet.books import NOW, open_books, som, transfer
from zaryad import wallet
from zaryad.kernel.errors import DomainError
from zaryad.platform.db import Db

HOUR = dt.timedelta(hours=1)


async def test_a_statement_is_paged_newest_first_and_adds_up(db: Db) -> None:
    books = await open_books(db)
    async with db.begin() as tx:
        for hour in range(7):
            await wallet.post(tx, transfer(books.bank, books.purse, 100), NOW + hour * HOUR)
            await wallet.post(tx, transfer(books.purse, books.revenue, 30, "charging"), NOW + hour * HOUR)
        lines: list[wallet.Entry] = []
        after = None
        while True:
            page = await wallet.statement(tx, books.purse, "KGS", after=after, limit=4)
            assert (page.opening, page.closing) == (som(0), som(490))
            lines += page.entries
            after = page.next
            if after is None:
                break
    assert [line.amount.minor for line in lines] == [-30, 100] * 7
    assert lines[0].balance == som(490)
    assert all(newer.balance - newer.amount == older.balance for newer, older in itertools.pairwise(lines))
    assert lines[-1].balance == lines[-1].amount
    assert lines[0].text == "ledger.reason.charging"


async def test_a_period_has_its_opening_and_closing_balance(db: Db) -> None:
    books = await open_books(db)
    async with db.begin() as tx:
        for hour in range(5):
            await wallet.post(tx, transfer(books.bank, books.purse, 10), NOW + hour * HOUR)
        page = await wallet.statement(tx, books.purse, "KGS", since=NOW + HOUR, until=NOW + 3 * HOUR)
    assert (page.opening, page.closing) == (som(10), som(30))
    assert [line.at for line in page.entries] == [NOW + 2 * HOUR, NOW + HOUR]
    assert [line.balance for line in page.entries] == [som(30), som(20)]


async def test_an_empty_statement_and_a_foreign_cursor(db: Db) -> None:
    books = await open_books(db)
    async with db.begin() as tx:
        page = await wallet.statement(tx, books.purse, "KGS")
        assert (page.opening, page.closing, page.entries, page.next) == (som(0), som(0), (), None)
        for cursor in ("", "x", "20260101T000000.000000-", "99999999999999999"):
            with pytest.raises(DomainError, match="bad_cursor"):
                await wallet.statement(tx, books.purse, "KGS", after=cursor)
