"""The jobs and sweeps of charging, by name: `app/wiring.py` gives them to the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import structlog
from prometheus_client import Gauge

from zaryad.charging.give_up import cancel_start, give_up_start
from zaryad.charging.model import SessionId, Settings
from zaryad.charging.settle import settle
from zaryad.charging.transaction import look_after
from zaryad.charging.watch.audit import audit
from zaryad.charging.watch.sweep import make_partitions, sweep
from zaryad.kernel.clock import Clock
from zaryad.platform.db import Db
from zaryad.platform.worker import JobFunction, Sweep

log = structlog.get_logger()

BROKEN = Gauge("zaryad_charging_violations", "Facts about sessions that should hold and do not")


def jobs(db: Db, rules: Settings, clock: Clock) -> Mapping[str, JobFunction]:
    """Return what is run by name: `charging.give_up_start`, `charging.cancel_start`, `charging.settle`."""

    async def give_up(session_id: str) -> None:
        await give_up_start(db, rules, SessionId(UUID(session_id)), clock.now())

    async def cancel(session_id: str) -> None:
        await cancel_start(db, SessionId(UUID(session_id)), clock.now())

    async def settle_it(session_id: str) -> None:
        await settle(db, SessionId(UUID(session_id)), clock.now())

    return {"charging.give_up_start": give_up, "charging.cancel_start": cancel, "charging.settle": settle_it}


def sweeps(db: Db, rules: Settings, clock: Clock) -> list[Sweep]:
    """Return what is looked after on timers."""

    async def sessions() -> None:
        await sweep(db, rules, clock.now())

    async def events() -> None:
        await look_after(db, rules, clock.now())

    async def partitions() -> None:
        await make_partitions(db, clock.now())

    async def invariants() -> None:
        broken = await audit(db, rules, clock.now())
        BROKEN.set(len(broken))
        for violation in broken:
            log.error("charging.violation", rule=violation.rule, text=violation.text)

    return [
        Sweep("charging.sweep", dt.timedelta(seconds=20), sessions),
        Sweep("charging.events", dt.timedelta(seconds=30), events),
        Sweep("charging.partitions", dt.timedelta(hours=1), partitions),
        Sweep("charging.audit", dt.timedelta(minutes=15), invariants),
    ]
