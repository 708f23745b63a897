"""What the payer does on the bank's page."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import msgspec

from zaryad.platform.db import Tx
from zaryad.sandbox.testbank import store
from zaryad.sandbox.testbank.model import BankError, BankPayment, State, Telling
from zaryad.sandbox.testbank.tell import tell

LATE_BY = dt.timedelta(seconds=10)  # after the link has expired


class Act(Enum):
    """The page's buttons."""

    PAY = "pay"
    DECLINE = "decline"
    PAY_LATE = "pay_late"  # the money arrives after the link has expired


async def act(
    tx: Tx, token: str, what: Act, *, telling: Telling = Telling.NORMAL, less_minor: int = 0, now: dt.datetime
) -> BankPayment:
    """Do what the payer chose. A payment that is over stays as it is: pressing twice is no second payment.

    `telling` is how the notices behave; `less_minor` makes the bank take less than was asked for.
    """
    payment = await store.lock_payment(tx, token=token)
    if payment is None:
        raise BankError(404, "not_found")
    if payment.state is not State.WAITING or payment.pay_at is not None:
        return payment
    payment = msgspec.structs.replace(payment, telling=telling)
    paid = max(1, payment.amount_minor - less_minor)
    match what:
        case Act.PAY_LATE:
            pay_at = max(now, payment.expires_at) + LATE_BY
            await store.update_payment(tx, payment.id, telling=telling.value, pay_at=pay_at)
            return msgspec.structs.replace(payment, pay_at=pay_at)
        case Act.PAY:
            done = msgspec.structs.replace(payment, state=State.PAID, paid_minor=paid)
        case Act.DECLINE:
            done = msgspec.structs.replace(payment, state=State.DECLINED)
    await store.update_payment(tx, done.id, telling=telling.value, state=done.state.value, paid_minor=done.paid_minor)
    await tell(tx, done, now)
    return done


async def settle_due(tx: Tx, now: dt.datetime) -> None:
    """Expire the links that are over, and let the late money arrive."""
    for payment in await store.payments_due(tx, now):
        late = payment.pay_at is not None and payment.pay_at <= now
        if late:
            done = msgspec.structs.replace(payment, state=State.PAID, paid_minor=payment.amount_minor)
        else:
            done = msgspec.structs.replace(payment, state=State.EXPIRED)
        values = {"pay_at": None} if late else {}
        await store.update_payment(tx, done.id, state=done.state.value, paid_minor=done.paid_minor, **values)
        await tell(tx, done, now)
