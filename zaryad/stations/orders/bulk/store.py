"""SQL of orders to many stations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.platform.db import Tx
from zaryad.stations.orders.bulk.model import STATIONS_MAX, Bulk, BulkItem, Candidate, StationFilter
from zaryad.stations.orders.bulk.tables import bulk_order, bulk_order_item
from zaryad.stations.tables import connector, presence, station

_there = sa.func.coalesce(sa.and_(presence.c.station_id.is_not(None), presence.c.disconnected_at.is_(None)), sa.false())
_protocol = sa.func.coalesce(presence.c.protocol, station.c.protocol)
_item = bulk_order_item


async def candidates(tx: Tx, where: StationFilter) -> list[Candidate]:
    """Read which stations a filter finds, one more than there may be."""
    numbers = (
        sa.select(sa.func.array_agg(connector.c.number)).where(connector.c.station_id == station.c.id).scalar_subquery()
    )
    statement = (
        sa.select(station.c.id, _there, _protocol, numbers)
        .outerjoin(presence, presence.c.station_id == station.c.id)
        .order_by(station.c.id)
        .limit(STATIONS_MAX + 1)
    )
    if where.ids:
        statement = statement.where(station.c.id == sa.any_(sa.literal(list(where.ids), sa.ARRAY(sa.Text))))
    for name in ("location_id", "vendor", "model", "firmware", "admin_state"):
        value = getattr(where, name)
        if value is not None:
            statement = statement.where(station.c[name] == value)
    if where.protocol is not None:
        statement = statement.where(_protocol == where.protocol)
    if where.online is not None:
        statement = statement.where(_there if where.online else sa.not_(_there))
    return [Candidate(row[0], bool(row[1]), row[2], frozenset(row[3] or ())) for row in await tx.execute(statement)]


async def add(tx: Tx, it: Bulk, items: Sequence[BulkItem]) -> bool:
    """Insert; False when the id is known."""
    values: dict[str, Any] = {name: getattr(it, name) for name in it.__struct_fields__ if name != "order"}
    values |= {"body": msgspec.to_builtins(it.order), "filter": msgspec.to_builtins(it.filter)}
    new = await tx.scalar(insert(bulk_order).values(**values).on_conflict_do_nothing().returning(bulk_order.c.id))
    if new is None:
        return False
    rows = [
        {"bulk_id": it.id, "station_id": each.station_id, "state": each.state, "detail": each.detail} for each in items
    ]
    if rows:
        await tx.execute(sa.insert(_item), rows)
    return True


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Bulk | None:
    """Read one."""
    statement = sa.select(bulk_order).where(bulk_order.c.id == id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return None if row is None else _bulk(row)


async def page(tx: Tx, after: tuple[dt.datetime, UUID] | None, limit: int) -> list[Bulk]:
    """Read them, the newest first."""
    statement = sa.select(bulk_order).order_by(bulk_order.c.placed_at.desc(), bulk_order.c.id.desc()).limit(limit)
    if after is not None:
        key = sa.tuple_(bulk_order.c.placed_at, bulk_order.c.id)
        statement = statement.where(key < sa.tuple_(*map(sa.literal, after)))
    return [_bulk(row) for row in (await tx.execute(statement)).mappings()]


async def running(tx: Tx) -> list[UUID]:
    """Read what is not over."""
    return list((await tx.execute(sa.select(bulk_order.c.id).where(bulk_order.c.state == "running"))).scalars())


async def write(tx: Tx, id: UUID, **values: object) -> None:
    """Change columns of a bulk order."""
    await tx.execute(sa.update(bulk_order).where(bulk_order.c.id == id).values(**values))


async def counts(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Count the items by state."""
    statement = (
        sa.select(_item.c.bulk_id, _item.c.state, sa.func.count())
        .where(_item.c.bulk_id.in_(ids))
        .group_by(_item.c.bulk_id, _item.c.state)
    )
    found: dict[UUID, dict[str, int]] = {id: {} for id in ids}
    for id, state, count in await tx.execute(statement):
        found[id][state] = count
    return found


async def items(tx: Tx, id: UUID, state: str | None, after: str | None, limit: int) -> list[BulkItem]:
    """Read items by station."""
    columns = (_item.c.station_id, _item.c.state, _item.c.order_id, _item.c.detail, _item.c.ended_at)
    statement = sa.select(*columns).where(_item.c.bulk_id == id).order_by(_item.c.station_id).limit(limit)
    if state is not None:
        statement = statement.where(_item.c.state == state)
    if after is not None:
        statement = statement.where(_item.c.station_id > after)
    return [msgspec.convert(row, BulkItem) for row in (await tx.execute(statement)).mappings()]


async def next_waiting(tx: Tx, id: UUID, limit: int) -> list[Candidate]:
    """Read waiting items whose stations are connected."""
    numbers = (
        sa.select(sa.func.array_agg(connector.c.number)).where(connector.c.station_id == station.c.id).scalar_subquery()
    )
    statement = (
        sa.select(station.c.id, _there, _protocol, numbers)
        .join(_item, sa.and_(_item.c.station_id == station.c.id, _item.c.bulk_id == id, _item.c.state == "waiting"))
        .join(presence, presence.c.station_id == station.c.id)
        .where(_there)
        .order_by(station.c.id)
        .limit(limit)
    )
    return [Candidate(row[0], bool(row[1]), row[2], frozenset(row[3] or ())) for row in await tx.execute(statement)]


async def write_item(tx: Tx, id: UUID, station_id: str, **values: object) -> None:
    """Change one item."""
    await tx.execute(sa.update(_item).where(_item.c.bulk_id == id, _item.c.station_id == station_id).values(**values))


async def end_waiting(tx: Tx, id: UUID, state: str, now: dt.datetime) -> None:
    """End all that have not been placed."""
    await tx.execute(
        sa.update(_item).where(_item.c.bulk_id == id, _item.c.state == "waiting").values(state=state, ended_at=now)
    )


async def conclude_item(tx: Tx, order_id: UUID, state: str, detail: dict[str, object], now: dt.datetime) -> UUID | None:
    """End the item of this order; returns its bulk order."""
    statement = (
        sa.update(_item)
        .where(_item.c.order_id == order_id, _item.c.state == "placed")
        .values(state=state, detail=detail, ended_at=now)
        .returning(_item.c.bulk_id)
    )
    found: UUID | None = await tx.scalar(statement)
    return found


async def placed(tx: Tx, id: UUID) -> list[UUID]:
    """Lock the items whose orders are on their way, and read those orders' ids."""
    statement = sa.select(_item.c.order_id).where(_item.c.bulk_id == id, _item.c.state == "placed").with_for_update()
    return list((await tx.execute(statement)).scalars())


async def forget(tx: Tx, before: dt.datetime, limit: int) -> int:
    """Delete bulk orders that were over before a moment, with their items. Returns how many."""
    statement = (
        sa.select(bulk_order.c.id)
        .where(bulk_order.c.state != "running", bulk_order.c.placed_at < before, bulk_order.c.ended_at < before)
        .order_by(bulk_order.c.placed_at, bulk_order.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list((await tx.execute(statement)).scalars())
    if ids:
        await tx.execute(sa.delete(_item).where(_item.c.bulk_id.in_(ids)))
        await tx.execute(sa.delete(bulk_order).where(bulk_order.c.id.in_(ids)))
    return len(ids)


def _bulk(row: sa.RowMapping) -> Bulk:
    values = {name: row["body" if name == "order" else name] for name in Bulk.__struct_fields__}
    return msgspec.convert(values, Bulk)
