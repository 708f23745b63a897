"""Routes of the network. Everybody may look where to charge; staff describe, let in and order about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from zaryad.auth import PUBLIC, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.answers import BootStatus
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.stations import find, network, views
from zaryad.stations.doctor import api as doctor
from zaryad.stations.model import (
    AdminState,
    ConnectorKind,
    ConnectorPlan,
    Location,
    LocationId,
    LocationStatus,
    Settings,
)
from zaryad.stations.onboarding import api as onboarding
from zaryad.stations.views import UDEG, LocationFull, LocationView, PasswordGiven, StationCard, StationView

Limit = Annotated[int, Parameter(ge=1, le=500)]
Words = Annotated[str | None, Parameter(max_length=100)]
DESCRIBE = needs(Role.OPERATOR, Role.TECHNICIAN)


class LocationPage(msgspec.Struct, frozen=True):
    """Locations, and what to ask for next."""

    items: list[LocationView]
    next: str | None


class StationPage(msgspec.Struct, frozen=True):
    """Stations, and what to ask for next."""

    items: list[StationView]
    next: str | None


class CardPage(msgspec.Struct, frozen=True):
    """Stations as staff see them, and what to ask for next."""

    items: list[StationCard]
    next: str | None


class LocationPut(msgspec.Struct, frozen=True, kw_only=True):
    """A location as people describe it; degrees are WGS 84."""

    name: str
    address: str
    city: str
    latitude: float
    longitude: float
    timezone: str
    currency: str
    names: dict[str, str] = {}
    access_notes: str = ""
    status: LocationStatus = "open"


class StationPut(msgspec.Struct, frozen=True, kw_only=True):
    """A station as people describe it; what it says of itself replaces vendor and model at its boot."""

    location_id: UUID
    vendor: str | None = None
    model: str | None = None
    admin_state: AdminState = "active"
    boot_status: BootStatus = BootStatus.ACCEPTED


class ConnectorPut(msgspec.Struct, frozen=True, kw_only=True):
    """A connector as people describe it."""

    kind: ConnectorKind
    power_w: int
    tariff_id: UUID | None = None
    admin_state: AdminState = "active"


@get("/locations", opt=PUBLIC)
async def list_locations(
    *,
    db: Db,
    now: dt.datetime,
    language: str,
    station_rules: Settings,
    bbox: Words = None,
    q: Words = None,
    kind: ConnectorKind | None = None,
    min_power_kw: Annotated[int | None, Parameter(ge=1, le=10_000)] = None,
    after: UUID | None = None,
    limit: Limit = 100,
) -> LocationPage:
    """List open locations by name; `bbox` is west,south,east,north in degrees."""
    async with db.begin() as tx:
        items = await find.list_locations(
            tx,
            box_udeg=None if bbox is None else _box(bbox),
            text=q,
            kind=kind,
            min_power_w=None if min_power_kw is None else min_power_kw * 1_000,
            after=None if after is None else LocationId(after),
            limit=limit,
        )
        connectors = await find.connectors_of(tx, now, station_rules, locations=[item.id for item in items])
    by_place: dict[LocationId, list[Any]] = {}
    for connector in connectors:
        by_place.setdefault(connector.location_id, []).append(connector)
    return LocationPage(
        [views.location_view(item, by_place.get(item.id, ()), language) for item in items],
        str(items[-1].id) if len(items) == limit else None,
    )


@get("/locations/{id:uuid}", opt=PUBLIC)
async def get_location(id: UUID, db: Db, now: dt.datetime, language: str, station_rules: Settings) -> LocationFull:
    """Return one location with its stations."""
    async with db.begin() as tx:
        location = await find.location(tx, LocationId(id))
        stations = await find.list_stations(tx, now, station_rules, location_id=location.id, limit=500)
        connectors = await find.connectors_of(tx, now, station_rules, locations=[location.id])
    return views.location_full(location, stations, connectors, now, language)


@get("/stations", opt=PUBLIC)
async def list_stations(
    *,
    db: Db,
    now: dt.datetime,
    language: str,
    station_rules: Settings,
    q: Words = None,
    location_id: UUID | None = None,
    after: Words = None,
    limit: Limit = 100,
) -> StationPage:
    """List the stations of open locations by id."""
    async with db.begin() as tx:
        items = await find.list_stations(
            tx,
            now,
            station_rules,
            location_id=None if location_id is None else LocationId(location_id),
            text=q,
            open_only=True,
            after=after,
            limit=limit,
        )
        connectors = await find.connectors_of(tx, now, station_rules, stations=[item.id for item in items])
    return StationPage(
        [views.station_view(item, connectors, now, language) for item in items],
        items[-1].id if len(items) == limit else None,
    )


@get("/stations/{id:str}", opt=PUBLIC)
async def get_station(id: str, db: Db, now: dt.datetime, language: str, station_rules: Settings) -> StationView:
    """Return one station with the connectors it offers."""
    async with db.begin() as tx:
        station = await find.station(tx, StationId(id), now, station_rules)
        connectors = await find.connectors_of(tx, now, station_rules, stations=[id])
    return views.station_view(station, connectors, now, language)


@get("/station-cards", opt=DESCRIBE)
async def list_station_cards(
    *,
    db: Db,
    now: dt.datetime,
    language: str,
    station_rules: Settings,
    q: Words = None,
    location_id: UUID | None = None,
    online: bool | None = None,
    boot_status: BootStatus | None = None,
    has_password: bool | None = None,
    after: Words = None,
    limit: Limit = 100,
) -> CardPage:
    """List all stations by id with all that is known of each, for staff: also those that drivers do not see."""
    async with db.begin() as tx:
        items = await find.list_stations(
            tx,
            now,
            station_rules,
            location_id=None if location_id is None else LocationId(location_id),
            text=q,
            online=online,
            boot_status=boot_status,
            has_password=has_password,
            after=after,
            limit=limit,
        )
        connectors = await find.connectors_of(tx, now, station_rules, stations=[item.id for item in items])
    own: dict[StationId, list[views.ConnectorCard]] = {item.id: [] for item in items}
    for connector in connectors:
        own[connector.station_id].append(views.connector_card(connector, now, language))
    cards = [StationCard(station=item, connectors=own[item.id]) for item in items]
    return CardPage(cards, items[-1].id if len(items) == limit else None)


@get("/stations/{id:str}/card", opt=DESCRIBE)
async def get_station_card(id: str, db: Db, now: dt.datetime, language: str, station_rules: Settings) -> StationCard:
    """Return all that is known of a station and its connectors, for staff."""
    async with db.begin() as tx:
        station = await find.station(tx, StationId(id), now, station_rules)
        connectors = await find.connectors_of(tx, now, station_rules, stations=[id])
    return StationCard(
        station=station, connectors=[views.connector_card(connector, now, language) for connector in connectors]
    )


@put("/locations/{id:uuid}", opt=needs(Role.OPERATOR))
async def put_location(
    *, id: UUID, data: LocationPut, db: Db, now: dt.datetime, language: str, station_rules: Settings
) -> LocationFull:
    """Describe a location; the id is the client's."""
    values = msgspec.structs.asdict(data)
    location = Location(
        id=LocationId(id),
        latitude_udeg=round(values.pop("latitude") * UDEG),
        longitude_udeg=round(values.pop("longitude") * UDEG),
        **values,
    )
    async with db.begin() as tx:
        await network.put_location(tx, location)
        stations = await find.list_stations(tx, now, station_rules, location_id=location.id, limit=500)
        connectors = await find.connectors_of(tx, now, station_rules, locations=[location.id])
    return views.location_full(location, stations, connectors, now, language)


