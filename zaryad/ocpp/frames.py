"""The OCPP log: what passed between us and each station. Never on the path of an answer: it may drop, and counts it."""

from __future__ import annotations

import asyncio
import collections
import datetime as dt
import re

import msgspec
import structlog
from prometheus_client import Counter, Gauge

from zaryad.ocpp import store
from zaryad.platform.db import Db

log = structlog.get_logger()

WRITTEN = Counter("zaryad_ocpp_log_rows_total", "Rows written to the OCPP log")
DROPPED = Counter("zaryad_ocpp_log_dropped_total", "Exchanges that the OCPP log had no room for, or could not write")
WAITING = Gauge("zaryad_ocpp_log_waiting", "Exchanges waiting to be written to the OCPP log")

BATCH = 1_000
DAYS_AHEAD = 2

# A configuration's key that names a secret, and the value that follows it or precedes it.
_NAMED = r'"key"\s*:\s*"[^"]*(?:AuthorizationKey|Password|Secret|Token)[^"]*"'
_VALUE = r'("value"\s*:\s*")((?:[^"\\]|\\.)*)'
_AFTER = re.compile(rf"({_NAMED}[^{{}}]*?){_VALUE}", re.IGNORECASE)
_BEFORE = re.compile(rf'{_VALUE}("[^{{}}]*?{_NAMED})', re.IGNORECASE)


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """A row of the log: a call with its answer, or something that happened on a connection."""

    at: dt.datetime
    station_id: str
    epoch: int
    direction: str
    kind: str
    action: str | None = None
    message_id: str | None = None
    outcome: str | None = None
    latency_ms: float | None = None
    payload: str | None = None
    answer: str | bytes | None = None


class FrameLog:
    """A bounded queue, copied to the database whenever somebody calls `flush`."""

    def __init__(self, db: Db, *, queue_max: int, text_max: int) -> None:
        self._db = db
        self._queue: collections.deque[Exchange] = collections.deque()
        self._queue_max = queue_max
        self._text_max = text_max
        self._days: set[dt.date] = set()

    def offer(self, exchange: Exchange) -> None:
        """Take it if there is room."""
        if len(self._queue) < self._queue_max:
            self._queue.append(exchange)
        else:
            DROPPED.inc()

    async def flush(self) -> None:
        """Write what is waiting; what cannot be written is dropped and counted."""
        WAITING.set(len(self._queue))
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            try:
                await self._write(batch)
            except Exception as error:  # noqa: BLE001  # a log must not stop the gateway
                DROPPED.inc(len(batch))
                log.warning("ocpp_log.not_written", rows=len(batch), error=repr(error)[:300])
                return
            WRITTEN.inc(len(batch))
            await asyncio.sleep(0)

    async def _write(self, batch: list[Exchange]) -> None:
        days = {exchange.at.date() for exchange in batch} - self._days
        async with self._db.begin() as tx:
            for day in days:
                await store.ensure_partition(tx, day)
            await store.copy_frames(tx, (self._row(exchange) for exchange in batch))
        self._days |= days

    def _row(self, exchange: Exchange) -> tuple[object, ...]:
        return (
            exchange.at.isoformat(),
            _cut(exchange.station_id, 48),
            exchange.epoch,
            exchange.direction,
            exchange.kind,
            _cut(exchange.action, 50),
            _cut(exchange.message_id, 100),
            _cut(exchange.outcome, 100),
            exchange.latency_ms,
            self._text(exchange.payload),
            self._text(exchange.answer),
        )

    def _text(self, text: str | bytes | None) -> str | None:
        if text is None:
            return None
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        return masked(text)[: self._text_max]


def masked(text: str) -> str:
    """Return a frame without the secrets that configuration messages carry."""
    if '"key"' not in text:
        return text
    return _BEFORE.sub(r"\1***\3", _AFTER.sub(r"\1\2***", text))


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most]


async def look_after(db: Db, now: dt.datetime, *, keep_days: int) -> None:
    """Make the partitions of the days to come and drop those past keeping; a sweep of the worker."""
    today = now.astimezone(dt.UTC).date()
    async with db.begin() as tx:
        for ahead in range(DAYS_AHEAD + 1):
            await store.ensure_partition(tx, today + dt.timedelta(days=ahead))
        old = [day for day in await store.partitions(tx) if day < today - dt.timedelta(days=keep_days)]
    for day in old:
        async with db.begin() as tx:
            await store.drop_partition(tx, day)
        log.info("ocpp_log.forgotten", day=day.isoformat())
