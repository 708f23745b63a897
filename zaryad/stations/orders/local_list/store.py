"""SQL of local lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.link.facts import StationId
from zaryad.link.orders import ListEntry
from zaryad.platform.db import Tx
from zaryad.stations.orders.local_list.model import LocalList
from zaryad.stations.orders.local_list.tables import local_list, local_list_entry
from zaryad.stations.tables import station


async def find(tx: Tx, station_id: StationId) -> LocalList | None:
    """Read one."""
    row = (await tx.execute(sa.select(local_list).where(local_list.c.station_id == station_id))).mappings()
    found = row.one_or_none()
    return None if found is None else msgspec.convert(found, LocalList)


async def locked(tx: Tx, station_id: StationId, now: dt.datetime) -> LocalList | None:
    """Lock the station's list, making its row first; None for a station that we do not have."""
    source = sa.select(station.c.id, sa.literal(now, sa.TIMESTAMP(timezone=True))).where(station.c.id == station_id)
    await tx.execute(insert(local_list).from_select(["station_id", "changed_at"], source).on_conflict_do_nothing())
    statement = sa.select(local_list).where(local_list.c.station_id == station_id).with_for_update()
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, LocalList)


async def write(tx: Tx, station_id: StationId, **values: object) -> None:
    """Change columns."""
    await tx.execute(sa.update(local_list).where(local_list.c.station_id == station_id).values(**values))


async def entries(tx: Tx, station_id: StationId, after: str | None = None, limit: int | None = None) -> list[ListEntry]:
    """Read what is on the list, by token."""
    statement = (
        sa.select(local_list_entry.c.entry)
        .where(local_list_entry.c.station_id == station_id)
        .order_by(local_list_entry.c.token)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(local_list_entry.c.token > after)
    return [msgspec.convert(entry, ListEntry) for entry in (await tx.execute(statement)).scalars()]


async def count(tx: Tx, station_id: StationId) -> int:
    """Count what is on the list."""
    statement = sa.select(sa.func.count()).where(local_list_entry.c.station_id == station_id)
    return int((await tx.execute(statement)).scalar_one())


async def apply(tx: Tx, station_id: StationId, changed: Sequence[ListEntry], *, full: bool) -> None:
    """Note what the station took: a full list replaces all, else an entry without a status comes off."""
    t = local_list_entry
    gone = [entry.token.upper() for entry in changed if entry.status is None]
    forget = sa.delete(t).where(t.c.station_id == station_id)
    if not full:
        forget = forget.where(t.c.token == sa.any_(sa.literal(gone, sa.ARRAY(sa.Text))))
    await tx.execute(forget)
    rows = [
        {"station_id": station_id, "token": entry.token.upper(), "entry": msgspec.to_builtins(entry)}
        for entry in changed
        if entry.status is not None
    ]
    if rows:
        statement = insert(t)
        statement = statement.on_conflict_do_update(
            index_elements=[t.c.station_id, t.c.token], set_={"entry": statement.excluded.entry}
        )
        await tx.execute(statement, rows)
