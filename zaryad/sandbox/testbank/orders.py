"""What the merchant asks of the bank: make, read, cancel, give back. Each is idempotent by the merchant's id."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from zaryad.platform.db import Tx
from zaryad.sandbox.testbank import store
from zaryad.sandbox.testbank.model import BankError, BankPayment, BankRefund, Settings, State, Telling
from zaryad.sandbox.testbank.tell import tell

Minor = Annotated[int, msgspec.Meta(gt=0, le=10**13)]


class Wanted(msgspec.Struct, frozen=True):
    """The body of a creation."""

    amount: Minor
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    description: Annotated[str, msgspec.Meta(max_length=200)]
    expires_at: dt.datetime
    return_url: Annotated[str, msgspec.Meta(max_length=1000)]
    notify_url: Annotated[str, msgspec.Meta(max_length=1000)]


class RefundWanted(msgspec.Struct, frozen=True):
    """The body of a refund."""

    amount: Minor
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


async def create(tx: Tx, settings: Settings, id: UUID, wanted: Wanted, now: dt.datetime) -> BankPayment:
    """Make the payment, or return the one that was made with the same data; 409 with other data."""
    _check_origin(wanted.return_url, settings.return_origins, "return_url_not_allowed")
    _check_origin(wanted.notify_url, settings.notify_origins, "notify_url_not_allowed")
    if wanted.expires_at.tzinfo is None or wanted.expires_at <= now:
        raise BankError(422, "expired_already")
    payment = BankPayment(
        id=id,
        order="TB" + "".join(secrets.choice("0123456789") for _ in range(10)),
        token=secrets.token_urlsafe(24),
        state=State.WAITING,
        telling=Telling.NORMAL,
        amount_minor=wanted.amount,
        paid_minor=0,
        refunded_minor=0,
        currency=wanted.currency,
        description=wanted.description,
        return_url=wanted.return_url,
        notify_url=wanted.notify_url,
        expires_at=wanted.expires_at,
        pay_at=None,
    )
    if await store.insert_payment(tx, payment, now):
        return payment
    known = await read(tx, id)
    if (known.amount_minor, known.currency) != (wanted.amount, wanted.currency):
        raise BankError(409, "id_reused")
    return known


async def read(tx: Tx, id: UUID) -> BankPayment:
    """Return the payment; 404 when there is none."""
    payment = await store.lock_payment(tx, id=id)
    if payment is None:
        raise BankError(404, "not_found")
    return payment


async def cancel(tx: Tx, id: UUID, now: dt.datetime) -> BankPayment:
    """Cancel what is unpaid; 409 when it is paid."""
    payment = await read(tx, id)
    if payment.state is State.CANCELED:
        return payment
    if payment.state is not State.WAITING:
        raise BankError(409, "not_waiting")
    canceled = msgspec.structs.replace(payment, state=State.CANCELED)
    await store.update_payment(tx, id, state=State.CANCELED.value, pay_at=None)
    await tell(tx, canceled, now)
    return canceled


async def refund(tx: Tx, id: UUID, refund_id: UUID, wanted: RefundWanted, now: dt.datetime) -> BankRefund:
    """Give back all or a part of what was paid, once per refund id."""
    payment = await read(tx, id)
    known = await store.find_refund(tx, refund_id)
    if known is not None:
        if (known.payment_id, known.amount_minor) != (id, wanted.amount):
            raise BankError(409, "id_reused")
        return known
    if payment.state not in {State.PAID, State.PARTLY_REFUNDED}:
        raise BankError(409, "not_paid")
    refunded = payment.refunded_minor + wanted.amount
    if refunded > payment.paid_minor:
        raise BankError(422, "more_than_paid")
    state = State.REFUNDED if refunded == payment.paid_minor else State.PARTLY_REFUNDED
    done = BankRefund(refund_id, id, wanted.amount, payment.currency, "done")
    await store.insert_refund(tx, done, now)
    await store.update_payment(tx, id, refunded_minor=refunded, state=state.value)
    await tell(tx, msgspec.structs.replace(payment, state=state, refunded_minor=refunded), now)
    return done


async def read_refund(tx: Tx, id: UUID, refund_id: UUID) -> BankRefund:
    """Return the refund; 404 when there is none."""
    known = await store.find_refund(tx, refund_id)
    if known is None or known.payment_id != id:
        raise BankError(404, "not_found")
    return known


def origin(url: str) -> str:
    """Return scheme://host:port of a web address, or nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname and parts.username is None else ""


def _check_origin(url: str, allowed: tuple[str, ...], code: str) -> None:
    if not origin(url) or origin(url) not in {origin(one) for one in allowed}:
        raise BankError(422, code)
