"""Which components of a version are in force at a moment, and when that has to be looked up again."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from zaryad.tariffs.model import Dimension, TariffVersion

_TICK = dt.timedelta(microseconds=1)
_DAY = dt.timedelta(days=1)

# The one denominator of all amounts: e4 of a minor unit, per kWh in milliwatt-hours (10^6) and per hour in
# microseconds (3.6 * 10^9). A component's weight makes of its quantity a numerator over it.
DENOMINATOR = 10_000 * 3_600_000_000
_WEIGHT = {Dimension.ENERGY: 3_600, Dimension.TIME: 1, Dimension.SESSION: 3_600_000_000}


class Plan:
    """A version made ready for evaluation: its components in one row, and the local times when any may change."""

    def __init__(self, version: TariffVersion) -> None:
        components = [component for element in version.elements for component in element.components]
        self.dimensions = tuple(component.dimension for component in components)
        self.prices_e4 = tuple(component.price_e4 for component in components)
        self.weights = tuple(c.price_e4 * _WEIGHT[c.dimension] for c in components)
        self.sessions = frozenset(i for i, c in enumerate(components) if c.dimension is Dimension.SESSION)
        self._elements = []
        first = 0
        marks: set[dt.time] = set()
        for element in version.elements:
            when = element.when
            self._elements.append((when, tuple(range(first, first + len(element.components)))))
            first += len(element.components)
            if when.start is not None or when.end is not None:
                marks |= {when.start or dt.time(), when.end or dt.time()}
            if when.weekdays is not None or when.start_date is not None or when.end_date is not None:
                marks.add(dt.time())
        self._marks = tuple(sorted(marks))

    def active(self, timezone: str, at: dt.datetime) -> tuple[int, ...]:
        """Return the component in force per dimension: of the first element that applies and has one (OCPI rule 2)."""
        local = at.astimezone(zoneinfo.ZoneInfo(timezone))
        found: dict[Dimension, int] = {}
        for when, indexes in self._elements:
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