@put("/stations/{id:str}", opt=DESCRIBE)
async def put_station(
    *, id: str, data: StationPut, db: Db, now: dt.datetime, language: str, station_rules: Settings
) -> StationCard:
    """Describe a station."""
    async with db.begin() as tx:
        await network.put_station(
            tx,
            StationId(id),
            LocationId(data.location_id),
            vendor=data.vendor,
            model=data.model,
            admin_state=data.admin_state,
            boot_status=data.boot_status,
        )
        station = await find.station(tx, StationId(id), now, station_rules)
        connectors = await find.connectors_of(tx, now, station_rules, stations=[id])
    return StationCard(
        station=station, connectors=[views.connector_card(connector, now, language) for connector in connectors]
    )


@put("/stations/{id:str}/connectors/{number:int}", opt=DESCRIBE, status_code=204)
async def put_connector(id: str, number: int, data: ConnectorPut, db: Db) -> None:
    """Describe a connector; from then on drivers see it."""
    plan = ConnectorPlan(number=number, **msgspec.structs.asdict(data))
    async with db.begin() as tx:
        await network.put_connector(tx, StationId(id), plan)


@post("/stations/{id:str}/password", opt=needs(Role.TECHNICIAN), status_code=200)
async def renew_password(id: str, db: Db, now: dt.datetime, station_key: bytes) -> PasswordGiven:
    """Give the station a new random password; the old one stops at once."""
    async with db.begin() as tx:
        return PasswordGiven(await network.set_password(tx, StationId(id), station_key, now))


@delete("/stations/{id:str}/password", opt=needs(Role.TECHNICIAN), status_code=204)
async def remove_password(id: str, db: Db, now: dt.datetime) -> None:
    """Let the station in without a password (security profile 0)."""
    async with db.begin() as tx:
        await network.clear_password(tx, StationId(id), now)


def _box(text: str) -> tuple[int, int, int, int]:
    try:
        west, south, east, north = (int(Decimal(part) * UDEG) for part in text.split(","))
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise DomainError(Kind.INVALID, "bbox_invalid", bbox=text) from error
    return west, south, east, north


routes: list[Any] = [
    list_locations,
    get_location,
    list_stations,
    get_station,
    list_station_cards,
    get_station_card,
    put_location,
    put_station,
    put_connector,
    renew_password,
    remove_password,
    *onboarding.routes,
    *doctor.routes,
]
