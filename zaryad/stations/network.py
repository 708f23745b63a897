"""Describing the network: locations, stations, connectors, passwords. The same description again changes nothing."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.answers import BootStatus
from zaryad.link.facts import StationId
from zaryad.link.station import EVSES_MAX, numbered
from zaryad.platform.bus import part
from zaryad.platform.db import Tx
from zaryad.stations import find, store
from zaryad.stations.model import AdminState, ConnectorPlan, Location, LocationId, speakable
from zaryad.stations.onboarding import store as strangers
from zaryad.stations.password import PRESENTED_MAX, new_password, password_hash
from zaryad.stations.security import store as changes

NAME_MAX, ADDRESS_MAX, NOTES_MAX = 200, 300, 2_000
POWER_W_MAX = 10_000_000


async def put_location(tx: Tx, it: Location) -> bool:
    """Write a location; whether it is new. DomainError INVALID for a place or a zone that does not exist."""
    if not it.name.strip() or len(it.name) > NAME_MAX or len(it.address) > ADDRESS_MAX or len(it.city) > NAME_MAX:
        raise DomainError(Kind.INVALID, "location_text_invalid", name_max=NAME_MAX, address_max=ADDRESS_MAX)
    if len(it.access_notes) > NOTES_MAX or len(it.names) > 10 or any(len(n) > NAME_MAX for n in it.names.values()):
        raise DomainError(Kind.INVALID, "location_text_invalid", name_max=NAME_MAX, address_max=ADDRESS_MAX)
    if abs(it.latitude_udeg) > 90_000_000 or abs(it.longitude_udeg) > 180_000_000:
        raise DomainError(Kind.INVALID, "coordinates_invalid")
    if it.timezone not in zoneinfo.available_timezones():
        raise DomainError(Kind.INVALID, "timezone_unknown", timezone=it.timezone)
    if not (len(it.currency) == 3 and it.currency.isascii() and it.currency.isupper()):
        raise DomainError(Kind.INVALID, "currency_unknown", currency=it.currency)
    return await store.put_location(tx, it)


async def put_station(
    tx: Tx,
    id: StationId,
    location_id: LocationId,
    *,
    vendor: str | None = None,
    model: str | None = None,
    admin_state: AdminState = "active",
    boot_status: BootStatus = BootStatus.ACCEPTED,
) -> bool:
    """Write what people decide about a station; whether it is new. It also leaves the inbox, and is banned no more.

    Vendor and model are a first guess: the station's own word replaces them at its boot, so they are
    written only when given.
    """
    if not speakable(id):
        raise DomainError(Kind.INVALID, "station_id_invalid", station_id=id)
    await find.location(tx, location_id)
    values: dict[str, object] = {
        "location_id": location_id,
        "admin_state": admin_state,
        "boot_status": boot_status.value,
    }
    values |= {name: text for name, text in (("vendor", vendor), ("model", model)) if text is not None}
    new = await store.put_station(tx, id, values)
    await strangers.out_of_the_inbox(tx, [id])
    tx.hint(f"station.{part(id)}", b"station")
    return new


async def put_connector(tx: Tx, station_id: StationId, plan: ConnectorPlan) -> None:
    """Write what people decide about a connector; from then on it is offered to drivers."""
    check_connector(plan)
    if await store.at_the_door(tx, station_id) is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    values = {
        "kind": plan.kind,
        "power_w": plan.power_w,
        "tariff_id": plan.tariff_id,
        "admin_state": plan.admin_state,
    }
    await store.put_connector(tx, station_id, plan.number, values)
    tx.hint(f"station.{part(station_id)}", b"connector")


def check_connector(plan: ConnectorPlan) -> None:
    """Raise DomainError INVALID for what no connector is."""
    if plan.number == 0 or not numbered(plan.number):
        raise DomainError(Kind.INVALID, "connector_number_invalid", number=plan.number, most=EVSES_MAX)
    if plan.kind == "unknown" or not 0 < plan.power_w <= POWER_W_MAX:
        raise DomainError(Kind.INVALID, "connector_power_invalid", power_w=plan.power_w, most=POWER_W_MAX)


def check_password(password: str) -> None:
    """Raise DomainError INVALID for a password that no station should have."""
    if not 8 <= len(password.encode()) <= PRESENTED_MAX // 2:
        raise DomainError(Kind.INVALID, "station_password_length", least=8, most=PRESENTED_MAX // 2)


async def set_password(tx: Tx, station_id: StationId, key: bytes, now: dt.datetime, password: str | None = None) -> str:
    """Give the station a password, a new random one unless it is named, and return it: it can never be read again."""
    chosen = new_password() if password is None else password
    check_password(chosen)
    stored = password_hash(key, station_id, chosen.encode())
    # One that the station is being given over its connection stays good beside it: that order may be on its way.
    if not await store.write_station(tx, station_id, password_hash=stored, password_set_at=now):
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    return chosen


async def clear_password(tx: Tx, station_id: StationId, now: dt.datetime) -> None:
    """Let the station in without a password: security profile 0, for bringing old boxes up."""
    values = {"password_hash": None, "password_hash_next": None, "password_set_at": now, "profile_floor": 0}
    if not await store.write_station(tx, station_id, **values):
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    await changes.end_rotation(tx, station_id, "kept", now, "the station has no password any more")
