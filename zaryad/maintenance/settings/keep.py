"""Keeps configurations as they should be: after a boot, after a change of firmware, and now and then."""

from __future__ import annotations

import datetime as dt

from zaryad import stations
from zaryad.link.facts import Booted, StationId
from zaryad.maintenance.settings import store
from zaryad.maintenance.settings.bring import as_target, bring, read_all, read_some
from zaryad.maintenance.settings.model import Settings
from zaryad.platform import jobs
from zaryad.platform.db import Db

AUTHOR = "system:configuration"
SETTLES = dt.timedelta(seconds=20)  # after a boot, before it is asked anything: it has its own to tell first
REPORTS_KEPT = dt.timedelta(days=30)
ASKED_AGAIN = dt.timedelta(minutes=30)  # a station that boots in a loop is not asked each time


async def booted(db: Db, rules: Settings, fact: Booted) -> None:
    """Have the station looked at once it has come up, if there is anything to look at; most boots need nothing."""
    async with db.begin() as tx:
        known = await store.model(tx, fact.station_id)
        again = await store.rebooted(tx, fact.station_id)
        stale = known is None or known["asked_at"] is None or fact.received_at - known["asked_at"] > ASKED_AGAIN
        changed = known is None or (known["firmware"], known["protocol"]) != (fact.firmware, fact.protocol)
        if again or (stale and (changed or rules.automatic)):
            await jobs.defer(
                tx,
                "maintenance.look_at_settings",
                at=fact.received_at + SETTLES,
                station_id=fact.station_id,
                whole=changed and stale,
                keys=",".join(again)[:20_000],
            )


async def look_at(db: Db, rules: Settings, station_id: StationId, now: dt.datetime, *, whole: bool, keys: str) -> None:
    """Read what has to be read, and bring the station to what is wanted of it. Twice is as good as once."""
    async with db.begin() as tx:
        found = await stations.find_station(tx, station_id, now)
        if found is None or not found.online:
            return  # its next boot begins anew
        it = as_target(found)
        if whole:
            await read_all(tx, it, rules, AUTHOR, now)  # once it is read, `bring_back` follows
            return
        if keys:
            known = await store.reported(tx, it.id, keys.split(","))
            names = [told.key for told in known.values()]
            await read_some(tx, it, rules, names, AUTHOR, now)
        if rules.automatic:
            await bring(tx, it, rules, AUTHOR, now)


async def sweep(db: Db, rules: Settings, now: dt.datetime) -> int:
    """Read anew what was read long ago, a few stations a round, and forget old reports. Returns how many were asked."""
    async with db.begin() as tx:
        await store.forget_reports(tx, now - REPORTS_KEPT)
    asked, after = 0, None
    while asked < rules.read_at_once:
        async with db.begin() as tx:
            page = await stations.list_stations(tx, now, after=after, limit=500)
            if not page:
                return asked
            after = page[-1].id
            online = [it for it in page if it.online and it.admin_state != "disabled"]
            before = now - dt.timedelta(hours=rules.read_again_after_h)
            due = set(await store.unread(tx, [it.id for it in online], before))
            for it in online:
                if it.id in due and asked < rules.read_at_once:
                    await read_all(tx, as_target(it), rules, AUTHOR, now)
                    asked += 1
    return asked


async def bring_back(db: Db, rules: Settings, station_id: StationId, now: dt.datetime) -> None:
    """Bring back what differs from what is wanted, once all settings have been told."""
    if not rules.automatic:
        return
    async with db.begin() as tx:
        found = await stations.find_station(tx, station_id, now)
        if found is not None:
            await bring(tx, as_target(found), rules, AUTHOR, now)
