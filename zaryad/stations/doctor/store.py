"""SQL of the doctor: the tries to connect, and what else is known of an identity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from zaryad.link.door import Attempt
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations.tables import attempt, connector, knock, presence, station

KEPT = 50  # tries of one station
_LATER = ("reason", "chosen", "epoch", "closed_at", "close_code", "close_reason", "rtt_ms", "quirks")


async def put_attempts(tx: Tx, attempts: Sequence[Attempt]) -> None:
    """Write tries, or what came of them since, and drop each station's oldest."""
    rows = sa.func.jsonb_populate_recordset(
        sa.literal_column("null::attempt"), sa.cast(sa.literal(msgspec.json.encode(attempts).decode(), sa.Text), JSONB)
    )
    names = [column.name for column in attempt.c]
    said = rows.table_valued(*(sa.column(column.name, column.type) for column in attempt.c), name="said")
    statement = insert(attempt).from_select(names, sa.select(*(said.c[name] for name in names)))
    statement = statement.on_conflict_do_update(
        index_elements=[attempt.c.station_id, attempt.c.id],
        set_={name: statement.excluded[name] for name in _LATER},
    )
    await tx.execute(statement)
    ids = sorted({each.station_id for each in attempts})
    named = sa.func.unnest(sa.literal(ids, sa.ARRAY(sa.Text))).table_valued("station_id", name="named").render_derived()
    own = attempt.alias("own")
    edge = (
        sa.select(own.c.id)
        .where(own.c.station_id == named.c.station_id)
        .order_by(own.c.id.desc())
        .offset(KEPT)
        .limit(1)
        .correlate(named)
        .lateral("edge")
    )
    await tx.execute(sa.delete(attempt).where(attempt.c.station_id == named.c.station_id, attempt.c.id <= edge.c.id))


async def attempts_of(tx: Tx, station_id: StationId, limit: int) -> list[Attempt]:
    """Read a station's tries, newest first."""
    statement = sa.select(attempt).where(attempt.c.station_id == station_id).order_by(attempt.c.id.desc()).limit(limit)
    return [msgspec.convert(row, Attempt) for row in (await tx.execute(statement)).mappings()]


async def drop_old_attempts(tx: Tx, before: dt.datetime, most: int) -> int:
    """Delete tries from before a time, and strangers' that are in no inbox; at most so many at once."""
    known = sa.exists().where(station.c.id == attempt.c.station_id)
    waits = sa.exists().where(knock.c.station_id == attempt.c.station_id)
    key = sa.tuple_(attempt.c.station_id, attempt.c.id)
    surplus = (
        sa.select(attempt.c.station_id, attempt.c.id)
        .where(sa.or_(attempt.c.at < before, ~known & ~waits))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await tx.execute(sa.delete(attempt).where(key.in_(surplus)))).rowcount


async def chart(tx: Tx, station_id: StationId) -> dict[str, Any] | None:
    """Read what is known of a station of ours, with its link; None for a stranger."""
    offered = sa.select(sa.func.count()).where(
        connector.c.station_id == station.c.id, connector.c.number > 0, connector.c.kind != "unknown"
    )
    statement = (
        sa.select(
            station,
            offered.scalar_subquery().label("connectors"),
            presence.c.epoch,
            presence.c.node,
            presence.c.address,
            presence.c.protocol.label("spoken"),
            presence.c.connected_at,
            presence.c.last_seen_at,
            presence.c.disconnected_at,
            presence.c.clock_skew_ms,
            presence.c.clock_skew_at,
        )
        .outerjoin(presence, presence.c.station_id == station.c.id)
        .where(station.c.id == station_id)
    )
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else {str(name): value for name, value in row.items()}


async def alike(tx: Tx, station_id: StationId) -> list[StationId]:
    """Find stations whose identity is the same letters in another case, or with other spaces around."""
    same = sa.func.lower(station.c.id) == station_id.strip().lower()
    statement = sa.select(station.c.id).where(same, station.c.id != station_id).order_by(station.c.id).limit(5)
    return list((await tx.execute(statement)).scalars())
