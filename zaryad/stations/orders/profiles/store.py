"""SQL of charging profiles."""

from __future__ import annotations

import datetime as dt

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.link.facts import StationId
from zaryad.link.orders import ClearProfiles, Profile
from zaryad.platform.db import Tx
from zaryad.stations.orders.profiles.model import StationProfile, Template
from zaryad.stations.orders.profiles.tables import charging_profile_template as template
from zaryad.stations.orders.profiles.tables import station_profile as kept
from zaryad.stations.tables import station


async def put_template(tx: Tx, it: Template) -> None:
    """Write a profile under its name."""
    values = {name: getattr(it, name) for name in it.__struct_fields__} | {"profile": msgspec.to_builtins(it.profile)}
    statement = insert(template).values(**values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[template.c.name], set_=values))


async def template_named(tx: Tx, name: str) -> Template | None:
    """Read one."""
    row = (await tx.execute(sa.select(template).where(template.c.name == name))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Template)


async def templates(tx: Tx, after: str | None, limit: int) -> list[Template]:
    """Read them by name."""
    statement = sa.select(template).order_by(template.c.name).limit(limit)
    if after is not None:
        statement = statement.where(template.c.name > after)
    return [msgspec.convert(row, Template) for row in (await tx.execute(statement)).mappings()]


async def drop_template(tx: Tx, name: str) -> None:
    """Forget one."""
    await tx.execute(sa.delete(template).where(template.c.name == name))


async def put_profile(  # noqa: PLR0917  # a profile, where, by whom and since when
    tx: Tx, station_id: StationId, connector: int, it: Profile, source: str, at: dt.datetime, request: int | None
) -> None:
    """Note that a station has it. One of the same purpose and level at the same place is replaced (1.6, 3.13.2)."""
    same = sa.and_(
        kept.c.station_id == station_id,
        kept.c.connector == connector,
        kept.c.source == source,
        kept.c.purpose == it.purpose,
        kept.c.stack_level == it.stack_level,
        kept.c.charge_ref.is_not_distinct_from(it.charge_ref),
        kept.c.number != it.number,
    )
    await tx.execute(sa.delete(kept).where(same))
    values = {
        "connector": connector,
        "purpose": it.purpose,
        "stack_level": it.stack_level,
        "charge_ref": it.charge_ref,
        "source": source,
        "profile": msgspec.to_builtins(it),
        "noted_at": at,
        "request": request,
    }
    if not await tx.scalar(sa.select(sa.exists().where(station.c.id == station_id))):
        return
    statement = insert(kept).values(station_id=station_id, number=it.number, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[kept.c.station_id, kept.c.number], set_=values))


async def clear_profiles(tx: Tx, station_id: StationId, what: ClearProfiles) -> None:
    """Note that a station has none of these any more."""
    statement = sa.delete(kept).where(kept.c.station_id == station_id)
    if what.number is not None:
        statement = statement.where(kept.c.number == what.number)
    else:
        for name in ("connector", "purpose", "stack_level"):
            value = getattr(what, name)
            if value is not None:
                statement = statement.where(kept.c[name] == value)
    await tx.execute(statement)


async def drop_of_charge(tx: Tx, station_id: StationId, charge_ref: str) -> None:
    """Forget the profiles of one transaction."""
    await tx.execute(sa.delete(kept).where(kept.c.station_id == station_id, kept.c.charge_ref == charge_ref))


async def drop_untold(tx: Tx, station_id: StationId, request: int, connector: int | None) -> None:
    """Forget what a whole report did not tell of."""
    statement = sa.delete(kept).where(kept.c.station_id == station_id, kept.c.request.is_distinct_from(request))
    if connector is not None:
        statement = statement.where(kept.c.connector == connector)
    await tx.execute(statement)


async def profiles_of(tx: Tx, station_id: StationId) -> list[StationProfile]:
    """Read what a station is known to have."""
    statement = (
        sa.select(kept.c.connector, kept.c.source, kept.c.profile, kept.c.noted_at)
        .where(kept.c.station_id == station_id)
        .order_by(kept.c.connector, kept.c.purpose, kept.c.stack_level.desc(), kept.c.number)
    )
    return [msgspec.convert(row, StationProfile) for row in (await tx.execute(statement)).mappings()]
