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
from zaryad.tariffs.course import Course, microseconds
from zaryad.tariffs.model import Point, Running, TariffVersion
from zaryad.tariffs.plan import DENOMINATOR, Plan, plan_of
from zaryad.tariffs.terms import NOTHING, About, Dimension
from zaryad.tariffs.total import sums

_TICK = dt.timedelta(microseconds=1)


class Step(NamedTuple):
    """A stretch of a session in which the same components are in force."""

    started_at: dt.datetime
    ended_at: dt.datetime
    energy_mwh: int
    active: tuple[int, ...]


def begin(version: TariffVersion, timezone: str, at: dt.datetime, energy_mwh: int, about: About = NOTHING) -> Running:
    """Open the bill at the first reading; a session fee in force is owed at once.

    `timezone` is the location's, `about` what restrictions are judged by that a meter does not tell.
    """
    plan = plan_of(version)
    at = utc(at)
    if plan.general:
        course = Course(plan, timezone, about)
        course.begin(microseconds(at), energy_mwh)
        return course.running()
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
    if plan.general:
        return _go_on(plan, running, at, point)
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


def _go_on(plan: Plan, running: Running, at: dt.datetime, point: Point) -> Running:
    """Take up a bill that more than the clock decides, and put it aside again."""
    assert running.more is not None, "it began with more"
    course = Course(plan, running.timezone, running.more.about)
    course.resume(running)
    course.move(microseconds(at), point.energy_mwh)
    if point.doing is not None:
        course.doing = point.doing
    return course.running()


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
    """Return what the session costs so far, tax and all: the exact sum, rounded once, halves up."""
    plan = plan_of(version)
    if running.more is not None:
        return Money(sums(plan, running.more.parts, running.more.last).after_tax, version.currency)
    numerator = sum(map(mul, running.used, plan.weights))
    return Money(divide_half_up(numerator, DENOMINATOR), version.currency)
