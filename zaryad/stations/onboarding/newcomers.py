"""Strangers that are accepted at their first knock: under maintenance until a person has looked, so many an hour."""

from __future__ import annotations

import datetime as dt

from zaryad.kernel.ids import derived_id
from zaryad.link.facts import StationId
from zaryad.platform.bus import part
from zaryad.platform.db import Tx
from zaryad.stations import store
from zaryad.stations.model import Location, LocationId, OcppSettings
from zaryad.stations.onboarding import store as strangers

UNASSIGNED = LocationId(derived_id("location", "unassigned"))
HOUR = dt.timedelta(hours=1)


async def accept(tx: Tx, station_id: StationId, rules: OcppSettings, currency: str, now: dt.datetime) -> bool:
    """Make a station of a stranger; False when this hour has had enough of them."""
    if await strangers.accepted_since(tx, now - HOUR) >= rules.accept_per_hour:
        return False
    location_id = UNASSIGNED if rules.accept_into is None else LocationId(rules.accept_into)
    if await store.one_location(tx, location_id) is None:
        await store.put_location(tx, _unassigned(location_id, currency))
    values = {"location_id": location_id, "admin_state": "maintenance", "origin": "accepted", "created_at": now}
    await strangers.add_station(tx, station_id, values)
    await strangers.drop_knock(tx, station_id)
    tx.hint(f"station.{part(station_id)}", b"station")
    return True


def _unassigned(id: LocationId, currency: str) -> Location:
    return Location(
        id=id,
        name="Unassigned",
        names={"ru": "Не распределены", "ky": "Бөлүштүрүлө элек", "en": "Unassigned"},
        address="-",
        city="-",
        latitude_udeg=0,
        longitude_udeg=0,
        timezone="UTC",
        currency=currency,
        status="planned",
    )
