"""Which components of a version are in force at a moment, and when that has to be looked up again."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from zaryad.tariffs.model import TariffVersion
from zaryad.tariffs.terms import Component, Dimension, Restrictions, Rule, Terms

_TICK = dt.timedelta(microseconds=1)
_DAY = dt.timedelta(days=1)

# The one denominator of all amounts: e4 of a minor unit, per kWh in milliwatt-hours (10^6) and per hour in
# microseconds (3.6 * 10^9). A component's weight makes of its quantity a numerator over it.
DENOMINATOR = 10_000 * 3_600_000_000
WEIGHT = {
    Dimension.ENERGY: 3_600,
    Dimension.TIME: 1,
    Dimension.SESSION: 3_600_000_000,
    Dimension.CHARGING: 1,
    Dimension.IDLE: 1,
}


class Plan:
    """A version made ready for evaluation: its components in one row, and the local times when any may change."""

    def __init__(self, version: TariffVersion) -> None:
        components = [component for element in version.elements for component in element.components]
        self.components = tuple(components)
        self.dimensions = tuple(component.dimension for component in components)
        self.prices_e4 = tuple(component.price_e4 for component in components)
        self.weights = tuple(c.price_e4 * WEIGHT[c.dimension] for c in components)
        self.sessions = frozenset(i for i, c in enumerate(components) if c.dimension is Dimension.SESSION)
        self.terms = version.terms
        self.elements: list[tuple[Restrictions, tuple[int, ...]]] = []
        first = 0
        for element in version.elements:
            self.elements.append((element.when, tuple(range(first, first + len(element.components)))))
            first += len(element.components)
        whens = [when for when, _ in self.elements] + [rule.when for rule in self.terms.rules]
        self._marks = tuple(sorted(_clock_marks(whens)))
        self.general = not _by_clock_alone(self.terms, components, whens)
        self.taxed = any(component.vat_permille is not None for component in components)

    def active(self, timezone: str, at: dt.datetime) -> tuple[int, ...]:
        """Return the component in force per dimension: of the first element that applies and has one (OCPI rule 2)."""
        local = at.astimezone(zoneinfo.ZoneInfo(timezone))
        found: dict[Dimension, int] = {}
        for when, indexes in self.elements:
            if when.hold(local):
                for index in indexes:
                    found.setdefault(self.dimensions[index], index)
        return tuple(sorted(found.values()))

    def until(self, timezone: str, at: dt.datetime) -> dt.datetime | None:
        """Return the next moment after `at` when `active` may differ, in UTC; None for never.

        That is when a local clock shows one of the marks, or jumps. Where it jumps over a mark, the jump counts;
        where it shows one twice, both count. To return a moment too many costs a look-up and no exactness.
        """
        if not self._marks:
            return None
        zone = zoneinfo.ZoneInfo(timezone)
        today = at.astimezone(zone).date()
        soonest: dt.datetime | None = None
        for day in (today, today + _DAY, today + 2 * _DAY):
            for mark in self._marks:
                for fold in (0, 1):
                    moment = dt.datetime.combine(day, mark.replace(fold=fold), zone).astimezone(dt.UTC)
                    if moment > at and (soonest is None or moment < soonest):
                        soonest = moment
        assert soonest is not None
        return _jump(zone, at, soonest) or soonest


def rules_for(terms: Terms, component: Component) -> list[Rule]:
    """Return the percent rules that can change a component's price."""
    return [rule for rule in terms.rules if rule.dimensions is None or component.dimension in rule.dimensions]


def _clock_marks(whens: list[Restrictions]) -> set[dt.time]:
    """Return the local times at which any of the restrictions may begin or cease to hold."""
    marks: set[dt.time] = set()
    for when in whens:
        if when.start is not None or when.end is not None:
            marks |= {when.start or dt.time(), when.end or dt.time()}
        by_day = (when.weekdays, when.start_date, when.end_date, when.holiday)
        if any(each is not None for each in by_day):
            marks.add(dt.time())
    return marks


def _by_clock_alone(terms: Terms, components: list[Component], whens: list[Restrictions]) -> bool:
    """Whether quantities per component and a local clock are all that a bill needs."""
    on_top = not terms.tax_included and any(component.vat_permille for component in components)
    if terms.rules or terms.least or terms.most or on_top:
        return False
    if any(each.step or each.free_s or each.grace_s for each in components):
        return False
    if any(each.dimension in {Dimension.CHARGING, Dimension.IDLE} for each in components):
        return False
    return all(when.plain for when in whens)


def plan_of(version: TariffVersion) -> Plan:
    """Return the version's plan, made once per object: versions are decoded once and shared."""
    plan = version.__dict__.get("plan")
    if plan is None:
        plan = version.__dict__["plan"] = Plan(version)
    assert isinstance(plan, Plan)
    return plan


def _jump(zone: zoneinfo.ZoneInfo, after: dt.datetime, before: dt.datetime) -> dt.datetime | None:
    """Return the first moment between these two when the zone's offset is another, found by halving."""
    offset = after.astimezone(zone).utcoffset()
    low, high = after, before - _TICK
    if high <= low or high.astimezone(zone).utcoffset() == offset:
        return None
    while high - low > _TICK:
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
