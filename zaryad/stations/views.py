"""The network as the API shows it: to everyone what a driver needs, to staff all there is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from zaryad.link.facts import StationId
from zaryad.link.station import evse_of
from zaryad.stations.model import AdminState, Connector, ConnectorKind, Location, LocationId, LocationStatus, Station
from zaryad.stations.state import Shown, shown, worst
from zaryad.ui.i18n import catalogue, t

UDEG = 1_000_000


class ConnectorView(msgspec.Struct, frozen=True, kw_only=True):
    """A connector as a driver sees it. `state` is one of ten, `reported` the station's own last word, however old."""

    number: int
    kind: ConnectorKind
    power_w: int
    state: Shown
    state_text: str
    reported: str | None
    state_at: dt.datetime | None
    state_age_s: int | None
    tariff_id: str | None


class StationView(msgspec.Struct, frozen=True, kw_only=True):
    """A station as a driver sees it, with the connectors that are offered."""

    id: StationId
    location_id: LocationId
    vendor: str | None
    model: str | None
    state: Shown
    online: bool
    last_seen_at: dt.datetime | None
    connectors: list[ConnectorView]


class LocationView(msgspec.Struct, frozen=True, kw_only=True):
    """A site; `state` is the worst of its connectors, `free` of `total` can be plugged in now."""

    id: LocationId
    name: str
    address: str
    city: str
    latitude: float
    longitude: float
    timezone: str
    currency: str
    access_notes: str
    status: LocationStatus
    state: Shown
    free: int
    total: int
    kinds: list[ConnectorKind]
    max_power_w: int


class LocationFull(LocationView, frozen=True, kw_only=True):
    """A site with its stations."""

    stations: list[StationView]


class ConnectorCard(ConnectorView, frozen=True, kw_only=True):
    """A connector as staff see it, offered or not; `evse` and `outlet` are how OCPP 2.x names it."""

    evse: int
    outlet: int
    admin_state: AdminState
    confirmed: bool
    error_code: str | None


class StationCard(msgspec.Struct, frozen=True, kw_only=True):
    """A station as staff see it."""

    station: Station
    connectors: list[ConnectorCard]


class PasswordGiven(msgspec.Struct, frozen=True):
    """The station's new password, shown this once; null when it has none."""

    password: str | None


def reason_text(language: str, reason: str) -> str:
    """Say why a try to connect failed; what TLS libraries say is shown as it is."""
    key = f"attempt.{reason}"
    return t(language, key) if catalogue().has(language, key) else reason.replace("_", " ")


def connector_view(it: Connector, now: dt.datetime, language: str) -> ConnectorView:
    """Show one connector."""
    return ConnectorView(**_fields(it, now, language))  # type: ignore[arg-type]  # the fields are checked by a test


def connector_card(it: Connector, now: dt.datetime, language: str) -> ConnectorCard:
    """Show one connector to staff."""
    return ConnectorCard(
        **_fields(it, now, language),  # type: ignore[arg-type]  # the fields are checked by a test
        evse=evse_of(it.number)[0],
        outlet=evse_of(it.number)[1],
        admin_state=it.admin_state,
        confirmed=it.confirmed,
        error_code=it.error_code,
    )


def station_view(it: Station, connectors: Iterable[Connector], now: dt.datetime, language: str) -> StationView:
    """Show one station."""
    own = [connector for connector in connectors if connector.station_id == it.id and connector.confirmed]
    return StationView(
        id=it.id,
        location_id=it.location_id,
        vendor=it.vendor,
        model=it.model,
        state=worst(shown(connector) for connector in own),
        online=it.online,
        last_seen_at=it.last_seen_at,
        connectors=[connector_view(connector, now, language) for connector in own],
    )


def location_view(it: Location, connectors: Iterable[Connector], language: str) -> LocationView:
    """Show one location in a list."""
    return LocationView(**_site(it, connectors, language))  # type: ignore[arg-type]  # the fields are checked by a test


def location_full(
    it: Location, stations: Sequence[Station], connectors: Sequence[Connector], now: dt.datetime, language: str
) -> LocationFull:
    """Show one location with its stations."""
    shown_stations = [station_view(station, connectors, now, language) for station in stations]
    return LocationFull(
        **_site(it, connectors, language),  # type: ignore[arg-type]  # the fields are checked by a test
        stations=shown_stations,
    )


def _fields(it: Connector, now: dt.datetime, language: str) -> dict[str, object]:
    state = shown(it)
    return {
        "number": it.number,
        "kind": it.kind,
        "power_w": it.power_w,
        "state": state,
        "state_text": t(language, f"connector.{state.value}"),
        "reported": None if it.state is None else it.state.value,
        "state_at": it.state_at,
        "state_age_s": None if it.state_at is None else max(0, int((now - it.state_at).total_seconds())),
        "tariff_id": None if it.tariff_id is None else str(it.tariff_id),
    }


def _site(it: Location, connectors: Iterable[Connector], language: str) -> dict[str, object]:
    own = [connector for connector in connectors if connector.location_id == it.id and connector.confirmed]
    states = [shown(connector) for connector in own]
    return {
        "id": it.id,
        "name": it.name_in(language),
        "address": it.address,
        "city": it.city,
        "latitude": it.latitude_udeg / UDEG,
        "longitude": it.longitude_udeg / UDEG,
        "timezone": it.timezone,
        "currency": it.currency,
        "access_notes": it.access_notes,
        "status": it.status,
        "state": worst(states),
        "free": states.count(Shown.AVAILABLE),
        "total": len(states),
        "kinds": sorted({connector.kind for connector in own}),
        "max_power_w": max((connector.power_w for connector in own), default=0),
    }
