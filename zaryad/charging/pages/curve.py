"""Power over time as a path of at most 240 points in a box of 1000 by 100."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

POINTS_MAX = 240
WIDTH, HEIGHT = 1000, 94  # a little air above the highest point


def power_curve(readings: Sequence[tuple[dt.datetime, int]]) -> list[tuple[int, int]]:
    """Return (x, y) points of (time, milliwatts) in order of time; none for fewer than two moments.

    Of more readings than points, each point is the highest of its share: a dip may be lost, a peak never.
    """
    if len(readings) < 2:
        return []
    first, last = readings[0][0], readings[-1][0]
    span = int((last - first).total_seconds() * 1000)
    peak = max(power for _, power in readings)
    if span <= 0 or peak <= 0:
        return []
    share = -(-len(readings) // POINTS_MAX)
    kept = [max(readings[at : at + share], key=lambda each: each[1]) for at in range(0, len(readings), share)]
    return [
        (int((at - first).total_seconds() * 1000) * WIDTH // span, max(power, 0) * HEIGHT // peak) for at, power in kept
    ]
