"""Double entry: money moves from one account to another, or not at all.

A posting names both of its sides, so a transfer cannot be out of balance: there is nothing to check.
A transfer's id is chosen by the caller and is its idempotency key: the same id with the same content is a
replay and changes nothing; with other content it is a bug in the caller, and is refused.

Guarded accounts (wallets, budgets) have a row that is locked, always in the order of ids, before anything
is decided. A refusal is raised before anything is written: the transaction stays usable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.platform.db import Tx
from zaryad.wallet import tables as t
from zaryad.wallet.model import GUARDED, AccountId, AccountKind, Standing, Transfer, TransferId, account_id

_NEW = """
with moved as (
    insert into transfer (id, reason, about, digest, at) values (:id, :reason, :about, :digest, :at)
    on conflict do nothing returning id
), lines as (
    insert into posting (transfer_id, line, at, debit_id, credit_id, amount_minor, currency)
    select moved.id, p.line - 1, :at, p.debit, p.credit, p.amount, p.currency
    from moved, unnest(:debits, :credits, :amounts, :currencies)
        with ordinality as p(debit, credit, amount, currency, line)
), guards as (
    update account_guard set posted_minor = posted_minor + c.posted, held_minor = held_minor + c.held
    from moved, unnest(:changed, :posted, :held) as c(account_id, posted, held)
    where account_guard.account_id = c.account_id
)
select id from moved
"""
_new = sa.text(_NEW).bindparams(
    sa.bindparam("id", type_=sa.Uuid),
    sa.bindparam("reason", type_=sa.Text),
    sa.bindparam("about", type_=sa.Text),
    sa.bindparam("digest", type_=sa.LargeBinary),
    sa.bindparam("at", type_=sa.TIMESTAMP(timezone=True)),
    sa.bindparam("debits", type_=ARRAY(sa.Uuid)),
    sa.bindparam("credits", type_=ARRAY(sa.Uuid)),
    sa.bindparam("amounts", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("currencies", type_=ARRAY(sa.Text)),
    sa.bindparam("changed", type_=ARRAY(sa.Uuid)),
    sa.bindparam("posted", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("held", type_=ARRAY(sa.BigInteger)),
)


async def open_account(
    tx: Tx, id: AccountId, kind: AccountKind, currency: str, *, key: str = "", at: dt.datetime
) -> bool:
    """Open an account under an id of one's own; False when it is open already. Wallets and budgets are guarded."""
    guarded = kind in GUARDED
    new = await tx.scalar(
        insert(t.account)
        .values(id=id, kind=kind, key=key, currency=currency, guarded=guarded, opened_at=at)
        .on_conflict_do_nothing()
        .returning(t.account.c.id)
    )
    if new is not None and guarded:
        await tx.execute(insert(t.guard).values(account_id=id))
    return new is not None


async def ensure_wallet(tx: Tx, person_id: UUID, currency: str, now: dt.datetime) -> AccountId:
    """Return the person's wallet, opened if need be."""
    return await system_account(tx, "wallet", str(person_id), currency, now)


async def system_account(tx: Tx, kind: AccountKind, key: str, currency: str, now: dt.datetime) -> AccountId:
    """Return the account of this kind and key, opened if need be: clearing:{provider}, revenue:{location} and so on."""
    id = account_id(kind, key, currency)
    known = await tx.scalar(sa.select(t.account.c.id).where(t.account.c.id == id))
    if known is None:
        await open_account(tx, id, kind, currency, key=key, at=now)
    return id


async def post(tx: Tx, transfer: Transfer, at: dt.datetime) -> bool:
    """Record the transfer; False when it was there already.

    DomainError REFUSED `not_enough_money` leaves the transaction as it was; CONFLICT `transfer_id_reused`
    means the same id with other content.
    """
    return await move(tx, transfer, at, {})


async def balance(tx: Tx, account: AccountId) -> int:
    """Return credits less debits in minor units, from the postings themselves."""
    p = t.posting.c
    total = await tx.scalar(
        sa.select(
            sa.select(sa.func.coalesce(sa.func.sum(p.amount_minor), 0)).where(p.credit_id == account).scalar_subquery()
            - sa.select(sa.func.coalesce(sa.func.sum(p.amount_minor), 0)).where(p.debit_id == account).scalar_subquery()
        )
    )
    return int(total or 0)


