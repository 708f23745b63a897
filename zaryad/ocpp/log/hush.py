"""How much of one station's noise is written down: the first rows of it, then a row that says how many more there were.

Noise is what does not go as it should: frames that cannot be read, answers to nothing, calls answered by an error.
A station that sends a thousand of them a second costs the log a few rows a minute.
"""

from __future__ import annotations

import collections
import datetime as dt
import time

import msgspec
from prometheus_client import Counter

from zaryad.ocpp.log.model import Exchange

HUSHED = Counter("zaryad_ocpp_log_hushed_total", "Exchanges of noisy stations that were counted instead of written")

STATIONS_MAX = 20_000  # remembered; the longest quiet are forgotten
KINDS_MAX = 10  # told apart in one such row
TELL_EVERY_S = 60.0


class _Noise(msgspec.Struct):
    left: float
    at: dt.datetime
    hushed: dict[str, int]
    last: Exchange | None = None
    since: float = 0  # monotonic: when the first of those was hushed


class Hush:
    """A bucket per station: `burst` rows at once, `per_minute` after that."""

    def __init__(self, *, burst: int, per_minute: int) -> None:
        self._burst = burst
        self._per_s = per_minute / 60
        self._noise: collections.OrderedDict[str, _Noise] = collections.OrderedDict()
        self._untold: set[str] = set()

    def lets(self, exchange: Exchange) -> bool:
        """Whether it is written; what is not is counted."""
        noise = self._of(exchange)
        if noise.left >= 1:
            noise.left -= 1
            return True
        HUSHED.inc()
        what = exchange.action or exchange.kind
        if what not in noise.hushed and len(noise.hushed) >= KINDS_MAX:
            what = "other"
        noise.hushed[what] = noise.hushed.get(what, 0) + 1
        if noise.last is None:
            noise.since = time.monotonic()
        noise.last = exchange
        self._untold.add(exchange.station_id)
        return False

    def more(self, *, of: str | None = None, everything: bool = False) -> list[Exchange]:
        """Return the rows that say how many more there were: once a minute, of one station, or of all."""
        if not self._untold:
            return []
        due = time.monotonic() - TELL_EVERY_S
        found = []
        for station in [each for each in self._untold if of is None or each == of]:
            noise = self._noise[station]
            if noise.last is None or not (everything or of is not None or noise.since <= due):
                continue
            found.append(_row(noise.last, noise.hushed))
            noise.hushed, noise.last = {}, None
            self._untold.discard(station)
        return found

    def _of(self, exchange: Exchange) -> _Noise:
        station, at = exchange.station_id, exchange.at
        noise = self._noise.get(station)
        if noise is None:
            noise = self._noise[station] = _Noise(self._burst, at, {})
            if len(self._noise) > STATIONS_MAX:
                self._untold.discard(self._noise.popitem(last=False)[0])
            return noise
        self._noise.move_to_end(station)
        passed = max(0.0, (at - noise.at).total_seconds())
        noise.left = min(self._burst, noise.left + passed * self._per_s)
        noise.at = max(at, noise.at)
        return noise


def _row(last: Exchange, hushed: dict[str, int]) -> Exchange:
    return Exchange(
        last.at,
        last.station_id,
        last.epoch,
        "in",
        "hushed",
        outcome=f"{sum(hushed.values())} more",
        payload=", ".join(f"{what[:50]}: {times}" for what, times in hushed.items()),
        protocol=last.protocol,
    )
