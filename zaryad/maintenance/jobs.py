"""What maintenance hears, runs and looks after, by name: `app/wiring.py` gives it to the gateway and the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from zaryad import stations
from zaryad.kernel.clock import Clock
from zaryad.link.answers import Answer, Noted
from zaryad.link.facts import (
    Booted,
    CustomerPart,
    DiagnosticsReported,
    DisplaysPart,
    EventsTold,
    Fact,
    FirmwarePublished,
    FirmwareReported,
    LogReported,
    MonitorsPart,
    Notice,
    StationId,
    VariablesPart,
)
from zaryad.link.orders import Placed
from zaryad.maintenance.campaigns import run as campaigns
from zaryad.maintenance.files import keep as files
from zaryad.maintenance.firmware import update
from zaryad.maintenance.logs import ask as logs
from zaryad.maintenance.model import Settings
from zaryad.maintenance.settings import keep
from zaryad.maintenance.settings import note as settings_note
from zaryad.maintenance.watch import note as watch_note
from zaryad.platform.db import Db, Tx
from zaryad.platform.worker import JobFunction, Sweep


def fact_handlers(db: Db) -> dict[type[Fact], Callable[[Any], Awaitable[Answer]]]:
    """Return who hears the facts about a station's upkeep."""

    async def firmware_reported(fact: FirmwareReported) -> Answer:
        async with db.begin() as tx:
            await update.note_firmware(tx, fact)
        return await stations.note_firmware(db, fact)

    async def diagnostics_reported(fact: DiagnosticsReported) -> Answer:
        async with db.begin() as tx:
            await logs.note_diagnostics(tx, fact)
        return await stations.note_diagnostics(db, fact)

    async def firmware_published(fact: FirmwarePublished) -> Answer:
        said = FirmwareReported(station_id=fact.station_id, received_at=fact.received_at, status=fact.status)
        await stations.note_firmware(db, said)
        return Noted()

    return {
        VariablesPart: partial(settings_note.note_variables, db),
        CustomerPart: partial(settings_note.note_customer, db),
        MonitorsPart: partial(watch_note.note_monitors, db),
        DisplaysPart: partial(watch_note.note_displays, db),
        EventsTold: partial(watch_note.note_events, db),
        Notice: partial(watch_note.note_notice, db),
        FirmwareReported: firmware_reported,
        FirmwarePublished: firmware_published,
        DiagnosticsReported: diagnostics_reported,
        LogReported: partial(logs.note_log, db),
    }


async def booted(db: Db, rules: Settings, fact: Booted) -> None:
    """Look at what a boot proves, and at what it asks for."""
    async with db.begin() as tx:
        await update.booted(tx, fact)
    await keep.booted(db, rules.settings, fact)


async def order_ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """React to the end of an order that changed or told something of a station."""
    await settings_note.order_ended(tx, placed, now)
    await watch_note.order_ended(tx, placed, now)
    await logs.order_ended(tx, placed, now)
    await update.order_ended(tx, placed, now)


def jobs(db: Db, rules: Settings, clock: Clock) -> dict[str, JobFunction]:
    """Return what is run by name."""

    async def look_at(station_id: str, *, whole: bool, keys: str) -> None:
        await keep.look_at(db, rules.settings, StationId(station_id), clock.now(), whole=whole, keys=keys)

    async def bring_back(station_id: str) -> None:
        await keep.bring_back(db, rules.settings, StationId(station_id), clock.now())

    return {"maintenance.look_at_settings": look_at, "maintenance.bring_settings": bring_back}


def sweeps(db: Db, rules: Settings, clock: Clock) -> list[Sweep]:
    """Return what is looked after on timers."""

    async def read_again() -> None:
        await keep.sweep(db, rules.settings, clock.now())

    async def updates() -> None:
        await update.sweep(db, rules.firmware, clock.now())
        await campaigns.sweep(db, rules.firmware, rules.files, clock.now())

    async def forget() -> None:
        kept = dt.timedelta(days=rules.files.logs_kept_days)
        await watch_note.sweep(db, rules.watch, clock.now())
        await logs.sweep(db, clock.now(), kept)
        await files.sweep(db, clock.now(), kept)

    return [
        Sweep("maintenance.settings", dt.timedelta(minutes=5), read_again),
        Sweep("maintenance.campaigns", dt.timedelta(seconds=30), updates),
        Sweep("maintenance.forget", dt.timedelta(hours=1), forget),
    ]
