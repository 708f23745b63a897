"""The one evaluation of prices: a fold over the points of a meter, in whole numbers, rounded once at the end.

The preview, the live cost, the receipt and the settlement all go through `begin` and `advance`. Between two points
energy is taken to have flowed evenly; where prices change in between, the line is cut at that moment of the
location's clock. A point that is earlier than the last one, or has a lower register, changes nothing: whoever
keeps the timeline cleans it before.
"""

from __future__ import annotations

import datetime as dt
from operator import mul
from typing import NamedTuple

from zaryad.kernel.clock import utc
from zaryad.kernel.money import Money, divide_half_up
from zaryad.tariffs.model import Dimension, Point, PriceNow, Running, TariffVersion
from zaryad.tariffs.plan import DENOMINATOR, Plan, plan_of

_TICK = dt.timedelta(microseconds=1)
_MW_SECONDS_PER_MWH = 3_600
_CHANGES_LOOKED_AT = 64  # a weekly plan changes within eight midnights and their marks; beyond, no change is promised


class Step(NamedTuple):
    """A stretch of a session in which the same components are in force."""

    started_at: dt.datetime
    ended_at: dt.datetime
    energy_mwh: int
    active: tuple[int, ...]


def begin(version: TariffVersion, timezone: str, at: dt.datetime, energy_mwh: int) -> Running:
    """Open the bill at the first reading; a session fee in force is owed at once. `timezone` is the location's."""
    plan = plan_of(version)
    at = utc(at)
    active = plan.active(timezone, at)
    used = [0] * len(plan.weights)
    count(plan, used, Step(at, at, 0, active))
    return Running(
        timezone=timezone,
        began_at=at,
        began_mwh=energy_mwh,
        at=at,
        energy_mwh=energy_mwh,
        until=plan.until(timezone, at),
        active=active,
        used=tuple(used),
    )


def advance(version: TariffVersion, running: Running, point: Point) -> Running:
    """Return the bill as it stands at a later reading. Equal points give equal bills, however they were grouped."""
    at = point.at if point.at.tzinfo is dt.UTC else utc(point.at)
    if at < running.at or point.energy_mwh < running.energy_mwh:
        return running
    plan = plan_of(version)
    used = list(running.used)
    steps, until = cut(plan, running, at, point.energy_mwh)
    for step in steps:
        count(plan, used, step)
    return Running(
        timezone=running.timezone,
        began_at=running.began_at,
        began_mwh=running.began_mwh,
        at=at,
        energy_mwh=point.energy_mwh,
        until=until,
        active=steps[-1].active,
        used=tuple(used),
    )


def cut(plan: Plan, running: Running, at: dt.datetime, energy_mwh: int) -> tuple[list[Step], dt.datetime | None]:
    """Cut the way to the next point where the components in force may change.

    Energy at a cut lies on the straight line between the two points, rounded down; what follows gets the rest, so
    that the parts add up. A point exactly at a change still belongs to what was before it.
    """
    until = running.until
    if until is None or at <= until:
        return [Step(running.at, at, energy_mwh - running.energy_mwh, running.active)], until
    whole_us = (at - running.at) // _TICK
    whole_mwh = energy_mwh - running.energy_mwh
    steps: list[Step] = []
    started_at, done_mwh, active = running.at, 0, running.active
    while until is not None and until < at:
        mwh = whole_mwh * ((until - running.at) // _TICK) // whole_us
        steps.append(Step(started_at, until, mwh - done_mwh, active))
        started_at, done_mwh = until, mwh
        active = plan.active(running.timezone, until)
        until = plan.until(running.timezone, until)
    steps.append(Step(started_at, at, whole_mwh - done_mwh, active))
    return steps, until


def count(plan: Plan, used: list[int], step: Step) -> None:
    """Add a stretch to the quantities used; a session fee is counted once, by whichever component came first."""
    for index in step.active:
        dimension = plan.dimensions[index]
        if dimension is Dimension.ENERGY:
            used[index] += step.energy_mwh
        elif dimension is Dimension.TIME:
            used[index] += (step.ended_at - step.started_at) // _TICK
        elif not any(used[other] for other in plan.sessions):
            used[index] = 1


def cost(version: TariffVersion, running: Running) -> Money:
    """Return what the session costs so far: the exact sum, rounded once, halves up."""
    numerator = sum(map(mul, running.used, plan_of(version).weights))
    return Money(divide_half_up(numerator, DENOMINATOR), version.currency)


def next_interval_cost(version: TariffVersion, running: Running, power_mw: int, seconds: int) -> Money:
    """Return the most that the next `seconds` at no more than `power_mw` can add to the cost, rounded up.

    Every price that comes into force within them counts as if it were in force all along.
    """
    plan = plan_of(version)
    end = running.at + dt.timedelta(seconds=seconds)
    dearest = dict.fromkeys(Dimension, 0)
    active, until = running.active, running.until
    while True:
        for index in active:
            dimension = plan.dimensions[index]
            dearest[dimension] = max(dearest[dimension], plan.weights[index])
        if until is None or until > end:
            break
        active, until = plan.active(running.timezone, until), plan.until(running.timezone, until)
    if any(running.used[index] for index in plan.sessions):
        dearest[Dimension.SESSION] = 0
    energy_mwh = -(-power_mw * seconds // _MW_SECONDS_PER_MWH)
    numerator = (
        energy_mwh * dearest[Dimension.ENERGY]
        + seconds * 1_000_000 * dearest[Dimension.TIME]
        + dearest[Dimension.SESSION]
    )
    return Money(-(-numerator // DENOMINATOR), version.currency)


def price_now(version: TariffVersion, timezone: str, at: dt.datetime) -> PriceNow:
    """Return the prices in force at a moment, and when the next of them changes."""
    plan = plan_of(version)
    at = utc(at)
    now = _prices(plan, plan.active(timezone, at))
    change = plan.until(timezone, at)
    for _ in range(_CHANGES_LOOKED_AT):
        if change is None or _prices(plan, plan.active(timezone, change)) != now:
            break
        change = plan.until(timezone, change)
    else:
        change = None
    return PriceNow(
        currency=version.currency,
        since=at,
        per_kwh_e4=now.get(Dimension.ENERGY),
        per_hour_e4=now.get(Dimension.TIME),
        session_e4=now.get(Dimension.SESSION),
        next_change_at=change,
    )


def prices_ahead(version: TariffVersion, timezone: str, at: dt.datetime, hours: int = 24) -> list[PriceNow]:
    """Return the prices of the coming hours, one entry per change."""
    end = utc(at) + dt.timedelta(hours=hours)
    found = [price_now(version, timezone, at)]
    while (change := found[-1].next_change_at) is not None and change < end:
        found.append(price_now(version, timezone, change))
    return found


def _prices(plan: Plan, active: tuple[int, ...]) -> dict[Dimension, int]:
    return {plan.dimensions[index]: plan.prices_e4[index] for index in active}
