"""The inbox of stations that were turned away, and how one is let in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations import network, store
from zaryad.stations.model import ConnectorPlan, Knock, LocationId


async def list_knocks(tx: Tx, *, limit: int = 100, before: dt.datetime | None = None) -> list[Knock]:
    """Return who knocked, latest first."""
    return await store.knocks(tx, limit, before)


async def approve(
    tx: Tx,
    station_id: StationId,
    location_id: LocationId,
    connectors: Sequence[ConnectorPlan],
    *,
    key: bytes,
    now: dt.datetime,
    with_password: bool,
) -> str | None:
    """Make a station of a knock, in one step; its new password when it is to have one, which is shown once.

    DomainError NOT_FOUND when it never knocked, CONFLICT when it is a station already (its password was wrong).
    """
    if await store.at_the_door(tx, station_id) is not None:
        raise DomainError(Kind.CONFLICT, "station_known", station_id=station_id)
    if not await store.drop_knock(tx, station_id):
        raise DomainError(Kind.NOT_FOUND, "knock_unknown", station_id=station_id)
    await network.put_station(tx, station_id, location_id)
    for plan in connectors:
        await network.put_connector(tx, station_id, plan)
    return await network.set_password(tx, station_id, key, now) if with_password else None


async def forget(tx: Tx, station_id: StationId) -> bool:
    """Take a knock out of the inbox; False when there is none."""
    return await store.drop_knock(tx, station_id)
