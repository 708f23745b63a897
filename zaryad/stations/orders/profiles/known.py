"""What profiles a station has, as far as it told: by taking or clearing ours, and by reporting them."""

from __future__ import annotations

import datetime as dt

from zaryad.link import orders
from zaryad.link.answers import Noted
from zaryad.link.facts import ProfilesPart, StationId
from zaryad.link.orders import ClearProfiles, OrderState, Placed, ReportProfiles, SetProfile
from zaryad.platform.db import Db, Tx
from zaryad.stations.orders.profiles import store
from zaryad.stations.orders.profiles.model import OURS


async def profiles_concluded(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    """Note what an order's end says about profiles; other orders say nothing."""
    match ended.order:
        case SetProfile(connector=connector, profile=profile) if ended.state is OrderState.DONE:
            await store.put_profile(tx, ended.station_id, connector, profile, OURS, now, None)
        case ClearProfiles() if ended.state is OrderState.DONE or ended.detail.get("status") == "Unknown":
            await store.clear_profiles(tx, ended.station_id, ended.order)  # Unknown: it has none of these
        case ReportProfiles() if ended.detail.get("status") == "NoProfiles":
            await _told_all(tx, ended, ended.number)
        case _:
            pass


async def note_profiles(db: Db, fact: ProfilesPart) -> Noted:
    """Note a part of a report; with its last part, what it did not tell of is forgotten."""
    async with db.begin() as tx:
        for profile in fact.profiles:
            await store.put_profile(
                tx, fact.station_id, fact.connector, profile, fact.source, fact.received_at, fact.request
            )
        if fact.last:
            asked = await orders.numbered(tx, fact.station_id, fact.request)
            if asked is not None:
                await _told_all(tx, asked, fact.request)
    return Noted()


async def charge_over(db: Db, station_id: StationId, charge_ref: str) -> None:
    """Note that a transaction has ended: its own profiles end with it (1.6, 3.13.1)."""
    async with db.begin() as tx:
        await store.drop_of_charge(tx, station_id, charge_ref)


async def _told_all(tx: Tx, asked: Placed, request: int) -> None:
    """Forget what was not told, where the question was for everything, or for everything at one place."""
    what = asked.order
    if isinstance(what, ReportProfiles) and what.purpose is None and what.stack_level is None and not what.numbers:
        await store.drop_untold(tx, asked.station_id, request, what.connector)
