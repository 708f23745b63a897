"""SQL of what stations do: connectors and their states, presence, the door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations.model import Connector, Location, LocationId, Station
from zaryad.stations.tables import connector, location, presence, presence_epoch, station

_whole = connector.alias("whole")  # connector 0


def _online(since: dt.datetime) -> sa.ColumnElement[bool]:
    heard = sa.and_(presence.c.disconnected_at.is_(None), presence.c.last_seen_at >= since)
    return sa.func.coalesce(heard, sa.false())


_STRICTEST = sa.case(
    (
        sa.or_(
            connector.c.admin_state == "disabled", station.c.admin_state == "disabled", location.c.status == "closed"
        ),
        "disabled",
    ),
    (
        sa.or_(
            connector.c.admin_state == "maintenance",
            station.c.admin_state == "maintenance",
            location.c.status == "planned",
        ),
        "maintenance",
    ),
    else_="active",
)


def _connectors(since: dt.datetime) -> sa.Select[Any]:
    return (
        sa.select(
            connector.c.station_id,
            connector.c.number,
            connector.c.kind,
            connector.c.power_w,
            connector.c.state,
            connector.c.state_at,
            connector.c.error_code,
            _STRICTEST.label("admin_state"),
            _online(since).label("online"),
            presence.c.last_seen_at,
            _whole.c.state.label("station_state"),
            station.c.location_id,
            location.c.name.label("location_name"),
            location.c.address,
            location.c.timezone,
            connector.c.tariff_id,
            location.c.currency,
        )
        .select_from(connector)
        .join(station, station.c.id == connector.c.station_id)
        .join(location, location.c.id == station.c.location_id)
        .outerjoin(presence, presence.c.station_id == connector.c.station_id)
        .outerjoin(_whole, sa.and_(_whole.c.station_id == connector.c.station_id, _whole.c.number == 0))
    )


async def one_connector(
    tx: Tx, station_id: StationId, number: int, since: dt.datetime, *, lock: bool
) -> Connector | None:
    """Read one connector, locking its row alone; connector 0 is not one to charge at."""
    statement = _connectors(since).where(
        connector.c.station_id == station_id, connector.c.number == number, connector.c.number > 0
    )
    if lock:
        statement = statement.with_for_update(of=connector)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Connector)


async def connectors_of(
    tx: Tx, since: dt.datetime, *, stations: Sequence[str] = (), locations: Sequence[LocationId] = ()
) -> list[Connector]:
    """Read the connectors of stations or of whole locations, in order."""
    statement = (
        _connectors(since)
        .where(
            connector.c.number > 0,
            sa.or_(connector.c.station_id.in_(stations), station.c.location_id.in_(locations)),
        )
        .order_by(connector.c.station_id, connector.c.number)
    )
    return [msgspec.convert(row, Connector) for row in (await tx.execute(statement)).mappings()]


async def state_for_update(tx: Tx, station_id: StationId, number: int) -> sa.RowMapping | None:
    """Lock the connector and read what its last report was."""
    statement = (
        sa.select(connector.c.state, connector.c.state_at, connector.c.state_at_is_theirs, connector.c.error_code)
        .where(connector.c.station_id == station_id, connector.c.number == number)
        .with_for_update()
    )
    return (await tx.execute(statement)).mappings().one_or_none()


async def add_connector(tx: Tx, station_id: StationId, number: int) -> bool:
    """Add an undescribed connector of a known station; False when there is one, or no such station."""
    source = sa.select(station.c.id, sa.literal(number, sa.SmallInteger)).where(station.c.id == station_id)
    statement = (
        insert(connector)
        .from_select(["station_id", "number"], source)
        .on_conflict_do_nothing()
        .returning(connector.c.number)
    )
    return await tx.scalar(statement) is not None


async def set_state(tx: Tx, station_id: StationId, number: int, values: Mapping[str, object]) -> None:
    """Write what a connector said of itself."""
    await tx.execute(
        sa.update(connector).where(connector.c.station_id == station_id, connector.c.number == number).values(**values)
    )


# What stations say of themselves


async def write_boot(tx: Tx, station_id: StationId, values: Mapping[str, object]) -> str | None:
    """Write the details of a boot; the answer's status, or None for a station we do not know.

    After a boot the station's clock may have started anew: its next states are not compared with earlier ones.
    """
    statement = sa.update(station).where(station.c.id == station_id).values(**values)
    status: str | None = await tx.scalar(statement.returning(station.c.boot_status))
    if status is not None:
        await tx.execute(
            sa.update(connector)
            .where(connector.c.station_id == station_id, connector.c.state_at_is_theirs)
            .values(state_at_is_theirs=False)
        )
    return status


async def write_station(tx: Tx, station_id: StationId, **values: object) -> bool:
    """Change columns of a station; False when there is none."""
    statement = sa.update(station).where(station.c.id == station_id).values(**values).returning(station.c.id)
    return await tx.scalar(statement) is not None


# Presence


async def connect(tx: Tx, station_id: StationId, *, node: str, protocol: str, address: str, now: dt.datetime) -> int:
    """Take the station over with a new epoch, drawn while its row is locked: the last to connect has the highest."""
    fresh = {
        "node": node,
        "protocol": protocol,
        "address": address,
        "connected_at": now,
        "last_seen_at": now,
        "disconnected_at": None,
    }
    statement = (
        insert(presence)
        .values(station_id=station_id, epoch=presence_epoch.next_value(), **fresh)
        .on_conflict_do_update(
            index_elements=[presence.c.station_id], set_={"epoch": presence_epoch.next_value(), **fresh}
        )
        .returning(presence.c.epoch)
    )
    epoch: int = (await tx.execute(statement)).scalar_one()
    return epoch


async def disconnect(tx: Tx, station_id: StationId, epoch: int, now: dt.datetime) -> bool:
    """Mark it gone, unless a newer connection has taken over."""
    statement = (
        sa.update(presence)
        .where(presence.c.station_id == station_id, presence.c.epoch == epoch, presence.c.disconnected_at.is_(None))
        .values(disconnected_at=now)
        .returning(presence.c.epoch)
    )
    return await tx.scalar(statement) is not None


async def disconnect_node(tx: Tx, node: str, now: dt.datetime) -> list[StationId]:
    """Mark gone all that a node held."""
    statement = (
        sa.update(presence)
        .where(presence.c.node == node, presence.c.disconnected_at.is_(None))
        .values(disconnected_at=now)
        .returning(presence.c.station_id)
    )
    return list((await tx.execute(statement)).scalars())


async def see(tx: Tx, station_ids: Sequence[str], now: dt.datetime, older_than: dt.datetime) -> None:
    """Note that the stations were heard; rows that are fresh enough, or locked by someone noting more, are left."""
    locked = (
        sa.select(presence.c.station_id)
        .where(
            presence.c.station_id == sa.any_(sa.literal(list(station_ids), sa.ARRAY(sa.Text))),
            presence.c.disconnected_at.is_(None),
            presence.c.last_seen_at < older_than,
        )
        .with_for_update(skip_locked=True)
    )
    await tx.execute(
        sa.update(presence).where(presence.c.station_id.in_(locked.scalar_subquery())).values(last_seen_at=now)
    )


async def write_skews(tx: Tx, skews: Mapping[StationId, int], now: dt.datetime) -> None:
    """Write how far clocks are off."""
    statement = sa.update(presence).where(presence.c.station_id == sa.bindparam("of"))
    statement = statement.values(clock_skew_ms=sa.bindparam("ms"), clock_skew_at=now)
    await tx.execute(statement, [{"of": id, "ms": ms} for id, ms in sorted(skews.items())])


# The door


async def at_the_door(tx: Tx, station_id: StationId) -> dict[str, Any] | None:
    """Read all that a handshake is judged by, in one look-up by the primary key."""
    statement = sa.select(
        station.c.id,
        station.c.password_hash,
        station.c.password_hash_next,
        station.c.admin_state,
        station.c.boot_status,
        station.c.security_profile,
        station.c.profile_floor,
        station.c.expired_until,
        station.c.vendor,
        station.c.model,
        station.c.firmware,
    )
    row = (await tx.execute(statement.where(station.c.id == station_id))).mappings().one_or_none()
    return None if row is None else dict(row)


# The network as people describe it


async def put_location(tx: Tx, it: Location) -> bool:
    """Write a location; whether it is new."""
    values = msgspec.structs.asdict(it)
    statement = insert(location).values(**values)
    statement = statement.on_conflict_do_update(
        index_elements=[location.c.id], set_={name: value for name, value in values.items() if name != "id"}
    )
    return bool((await tx.execute(statement.returning(sa.literal_column("xmax = 0")))).scalar_one())


async def put_station(tx: Tx, station_id: StationId, values: Mapping[str, object]) -> bool:
    """Write what people decide about a station, leaving what it says of itself; whether it is new."""
    statement = insert(station).values(id=station_id, **values)
    statement = statement.on_conflict_do_update(index_elements=[station.c.id], set_=dict(values))
    return bool((await tx.execute(statement.returning(sa.literal_column("xmax = 0")))).scalar_one())


async def put_connector(tx: Tx, station_id: StationId, number: int, values: Mapping[str, object]) -> None:
    """Write what people decide about a connector, leaving what it reported."""
    statement = insert(connector).values(station_id=station_id, number=number, **values)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=[connector.c.station_id, connector.c.number], set_=dict(values))
    )


_STATION = (
    station.c.id,
    station.c.location_id,
    station.c.vendor,
    station.c.model,
    station.c.serial,
    station.c.firmware,
    station.c.protocol,
    station.c.password_hash.is_not(None).label("has_password"),
    station.c.boot_status,
    station.c.last_boot_at,
    station.c.admin_state,
    station.c.firmware_status,
    station.c.diagnostics_status,
    presence.c.node,
    presence.c.address,
    presence.c.connected_at,
    presence.c.last_seen_at,
    presence.c.disconnected_at,
)


async def stations(
    tx: Tx,
    since: dt.datetime,
    *,
    ids: Sequence[str] | None = None,
    location_id: LocationId | None = None,
    text: str | None = None,
    open_only: bool = False,
    online: bool | None = None,
    boot_status: str | None = None,
    has_password: bool | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[Station]:
    """Read stations in the order of their ids."""
    statement = (
        sa.select(*_STATION, _online(since).label("online"))
        .join(location, location.c.id == station.c.location_id)
        .outerjoin(presence, presence.c.station_id == station.c.id)
        .order_by(station.c.id)
        .limit(limit)
    )
    if ids is not None:
        statement = statement.where(station.c.id.in_(ids))
    if location_id is not None:
        statement = statement.where(station.c.location_id == location_id)
    if open_only:
        statement = statement.where(location.c.status == "open")
    if online is not None:
        statement = statement.where(_online(since) if online else sa.not_(_online(since)))
    if boot_status is not None:
        statement = statement.where(station.c.boot_status == boot_status)
    if has_password is not None:
        statement = statement.where(station.c.password_hash.is_not(None) == has_password)
    if text:
        columns = (station.c.id, location.c.name, location.c.address, location.c.city)
        statement = statement.where(sa.or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if after is not None:
        statement = statement.where(station.c.id > after)
    return [msgspec.convert(row, Station) for row in (await tx.execute(statement)).mappings()]


async def one_location(tx: Tx, id: LocationId) -> Location | None:
    """Read a location."""
    row = (await tx.execute(sa.select(location).where(location.c.id == id))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Location)


async def locations(
    tx: Tx,
    *,
    box_udeg: tuple[int, int, int, int] | None,
    text: str | None,
    kind: str | None,
    min_power_w: int | None,
    all_statuses: bool,
    after: LocationId | None,
    limit: int,
) -> list[Location]:
    """Read locations by name. `box_udeg` is west, south, east, north; west > east crosses the antimeridian."""
    statement = sa.select(location).order_by(location.c.name, location.c.id).limit(limit)
    if not all_statuses:
        statement = statement.where(location.c.status == "open")
    if box_udeg is not None:
        west, south, east, north = box_udeg
        x, y = location.c.longitude_udeg, location.c.latitude_udeg
        inside = sa.and_(x >= west, x <= east) if west <= east else sa.or_(x >= west, x <= east)
        statement = statement.where(inside, y >= south, y <= north)
    if text:
        columns = (location.c.name, sa.cast(location.c.names, sa.Text), location.c.address, location.c.city)
        statement = statement.where(sa.or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if kind is not None or min_power_w is not None:
        wanted = sa.and_(
            station.c.location_id == location.c.id,
            connector.c.station_id == station.c.id,
            connector.c.number > 0,
            connector.c.kind == kind if kind is not None else connector.c.kind != "unknown",
            connector.c.power_w >= (min_power_w or 1),
        )
        statement = statement.where(sa.exists().where(wanted))
    if after is not None:
        anchor = sa.select(location.c.name, location.c.id).where(location.c.id == after)
        statement = statement.where(sa.tuple_(location.c.name, location.c.id) > anchor.scalar_subquery())
    return [msgspec.convert(row, Location) for row in (await tx.execute(statement)).mappings()]
