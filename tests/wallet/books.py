"""A small set of books for the ledger's tests."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from zaryad import wallet
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.platform.db import Db, Tx
from zaryad.wallet import AccountId, HoldId, Posting, Transfer, TransferId

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def som(minor: int) -> Money:
    return Money(minor, "KGS")


def transfer(
    debit: AccountId, credit: AccountId, minor: int, reason: str = "top_up", id: UUID | None = None
) -> Transfer:
    return Transfer(TransferId(id or new_id()), reason, (Posting(debit, credit, som(minor)),))


class Books:
    """One person with a wallet, a bank, a location's revenue, and what the person owes."""

    person: UUID
    purse: AccountId
    bank: AccountId
    revenue: AccountId
    owed: AccountId

    @classmethod
    async def open(cls, tx: Tx, minor: int = 0) -> Books:
        books = cls()
        books.person = new_id()
        books.purse = await wallet.ensure_wallet(tx, books.person, "KGS", NOW)
        books.bank = await wallet.system_account(tx, "clearing", "test", "KGS", NOW)
        books.revenue = await wallet.system_account(tx, "revenue", str(new_id()), "KGS", NOW)
        books.owed = await wallet.system_account(tx, "receivable", str(books.person), "KGS", NOW)
        if minor:
            await wallet.post(tx, transfer(books.bank, books.purse, minor), NOW)
        return books

    async def hold(self, tx: Tx, minor: int) -> HoldId:
        id = HoldId(new_id())
        assert await wallet.hold(tx, id, self.purse, som(minor), NOW)
        return id

    async def settle(self, tx: Tx, hold: HoldId | None, cost: int, id: TransferId) -> tuple[int, int, int]:
        done = await wallet.settle_hold(tx, hold, som(cost), self.purse, self.revenue, self.owed, "charging", id, NOW)
        return done.captured.minor, done.from_balance.minor, done.receivable.minor

    async def standing(self, tx: Tx) -> tuple[int, int]:
        now = await wallet.standing(tx, self.purse)
        return now.posted.minor, now.held.minor


async def open_books(db: Db, minor: int = 0) -> Books:
    async with db.begin() as tx:
        return await Books.open(tx, minor)


async def assert_sound(db: Db) -> None:
    async with db.begin() as tx:
        assert await wallet.verify(tx) == []
