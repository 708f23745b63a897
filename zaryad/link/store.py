"""SQL of the order rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.link.tables import station_order as t
from zaryad.platform.db import Tx


class OrderRow(Protocol):
    """The columns of `station_order` as read."""

    id: UUID
    station_id: str
    kind: str
    body: dict[str, Any]
    author: str
    state: str
    detail: dict[str, object]
    placed_at: dt.datetime
    before: dt.datetime
    sent_at: dt.datetime | None
    ended_at: dt.datetime | None
    number: int
    priority: int


_OPEN = t.c.state.in_(("created", "sent"))
# What goes out again where its answer was lost with the connection. A reset is what ends connections: told again to a
# station that restarts before it answers, it would restart it each time it is back.
_AGAIN = sa.and_(
    t.c.state == "sent",
    t.c.kind != "reset_station",
    sa.or_(t.c.kind != "raw_call", t.c.body["action"].astext != "Reset"),
)


async def insert_order(tx: Tx, **values: object) -> bool:
    """Insert; False when the id is known already."""
    statement = insert(t).values(**values).on_conflict_do_nothing().returning(t.c.id)
    return await tx.scalar(statement) is not None


async def find_order(tx: Tx, id: UUID) -> OrderRow | None:
    """Read one row."""
    return (await tx.execute(sa.select(t).where(t.c.id == id))).one_or_none()


async def numbered(tx: Tx, station_id: str, number: int) -> OrderRow | None:
    """Read the newest row of a station with this number; numbers come again after two thousand million."""
    statement = sa.select(t).where(t.c.station_id == station_id, t.c.number == number)
    return (await tx.execute(statement.order_by(t.c.placed_at.desc()).limit(1))).one_or_none()


async def station_orders(tx: Tx, station_id: str, limit: int) -> list[OrderRow]:
    """Read a station's newest rows."""
    statement = sa.select(t).where(t.c.station_id == station_id).order_by(t.c.placed_at.desc()).limit(limit)
    return list(await tx.execute(statement))


async def take_next(tx: Tx, station_id: str, epoch: int, now: dt.datetime) -> OrderRow | None:
    """Move the first open order of the station to `sent` on this epoch."""
    first = (
        sa.select(t.c.id)
        .where(
            t.c.station_id == station_id,
            t.c.before > now,
            sa.or_(t.c.state == "created", sa.and_(_AGAIN, t.c.sent_epoch < epoch)),
        )
        .order_by(t.c.priority, t.c.placed_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = sa.update(t).where(t.c.id == first).values(state="sent", sent_at=now, sent_epoch=epoch).returning(*t.c)
    return (await tx.execute(statement)).one_or_none()


async def waiting(tx: Tx, now: dt.datetime, arrived: Sequence[str], limit: int) -> list[str]:
    """Read which stations have unsent orders, or are of `arrived` and have open ones."""
    again = sa.and_(_AGAIN, t.c.station_id == sa.any_(sa.literal(list(arrived), sa.ARRAY(sa.Text))))
    statement = (
        sa.select(t.c.station_id).where(sa.or_(t.c.state == "created", again), t.c.before > now).distinct().limit(limit)
    )
    return list((await tx.execute(statement)).scalars())


async def conclude(  # the outcome, and of which order
    tx: Tx, id: UUID, state: str, detail: dict[str, object], now: dt.datetime, *, unsent: bool = False
) -> OrderRow | None:
    """End an open order; `unsent`: only one that has not gone out."""
    which = t.c.state == "created" if unsent else _OPEN
    statement = sa.update(t).where(t.c.id == id, which).values(state=state, detail=detail, ended_at=now).returning(*t.c)
    return (await tx.execute(statement)).one_or_none()


async def rewrite(tx: Tx, id: UUID, body: dict[str, object]) -> None:
    """Replace an order's body."""
    await tx.execute(sa.update(t).where(t.c.id == id).values(body=body))


async def page(
    tx: Tx,
    *,
    station_id: str | None,
    kinds: Sequence[str],
    states: Sequence[str],
    author: str | None,
    since: dt.datetime | None,
    after: tuple[dt.datetime, UUID] | None,
    limit: int,
) -> list[OrderRow]:
    """Read rows, the newest first."""
    statement = sa.select(t).order_by(t.c.placed_at.desc(), t.c.id.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(t.c.station_id == station_id)
    if kinds:
        statement = statement.where(t.c.kind.in_(kinds))
    if states:
        statement = statement.where(t.c.state.in_(states))
    if author is not None:
        statement = statement.where(t.c.author == author)
    if since is not None:
        statement = statement.where(t.c.placed_at >= since)
    if after is not None:
        statement = statement.where(sa.tuple_(t.c.placed_at, t.c.id) < sa.tuple_(*map(sa.literal, after)))
    return list(await tx.execute(statement))


async def overdue(tx: Tx, now: dt.datetime, limit: int) -> list[OrderRow]:
    """Lock and read open orders past their deadline."""
    statement = (
        sa.select(t).where(_OPEN, t.c.before <= now).order_by(t.c.id).limit(limit).with_for_update(skip_locked=True)
    )
    return list(await tx.execute(statement))


async def forget(tx: Tx, before: dt.datetime, limit: int) -> int:
    """Delete orders that were placed and ended before a moment, the oldest first. Returns how many."""
    over = sa.and_(sa.not_(_OPEN), t.c.placed_at < before, t.c.ended_at < before)
    old = (
        sa.select(t.c.id)
        .where(over)
        .order_by(t.c.placed_at, t.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    return (await tx.execute(sa.delete(t).where(t.c.id.in_(sa.select(old.c.id))))).rowcount
