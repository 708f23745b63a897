"""SQL of firmware and updates."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.maintenance.firmware.model import Firmware, FirmwareId, Update
from zaryad.maintenance.firmware.tables import firmware, firmware_update
from zaryad.platform.db import Tx

_u = firmware_update


async def add(tx: Tx, it: Firmware) -> bool:
    """Write a firmware; False when its id is known."""
    statement = insert(firmware).values(**msgspec.structs.asdict(it)).on_conflict_do_nothing()
    return await tx.scalar(statement.returning(firmware.c.id)) is not None


async def find(tx: Tx, id: UUID) -> Firmware | None:
    """Read a firmware."""
    row = (await tx.execute(sa.select(firmware).where(firmware.c.id == id))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Firmware)


async def withdraw(tx: Tx, id: UUID) -> None:
    """Offer a firmware to nobody any more."""
    await tx.execute(sa.update(firmware).where(firmware.c.id == id).values(withdrawn=True))


async def some(tx: Tx, *, withdrawn: bool) -> list[Firmware]:
    """Read all firmware, the latest first."""
    statement = sa.select(firmware).order_by(firmware.c.at.desc(), firmware.c.id)
    if not withdrawn:
        statement = statement.where(sa.not_(firmware.c.withdrawn))
    return [msgspec.convert(row, Firmware) for row in (await tx.execute(statement)).mappings()]


async def add_update(tx: Tx, **values: object) -> bool:
    """Write an update; False when its id is known, or its station has one under way."""
    statement = insert(_u).values(**values).on_conflict_do_nothing().returning(_u.c.id)
    return await tx.scalar(statement) is not None


async def update(tx: Tx, id: UUID, *, lock: bool = False) -> Update | None:
    """Read an update."""
    return await _one(tx, sa.select(_u).where(_u.c.id == id), lock=lock)


async def open_update(tx: Tx, station_id: str) -> Update | None:
    """Lock and read the update of a station that is under way; there is one at most."""
    return await _one(tx, sa.select(_u).where(_u.c.station_id == station_id, _u.c.ended_at.is_(None)), lock=True)


async def last_update(tx: Tx, station_id: str) -> Update | None:
    """Lock and read a station's latest update."""
    statement = sa.select(_u).where(_u.c.station_id == station_id).order_by(_u.c.asked_at.desc()).limit(1)
    return await _one(tx, statement, lock=True)


async def _one(tx: Tx, statement: sa.Select[tuple[object, ...]], *, lock: bool) -> Update | None:
    row = (await tx.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Update)


async def change_update(tx: Tx, id: UUID, now: dt.datetime, *, step: str | None = None, **values: object) -> None:
    """Write what has changed; `step` is the station's own word, kept with its time."""
    if step is not None:
        word = sa.func.jsonb_build_array(sa.func.jsonb_build_array(now.isoformat(), step))
        values["steps"] = _u.c.steps.op("||")(word)
    await tx.execute(sa.update(_u).where(_u.c.id == id).values(changed_at=now, **values))


async def updates(
    tx: Tx, station_id: str | None, campaign_id: UUID | None, before: dt.datetime | None, limit: int
) -> list[Update]:
    """Read updates, the latest first."""
    statement = sa.select(_u).order_by(_u.c.asked_at.desc()).limit(limit)
    if station_id is not None:
        statement = statement.where(_u.c.station_id == station_id)
    if campaign_id is not None:
        statement = statement.where(_u.c.campaign_id == campaign_id)
    if before is not None:
        statement = statement.where(_u.c.asked_at < before)
    return [msgspec.convert(row, Update) for row in (await tx.execute(statement)).mappings()]


async def late(tx: Tx, asked_before: dt.datetime, installed_before: dt.datetime, limit: int) -> list[Update]:
    """Lock and read updates that nothing has been heard of for too long."""
    old = sa.or_(_u.c.asked_at < asked_before, sa.and_(_u.c.state == "installed", _u.c.changed_at < installed_before))
    statement = sa.select(_u).where(_u.c.ended_at.is_(None), old).order_by(_u.c.id).limit(limit)
    rows = (await tx.execute(statement.with_for_update(skip_locked=True))).mappings()
    return [msgspec.convert(row, Update) for row in rows]


async def used(tx: Tx, id: FirmwareId) -> bool:
    """Whether any station was ever told of it."""
    return await tx.scalar(sa.select(_u.c.id).where(_u.c.firmware_id == id).limit(1)) is not None
