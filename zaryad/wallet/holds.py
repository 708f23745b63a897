"""Money set aside: placed, raised, then captured in part or released. Each step happens once, however often asked.

A hold belongs to a guarded account. Rows are locked hold first, account guard after.
"""

from __future__ import annotations

import datetime as dt

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.platform.db import Tx
from zaryad.wallet import store
from zaryad.wallet.ledger import lock_guards, move, not_enough_money
from zaryad.wallet.model import AccountId, Hold, HoldId, HoldState, Transfer


async def hold(
    tx: Tx,
    id: HoldId,
    account: AccountId,
    amount: Money,
    at: dt.datetime,
    *,
    reason: str = "charging",
    about: str | None = None,
) -> bool:
    """Set `amount` aside; False when this hold was placed before.

    REFUSED `not_enough_money` when it is not free; CONFLICT `hold_id_reused` for the same id with another
    account or amount; CONFLICT `currency_differs`. The transaction stays usable.
    """
    assert amount.minor > 0, "a hold sets something aside"
    guards = await lock_guards(tx, [account])  # whoever places the same hold waits here
    if account not in guards:
        raise DomainError(Kind.NOT_FOUND, "no_such_account")
    known = await store.find_hold(tx, id)
    if known is None:
        posted, held = guards[account]
        if posted - held < amount.minor:
            raise not_enough_money(account)
        await _same_currency(tx, account, amount)
        if await store.insert_hold(tx, id, account, amount.minor, reason=reason, about=about, at=at):
            await store.change_held(tx, account, amount.minor)
            return True
        known = await store.find_hold(tx, id)  # placed meanwhile on another account
    if known is None or known.account_id != account or known.placed_minor != amount.minor:
        raise DomainError(Kind.CONFLICT, "hold_id_reused", hold_id=id)
    return False


async def raise_hold(tx: Tx, id: HoldId, to: Money) -> bool:
    """Raise the hold to the sum `to`; False when it is that high already.

    CONFLICT `hold_ended` when it was captured or released; REFUSED `not_enough_money`; NOT_FOUND `no_such_hold`.
    """
    row = await _locked(tx, id)
    if row.state != HoldState.HELD.value:
        raise DomainError(Kind.CONFLICT, "hold_ended", hold_id=id, state=row.state)
    if row.currency != to.currency:
        raise DomainError(Kind.CONFLICT, "currency_differs", expected=row.currency, given=to.currency)
    more = to.minor - row.amount_minor
    if more <= 0:
        return False
    posted, held = (await lock_guards(tx, [row.account_id]))[row.account_id]
    if posted - held < more:
        raise not_enough_money(row.account_id)
    await store.set_hold_amount(tx, id, to.minor)
    await store.change_held(tx, row.account_id, more)
    return True


async def capture(tx: Tx, id: HoldId, transfer: Transfer, at: dt.datetime) -> bool:
    """Move `transfer` out of what was held and give the rest back; False when it was captured by it before.

    CONFLICT `capture_exceeds_hold` when the transfer takes more from the account than is held, `hold_ended`
    when the hold ended otherwise.
    """
    row = await _locked(tx, id)
    taken = sum(p.amount.minor for p in transfer.postings if p.debit == row.account_id)
    if row.state != HoldState.HELD.value:
        if await store.transfer_exists(tx, transfer.id):
            return await move(tx, transfer, at, {})  # False, or the conflict of another content
        raise DomainError(Kind.CONFLICT, "hold_ended", hold_id=id, state=row.state)
    if taken > row.amount_minor:
        raise DomainError(Kind.CONFLICT, "capture_exceeds_hold", hold_id=id)
    if await move(tx, transfer, at, {row.account_id: -row.amount_minor}):
        await store.end_hold(tx, id, HoldState.CAPTURED.value, taken, at)
        return True
    raise DomainError(Kind.CONFLICT, "transfer_id_reused", transfer_id=transfer.id)


async def release(tx: Tx, id: HoldId, at: dt.datetime) -> bool:
    """Give back what was held; False when the hold had ended already. NOT_FOUND `no_such_hold`."""
    row = await _locked(tx, id)
    if row.state != HoldState.HELD.value:
        return False
    await lock_guards(tx, [row.account_id])
    await store.end_hold(tx, id, HoldState.RELEASED.value, 0, at)
    await store.change_held(tx, row.account_id, -row.amount_minor)
    return True


async def find_hold(tx: Tx, id: HoldId) -> Hold | None:
    """Return the hold with this id."""
    row = await store.find_hold(tx, id)
    return None if row is None else as_hold(row)


async def open_holds(tx: Tx, account: AccountId) -> list[Hold]:
    """Return what is held on the account now, oldest first; at most 100."""
    return [as_hold(row) for row in await store.open_holds(tx, account)]


def as_hold(row: store.HoldRow) -> Hold:
    """Make the hold of its row."""
    return Hold(
        id=HoldId(row.id),
        account_id=AccountId(row.account_id),
        amount=Money(row.amount_minor, row.currency),
        captured=Money(row.captured_minor, row.currency),
        state=HoldState(row.state),
        reason=row.reason,
        about=row.about,
        placed_at=row.placed_at,
        ended_at=row.ended_at,
    )


async def _locked(tx: Tx, id: HoldId) -> store.HoldRow:
    row = await store.lock_hold(tx, id)
    if row is None:
        raise DomainError(Kind.NOT_FOUND, "no_such_hold")
    return row


async def _same_currency(tx: Tx, account: AccountId, amount: Money) -> None:
    currency = await store.currency_of(tx, account)
    if currency != amount.currency:
        raise DomainError(Kind.CONFLICT, "currency_differs", expected=currency, given=amount.currency)
