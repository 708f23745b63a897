"""SQL of what stations tell of themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.maintenance.watch.model import Display, Event, Monitor, NoticeKept
from zaryad.maintenance.watch.tables import station_display, station_event, station_monitor, station_notice
from zaryad.platform.db import Tx


async def add_events(tx: Tx, rows: Sequence[Mapping[str, object]]) -> int:
    """Write events; one that was told before changes nothing. Returns how many are new."""
    if not rows:
        return 0
    statement = insert(station_event).values([dict(row) for row in rows]).on_conflict_do_nothing()
    return len((await tx.execute(statement.returning(station_event.c.id))).all())


async def events(  # noqa: PLR0917  # what may be asked for
    tx: Tx,
    station_id: str | None,
    text: str | None,
    severity_most: int | None,
    since: dt.datetime | None,
    before: int | None,
    limit: int,
) -> list[Event]:
    """Read events, the latest first."""
    t = station_event
    statement = sa.select(t).order_by(t.c.id.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(t.c.station_id == station_id)
    if text is not None:
        like = f"%{_escaped(text)}%"
        statement = statement.where(sa.or_(t.c.key.ilike(like), t.c.info.ilike(like), t.c.code.ilike(like)))
    if severity_most is not None:
        statement = statement.where(t.c.severity <= severity_most)
    if since is not None:
        statement = statement.where(t.c.received_at >= since)
    if before is not None:
        statement = statement.where(t.c.id < before)
    return [msgspec.convert(row, Event) for row in (await tx.execute(statement)).mappings()]


async def put_monitors(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Write monitors as their station reports them."""
    if rows:
        await _upsert(tx, station_monitor, rows, ("station_id", "id"))


async def drop_monitors(tx: Tx, station_id: str, ids: Sequence[int] | None, before: dt.datetime | None = None) -> None:
    """Delete monitors: these, or those that a whole report no longer named."""
    t = station_monitor
    statement = sa.delete(t).where(t.c.station_id == station_id)
    if ids is not None:
        statement = statement.where(t.c.id.in_(list(ids)))
    if before is not None:
        statement = statement.where(t.c.reported_at < before)
    await tx.execute(statement)


async def monitors(tx: Tx, station_id: str) -> list[Monitor]:
    """Read the monitors of a station by number."""
    statement = sa.select(station_monitor).where(station_monitor.c.station_id == station_id)
    rows = (await tx.execute(statement.order_by(station_monitor.c.id))).mappings()
    return [msgspec.convert(row, Monitor) for row in rows]


async def put_displays(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Write what is on a display."""
    if rows:
        await _upsert(tx, station_display, rows, ("station_id", "number"))


async def drop_display(tx: Tx, station_id: str, number: int) -> None:
    """Forget a text that was taken off."""
    t = station_display
    await tx.execute(sa.delete(t).where(t.c.station_id == station_id, t.c.number == number))


async def displays(tx: Tx, station_id: str) -> list[Display]:
    """Read what is on a station's display."""
    t = station_display
    rows = (await tx.execute(sa.select(t).where(t.c.station_id == station_id).order_by(t.c.number))).mappings()
    return [msgspec.convert(row, Display) for row in rows]


async def add_notice(tx: Tx, **values: object) -> None:
    """Keep a message."""
    await tx.execute(sa.insert(station_notice).values(**values))


async def notices(
    tx: Tx, station_id: str | None, topic: str | None, before: int | None, limit: int
) -> list[NoticeKept]:
    """Read notices, the latest first."""
    t = station_notice
    statement = sa.select(t).order_by(t.c.id.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(t.c.station_id == station_id)
    if topic is not None:
        statement = statement.where(t.c.topic == topic)
    if before is not None:
        statement = statement.where(t.c.id < before)
    return [msgspec.convert(row, NoticeKept) for row in (await tx.execute(statement)).mappings()]


async def forget(tx: Tx, events_before: dt.datetime, notices_before: dt.datetime) -> int:
    """Delete what is old; returns how many rows."""
    first = await tx.execute(sa.delete(station_event).where(station_event.c.received_at < events_before))
    second = await tx.execute(sa.delete(station_notice).where(station_notice.c.received_at < notices_before))
    return first.rowcount + second.rowcount


async def _upsert(tx: Tx, table: sa.Table, rows: Sequence[Mapping[str, object]], key: tuple[str, ...]) -> None:
    by_key: dict[tuple[Any, ...], Mapping[str, object]] = {tuple(row[name] for name in key): row for row in rows}
    statement = insert(table).values([dict(by_key[each]) for each in sorted(by_key)])
    moved = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=moved))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
