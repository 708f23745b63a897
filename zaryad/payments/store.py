"""SQL of payments and notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.payments import tables as t
from zaryad.payments.model import Payment, PaymentId, PaymentState
from zaryad.platform.db import Tx

UNPAID = ("new", "creating", "pending")


async def insert_payment(tx: Tx, payment: Payment) -> bool:
    """Insert; False when the id is known."""
    values = {
        "id": payment.id,
        "person_id": payment.person_id,
        "account": payment.account,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "state": payment.state.value,
        "return_url": payment.return_url,
        "created_at": payment.created_at,
        "expires_at": payment.expires_at,
        "next_check_at": payment.next_check_at,
    }
    new = await tx.scalar(insert(t.payment).values(**values).on_conflict_do_nothing().returning(t.payment.c.id))
    return new is not None


async def find_payment(tx: Tx, id: UUID, *, lock: bool = False) -> Payment | None:
    """Read one payment, locked if asked."""
    statement = sa.select(t.payment).where(t.payment.c.id == id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else _payment(row)


async def update_payment(tx: Tx, id: UUID, **values: object) -> None:
    """Change a locked payment."""
    await tx.execute(sa.update(t.payment).where(t.payment.c.id == id).values(**values))


async def unpaid_of(tx: Tx, person_id: UUID, now: dt.datetime) -> int:
    """Count the person's payments that wait for money and have not expired."""
    statement = sa.select(sa.func.count()).where(
        t.payment.c.person_id == person_id, t.payment.c.state.in_(UNPAID), t.payment.c.expires_at > now
    )
    return int(await tx.scalar(statement) or 0)


async def payments_of(
    tx: Tx, *, person_id: UUID | None = None, quarantined: bool = False, before: UUID | None = None, limit: int
) -> list[Payment]:
    """Read payments, newest first by id; `before` is the last id of the page before."""
    statement = sa.select(t.payment).order_by(t.payment.c.created_at.desc(), t.payment.c.id.desc()).limit(limit)
    if person_id is not None:
        statement = statement.where(t.payment.c.person_id == person_id)
    if quarantined:
        statement = statement.where(t.payment.c.quarantine.is_not(None))
    if before is not None:
        place = sa.select(t.payment.c.created_at, t.payment.c.id).where(t.payment.c.id == before).subquery()
        statement = statement.where(
            sa.tuple_(t.payment.c.created_at, t.payment.c.id)
            < sa.tuple_(sa.select(place.c.created_at).scalar_subquery(), sa.select(place.c.id).scalar_subquery())
        )
    return [_payment(row) for row in await tx.execute(statement)]


async def lost_checks(tx: Tx, before: dt.datetime, limit: int) -> list[Payment]:
    """Lock and read payments whose check is overdue."""
    statement = (
        sa.select(t.payment)
        .where(t.payment.c.next_check_at < before)
        .order_by(t.payment.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_payment(row) for row in await tx.execute(statement)]


async def add_event(tx: Tx, id: UUID, at: dt.datetime, state: PaymentState, cause: str) -> None:
    """Write down what happened."""
    await tx.execute(sa.insert(t.payment_event).values(payment_id=id, at=at, state=state.value, cause=cause[:200]))


async def insert_notice(
    tx: Tx,
    *,
    provider: str,
    account: str,
    key: str,
    payment_id: UUID | None,
    word: str,
    evidence: Mapping[str, str | int | None],
    at: dt.datetime,
) -> bool:
    """Insert; False when this notice came before."""
    statement = (
        insert(t.payment_notice)
        .values(
            id=new_id(),
            provider=provider,
            account=account,
            key=key,
            payment_id=payment_id,
            word=word[:100],
            evidence=dict(evidence),
            received_at=at,
        )
        .on_conflict_do_nothing()
        .returning(t.payment_notice.c.id)
    )
    return await tx.scalar(statement) is not None


def _payment(row: sa.Row[tuple[object, ...]]) -> Payment:
    return Payment(
        id=PaymentId(row.id),
        person_id=row.person_id,
        account=row.account,
        amount=Money(row.amount_minor, row.currency),
        state=PaymentState(row.state),
        uncertain=row.uncertain,
        quarantine=row.quarantine,
        late=row.late,
        error=row.error,
        external=row.external,
        url=row.url,
        qr=row.qr,
        app=row.app,
        return_url=row.return_url,
        created_at=row.created_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        turn=row.turn,
        next_check_at=row.next_check_at,
    )
