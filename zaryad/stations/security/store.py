"""SQL of changes of passwords and of security profiles."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from zaryad.platform.db import Tx
from zaryad.stations.security.model import ProfileChange, Rotation
from zaryad.stations.security.tables import password_rotation as rotation
from zaryad.stations.security.tables import profile_change as change
from zaryad.stations.tables import presence, station

_ROTATION = tuple(rotation.c[name] for name in Rotation.__struct_fields__)
_CHANGE = tuple(change.c[name] for name in ProfileChange.__struct_fields__)
_TURNING = rotation.c.state.in_(("ordered", "taken", "unanswered"))
_CHANGING = change.c.state.not_in(("done", "rolled_back", "failed", "cancelled"))


async def lock_station(tx: Tx, station_id: str) -> sa.RowMapping | None:
    """Lock a station's row; with what a change is decided by."""
    statement = sa.select(
        station.c.id,
        station.c.protocol,
        station.c.password_hash,
        station.c.password_hash_next,
        station.c.password_set_at,
        station.c.security_profile,
        station.c.profile_floor,
    ).where(station.c.id == station_id)
    return (await tx.execute(statement.with_for_update())).mappings().one_or_none()


# Passwords


async def put_rotation(tx: Tx, **values: Any) -> None:
    """Write a change of password."""
    await tx.execute(sa.insert(rotation).values(**values))


async def open_rotation(tx: Tx, station_id: str) -> sa.RowMapping | None:
    """Lock the change that is under way."""
    statement = sa.select(rotation).where(rotation.c.station_id == station_id, _TURNING).with_for_update()
    return (await tx.execute(statement)).mappings().one_or_none()


async def rotation_of_order(tx: Tx, order_id: UUID) -> sa.RowMapping | None:
    """Lock the change that an order is part of."""
    statement = sa.select(rotation).where(rotation.c.order_id == order_id, _TURNING).with_for_update()
    return (await tx.execute(statement)).mappings().one_or_none()


async def set_rotation(tx: Tx, id: UUID, **values: Any) -> None:
    """Change a change."""
    await tx.execute(sa.update(rotation).where(rotation.c.id == id).values(**values))


async def end_rotation(tx: Tx, station_id: str, state: str, now: dt.datetime, why: str | None = None) -> None:
    """End the change of a station that is under way; the sealed password goes."""
    statement = sa.update(rotation).where(rotation.c.station_id == station_id, _TURNING)
    await tx.execute(statement.values(state=state, ended_at=now, sealed=None, why=why))


async def rotations(tx: Tx, station_id: str, limit: int) -> list[Rotation]:
    """Read a station's changes, newest first."""
    statement = sa.select(*_ROTATION).where(rotation.c.station_id == station_id)
    rows = await tx.execute(statement.order_by(rotation.c.started_at.desc()).limit(limit))
    return [Rotation(**row) for row in rows.mappings()]


async def unanswered(tx: Tx, limit: int) -> list[sa.RowMapping]:
    """Lock changes whose order nobody answered, of stations that are connected now."""
    statement = (
        sa.select(rotation)
        .join(presence, presence.c.station_id == rotation.c.station_id)
        .where(rotation.c.state == "unanswered", presence.c.disconnected_at.is_(None))
        .limit(limit)
        .with_for_update(of=rotation, skip_locked=True)
    )
    return list((await tx.execute(statement)).mappings())


async def turning(tx: Tx) -> int:
    """Count the changes under way."""
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(rotation).where(_TURNING)) or 0)


async def oldest_passwords(tx: Tx, before: dt.datetime, tried_before: dt.datetime, limit: int) -> list[str]:
    """Read connected stations whose password is older than a moment, and was not tried to be changed lately."""
    lately = sa.select(rotation.c.id).where(
        rotation.c.station_id == station.c.id, sa.or_(_TURNING, rotation.c.started_at > tried_before)
    )
    statement = (
        sa.select(station.c.id)
        .join(presence, presence.c.station_id == station.c.id)
        .where(
            presence.c.disconnected_at.is_(None),
            station.c.password_hash.is_not(None),
            station.c.admin_state != "disabled",
            station.c.password_set_at < before,
            sa.not_(lately.exists()),
        )
        .order_by(station.c.password_set_at)
        .limit(limit)
    )
    return list((await tx.execute(statement)).scalars())


async def forget_rotations(tx: Tx, before: dt.datetime, limit: int) -> int:
    """Delete changes of passwords that were over before a moment. Returns how many."""
    over = sa.and_(sa.not_(_TURNING), rotation.c.started_at < before, rotation.c.ended_at < before)
    old = sa.select(rotation.c.id).where(over).limit(limit).with_for_update(skip_locked=True).cte("old")
    return (await tx.execute(sa.delete(rotation).where(rotation.c.id.in_(sa.select(old.c.id))))).rowcount


async def forget_changes(tx: Tx, before: dt.datetime, limit: int) -> int:
    """Delete changes of profiles that were over before a moment. Returns how many."""
    over = sa.and_(sa.not_(_CHANGING), change.c.changed_at < before)
    old = sa.select(change.c.id).where(over).limit(limit).with_for_update(skip_locked=True).cte("old")
    return (await tx.execute(sa.delete(change).where(change.c.id.in_(sa.select(old.c.id))))).rowcount


# Profiles


async def put_change(tx: Tx, it: ProfileChange) -> None:
    """Write a change of profile."""
    await tx.execute(sa.insert(change).values(**{name: getattr(it, name) for name in ProfileChange.__struct_fields__}))


async def open_change(tx: Tx, station_id: str) -> ProfileChange | None:
    """Lock the change that is under way."""
    return await _change(tx, sa.and_(change.c.station_id == station_id, _CHANGING))


async def change_of_order(tx: Tx, order_id: UUID) -> ProfileChange | None:
    """Lock the change that waits for an order."""
    return await _change(tx, sa.and_(change.c.order_id == order_id, _CHANGING))


async def change_by_id(tx: Tx, id: UUID) -> ProfileChange | None:
    """Lock a change, open or ended."""
    return await _change(tx, change.c.id == id)


async def set_change(tx: Tx, id: UUID, **values: Any) -> None:
    """Change a change."""
    await tx.execute(sa.update(change).where(change.c.id == id).values(**values))


async def changes(tx: Tx, station_id: str, limit: int) -> list[ProfileChange]:
    """Read a station's changes, newest first."""
    statement = sa.select(*_CHANGE).where(change.c.station_id == station_id)
    rows = await tx.execute(statement.order_by(change.c.started_at.desc()).limit(limit))
    return [ProfileChange(**row) for row in rows.mappings()]


async def returning(tx: Tx, limit: int) -> list[tuple[ProfileChange, int | None, dt.datetime | None]]:
    """Lock changes that wait for their station; with the profile it last came in by, and since when it is connected."""
    statement = (
        sa.select(*_CHANGE, station.c.security_profile, presence.c.connected_at)
        .join(station, station.c.id == change.c.station_id)
        .outerjoin(presence, presence.c.station_id == change.c.station_id)
        .where(change.c.state == "returning")
        .limit(limit)
        .with_for_update(of=change, skip_locked=True)
    )
    found = []
    for row in (await tx.execute(statement)).mappings():
        values = {name: row[name] for name in ProfileChange.__struct_fields__}
        found.append((ProfileChange(**values), row["security_profile"], row["connected_at"]))
    return found


async def _change(tx: Tx, where: sa.ColumnElement[bool]) -> ProfileChange | None:
    row = (await tx.execute(sa.select(*_CHANGE).where(where).with_for_update())).mappings().one_or_none()
    return None if row is None else ProfileChange(**row)
