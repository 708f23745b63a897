"""Counts what is odd about stations' messages, and writes it down now and then."""

from __future__ import annotations

import collections
import datetime as dt

import msgspec

from zaryad.kernel.clock import Clock
from zaryad.link.facts import StationId
from zaryad.ocpp.gateway import store
from zaryad.platform.db import Db, Tx

KEPT_MAX = 50_000  # pairs of station and kind, while the database is away
CHUNK = 500


class Oddity(msgspec.Struct, frozen=True):
    """A liberty that reading a station's messages takes."""

    kind: str
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


class Oddities:
    """What was seen since it was last written."""

    def __init__(self, db: Db, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._seen: collections.Counter[tuple[str, str]] = collections.Counter()

    def note(self, station_id: StationId, kind: str, count: int) -> None:
        """Count."""
        key = (station_id, kind)
        if key in self._seen or len(self._seen) < KEPT_MAX:
            self._seen[key] += count

    async def tell(self) -> None:
        """Write; what could not be written waits for the next round."""
        while self._seen:
            chunk = dict(list(self._seen.items())[:CHUNK])
            async with self._db.begin() as tx:
                await store.add_oddities(tx, chunk, self._clock.now())
            self._seen.subtract(chunk)
            for key in chunk:
                if self._seen[key] <= 0:
                    del self._seen[key]


async def oddities_of(tx: Tx, station_id: StationId) -> list[Oddity]:
    """Return what is known to be odd about a station's messages, the most frequent first."""
    return [Oddity(*row) for row in await store.oddities(tx, station_id)]
