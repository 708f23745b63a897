"""SQL of what the gateway keeps of stations' oddities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.ocpp.tables import station_oddity as t
from zaryad.platform.db import Tx


async def add_oddities(tx: Tx, counts: Mapping[tuple[str, str], int], now: dt.datetime) -> None:
    """Add to what is known, by station and kind; in one order, so that two gateways do not wait for each other."""
    rows = [
        {"station_id": station_id, "kind": kind, "first_at": now, "last_at": now, "times": times}
        for (station_id, kind), times in sorted(counts.items())
    ]
    new = insert(t).values(rows)
    statement = new.on_conflict_do_update(
        index_elements=[t.c.station_id, t.c.kind],
        set_={"last_at": new.excluded.last_at, "times": t.c.times + new.excluded.times},
    )
    await tx.execute(statement)


async def oddities(tx: Tx, station_id: str) -> list[tuple[str, dt.datetime, dt.datetime, int]]:
    """Read a station's: kind, first and last time, how often; the most frequent first."""
    statement = sa.select(t.c.kind, t.c.first_at, t.c.last_at, t.c.times).where(t.c.station_id == station_id)
    return [tuple(row) for row in await tx.execute(statement.order_by(t.c.times.desc(), t.c.kind))]
