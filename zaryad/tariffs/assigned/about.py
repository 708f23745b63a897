"""What a session's restrictions are judged by, put together once, at its start."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from zaryad.platform.db import Tx
from zaryad.tariffs.assigned import store
from zaryad.tariffs.assigned.holidays import holidays_of
from zaryad.tariffs.model import TariffVersion
from zaryad.tariffs.plan import plan_of
from zaryad.tariffs.terms import NOTHING, About

DAYS_BEFORE, DAYS_AFTER = 1, 32  # local dates of a session, and of a clock that was wrong


async def about_for(
    tx: Tx,
    version: TariffVersion,
    *,
    timezone: str,
    at: dt.datetime,
    connector: str = "unknown",
    plate_w: int = 0,
    person_id: UUID | None = None,
) -> About:
    """Return what a version's restrictions ask of the place, the driver and the calendar; nothing for a simple one."""
    if not plan_of(version).general:
        return NOTHING
    members = (await store.members(tx, [person_id], at)).get(person_id, []) if person_id is not None else []
    contracts = sorted(name for kind, name in members if kind == "contract")
    first, last = at.date() - dt.timedelta(days=DAYS_BEFORE), at.date() + dt.timedelta(days=DAYS_AFTER)
    return About(
        connector=connector,
        plate_w=plate_w,
        groups=frozenset(name for kind, name in members if kind == "group"),
        contract=contracts[0] if contracts else None,
        holidays=await holidays_of(tx, timezone, first, last),
    )
