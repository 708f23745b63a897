"""Reading the network, and the lock that a start begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.answers import BootStatus
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations import store
from zaryad.stations.model import DEFAULTS, Connector, Location, LocationId, Settings, Station


async def lock_connector(
    tx: Tx, station_id: StationId, number: int, now: dt.datetime, rules: Settings = DEFAULTS
) -> Connector | None:
    """Lock the connector's row until the end of the transaction and return it: the first lock of everyone."""
    return await store.one_connector(tx, station_id, number, _since(now, rules), lock=True)


async def find_connector(
    tx: Tx, station_id: StationId, number: int, now: dt.datetime, rules: Settings = DEFAULTS
) -> Connector | None:
    """Return the connector without locking it."""
    return await store.one_connector(tx, station_id, number, _since(now, rules), lock=False)


async def connectors_of(
    tx: Tx,
    now: dt.datetime,
    rules: Settings = DEFAULTS,
    *,
    stations: Sequence[str] = (),
    locations: Sequence[LocationId] = (),
) -> list[Connector]:
    """Return the connectors of these stations and locations, by station and number."""
    if not stations and not locations:
        return []
    return await store.connectors_of(tx, _since(now, rules), stations=stations, locations=locations)


async def find_station(tx: Tx, id: StationId, now: dt.datetime, rules: Settings = DEFAULTS) -> Station | None:
    """Return the station with its link."""
    found = await store.stations(tx, _since(now, rules), ids=[id])
    return found[0] if found else None


async def station(tx: Tx, id: StationId, now: dt.datetime, rules: Settings = DEFAULTS) -> Station:
    """Return the station, or DomainError NOT_FOUND."""
    found = await find_station(tx, id, now, rules)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=id)
    return found


async def list_stations(
    tx: Tx,
    now: dt.datetime,
    rules: Settings = DEFAULTS,
    *,
    location_id: LocationId | None = None,
    text: str | None = None,
    open_only: bool = False,
    online: bool | None = None,
    boot_status: BootStatus | None = None,
    has_password: bool | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[Station]:
    """Return stations by id, after the one named."""
    return await store.stations(
        tx,
        _since(now, rules),
        location_id=location_id,
        text=text,
        open_only=open_only,
        online=online,
        boot_status=None if boot_status is None else boot_status.value,
        has_password=has_password,
        after=after,
        limit=limit,
    )


async def location(tx: Tx, id: LocationId) -> Location:
    """Return the location, or DomainError NOT_FOUND."""
    found = await store.one_location(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "location_unknown", location_id=id)
    return found


async def list_locations(
    tx: Tx,
    *,
    box_udeg: tuple[int, int, int, int] | None = None,
    text: str | None = None,
    kind: str | None = None,
    min_power_w: int | None = None,
    all_statuses: bool = False,
    after: LocationId | None = None,
    limit: int = 100,
) -> list[Location]:
    """Return locations by name; `box_udeg` is west, south, east, north."""
    return await store.locations(
        tx,
        box_udeg=box_udeg,
        text=text,
        kind=kind,
        min_power_w=min_power_w,
        all_statuses=all_statuses,
        after=after,
        limit=limit,
    )


def _since(now: dt.datetime, rules: Settings) -> dt.datetime:
    return now - dt.timedelta(seconds=rules.online_within_s)
