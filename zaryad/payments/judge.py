"""What a provider's word does to a payment. Pure: the one place that knows which moves are allowed.

1. Only forward moves; a word from the past changes nothing. 2. An unknown word changes nothing and alarms.
3. Paid after expired, failed or cancelled is a *late payment*: the money is credited to the wallet all the same.
4. Another amount or currency than ours is quarantine: no credit until a person has looked.
5. Credit happens at the move to `paid`, which happens once.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.payments.model import Payment, PaymentState
from zaryad.payments.provider import PaymentRead

S = PaymentState

_UNPAID_ENDS = {S.EXPIRED, S.CANCELED, S.FAILED}
_FORWARD: dict[PaymentState, set[PaymentState]] = {
    # To `pending` only the creation itself moves: it brings the way to pay.
    S.NEW: {S.CREATING, S.AUTHORIZED, S.CAPTURING, S.VOIDING, S.VOIDED, S.PAID, *_UNPAID_ENDS},
    S.CREATING: {S.AUTHORIZED, S.CAPTURING, S.VOIDING, S.VOIDED, S.PAID, *_UNPAID_ENDS},
    S.PENDING: {S.AUTHORIZED, S.CAPTURING, S.VOIDING, S.VOIDED, S.PAID, *_UNPAID_ENDS},
    S.AUTHORIZED: {S.CAPTURING, S.VOIDING, S.VOIDED, S.PAID},
    S.CAPTURING: {S.PAID, S.VOIDED},
    S.VOIDING: {S.VOIDED, S.CAPTURING, S.PAID},  # a capture may have been faster
    S.EXPIRED: {S.AUTHORIZED, S.CAPTURING, S.VOIDING, S.VOIDED, S.PAID, S.CANCELED, S.FAILED},
    S.CANCELED: {S.PAID},
    S.FAILED: {S.PAID},
    S.VOIDED: {S.PAID},
    S.PAID: {S.PARTIALLY_REFUNDED, S.REFUNDED},
    S.PARTIALLY_REFUNDED: {S.REFUNDED},
    S.REFUNDED: set(),
}
_REFUNDS = {S.PARTIALLY_REFUNDED, S.REFUNDED}
_OVER = {*_UNPAID_ENDS, S.VOIDED}


class Verdict(msgspec.Struct, frozen=True):
    """What to write down. `credit`: post the money, now. `alarm`: a person should know."""

    state: PaymentState
    credit: bool = False
    late: bool = False
    quarantine: str | None = None
    alarm: str | None = None


def may_move(old: PaymentState, new: PaymentState) -> bool:
    """Whether this is a forward move."""
    return new in _FORWARD[old]


def judge(payment: Payment, read: PaymentRead, now: dt.datetime) -> Verdict:
    """Decide what the provider's truth does to the payment at `now`."""
    stay = Verdict(payment.state, late=payment.late, quarantine=payment.quarantine)
    if read.state is None:
        return msgspec.structs.replace(stay, alarm=f"unknown_word:{read.word}")
    if payment.quarantine is not None:
        return stay
    wrong = _wrong(payment, read)
    if wrong is not None:
        return msgspec.structs.replace(stay, quarantine=wrong, alarm=wrong)
    new = read.state
    if new is S.PENDING and now >= payment.expires_at:
        new = S.EXPIRED
    if not may_move(payment.state, new):
        return stay
    late = new is S.PAID and payment.state in _OVER
    return Verdict(new, credit=new is S.PAID, late=late or payment.late)


def _wrong(payment: Payment, read: PaymentRead) -> str | None:
    if read.amount.currency != payment.amount.currency:
        return "currency_changed"
    if read.amount.minor != payment.amount.minor:
        return "amount_changed"
    if read.state is S.PAID and read.captured_minor != payment.amount.minor:
        return "amount_changed"
    if (read.state in _REFUNDS or read.refunded_minor) and payment.state not in _REFUNDS:
        return "refunded_elsewhere"  # nobody here asked for it
    return None
