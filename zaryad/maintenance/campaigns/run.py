"""Campaigns: one firmware to many stations, a few first, in their own night, and not on when it goes wrong.

A campaign is rows and a sweep: it goes on after any restart, and two workers at once do it once.
"""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

import msgspec
import structlog
from prometheus_client import Counter

from zaryad import charging, stations
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import derived_id, new_id
from zaryad.link.facts import StationId
from zaryad.maintenance.campaigns import store
from zaryad.maintenance.campaigns.model import Campaign, CampaignId, Counts, Item, Plan
from zaryad.maintenance.files.model import Settings as Files
from zaryad.maintenance.firmware.model import Firmware, Settings, UpdateId
from zaryad.maintenance.firmware.update import find_firmware, update
from zaryad.platform.db import Db, Tx
from zaryad.stations import Station

log = structlog.get_logger()

HALTED = Counter("zaryad_campaigns_halted_total", "Campaigns that stopped themselves because too many stations failed")
PAGE = 500
BUSY = (charging.State.STARTING, charging.State.CHARGING)
LOOKED_AT = 200  # stations that one round of a campaign looks at


async def create(  # noqa: PLR0917  # what, for whom, how
    tx: Tx, id: CampaignId, name: str, firmware: Firmware, plan: Plan, author: str, now: dt.datetime
) -> Campaign:
    """Write a campaign down with the stations it is for, as they are now; it starts when it is told to."""
    plan.check()
    if not 0 < len(name.strip()) <= 100:
        raise DomainError(Kind.INVALID, "campaign_plan_invalid")
    values = {"id": id, "name": name.strip(), "firmware_id": firmware.id, "plan": msgspec.to_builtins(plan)}
    if not await store.add(tx, **values, created_by=author, created_at=now):
        known = await find(tx, id)
        if (known.firmware_id, known.plan) != (firmware.id, plan):
            raise DomainError(Kind.CONFLICT, "campaign_id_taken")
        return known
    fitting = await reached(tx, firmware, plan, now)
    canaries = min(max(plan.canary_least, len(fitting) * plan.canary_percent // 100), len(fitting))
    # Which are canaries is the same whoever asks, and not the first by name, which stand together.
    order = sorted(fitting, key=lambda it: derived_id("canary", str(id), it.id))
    await store.put_items(tx, id, [(it.id, place < canaries) for place, it in enumerate(order)], now)
    return await find(tx, id)


async def reached(tx: Tx, firmware: Firmware, plan: Plan, now: dt.datetime) -> list[Station]:
    """Return the stations that a plan reaches: of the right make, not there yet, and not switched off."""
    found: list[Station] = []
    after = None
    while True:
        page = await stations.list_stations(tx, now, after=after, limit=PAGE)
        found += [it for it in page if _meant(it, firmware, plan)]
        if len(page) < PAGE:
            return found
        after = page[-1].id


def _meant(it: Station, firmware: Firmware, plan: Plan) -> bool:
    version = it.firmware or ""
    return (
        firmware.fits(it.vendor, it.model)
        and version != firmware.version
        and it.admin_state != "disabled"
        and (not plan.stations or it.id in plan.stations)
        and (not plan.locations or it.location_id in plan.locations)
        and (not plan.from_versions or any(fnmatchcase(version, pattern) for pattern in plan.from_versions))
    )


async def find(tx: Tx, id: CampaignId, *, lock: bool = False) -> Campaign:
    """Return the campaign, or DomainError NOT_FOUND."""
    found = await store.find(tx, id, lock=lock)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "campaign_unknown")
    return found


_MOVES = {
    "start": (("draft",), "running"),
    "pause": (("running",), "paused"),
    "resume": (("paused", "halted"), "running"),
    "cancel": (("draft", "running", "paused", "halted"), "cancelled"),
}


async def command(tx: Tx, id: CampaignId, what: str, now: dt.datetime) -> Campaign:
    """Start, pause, resume or cancel a campaign; what is under way at stations comes to its own end.

    A resumed campaign tries those that failed again. DomainError CONFLICT when it is not in a state for that.
    """
    it = await find(tx, id, lock=True)
    before, after = _MOVES[what]
    if it.state == after:
        return it
    if it.state not in before:
        raise DomainError(Kind.CONFLICT, "campaign_not_now", state=it.state)
    if what == "resume":
        await store.retry_failed(tx, id, now)
    started = it.started_at or (now if after == "running" else None)
    ended = now if after == "cancelled" else None
    await store.change(tx, id, state=after, why=None, started_at=started, ended_at=ended)
    return await find(tx, id)


async def advance(db: Db, rules: Settings, files: Files, id: CampaignId, now: dt.datetime) -> int:
    """Take a running campaign a step on: judge what is over, order what may begin. Returns how many were ordered."""
    async with db.begin() as tx:
        it = await store.find(tx, id, lock=True, skip=True)
        if it is None or it.state != "running":
            return 0
        have = await store.counts(tx, id)
        if too_many_failed(it.plan, have):
            HALTED.inc()
            log.error("campaign.halted", campaign=str(id), done=have.done, failed=have.failed)
            await store.change(tx, id, state="halted", why="too_many_failed")
            return 0
        if have.waiting + have.under_way == 0:
            await store.change(tx, id, state="done", ended_at=now)
            return 0
        firmware = await find_firmware(tx, it.firmware_id)
        if firmware.withdrawn:
            await store.change(tx, id, state="halted", why="firmware_withdrawn")
            return 0
        room = it.plan.parallel - have.under_way
        if room <= 0:
            return 0
        due = await store.waiting(tx, id, canaries=have.canaries_open > 0, limit=LOOKED_AT)
        return await _order(tx, rules, files, it, firmware, due, room, now)


def too_many_failed(plan: Plan, have: Counts) -> bool:
    """Whether a campaign must not go on: too large a share of those that are over has failed.

    One failed canary is too many: it is what canaries are for.
    """
    if have.failed == 0:
        return False
    if have.canaries_open > 0 or have.over <= plan.canary_least:
        return True
    return have.over >= plan.stop_after and have.failed * 100 > plan.stop_at_percent * have.over


async def _order(  # noqa: PLR0917  # a campaign, and what it may do now
    tx: Tx,
    rules: Settings,
    files: Files,
    it: Campaign,
    firmware: Firmware,
    due: list[Item],
    room: int,
    now: dt.datetime,
) -> int:
    ordered = 0
    zones: dict[object, ZoneInfo] = {}
    for item in due:
        if ordered >= room:
            break
        station = await stations.find_station(tx, StationId(item.station_id), now)
        why_not = _out(station, firmware)
        if station is None or why_not is not None:
            await store.skip_item(tx, it.id, item.station_id, why_not or "gone", now)
            continue
        if station.location_id not in zones:
            zones[station.location_id] = ZoneInfo((await stations.location(tx, station.location_id)).timezone)
        if not station.online or not it.plan.open_at(now.astimezone(zones[station.location_id])):
            continue
        busy, _ = await charging.sessions(tx, station_id=station.id, states=BUSY, limit=1)
        if busy:
            continue
        id = UpdateId(new_id())
        try:
            await update(
                tx, rules, files, id, station.id, firmware.id, f"campaign:{it.id}", now,
                via=it.plan.via, campaign_id=it.id,
            )  # fmt: skip
        except DomainError as error:
            if error.code != "update_under_way":
                await store.skip_item(tx, it.id, station.id, error.code, now)
            continue
        await store.begin_item(tx, it.id, station.id, id, now)
        ordered += 1
    return ordered


def _out(station: Station | None, firmware: Firmware) -> str | None:
    if station is None:
        return "gone"
    if station.firmware == firmware.version:
        return "has_it"
    if not firmware.fits(station.vendor, station.model):
        return "another_make"
    return "disabled" if station.admin_state == "disabled" else None


async def sweep(db: Db, rules: Settings, files: Files, now: dt.datetime) -> int:
    """Take every running campaign a step on; returns how many stations were ordered to update."""
    async with db.begin() as tx:
        ids = await store.running(tx)
    return sum([await advance(db, rules, files, id, now) for id in ids])
