"""The sessions whose rows this process wrote last: their next readings need not be looked up, locked and read first.

A row is written only if it is still the version that was written here (PostgreSQL's `xmin`: whoever else changes the
row changes it). If it is not, nothing is written, and the readings go the longer way (`group`), which reads the row
under its lock. So what is remembered here saves work and decides nothing: forgetting all of it at any moment is right.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Iterable, Sequence

from zaryad.charging.meter import store
from zaryad.charging.meter.live import Live
from zaryad.charging.meter.rows import merged, row_of
from zaryad.charging.model import Settings
from zaryad.link.facts import MeterRead
from zaryad.platform.db import Hint

KNOWN_MAX = 20_000
KNOWN_S = 3_600.0  # xmin is a number of 32 bits: it comes again, after some days of any database's work

Key = tuple[str, str | None]  # the station, and its name for the transaction


class Known:
    """What is remembered of running sessions, the one longest unheard of first."""

    def __init__(self, rules: Settings) -> None:
        self._rules = rules
        self._lives: dict[Key, Live] = {}

    def learn(self, lives: Iterable[Live]) -> None:
        """Remember sessions as they have just been committed."""
        now = asyncio.get_running_loop().time()
        known = self._lives
        for live in lives:
            if not live.nameless:
                live.known_at = now
                known[live.key] = live
        while known:
            oldest = next(iter(known))
            if len(known) <= KNOWN_MAX and now - known[oldest].known_at < KNOWN_S:
                break
            del known[oldest]

    def take(self, facts: Sequence[MeterRead]) -> tuple[list[Live], list[Live | None]]:
        """Take in the readings of what is known; return the sessions in order of id, and which one each fact is in.

        What is taken is forgotten until it is learned again: whoever comes meanwhile waits at the row's lock.
        """
        rules, known = self._rules, self._lives
        since = asyncio.get_running_loop().time() - KNOWN_S
        taken: dict[Key, Live] = {}
        told: list[Live | None] = []
        for fact in facts:
            key = (fact.station_id, fact.charge_ref)
            live = known.pop(key, None)
            if live is None:
                live = taken.get(key)
            elif live.known_at > since:
                live.moved, live.readings = False, {}
                taken[key] = live
            else:
                live = None
            if live is None or fact.connector not in (live.row.connector, 0):
                told.append(None)
                continue
            told.append(live)
            received_at, readings, kept = fact.received_at, fact.readings, live.readings
            if len(readings) > 1:
                readings = tuple(sorted(readings, key=lambda r: r.at))
            for nth, reading in enumerate(readings):
                columns = row_of(reading, received_at, nth, rules, live.earliest)
                at = columns[0]
                kept[at] = merged(kept[at], columns) if at in kept else columns
                live.take(columns)
        # A stop to order, a flag to set: that is done under the row's lock, from the row itself.
        odd = {live.id for live in taken.values() if not live.ordinary}
        if odd:
            told = [None if live is None or live.id in odd else live for live in told]
        return sorted((live for live in taken.values() if live.id not in odd), key=_by_id), told


_by_id = operator.attrgetter("id")


class Writer:
    """A connection of its own for the groups of one writer, made when it is needed."""

    def __init__(self, url: str, hint: Hint) -> None:
        self._url = url
        self._hint = hint
        self._driver: store.Driver | None = None

    async def write(self, lives: Sequence[Live]) -> set[str]:
        """Write what was taken in, in one statement that commits; return the ids of rows that somebody else changed.

        Raises when it cannot be known to be written.
        """
        try:
            if self._driver is None:
                self._driver = await store.connect(self._url)
            changed = await store.write_known(self._driver, lives)
        except BaseException:
            await self.close()
            raise
        for live in lives:
            if live.id not in changed:
                self._hint(live.subject, live.hint())
        return changed

    async def close(self) -> None:
        """Close the connection, if there is one."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()
