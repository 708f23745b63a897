"""SQL of security events."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.certificates.events.tables import security_event
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A security event as it was told. `critical`: by the standard's list, not by ours."""

    id: UUID
    station_id: StationId
    kind: str
    at: dt.datetime
    received_at: dt.datetime
    info: str | None
    critical: bool


async def put_event(tx: Tx, it: Event) -> bool:
    """Write an event; False when it was told before."""
    statement = insert(security_event).values(**msgspec.structs.asdict(it)).on_conflict_do_nothing()
    return await tx.scalar(statement.returning(security_event.c.id)) is not None


async def count_since(tx: Tx, station_id: str, since: dt.datetime) -> int:
    """Count a station's events by when they came."""
    statement = sa.select(sa.func.count()).where(
        security_event.c.station_id == station_id, security_event.c.received_at > since
    )
    return int(await tx.scalar(statement) or 0)


async def events(
    tx: Tx,
    *,
    station_id: str | None,
    kind: str | None,
    critical: bool | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    after: tuple[dt.datetime, UUID] | None,
    limit: int,
) -> list[Event]:
    """Read events, latest first."""
    statement = sa.select(security_event).order_by(security_event.c.at.desc(), security_event.c.id.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(security_event.c.station_id == station_id)
    if kind is not None:
        statement = statement.where(security_event.c.kind == kind)
    if critical is not None:
        statement = statement.where(security_event.c.critical == critical)
    if since is not None:
        statement = statement.where(security_event.c.at >= since)
    if until is not None:
        statement = statement.where(security_event.c.at < until)
    if after is not None:
        key = sa.tuple_(security_event.c.at, security_event.c.id)
        statement = statement.where(key < sa.tuple_(sa.literal(after[0]), sa.literal(after[1], sa.Uuid)))
    return [Event(**row) for row in (await tx.execute(statement)).mappings()]


async def drop_events(tx: Tx, before: dt.datetime) -> None:
    """Forget old events."""
    await tx.execute(sa.delete(security_event).where(security_event.c.received_at < before))
