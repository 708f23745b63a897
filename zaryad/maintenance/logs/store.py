"""SQL of logs."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.maintenance.logs.model import OPEN, LogRequest
from zaryad.maintenance.logs.tables import log_request as t
from zaryad.platform.db import Tx


async def add(tx: Tx, **values: object) -> bool:
    """Write a request; False when its id is known."""
    return await tx.scalar(insert(t).values(**values).on_conflict_do_nothing().returning(t.c.id)) is not None


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> LogRequest | None:
    """Read a request."""
    statement = sa.select(t).where(t.c.id == id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, LogRequest)


async def latest_open(tx: Tx, station_id: str, *, plain: bool) -> LogRequest | None:
    """Lock and read the latest request of a station that is not over: for words that carry no number."""
    statement = (
        sa.select(t)
        .where(t.c.station_id == station_id, t.c.plain == plain, t.c.state.in_(sorted(OPEN)))
        .order_by(t.c.asked_at.desc())
        .limit(1)
        .with_for_update()
    )
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, LogRequest)


async def change(tx: Tx, id: UUID, now: dt.datetime, **values: object) -> None:
    """Write what has changed."""
    await tx.execute(sa.update(t).where(t.c.id == id).values(changed_at=now, **values))


async def add_file(tx: Tx, id: UUID, file_id: UUID, now: dt.datetime) -> bool:
    """Note a file that has come for it."""
    values = {"files": sa.func.array_append(t.c.files, sa.literal(file_id, sa.Uuid)), "changed_at": now}
    done = await tx.execute(sa.update(t).where(t.c.id == id).values(**values))
    return done.rowcount == 1


async def requests(tx: Tx, station_id: str | None, before: dt.datetime | None, limit: int) -> list[LogRequest]:
    """Read requests, the latest first."""
    statement = sa.select(t).order_by(t.c.asked_at.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(t.c.station_id == station_id)
    if before is not None:
        statement = statement.where(t.c.asked_at < before)
    return [msgspec.convert(row, LogRequest) for row in (await tx.execute(statement)).mappings()]


async def expire(tx: Tx, before: dt.datetime, now: dt.datetime) -> int:
    """End requests that nothing has been heard of for long."""
    late = sa.and_(t.c.state.in_(sorted(OPEN)), t.c.changed_at < before)
    return (await tx.execute(sa.update(t).where(late).values(state="expired", changed_at=now))).rowcount


async def forget(tx: Tx, before: dt.datetime) -> int:
    """Delete old requests; their files go by their own age."""
    return (await tx.execute(sa.delete(t).where(t.c.asked_at < before))).rowcount
