"""Where to charge: the list of places, and one place with its connectors, each state with its age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from zaryad import stations, tariffs
from zaryad.auth import PUBLIC, Caller
from zaryad.charging import store
from zaryad.charging.pages import prices
from zaryad.charging.pages.kit import templates, why_not
from zaryad.charging.place import where
from zaryad.platform.db import Db, Tx
from zaryad.stations import Connector, Location, LocationId, Shown
from zaryad.tariffs import TariffVersion
from zaryad.ui import format as f
from zaryad.ui.i18n import t
from zaryad.ui.render import Frame

KINDS = ("type2", "ccs2", "gbt_dc", "gbt_ac", "chademo")
PAGE = 30
UDEG = 1_000_000

Words = Annotated[str, Parameter(max_length=100)]
Prices = dict[tuple[str, int], TariffVersion]  # by station and connector


class PlaceCard(msgspec.Struct, frozen=True):
    """A place in the list."""

    id: UUID
    name: str
    address: str
    shown: str
    free_told: str
    kinds_told: str
    price: str | None
    next_price: str | None
    freshness: str | None


class ConnectorCard(msgspec.Struct, frozen=True):
    """A connector to choose."""

    station_id: str
    number: int
    kind: str
    power_w: int
    shown: str
    price: str | None
    next_price: str | None
    freshness: str
    why_not: str | None
    location_id: UUID
    location_name: str


class StationCard(msgspec.Struct, frozen=True):
    """A station at a place."""

    id: str
    connectors: list[ConnectorCard]


@get("/", opt=PUBLIC, include_in_schema=False)
async def find_page(
    *,
    db: Db,
    now: dt.datetime,
    frame: Frame,
    visitor: Caller | None,
    station_rules: stations.Settings,
    q: Words = "",
    kind: Words = "",
    after: UUID | None = None,
) -> Response[str]:
    """List places by name, with what is free, the price now and its next step."""
    kind = kind if kind in KINDS else ""
    async with db.begin() as tx:
        found = await stations.list_locations(
            tx, text=q.strip() or None, kind=kind or None, after=LocationId(after) if after else None, limit=PAGE + 1
        )
        page = found[:PAGE]
        connectors = await stations.connectors_of(tx, now, station_rules, locations=[place.id for place in page])
        versions = await versions_of(tx, connectors, now, None if visitor is None else visitor.person_id)
        running = None if visitor is None else await store.live_of_driver(tx, visitor.person_id)
    return templates.page(
        "find.html",
        frame,
        running=None if running is None else {"id": running.id, "place": running.location_name},
        places=[_place(frame, place, connectors, versions) for place in page],
        text=q,
        kind=kind,
        kinds=KINDS,
        next=f"/?q={q}&kind={kind}&after={page[-1].id}" if len(found) > PAGE else None,
    )


@get("/locations/{id:uuid}", opt=PUBLIC, include_in_schema=False)
async def location_page(
    id: UUID, db: Db, now: dt.datetime, frame: Frame, station_rules: stations.Settings
) -> Response[str]:
    """Show one place with its stations and connectors."""
    async with db.begin() as tx:
        place = await stations.location(tx, LocationId(id))
        here = await stations.list_stations(tx, now, station_rules, location_id=place.id, limit=200)
        connectors = await stations.connectors_of(tx, now, station_rules, locations=[place.id])
        versions = await versions_of(tx, connectors, now)
    cards = [connector_card(frame, each, versions) for each in connectors if each.confirmed]
    return templates.page(
        "location.html",
        frame,
        place={
            "name": place.name_in(frame.language),
            "address": place.address,
            "notes": place.access_notes,
            "latitude": _degrees(place.latitude_udeg),
            "longitude": _degrees(place.longitude_udeg),
        },
        stations=[StationCard(it.id, [card for card in cards if card.station_id == it.id]) for it in here],
        error=None,
    )


async def versions_of(
    tx: Tx, connectors: Sequence[Connector], now: dt.datetime, driver_id: UUID | None = None
) -> Prices:
    """Return what is in force at each of these connectors, for a driver; what has no price is left out."""
    found = await tariffs.quotes(tx, [where(each, driver_id) for each in connectors], now)
    pairs = zip(connectors, found, strict=True)
    return {(each.station_id, each.number): version for each, version in pairs if version is not None}


def about_place(it: Connector) -> tariffs.About:
    """Return what restrictions on a connector are judged by before anybody charges."""
    return tariffs.About(connector=it.kind, plate_w=it.power_w)


def connector_card(frame: Frame, it: Connector, versions: Prices) -> ConnectorCard:
    """Put a connector into words."""
    version = versions.get((it.station_id, it.number))
    language = frame.language
    price = (
        None
        if version is None
        else prices.told(language, tariffs.price_now(version, it.timezone, frame.now, about_place(it)))
    )
    return ConnectorCard(
        station_id=it.station_id,
        number=it.number,
        kind=it.kind,
        power_w=it.power_w,
        shown=stations.shown(it).value,
        price=price,
        next_price=None if version is None else prices.next_told(language, version, it.timezone, frame.now),
        freshness=_freshness(frame, it),
        why_not=why_not(language, it),
        location_id=it.location_id,
        location_name=it.location_name,
    )


def _place(frame: Frame, place: Location, connectors: Sequence[Connector], versions: Prices) -> PlaceCard:
    language = frame.language
    own = [each for each in connectors if each.location_id == place.id and each.confirmed]
    states = [stations.shown(each) for each in own]
    free = states.count(Shown.AVAILABLE)
    best = Shown.AVAILABLE if free else _most_hopeful(states)
    cheapest = _cheapest(own, versions, frame.now)
    told = (
        t(language, "driver.find.free", free=free, total=len(own)) if free else t(language, f"connector.{best.value}")
    )
    price = next_price = None
    if cheapest is not None:
        price = prices.told(language, tariffs.price_now(cheapest, place.timezone, frame.now))
        if len({version.id for each in own if (version := versions.get((each.station_id, each.number)))}) > 1:
            price = t(language, "driver.price.least", price=price)
        else:
            next_price = prices.next_told(language, cheapest, place.timezone, frame.now)
    return PlaceCard(
        id=place.id,
        name=place.name_in(language),
        address=", ".join(part for part in (place.city, place.address) if part),
        shown=best.value,
        free_told=told,
        kinds_told=_kinds(language, own),
        price=price,
        next_price=next_price,
        freshness=_silence(frame, own) if best is Shown.OFFLINE else None,
    )


def _most_hopeful(states: Sequence[Shown]) -> Shown:
    """With nothing free, the state nearest to becoming free speaks for the place."""
    order = list(Shown)
    return max(states, key=order.index, default=Shown.OFFLINE)


def _cheapest(own: Sequence[Connector], versions: Prices, now: dt.datetime) -> TariffVersion | None:
    priced = [
        (tariffs.price_now(version, each.timezone, now, about_place(each)).per_kwh_e4 or 0, str(version.id), version)
        for each in own
        if (version := versions.get((each.station_id, each.number))) is not None
    ]
    return min(priced, key=lambda each: each[:2])[2] if priced else None


def _kinds(language: str, own: Sequence[Connector]) -> str:
    """Return "GB/T DC 120 кВт · CCS2 60 кВт": each kind with the most it gives, the strongest first."""
    most: dict[str, int] = {}
    for each in own:
        most[each.kind] = max(most.get(each.kind, 0), each.power_w)
    ranked = sorted(most.items(), key=lambda item: (-item[1], item[0]))
    return " · ".join(f"{t(language, f'ui.kind.{kind}')} {f.rated_power(language, watts)}" for kind, watts in ranked)


def _silence(frame: Frame, own: Sequence[Connector]) -> str:
    heard = [each.last_seen_at for each in own if each.last_seen_at is not None]
    if not heard:
        return t(frame.language, "driver.location.never")
    return t(frame.language, "driver.find.since", age=f.age(frame.language, max(heard), frame.now, own[0].timezone))


def _freshness(frame: Frame, it: Connector) -> str:
    language = frame.language
    if it.last_seen_at is None:
        return t(language, "driver.location.never")
    heard = t(language, "driver.location.heard", age=f.age(language, it.last_seen_at, frame.now, it.timezone))
    if it.online or it.state is None:
        return heard
    last = t(language, f"connector.{it.state.value}")
    return f"{heard}. {t(language, 'driver.location.no_link', state=last)}"


def _degrees(udeg: int) -> str:
    return f"{'-' if udeg < 0 else ''}{abs(udeg) // UDEG}.{abs(udeg) % UDEG:06}"


routes = [find_page, location_page]
