"""SQL of holds, debts, persons' accounts and the ledger's self-examination."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.platform.db import Tx
from zaryad.wallet import tables as t


class HoldRow(Protocol):
    """The columns of `hold`, and the currency of its account."""

    id: UUID
    account_id: UUID
    placed_minor: int
    amount_minor: int
    captured_minor: int
    state: str
    reason: str
    about: str | None
    placed_at: dt.datetime
    ended_at: dt.datetime | None
    currency: str


_HOLDS = sa.select(t.hold, t.account.c.currency).join(t.account, t.account.c.id == t.hold.c.account_id)


async def find_hold(tx: Tx, id: UUID) -> HoldRow | None:
    """Read one hold."""
    return (await tx.execute(_HOLDS.where(t.hold.c.id == id))).one_or_none()


async def lock_hold(tx: Tx, id: UUID) -> HoldRow | None:
    """Lock and read one hold."""
    return (await tx.execute(_HOLDS.where(t.hold.c.id == id).with_for_update(of=t.hold))).one_or_none()


async def open_holds(tx: Tx, account: UUID) -> list[HoldRow]:
    """Read the account's open holds."""
    statement = (
        _HOLDS.where(t.hold.c.account_id == account, t.hold.c.state == "held").order_by(t.hold.c.placed_at).limit(100)
    )
    return list(await tx.execute(statement))


async def insert_hold(
    tx: Tx, id: UUID, account: UUID, minor: int, *, reason: str, about: str | None, at: dt.datetime
) -> bool:
    """Insert; False when the id is known."""
    statement = (
        insert(t.hold)
        .values(
            id=id,
            account_id=account,
            placed_minor=minor,
            amount_minor=minor,
            reason=reason,
            about=about,
            placed_at=at,
        )
        .on_conflict_do_nothing()
        .returning(t.hold.c.id)
    )
    return await tx.scalar(statement) is not None


async def set_hold_amount(tx: Tx, id: UUID, minor: int) -> None:
    """Raise a locked hold."""
    await tx.execute(sa.update(t.hold).where(t.hold.c.id == id).values(amount_minor=minor))


async def end_hold(tx: Tx, id: UUID, state: str, captured_minor: int, at: dt.datetime) -> None:
    """End a locked hold."""
    values = {"state": state, "captured_minor": captured_minor, "ended_at": at}
    await tx.execute(sa.update(t.hold).where(t.hold.c.id == id).values(**values))


async def change_held(tx: Tx, account: UUID, minor: int) -> None:
    """Change what is held on a locked guard."""
    statement = (
        sa.update(t.guard).where(t.guard.c.account_id == account).values(held_minor=t.guard.c.held_minor + minor)
    )
    await tx.execute(statement)


async def currency_of(tx: Tx, account: UUID) -> str | None:
    """Read an account's currency."""
    return await tx.scalar(sa.select(t.account.c.currency).where(t.account.c.id == account))


async def transfer_exists(tx: Tx, id: UUID) -> bool:
    """Whether this transfer was recorded."""
    return await tx.scalar(sa.select(t.transfer.c.id).where(t.transfer.c.id == id)) is not None


# Each yields one text column: what is wrong and where. An empty result is health.
EXAMINATIONS = {
    "guard_equals_postings": """
        select format('account %s: guard says posted %s, postings say %s', g.account_id, g.posted_minor, s.minor)
        from account_guard g cross join lateral (
            select coalesce((select sum(amount_minor) from posting where credit_id = g.account_id), 0)
                 - coalesce((select sum(amount_minor) from posting where debit_id = g.account_id), 0) as minor
        ) s where s.minor <> g.posted_minor limit 100""",
    "guard_equals_holds": """
        select format('account %s: guard says held %s, open holds say %s', g.account_id, g.held_minor, s.minor)
        from account_guard g cross join lateral (
            select coalesce(sum(amount_minor), 0) as minor from hold
            where hold.account_id = g.account_id and state = 'held'
        ) s where s.minor <> g.held_minor limit 100""",
    "never_overspent": """
        select format('account %s: posted %s, held %s', account_id, posted_minor, held_minor)
        from account_guard where posted_minor < held_minor or held_minor < 0 limit 100""",
    "guarded_have_guards": """
        select format('account %s (%s:%s) is guarded and has no guard row', id, kind, key)
        from account where guarded and not exists (select from account_guard where account_id = account.id)
        limit 100""",
    "one_currency": """
        select format('transfer %s, line %s: %s between accounts in %s and %s',
                      p.transfer_id, p.line, p.currency, d.currency, c.currency)
        from posting p join account d on d.id = p.debit_id join account c on c.id = p.credit_id
        where p.currency <> d.currency or p.currency <> c.currency limit 100""",
    "no_empty_transfer": """
        select format('transfer %s (%s) moves nothing', id, reason)
        from transfer where not exists (select from posting where transfer_id = transfer.id) limit 100""",
    "sums_to_zero": """
        select format('all accounts in %s sum to %s', currency, sum(minor)) from (
            select a.currency, p.amount_minor as minor from posting p join account a on a.id = p.credit_id
            union all
            select a.currency, -p.amount_minor from posting p join account a on a.id = p.debit_id
        ) sides group by currency having sum(minor) <> 0""",
    "receivable_is_owed": """
        select format('account %s (receivable:%s) is owed %s by us', a.id, a.key, s.minor)
        from account a cross join lateral (
            select coalesce((select sum(amount_minor) from posting where credit_id = a.id), 0)
                 - coalesce((select sum(amount_minor) from posting where debit_id = a.id), 0) as minor
        ) s where a.kind = 'receivable' and s.minor > 0 limit 100""",
}


async def examine(tx: Tx, rule: str) -> list[str]:
    """Run one examination; at most 100 findings."""
    return [row[0] for row in await tx.execute(sa.text(EXAMINATIONS[rule]))]
