"""Readings, made durable in groups: many stations wait for one commit, and none is answered before it.

A group opens with its first reading and is written when it is full enough or has lingered a few milliseconds. Two
groups are in flight, on two connections. When a group fails and the database is there, one of its rows is bad: each
is tried alone, so that one station's nonsense costs the others nothing. When the database is not there, everyone who
waits gets the exception, and the stations send again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Sequence
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from zaryad.charging.meter import store
from zaryad.charging.meter.group import Group
from zaryad.charging.meter.known import Known, Writer
from zaryad.charging.meter.rows import merged, row_of
from zaryad.charging.model import Session, Settings
from zaryad.charging.when import AHEAD_MAX
from zaryad.link.answers import Noted
from zaryad.link.facts import ChargingEnded, MeterRead
from zaryad.platform.db import Db, Hint, Tx, no_hint

log = structlog.get_logger()

NOTED = Noted()
IN_FLIGHT = 2

ROWS = Histogram("zaryad_meter_group_facts", "Facts written together", buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500))
FAILED = Counter("zaryad_meter_group_failures_total", "Groups that were not written at once", ["why"])

Waiting = tuple[MeterRead, "asyncio.Future[Noted]"]


class MeterBook:
    """Takes readings from this process's stations and returns when they are committed."""

    def __init__(self, url: str, rules: Settings, hint: Hint = no_hint) -> None:
        self._db = Db.connect(url, pool=IN_FLIGHT, hint=hint)
        self._known = Known(rules)
        self._shorts = [Writer(url, hint) for _ in range(IN_FLIGHT)]
        self._rules = rules
        self._waiting: deque[Waiting] = deque()
        self._due = asyncio.Event()
        self._room = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._writers: list[asyncio.Task[None]] = []
        self._writing: set[asyncio.Task[None]] = set()
        self._closed = False

    async def record(self, fact: MeterRead) -> Noted:
        """Write the readings; returns after the commit, raises when they could not be written.

        Waits where too much waits already: the caller reads no more from its socket meanwhile.
        """
        if not self._writers:
            self._writers = [
                asyncio.create_task(self._write(short), name=f"meter {n}") for n, short in enumerate(self._shorts)
            ]
        while len(self._waiting) >= self._rules.group_waiting_max:
            self._room.clear()
            await self._room.wait()
        if self._closed:
            raise ConnectionError("the meter book is closed")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Noted] = loop.create_future()
        self._waiting.append((fact, done))
        if len(self._waiting) >= self._rules.group_flush_rows:
            self._due.set()
        elif self._timer is None:
            self._timer = loop.call_later(self._rules.group_linger_ms / 1_000, self._lingered)
        return await done

    async def close(self) -> None:
        """Write what waits, then close the connections."""
        self._closed = True
        self._room.set()
        waiting = [done for _, done in self._waiting]
        self._due.set()
        await asyncio.gather(*waiting, *self._writing, return_exceptions=True)
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)
        for short in self._shorts:
            await short.close()
        await self._db.close()

    def _lingered(self) -> None:
        self._timer = None
        self._due.set()

    async def _write(self, short: Writer) -> None:
        """Write group after group."""
        while True:
            await self._due.wait()
            group = self._take()
            if not group:
                continue
            writing = asyncio.create_task(self._written(short, group))
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)
            try:
                await asyncio.shield(writing)  # a closing book finishes what it has begun
            except Exception as error:
                log.exception("meter.writer_failed")
                _fail(group, error)

    def _take(self) -> list[Waiting]:
        """Take the next group; whoever is left waits for the timer, or for a group's worth."""
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._rules.group_rows_max))]
        if len(self._waiting) < self._rules.group_flush_rows:
            self._due.clear()
            if self._waiting and self._timer is None:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(self._rules.group_linger_ms / 1_000, self._lingered)
        self._room.set()
        return group

    async def _written(self, short: Writer, group: list[Waiting]) -> None:
        """Write a group: what is known of it the short way, the rest under the rows' locks."""
        ROWS.observe(len(group))
        lives, told = self._known.take([fact for fact, _ in group])
        rest = group
        if lives:
            try:
                changed = await short.write(lives)
            except Exception as error:  # noqa: BLE001  # whatever it is: the other way tells whether it lasts
                FAILED.labels("known").inc()
                log.warning("meter.known_failed", sessions=len(lives), error=repr(error))
            else:
                if changed:
                    lives = [live for live in lives if live.id not in changed]
                    told = [None if live is None or live.id in changed else live for live in told]
                self._known.learn(lives)
                rest = [one for one, live in zip(group, told, strict=True) if live is None] if None in told else []
                _answer(group if not rest else [one for one, live in zip(group, told, strict=True) if live is not None])
        if rest:
            await self._locked(rest)

    async def _locked(self, group: list[Waiting]) -> None:
        try:
            await self._commit([fact for fact, _ in group])
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told to whoever waits
            if len(group) == 1 or not await self._reachable():
                FAILED.labels("database").inc()
                log.warning("meter.group_failed", facts=len(group), error=repr(error))
                _fail(group, error)
                return
            FAILED.labels("one_by_one").inc()
            log.warning("meter.one_by_one", facts=len(group), error=repr(error))
            for one in group:
                await self._locked([one])
            return
        _answer(group)

    async def _commit(self, facts: Sequence[MeterRead]) -> None:
        async with self._db.begin() as tx:
            group = Group(tx, self._rules)
            await group.write(facts)
        self._known.learn(group.left())

    async def _reachable(self) -> bool:
        try:
            async with self._db.begin() as tx:
                await (await tx.driver()).execute("select 1")
        except Exception:  # noqa: BLE001  # any failure is the answer
            return False
        return True


async def store_readings(tx: Tx, rules: Settings, session: Session, fact: ChargingEnded) -> None:
    """Keep the readings that came with a stop; the settlement evaluates them with the rest."""
    assert session.began_at is not None, "it began"
    rows: dict[dt.datetime, tuple[Any, ...]] = {}
    for nth, reading in enumerate(fact.readings):
        row = row_of(reading, fact.received_at, nth, rules, session.began_at - AHEAD_MAX)
        rows[row[0]] = merged(rows[row[0]], row) if row[0] in rows else row
    if rows:
        await store.insert_readings(await tx.driver(), [str(session.id)] * len(rows), rows.values())


def _answer(group: Sequence[Waiting]) -> None:
    for _, done in group:
        if not done.done():
            done.set_result(NOTED)


def _fail(group: Sequence[Waiting], error: Exception) -> None:
    for _, done in group:
        if not done.done():
            done.set_exception(error)
