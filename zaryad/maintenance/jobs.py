"""What maintenance hears, runs and looks after, by name: `app/wiring.py` gives it to the gateway and the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from zaryad.kernel.clock import Clock
from zaryad.link.answers import Answer
from zaryad.link.facts import CustomerPart, DisplaysPart, Fact, MonitorsPart, Notice, StationId, VariablesPart
from zaryad.link.orders import Placed
from zaryad.maintenance.model import Settings
from zaryad.maintenance.settings import keep
from zaryad.maintenance.settings import note as settings_note
from zaryad.maintenance.watch import note as watch_note
from zaryad.platform.db import Db, Tx
from zaryad.platform.worker import JobFunction, Sweep


def fact_handlers(db: Db) -> dict[type[Fact], Callable[[Any], Awaitable[Answer]]]:
    """Return who hears the facts that are maintenance's alone."""
    return {
        VariablesPart: partial(settings_note.note_variables, db),
        CustomerPart: partial(settings_note.note_customer, db),
        MonitorsPart: partial(watch_note.note_monitors, db),
        DisplaysPart: partial(watch_note.note_displays, db),
        Notice: partial(watch_note.note_notice, db),
    }


async def order_ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """React to the end of an order that changed or told something of a station."""
    await settings_note.order_ended(tx, placed, now)
    await watch_note.order_ended(tx, placed, now)


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

    async def forget() -> None:
        await watch_note.sweep(db, rules.watch, clock.now())

    return [
        Sweep("maintenance.settings", dt.timedelta(minutes=5), read_again),
        Sweep("maintenance.forget", dt.timedelta(hours=1), forget),
    ]