async def standing(tx: Tx, account: AccountId) -> Standing:
    """Return what a guarded account has and what of it is held. NOT_FOUND when there is no such account."""
    statement = (
        sa.select(t.guard.c.posted_minor, t.guard.c.held_minor, t.account.c.currency)
        .join(t.account, t.account.c.id == t.guard.c.account_id)
        .where(t.guard.c.account_id == account)
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise DomainError(Kind.NOT_FOUND, "no_such_account")
    return Standing(posted=Money(row.posted_minor, row.currency), held=Money(row.held_minor, row.currency))


async def lock_guards(tx: Tx, accounts: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """Lock the guard rows among these accounts in the order of ids; return (posted, held) of each in minor units.

    A use case that makes several movements locks all its guards first: one order for everyone, no deadlock.
    """
    statement = (
        sa.select(t.guard.c.account_id, t.guard.c.posted_minor, t.guard.c.held_minor)
        .where(t.guard.c.account_id == sa.any_(sa.bindparam("ids", sorted(set(accounts)), type_=ARRAY(sa.Uuid))))
        .order_by(t.guard.c.account_id)
        .with_for_update()
    )
    return {row.account_id: (row.posted_minor, row.held_minor) for row in await tx.execute(statement)}


async def known_postings(tx: Tx, id: TransferId) -> list[tuple[UUID, UUID, int]] | None:
    """Return (debit, credit, minor units) of a transfer's lines; None when there is no such transfer."""
    statement = (
        sa.select(t.transfer.c.id, t.posting.c.debit_id, t.posting.c.credit_id, t.posting.c.amount_minor)
        .join(t.posting, t.posting.c.transfer_id == t.transfer.c.id)
        .where(t.transfer.c.id == id)
        .order_by(t.posting.c.line)
    )
    rows = [(row.debit_id, row.credit_id, row.amount_minor) for row in await tx.execute(statement)]
    return rows or None


async def move(tx: Tx, transfer: Transfer, at: dt.datetime, held: Mapping[UUID, int]) -> bool:
    """Record the transfer and change what is held on guarded accounts by `held`, together; False for a replay."""
    assert transfer.postings, "a transfer moves something"
    posted: dict[UUID, int] = {}
    for p in transfer.postings:
        assert p.amount.minor > 0, "money moves forward: swap the sides instead"
        posted[p.debit] = posted.get(p.debit, 0) - p.amount.minor
        posted[p.credit] = posted.get(p.credit, 0) + p.amount.minor
    guards = await lock_guards(tx, {*posted, *held})
    short = _short(guards, posted, held)
    digest = transfer.digest()
    if short is None and await _insert(tx, transfer, digest=digest, at=at, guards=guards, posted=posted, held=held):
        return True
    known = await tx.scalar(sa.select(t.transfer.c.digest).where(t.transfer.c.id == transfer.id))
    if known is None:
        assert short is not None, "a transfer that was not inserted is there already"
        raise not_enough_money(short)
    if bytes(known) != digest:
        raise DomainError(Kind.CONFLICT, "transfer_id_reused", transfer_id=transfer.id)
    return False


async def _insert(
    tx: Tx,
    transfer: Transfer,
    *,
    digest: bytes,
    at: dt.datetime,
    guards: Mapping[UUID, tuple[int, int]],
    posted: Mapping[UUID, int],
    held: Mapping[UUID, int],
) -> bool:
    values = {
        "id": transfer.id,
        "reason": transfer.reason,
        "about": transfer.about,
        "digest": digest,
        "at": at,
        "debits": [p.debit for p in transfer.postings],
        "credits": [p.credit for p in transfer.postings],
        "amounts": [p.amount.minor for p in transfer.postings],
        "currencies": [p.amount.currency for p in transfer.postings],
        "changed": list(guards),
        "posted": [posted.get(id, 0) for id in guards],
        "held": [held.get(id, 0) for id in guards],
    }
    return await tx.scalar(_new, values) is not None


def _short(guards: Mapping[UUID, tuple[int, int]], posted: Mapping[UUID, int], held: Mapping[UUID, int]) -> UUID | None:
    """Return the guarded account that could not bear the change, if any."""
    for id, (has, holds) in guards.items():
        if has + posted.get(id, 0) < holds + held.get(id, 0):
            return id
    return None


def not_enough_money(account: UUID) -> DomainError:
    """Make the refusal that everyone knows."""
    return DomainError(Kind.REFUSED, "not_enough_money", account_id=account)
