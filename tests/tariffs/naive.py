"""Another reckoning of a bill, by other means: cut everywhere at once, judge each piece by its middle, exact fractions.

It knows energy, whole time, charging and idle time with a grace, all restrictions and percent rules. It is slow and
it has no state to go wrong.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from fractions import Fraction
from itertools import pairwise

from zaryad.tariffs import About, Dimension, Point, Restrictions, TariffVersion

QUARTER_US = 900 * 1_000_000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _us(at: dt.datetime) -> int:
    return (at - EPOCH) // dt.timedelta(microseconds=1)


def _holds(when: Restrictions, local: dt.datetime, wh: Fraction, seconds: Fraction, watts: Fraction, it: About) -> bool:
    day, clock = local.date(), local.time()
    checks = [
        when.booking is None,
        when.weekdays is None or local.isoweekday() in when.weekdays,
        when.start_date is None or day >= when.start_date,
        when.end_date is None or day < when.end_date,
        when.holiday is None or (day in it.holidays) == when.holiday,
        when.connectors is None or it.connector in when.connectors,
        when.groups is None or bool(when.groups & it.groups),
        when.contracts is None or it.contract in when.contracts,
    ]
    for least, most, value in (
        (when.plate_min_w, when.plate_max_w, it.plate_w),
        (when.power_min_w, when.power_max_w, watts),
        (when.min_wh, when.max_wh, wh),
        (when.min_duration_s, when.max_duration_s, seconds),
    ):
        checks += [least is None or value >= least, most is None or value < most]
    if when.start is not None or when.end is not None:
        start, end = when.start or dt.time(), when.end or dt.time()
        checks.append(start <= clock < end if start < end else not end <= clock < start)
    return all(checks)


def cost(tariff: TariffVersion, timezone: str, points: list[Point], about: About) -> Fraction:
    """Return what a timeline costs in minor units, session fees, steps, bounds and tax apart."""
    zone = zoneinfo.ZoneInfo(timezone)
    whens = [element.when for element in tariff.elements] + [rule.when for rule in tariff.terms.rules]
    graces = {c.grace_s for element in tariff.elements for c in element.components}
    began, began_mwh = _us(points[0].at), points[0].energy_mwh
    total, rest_us = Fraction(0), Fraction(0)
    for first, second in pairwise(points):
        t0, t1 = _us(first.at), _us(second.at)
        gained = second.energy_mwh - first.energy_mwh
        if t1 == t0:
            continue
        watts = Fraction(gained * 3_600_000_000, (t1 - t0) * 1_000)
        resting = watts < tariff.terms.idle_below_w
        rest_us = rest_us if resting else Fraction(0)
        marks: set[Fraction] = {Fraction(t0), Fraction(t1)}
        marks |= {Fraction(us) for us in range(t0 // QUARTER_US * QUARTER_US, t1, QUARTER_US)}
        marks |= {Fraction(t0) + grace * 1_000_000 - rest_us for grace in graces}
        for when in whens:
            marks |= {Fraction(began + s * 1_000_000) for s in (when.min_duration_s, when.max_duration_s) if s}
            for bound in (when.min_wh, when.max_wh):
                if bound is not None and gained:
                    marks.add(t0 + Fraction((t1 - t0) * (began_mwh + bound * 1_000 - first.energy_mwh), gained))
        for a, b in pairwise(sorted(mark for mark in marks if t0 <= mark <= t1)):
            middle = (a + b) / 2
            local = (EPOCH + int(middle) * dt.timedelta(microseconds=1)).astimezone(zone)
            wh = (first.energy_mwh - began_mwh + gained * (middle - t0) / (t1 - t0)) / 1_000
            seconds = (middle - began) / 1_000_000
            mwh = gained * (b - a) / (t1 - t0)
            seen: set[Dimension] = set()
            for element in tariff.elements:
                if not _holds(element.when, local, wh, seconds, watts, about):
                    continue
                for it in element.components:
                    wrong = {Dimension.CHARGING: resting, Dimension.IDLE: not resting}.get(it.dimension, False)
                    if it.dimension in seen or wrong or it.dimension is Dimension.SESSION:
                        continue
                    seen.add(it.dimension)
                    if it.dimension is Dimension.IDLE and rest_us + (middle - t0) < it.grace_s * 1_000_000:
                        continue
                    price = Fraction(it.price_e4)
                    for rule in tariff.terms.rules:
                        meant = rule.dimensions is None or it.dimension in rule.dimensions
                        if meant and _holds(rule.when, local, wh, seconds, watts, about):
                            price = price * (1_000 + rule.permille) / 1_000
                    price = Fraction((price * 2 + 1) // 2)
                    used = mwh / 1_000_000 if it.dimension is Dimension.ENERGY else (b - a) / 3_600_000_000
                    total += price * used
        rest_us += t1 - t0 if resting else 0
    return total / 10_000
