"""The only place that asks what time it is. Everyone else is given `now`.

Times are aware and UTC everywhere inside; a location's zone is applied at the edge or by the tariff.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Whoever must know the time by itself (loops, edges) holds one of these; use cases take `now`."""

    def now(self) -> dt.datetime:
        """Return the present, aware and UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """Return the present, aware and UTC."""
        return dt.datetime.now(dt.UTC)


class ManualClock:
    """A clock that stands until it is moved: simulations and tests."""

    def __init__(self, at: dt.datetime) -> None:
        self._at = utc(at)

    def now(self) -> dt.datetime:
        """Return the moment it was last set to."""
        return self._at

    def set(self, at: dt.datetime) -> None:
        """Move to `at`; backwards too, since real clocks do."""
        self._at = utc(at)

    def advance(self, by: dt.timedelta) -> dt.datetime:
        """Move forward by `by` and return the new present."""
        self._at += by
        return self._at


def utc(at: dt.datetime) -> dt.datetime:
    """Return `at` in UTC. A time without a zone is a bug of ours, or a station's: the codec settles those."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(dt.UTC)
