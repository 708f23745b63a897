"""From what a meter said to what is billed: in order of time, never backwards, never faster than the connector can.

The result depends on the set of readings alone, not on the order, the number of times or the batches in which
they came: the bill of a session is a function of what is stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from zaryad.charging.model import Flag
from zaryad.tariffs import Point

_TICK = dt.timedelta(microseconds=1)
_US_PER_HOUR = 3_600_000_000
SLACK_MWH = 1_000_000  # 1 kWh: clocks jump, registers are rounded to whole kWh
STOP_BELOW_READINGS_MWH = 1_000_000  # a register stopped this much lower was reset, not rounded
NOTABLE_MWH = 100_000
UNKNOWN_W = 1_250_000  # the fastest station there is, and a quarter


class Stored(msgspec.Struct, frozen=True):
    """A reading as kept: `station_at` where the station's own time was not believed."""

    at: dt.datetime
    energy_mwh: int
    station_at: dt.datetime | None = None


class Timeline(msgspec.Struct, frozen=True):
    """What is billed, from the start to the end, and what was odd on the way."""

    points: tuple[Point, ...]
    flags: frozenset[Flag]

    @property
    def energy_mwh(self) -> int:
        """What was delivered."""
        return self.points[-1].energy_mwh - self.points[0].energy_mwh


def doubt(  # two points and the power between them
    last_at: dt.datetime, last_mwh: int, at: dt.datetime, mwh: int, believed_w: int
) -> Flag | None:
    """Return what is wrong with a register that follows another; None when it is to be trusted.

    `believed_w`: the most that can have flowed, the plate and a margin; 0 where nobody knows.
    """
    if mwh < last_mwh:
        return Flag.METER_BACKWARDS
    gained = mwh - last_mwh
    if gained <= SLACK_MWH:
        return None
    possible = (believed_w or UNKNOWN_W) * 1_000 * max((at - last_at) // _TICK, 0) // _US_PER_HOUR
    return Flag.METER_IMPLAUSIBLE if gained > possible + SLACK_MWH else None


def clean(
    start: Point, readings: Iterable[Stored], ended_at: dt.datetime, meter_stop_mwh: int | None, believed_w: int
) -> Timeline:
    """Make the timeline of a finished session.

    The register at the stop decides the energy, as long as it is no less than the one at the start and fits what
    was read before; else the last trusted register does. Readings after the end are not this session's.
    """
    flags: set[Flag] = set()
    ended_at = max(ended_at, start.at)
    trusted = [start]
    for stored in _in_order(readings):
        if not start.at <= stored.at <= ended_at:
            continue
        last = trusted[-1]
        wrong = doubt(last.at, last.energy_mwh, stored.at, stored.energy_mwh, believed_w)
        if wrong is None:
            trusted.append(Point(stored.at, stored.energy_mwh))
        else:
            flags.add(wrong)
    last = trusted[-1]
    final = last.energy_mwh
    if meter_stop_mwh is not None:
        if meter_stop_mwh < start.energy_mwh:
            flags.add(Flag.STOP_BELOW_START)
        elif meter_stop_mwh < last.energy_mwh:
            if last.energy_mwh - meter_stop_mwh > NOTABLE_MWH:
                flags.add(Flag.STOP_BELOW_READINGS)
            if last.energy_mwh - meter_stop_mwh <= STOP_BELOW_READINGS_MWH:
                final = meter_stop_mwh
        elif doubt(last.at, last.energy_mwh, ended_at, meter_stop_mwh, believed_w) is None:
            final = meter_stop_mwh
        else:
            flags.add(Flag.METER_IMPLAUSIBLE)
    points = [point for point in trusted if point.energy_mwh <= final]
    points.append(Point(ended_at, final))
    return Timeline(tuple(points), frozenset(flags))


def _in_order(readings: Iterable[Stored]) -> list[Stored]:
    """Sort by time. What a station repeats under a clock we do not believe got a new time from us: keep the first."""
    seen: set[tuple[dt.datetime, int]] = set()
    kept = []
    for stored in sorted(set(readings), key=lambda s: (s.at, s.energy_mwh)):
        if stored.station_at is not None:
            key = (stored.station_at, stored.energy_mwh)
            if key in seen:
                continue
            seen.add(key)
        kept.append(stored)
    return kept
