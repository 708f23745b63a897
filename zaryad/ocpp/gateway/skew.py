"""How far a station's clock is ahead of ours, judged by the times in what it tells.

A message kept while offline carries an old time and says nothing of the clock. Live ones, told some seconds apart,
agree with each other on the difference; kept ones, told in a burst or one after another, do not.
"""

from __future__ import annotations

import collections
import datetime as dt
import statistics

from zaryad.link.facts import ConnectorChanged, Fact, MeterRead

SAMPLES = 3
APART = dt.timedelta(seconds=5)
AGREE_MS = 3_000
WORTH_TELLING_MS = 2_000
BELIEVED_MS = 100 * 365 * 86_400_000  # a clock from 1970 is off by less


class Skew:
    """One connection's estimate."""

    __slots__ = ("_last", "_samples", "told")

    def __init__(self) -> None:
        self._samples: collections.deque[int] = collections.deque(maxlen=SAMPLES)
        self._last: dt.datetime | None = None
        self.told: int | None = None

    def hear(self, fact: Fact) -> int | None:
        """Take a fact into account; the difference in milliseconds when it is news worth telling."""
        at = _time_of(fact)
        if at is None or (self._last is not None and fact.received_at - self._last < APART):
            return None
        self._last = fact.received_at
        self._samples.append(round((at - fact.received_at) / dt.timedelta(milliseconds=1)))
        if len(self._samples) < SAMPLES or max(self._samples) - min(self._samples) > AGREE_MS:
            return None
        found = max(-BELIEVED_MS, min(BELIEVED_MS, statistics.median_low(self._samples)))
        if self.told is not None and abs(found - self.told) <= WORTH_TELLING_MS:
            return None
        self.told = found
        return found


def _time_of(fact: Fact) -> dt.datetime | None:
    if isinstance(fact, ConnectorChanged):
        return fact.at
    if isinstance(fact, MeterRead) and fact.readings:
        return fact.readings[-1].at
    return None
