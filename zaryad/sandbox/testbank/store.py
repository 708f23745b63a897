"""SQL of the Test Bank."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.platform.db import Tx
from zaryad.sandbox.testbank import tables as t
from zaryad.sandbox.testbank.model import BankPayment, BankRefund, Call, Fault, State, Telling


class NoticeRow(Protocol):
    """The columns of `testbank_notice` as read."""

    id: UUID
    url: str
    body: bytes
    attempts: int


async def insert_payment(tx: Tx, payment: BankPayment, now: dt.datetime) -> bool:
    """Insert; False when the id is known."""
    values = {
        "id": payment.id,
        "order": payment.order,
        "token": payment.token,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "description": payment.description,
        "return_url": payment.return_url,
        "notify_url": payment.notify_url,
        "expires_at": payment.expires_at,
        "created_at": now,
    }
    new = await tx.scalar(insert(t.payment).values(**values).on_conflict_do_nothing().returning(t.payment.c.id))
    return new is not None


async def lock_payment(tx: Tx, *, id: UUID | None = None, token: str | None = None) -> BankPayment | None:
    """Lock and read one payment by id or by its page's token."""
    which = t.payment.c.id == id if token is None else t.payment.c.token == token
    row = (await tx.execute(sa.select(t.payment).where(which).with_for_update())).one_or_none()
    return None if row is None else _payment(row)


async def update_payment(tx: Tx, id: UUID, **values: object) -> None:
    """Change a locked payment."""
    await tx.execute(sa.update(t.payment).where(t.payment.c.id == id).values(**values))


async def payments_due(tx: Tx, now: dt.datetime) -> list[BankPayment]:
    """Lock and read what expires or is paid late by now."""
    due = sa.or_(
        sa.and_(t.payment.c.state == State.WAITING.value, t.payment.c.expires_at <= now), t.payment.c.pay_at <= now
    )
    statement = sa.select(t.payment).where(due).order_by(t.payment.c.id).limit(100).with_for_update(skip_locked=True)
    return [_payment(row) for row in await tx.execute(statement)]


async def insert_refund(tx: Tx, refund: BankRefund, now: dt.datetime) -> None:
    """Insert."""
    await tx.execute(
        sa.insert(t.refund).values(
            id=refund.id,
            payment_id=refund.payment_id,
            amount_minor=refund.amount_minor,
            state=refund.state,
            created_at=now,
        )
    )


async def find_refund(tx: Tx, id: UUID) -> BankRefund | None:
    """Read one refund."""
    statement = (
        sa.select(t.refund, t.payment.c.currency)
        .join(t.payment, t.payment.c.id == t.refund.c.payment_id)
        .where(t.refund.c.id == id)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else BankRefund(row.id, row.payment_id, row.amount_minor, row.currency, row.state)


async def insert_notice(tx: Tx, id: UUID, url: str, body: bytes, due_at: dt.datetime) -> None:
    """Insert."""
    await tx.execute(sa.insert(t.notice).values(id=id, url=url, body=body, due_at=due_at))


async def take_notices(tx: Tx, now: dt.datetime, again_at: dt.datetime) -> list[NoticeRow]:
    """Lease the notices that are due: should we die in the sending, they are due again."""
    due = (
        sa.select(t.notice.c.id)
        .where(t.notice.c.due_at <= now)
        .order_by(t.notice.c.due_at)
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    columns = (t.notice.c.id, t.notice.c.url, t.notice.c.body, t.notice.c.attempts)
    statement = (
        sa.update(t.notice)
        .where(t.notice.c.id.in_(due))
        .values(due_at=again_at, attempts=t.notice.c.attempts + 1)
        .returning(*columns)
    )
    return list(await tx.execute(statement))


async def end_attempt(tx: Tx, id: UUID, status: int | None, due_at: dt.datetime | None) -> None:
    """Write down how a telling went, and when the next is due."""
    await tx.execute(sa.update(t.notice).where(t.notice.c.id == id).values(last_status=status, due_at=due_at))


async def set_fault(tx: Tx, call: Call, what: Fault | None, left: int) -> None:
    """Arm or disarm a fault."""
    await tx.execute(sa.delete(t.fault).where(t.fault.c.call == call.value))
    if what is not None and left > 0:
        await tx.execute(sa.insert(t.fault).values(call=call.value, what=what.value, left=left))


async def take_fault(tx: Tx, call: Call) -> Fault | None:
    """Use up one armed fault."""
    statement = (
        sa.update(t.fault)
        .where(t.fault.c.call == call.value, t.fault.c.left > 0)
        .values(left=t.fault.c.left - 1)
        .returning(t.fault.c.what)
    )
    what = await tx.scalar(statement)
    return None if what is None else Fault(what)


async def faults(tx: Tx) -> dict[Call, tuple[Fault, int]]:
    """Read the armed faults."""
    rows = await tx.execute(sa.select(t.fault).where(t.fault.c.left > 0))
    return {Call(row.call): (Fault(row.what), row.left) for row in rows}


def _payment(row: sa.Row[tuple[object, ...]]) -> BankPayment:
    return BankPayment(
        id=row.id,
        order=row.order,
        token=row.token,
        state=State(row.state),
        telling=Telling(row.telling),
        amount_minor=row.amount_minor,
        paid_minor=row.paid_minor,
        refunded_minor=row.refunded_minor,
        currency=row.currency,
        description=row.description,
        return_url=row.return_url,
        notify_url=row.notify_url,
        expires_at=row.expires_at,
        pay_at=row.pay_at,
    )
