"""SQL of reservations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.booking.model import Reservation, ReservationStatus
from zaryad.booking.tables import reservation_number
from zaryad.booking.tables import station_reservation as t
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx

_LIVE = t.c.status.in_(("requested", "active"))


async def next_number(tx: Tx) -> int:
    """Draw a number."""
    return int((await tx.execute(sa.select(reservation_number.next_value()))).scalar_one())


async def add(tx: Tx, it: Reservation) -> bool:
    """Insert; False when its id, or its number among the station's live ones, is taken."""
    values = {name: getattr(it, name) for name in it.__struct_fields__} | {"status": it.status.value}
    statement = insert(t).values(**values).on_conflict_do_nothing().returning(t.c.id)
    return await tx.scalar(statement) is not None


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Reservation | None:
    """Read one."""
    return await _one(tx, t.c.id == id, lock=lock)


async def by_order(tx: Tx, order_id: UUID) -> Reservation | None:
    """Lock and read the one that this order is to make or change."""
    return await _one(tx, t.c.order_id == order_id, lock=True)


async def live_numbered(tx: Tx, station_id: StationId, number: int) -> Reservation | None:
    """Lock and read the station's live one with this number."""
    return await _one(tx, sa.and_(t.c.station_id == station_id, t.c.number == number, _LIVE), lock=True)


async def live_at(tx: Tx, station_id: StationId, connectors: Sequence[int] | None = None) -> list[Reservation]:
    """Lock and read the station's live ones, oldest first: of these connectors, or all."""
    statement = sa.select(t).where(t.c.station_id == station_id, _LIVE).order_by(t.c.created_at, t.c.id)
    if connectors is not None:
        statement = statement.where(t.c.connector.in_(connectors))
    rows = (await tx.execute(statement.with_for_update())).mappings()
    return [msgspec.convert(row, Reservation) for row in rows]


async def write(tx: Tx, id: UUID, **values: object) -> None:
    """Change columns."""
    await tx.execute(sa.update(t).where(t.c.id == id).values(**values))


async def expire(tx: Tx, now: dt.datetime, limit: int) -> int:
    """End what is over by our clock; 1.6 has no word for it. Returns how many."""
    due = (
        sa.select(t.c.id)
        .where(_LIVE, t.c.expires_at <= now)
        .order_by(t.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = sa.update(t).where(t.c.id.in_(due.scalar_subquery())).values(status="expired", ended_at=now)
    return len(list((await tx.execute(statement.returning(t.c.id))).scalars()))


async def forget(tx: Tx, before: dt.datetime, limit: int) -> int:
    """Delete what was over before a moment, the oldest first. Returns how many."""
    old = (
        sa.select(t.c.id)
        .where(sa.not_(_LIVE), t.c.created_at < before, t.c.ended_at < before)
        .order_by(t.c.created_at, t.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    return (await tx.execute(sa.delete(t).where(t.c.id.in_(sa.select(old.c.id))))).rowcount


async def page(  # noqa: PLR0917  # what a list is asked by
    tx: Tx,
    station_id: StationId | None,
    statuses: Sequence[ReservationStatus],
    token: str | None,
    after: tuple[dt.datetime, UUID] | None,
    limit: int,
) -> list[Reservation]:
    """Read them, the newest first."""
    statement = sa.select(t).order_by(t.c.created_at.desc(), t.c.id.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(t.c.station_id == station_id)
    if statuses:
        statement = statement.where(t.c.status.in_([status.value for status in statuses]))
    if token is not None:
        statement = statement.where(sa.func.upper(t.c.token) == token.upper())
    if after is not None:
        statement = statement.where(sa.tuple_(t.c.created_at, t.c.id) < sa.tuple_(*map(sa.literal, after)))
    return [msgspec.convert(row, Reservation) for row in (await tx.execute(statement)).mappings()]


async def _one(tx: Tx, where: sa.ColumnElement[bool], *, lock: bool) -> Reservation | None:
    statement = sa.select(t).where(where)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Reservation)
