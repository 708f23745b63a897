"""What is to come: the prices in force and their next change, and the most that the next seconds can cost."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from typing import NamedTuple

from zaryad.kernel.clock import utc
from zaryad.kernel.money import Money, divide_half_up
from zaryad.tariffs.model import PriceNow, Running, TariffVersion
from zaryad.tariffs.plan import DENOMINATOR, WEIGHT, Plan, plan_of, rules_for
from zaryad.tariffs.terms import NOTHING, PERMILLE, About, Component, Dimension, Restrictions

_MW_SECONDS_PER_MWH = 3_600
_CHANGES_LOOKED_AT = 64  # a weekly plan changes within eight midnights and their marks; beyond, no change is promised
_STEP_E4 = {Dimension.ENERGY: 1_000, Dimension.TIME: 3_600, Dimension.CHARGING: 3_600, Dimension.IDLE: 3_600}


class Highest(NamedTuple):
    """Prices in e4 that a version never exceeds, tax and percent rules and all."""

    per_kwh: int
    per_hour: int
    once: int  # a session fee, and what rounding up to steps can add


def highest(version: TariffVersion) -> Highest:
    """Return the highest prices anywhere in a version."""
    plan = plan_of(version)
    components = [
        component for element in version.elements if element.when.booking is None for component in element.components
    ]
    most, steps = _dearest(plan, components)
    return Highest(
        most[Dimension.ENERGY],
        most[Dimension.TIME] + max(most[Dimension.CHARGING], most[Dimension.IDLE]),
        most[Dimension.SESSION] + steps,
    )


def next_interval_cost(version: TariffVersion, running: Running, power_mw: int, seconds: int) -> Money:
    """Return the most that the next `seconds` at no more than `power_mw` can add to the cost, rounded up.

    Every price that comes into force within them counts as if it were in force all along, and so does each that
    the session's own course could bring into force.
    """
    plan = plan_of(version)
    about = NOTHING if running.more is None else running.more.about
    end = running.at + dt.timedelta(seconds=seconds)
    components: list[Component] = []
    at: dt.datetime | None = running.at
    while at is not None and at <= end:
        components += _possible(plan, running.timezone, at, about)
        at = plan.until(running.timezone, at)
    most, steps = _dearest(plan, components)
    if _fee_owed(plan, running):
        most[Dimension.SESSION] = 0
    energy_mwh = -(-power_mw * seconds // _MW_SECONDS_PER_MWH)
    hourly = most[Dimension.TIME] + max(most[Dimension.CHARGING], most[Dimension.IDLE])
    numerator = (
        energy_mwh * _numerator(most[Dimension.ENERGY], Dimension.ENERGY)
        + seconds * 1_000_000 * hourly
        + _numerator(most[Dimension.SESSION] + steps, Dimension.SESSION)
    )
    return Money(-(-numerator // DENOMINATOR), version.currency)


def _numerator(price_e4: int, dimension: Dimension) -> int:
    """Return what a price adds to a numerator per unit of its quantity."""
    return price_e4 * WEIGHT[dimension]


def price_now(version: TariffVersion, timezone: str, at: dt.datetime, about: About = NOTHING) -> PriceNow:
    """Return the prices in force at a moment for who starts then, and when the clock next changes one of them.

    A session that starts has used nothing, and is taken to charge at what the connector gives.
    """
    plan = plan_of(version)
    at = utc(at)
    now = _in_force(plan, timezone, at, about)
    change = plan.until(timezone, at)
    for _ in range(_CHANGES_LOOKED_AT):
        if change is None or _told(_in_force(plan, timezone, change, about)) != _told(now):
            break
        change = plan.until(timezone, change)
    else:
        change = None
    idle = now.get(Dimension.IDLE)
    prices = {dimension: price for dimension, (_, price) in now.items()}
    terms = plan.terms
    return PriceNow(
        currency=version.currency,
        since=at,
        per_kwh_e4=prices.get(Dimension.ENERGY),
        per_hour_e4=prices.get(Dimension.TIME),
        session_e4=prices.get(Dimension.SESSION),
        next_change_at=change,
        per_charging_hour_e4=prices.get(Dimension.CHARGING),
        per_idle_hour_e4=prices.get(Dimension.IDLE),
        idle_grace_s=0 if idle is None else idle[0].grace_s,
        conditional=any(when.by_course and when.booking is None and when.fit(about) for when, _ in plan.elements)
        or any(rule.when.by_course and rule.when.fit(about) for rule in terms.rules),
        tax_on_top=not terms.tax_included and any(component.vat_permille for component in plan.components),
        least_minor=None if terms.least is None else terms.least.after_tax,
        most_minor=None if terms.most is None else terms.most.after_tax,
    )


def prices_ahead(
    version: TariffVersion, timezone: str, at: dt.datetime, hours: int = 24, about: About = NOTHING
) -> list[PriceNow]:
    """Return the prices of the coming hours, one entry per change."""
    end = utc(at) + dt.timedelta(hours=hours)
    found = [price_now(version, timezone, at, about)]
    while (change := found[-1].next_change_at) is not None and change < end:
        found.append(price_now(version, timezone, change, about))
    return found


InForce = dict[Dimension, tuple[Component, int]]


def _told(prices: InForce) -> dict[Dimension, tuple[int, int]]:
    return {dimension: (component.grace_s, price) for dimension, (component, price) in prices.items()}


def _in_force(plan: Plan, timezone: str, at: dt.datetime, about: About) -> InForce:
    """Return the first component of each dimension that applies when a session begins here, at its price."""
    local = at.astimezone(zoneinfo.ZoneInfo(timezone))
    power = about.plate_w * 1_000 or None

    def holds(when: Restrictions) -> bool:
        return _held(when, local, about) and when.reached(0, 0, power)

    found: InForce = {}
    ruling = [rule for rule in plan.terms.rules if holds(rule.when)]
    for when, indexes in plan.elements:
        if when.booking is not None or not holds(when):
            continue
        for index in indexes:
            component = plan.components[index]
            if component.dimension in found:
                continue
            price, scale = component.price_e4, 1
            for rule in rules_for(plan.terms, component):
                if rule in ruling:
                    price, scale = price * (PERMILLE + rule.permille), scale * PERMILLE
            found[component.dimension] = (component, divide_half_up(price, scale))
    return found


def _held(when: Restrictions, local: dt.datetime, about: About) -> bool:
    return when.fit(about) and when.hold(local, about.holidays)


def _possible(plan: Plan, timezone: str, at: dt.datetime, about: About) -> Iterator[Component]:
    """Return the components that can be in force under the clock of a moment, whatever the session's course."""
    local = at.astimezone(zoneinfo.ZoneInfo(timezone))
    sure: set[Dimension] = set()
    for when, indexes in plan.elements:
        if when.booking is not None or not _held(when, local, about):
            continue
        yield from (plan.components[index] for index in indexes if plan.dimensions[index] not in sure)
        if not when.by_course:
            sure |= {plan.dimensions[index] for index in indexes}


def _dearest(plan: Plan, components: list[Component]) -> tuple[dict[Dimension, int], int]:
    """Return the highest price of each dimension in e4, and the most that steps add, with tax and every surcharge."""
    most = dict.fromkeys(Dimension, 0)
    steps = dict.fromkeys(Dimension, 0)
    for component in components:
        kind = component.dimension
        price, scale = component.price_e4, 1
        for rule in rules_for(plan.terms, component):
            if rule.permille > 0:
                price, scale = price * (PERMILLE + rule.permille), scale * PERMILLE
        if not plan.terms.tax_included:
            price, scale = price * (PERMILLE + (component.vat_permille or 0)), scale * PERMILLE
        if scale > 1:
            price = -(-price // scale) + 2  # a rule's price is rounded before the tax
        most[kind] = max(most[kind], price)
        if component.step:
            steps[kind] = max(steps[kind], -(-component.step * price // _STEP_E4[kind]))
    return most, sum(steps.values())


def _fee_owed(plan: Plan, running: Running) -> bool:
    if running.more is None:
        return any(running.used[index] for index in plan.sessions)
    return any(part.component in plan.sessions for part in running.more.parts)
