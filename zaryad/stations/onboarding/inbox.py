"""The inbox of stations that were turned away: each is approved, forgotten or banned by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.door import Approach
from zaryad.link.facts import Booted, StationId
from zaryad.platform.db import Tx
from zaryad.stations import network, store
from zaryad.stations.model import Ban, ConnectorPlan, Knock, LocationId, speakable
from zaryad.stations.onboarding import store as strangers
from zaryad.stations.onboarding.model import NOTE_MAX


async def list_knocks(tx: Tx, *, limit: int = 100, before: dt.datetime | None = None) -> list[Knock]:
    """Return who knocked, latest first."""
    return await strangers.knocks(tx, limit, before)


async def note(tx: Tx, approach: Approach, reason: str, now: dt.datetime) -> dt.datetime | None:
    """Write down who was turned away and why; when it last said who it is, None for never."""
    values = {
        "station_id": approach.station_id,
        "address": clean(approach.address, 64),
        "user_agent": clean(approach.user_agent, 200),
        "subprotocols": [clean(name, 40) for name in approach.offered[:10]],
        "had_password": approach.password is not None,
        "reason": reason,
        "tls": approach.tls,
    }
    return await strangers.note_knock(tx, values, now)


async def learn(tx: Tx, fact: Booted) -> bool:
    """Keep what a stranger says of itself, next to its knock; False when that is gone."""
    values = {
        "vendor": clean(fact.vendor, 50),
        "model": clean(fact.model, 50),
        "serial": clean(fact.serial or "", 50) or None,
        "firmware": clean(fact.firmware or "", 100) or None,
        "learned_at": fact.received_at,
    }
    return await strangers.write_learned(tx, fact.station_id, values)


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
    knock = await strangers.one_knock(tx, station_id)
    if knock is None or not await strangers.drop_knock(tx, station_id):
        raise DomainError(Kind.NOT_FOUND, "knock_unknown", station_id=station_id)
    await network.put_station(tx, station_id, location_id, vendor=knock.vendor, model=knock.model)
    for plan in connectors:
        await network.put_connector(tx, station_id, plan)
    return await network.set_password(tx, station_id, key, now) if with_password else None


async def forget(tx: Tx, station_id: StationId) -> bool:
    """Take a knock out of the inbox; False when there is none. It may knock again."""
    return await strangers.drop_knock(tx, station_id)


async def put_ban(tx: Tx, station_id: StationId, by: UUID, note: str, now: dt.datetime) -> None:
    """Turn an identity away without a trace from now on.

    DomainError CONFLICT for a station of ours, which is disabled instead.
    """
    if not speakable(station_id):
        raise DomainError(Kind.INVALID, "station_id_invalid", station_id=station_id)
    if len(note) > NOTE_MAX:
        raise DomainError(Kind.INVALID, "note_too_long", most=NOTE_MAX)
    if await store.at_the_door(tx, station_id) is not None:
        raise DomainError(Kind.CONFLICT, "ban_of_a_station", station_id=station_id)
    await strangers.put_ban(tx, Ban(station_id=station_id, banned_at=now, banned_by=by, note=note))
    await strangers.drop_knock(tx, station_id)


async def lift_ban(tx: Tx, station_id: StationId) -> bool:
    """Let the identity knock again; False when it was not banned."""
    return await strangers.drop_ban(tx, station_id)


async def list_bans(tx: Tx, *, limit: int = 100, after: str | None = None) -> list[Ban]:
    """Return who is banned, by identity."""
    return await strangers.bans(tx, limit, after)


def clean(text: str, most: int) -> str:
    """Cut what a stranger said to a length, and to what can be shown."""
    return "".join(letter for letter in text[:most] if letter.isprintable())
