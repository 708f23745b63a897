"""What a session keeps of its place: as it was called and priced when the session began."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from zaryad import stations, tariffs
from zaryad.charging.authorize import currency_at
from zaryad.charging.model import Session, Settings
from zaryad.kernel.errors import DomainError
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations import Connector
from zaryad.tariffs import TariffVersion

NOWHERE = "UTC"


def kept(place: Connector, rules: Settings) -> dict[str, Any]:
    """Return the fields of a session that tell of its connector."""
    return {
        "station_id": place.station_id,
        "connector": place.number,
        "currency": place.currency,
        "timezone": place.timezone,
        "location_id": place.location_id,
        "location_name": place.location_name,
        "address": place.address,
        "connector_kind": place.kind,
        "power_w": place.power_w,
        "believed_w": place.power_w * rules.believed_percent // 100,
    }


async def lock(tx: Tx, station_id: StationId, number: int, now: dt.datetime) -> Connector | None:
    """Lock the connector a fact tells of, made up if nobody described it; None where there cannot be one."""
    if not await stations.ensure_connector(tx, station_id, number):
        return None
    return await stations.lock_connector(tx, station_id, number, now)


async def kept_of(
    tx: Tx, place: Connector | None, rules: Settings, station_id: StationId, number: int, *, now: dt.datetime
) -> dict[str, Any]:
    """Return the same fields for a fact, also where the connector is one that cannot be."""
    if place is not None:
        return kept(place, rules)
    currency = await currency_at(tx, station_id, now)
    return {"station_id": station_id, "connector": number, "currency": currency, "timezone": NOWHERE}


def where(place: Connector, driver_id: UUID | None) -> tariffs.Where:
    """Return what a place's and a driver's tariff is looked up by."""
    return tariffs.Where(
        currency=place.currency,
        tariff_id=place.tariff_id,
        station_id=place.station_id,
        connector=place.number,
        location_id=place.location_id,
        person_id=driver_id,
    )


async def priced(
    tx: Tx, place: Connector | None, at: dt.datetime, driver_id: UUID | None = None
) -> TariffVersion | None:
    """Return the version in force there at the moment energy began to flow; None where there is no price."""
    if place is None:
        return None
    try:
        return await tariffs.quote(tx, place.tariff_id, place.currency, at, where=where(place, driver_id))
    except DomainError:
        return None


async def about(
    tx: Tx, session: Session, version: TariffVersion, at: dt.datetime, place: Connector | None = None
) -> tariffs.About:
    """Return what the restrictions of a session's version are judged by: its place, its driver, the calendar there."""
    return await tariffs.about_for(
        tx,
        version,
        timezone=session.timezone,
        at=at,
        connector=session.connector_kind if place is None else place.kind,
        plate_w=session.power_w if place is None else place.power_w,
        person_id=session.driver_id,
    )


def about_kept(session: Session) -> tariffs.About:
    """Return the same as it was when the session began: it is kept with the running bill."""
    running = None if session.running is None else msgspec.convert(session.running, tariffs.Running)
    return tariffs.NOTHING if running is None or running.more is None else running.more.about
