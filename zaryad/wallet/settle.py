"""A cost is always settled: out of the hold, then out of what is free, and what is missing becomes a debt.

A debt is the person's account `receivable:{person}`. The next top-up pays it (`pay_debt`), and charging asks
for it before another start (`debt_first`).
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.platform.db import Tx
from zaryad.wallet import store
from zaryad.wallet.ledger import balance, known_postings, lock_guards, move, system_account
from zaryad.wallet.model import (
    AccountId,
    HoldId,
    HoldState,
    Posting,
    Settled,
    Transfer,
    TransferId,
    account_id,
    wallet_of,
)


async def settle_hold(  # noqa: PLR0917  # the order of the words in its sentence; callers name what is unclear
    tx: Tx,
    hold_id: HoldId | None,
    cost: Money,
    payer: AccountId,
    revenue: AccountId,
    receivable: AccountId,
    reason: str,
    transfer_id: TransferId,
    now: dt.datetime,
    *,
    about: str | None = None,
) -> Settled:
    """Take `cost` from the hold, then from the payer's free balance; the rest is owed on `receivable`.

    Never fails for lack of money. The rest of the hold is free again. No hold (None, unknown, ended) means the
    whole cost comes from the balance. A zero cost only releases. The same `transfer_id` again returns what was
    settled; with another cost or revenue account it is CONFLICT `transfer_id_reused`. An unguarded payer
    (a partner's account) bears the whole cost.
    """
    assert cost.minor >= 0, "a cost is not negative; a refund is another transfer"
    row = None if hold_id is None else await store.lock_hold(tx, hold_id)
    if row is not None and row.account_id != payer:
        raise DomainError(Kind.CONFLICT, "hold_of_another", hold_id=hold_id)
    guards = await lock_guards(tx, [payer])
    known = await known_postings(tx, transfer_id)
    if known is not None:
        return _replayed(known, cost=cost, payer=payer, revenue=revenue, transfer_id=transfer_id, row=row)
    held = row.amount_minor if row is not None and row.state == HoldState.HELD.value else 0
    posted, all_held = guards.get(payer, (cost.minor, 0))
    captured = min(cost.minor, held)
    from_balance = min(cost.minor - captured, posted - all_held)
    owed = cost.minor - captured - from_balance
    postings = tuple(
        Posting(debit, revenue, Money(minor, cost.currency))
        for debit, minor in ((payer, captured + from_balance), (receivable, owed))
        if minor
    )
    freed: dict[UUID, int] = {payer: -held} if held else {}
    if postings:
        await move(tx, Transfer(transfer_id, reason, postings, about), now, freed)
    elif held:
        await store.change_held(tx, payer, -held)
    if held:
        assert row is not None
        state = HoldState.CAPTURED if captured else HoldState.RELEASED
        await store.end_hold(tx, row.id, state.value, captured, now)
    return _settled(captured, from_balance, owed, cost.currency)


async def debt(tx: Tx, person_id: UUID, currency: str) -> Money:
    """Return what the person owes us; zero for most."""
    return Money(-await balance(tx, account_id("receivable", person_id, currency)), currency)


async def pay_debt(tx: Tx, person_id: UUID, currency: str, transfer_id: TransferId, now: dt.datetime) -> Money:
    """Pay what the person owes out of what is free in the wallet, as far as it goes; return what was paid.

    Once per `transfer_id`. Called in the transaction that credits a top-up.
    """
    wallet = wallet_of(person_id, currency)
    guards = await lock_guards(tx, [wallet])  # the debt grows and shrinks under this lock only
    known = await known_postings(tx, transfer_id)
    if known is not None:
        return Money(sum(minor for _, _, minor in known), currency)
    posted, held = guards.get(wallet, (0, 0))
    pay = Money(min(posted - held, (await debt(tx, person_id, currency)).minor), currency)
    if pay.minor <= 0:
        return Money(0, currency)
    receivable = await system_account(tx, "receivable", str(person_id), currency, now)
    await move(tx, Transfer(transfer_id, "debt_paid", (Posting(wallet, receivable, pay),)), now, {})
    return pay


def _replayed(
    known: list[tuple[UUID, UUID, int]],
    *,
    cost: Money,
    payer: AccountId,
    revenue: AccountId,
    transfer_id: TransferId,
    row: store.HoldRow | None,
) -> Settled:
    if sum(minor for _, _, minor in known) != cost.minor or any(credit != revenue for _, credit, _ in known):
        raise DomainError(Kind.CONFLICT, "transfer_id_reused", transfer_id=transfer_id)
    paid = sum(minor for debit, _, minor in known if debit == payer)
    captured = min(paid, 0 if row is None else row.captured_minor)
    return _settled(captured, paid - captured, cost.minor - paid, cost.currency)


def _settled(captured: int, from_balance: int, owed: int, currency: str) -> Settled:
    return Settled(
        captured=Money(captured, currency),
        from_balance=Money(from_balance, currency),
        receivable=Money(owed, currency),
    )
