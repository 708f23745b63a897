"""The OCPP log: what passed between us and each station. Never on the path of an answer: it may drop, and counts it."""

from __future__ import annotations

import asyncio
import collections
import datetime as dt
import itertools
import secrets
from collections.abc import Callable, Sequence

import msgspec
import structlog
from prometheus_client import Counter, Gauge

from zaryad.ocpp import store
from zaryad.ocpp.log import about
from zaryad.ocpp.log.hush import Hush
from zaryad.ocpp.log.masks import masked
from zaryad.ocpp.log.model import CUT, Exchange, Frame
from zaryad.platform.db import UNAVAILABLE, Db

__all__ = ["Exchange", "FrameLog", "look_after"]

log = structlog.get_logger()

WRITTEN = Counter("zaryad_ocpp_log_rows_total", "Rows written to the OCPP log")
DROPPED = Counter("zaryad_ocpp_log_dropped_total", "Exchanges that the OCPP log had no room for, or could not write")
WAITING = Gauge("zaryad_ocpp_log_waiting", "Exchanges waiting to be written to the OCPP log")

BATCH = 500
SLICE = 50  # made ready in one go, some 20 us each; then whoever waits for an answer has its turn
DAYS_AHEAD = 2
NR_BITS = 62  # numbers begin anywhere in here, so that no two gateways give one number at one moment


class FrameLog:
    """A bounded queue, copied to the database whenever somebody calls `flush`; then `tell` gets what was in it."""

    def __init__(
        self,
        db: Db,
        *,
        queue_max: int,
        text_max: int,
        bytes_max: int = 64 << 20,
        hush: Hush | None = None,
        tell: Callable[[Sequence[Frame]], None] | None = None,
    ) -> None:
        self._db = db
        self._queue: collections.deque[Exchange] = collections.deque()
        self._bytes = 0
        self._queue_max = queue_max
        self._bytes_max = bytes_max
        self._text_max = text_max
        self._hush = hush
        self._tell = tell
        self._days: set[dt.date] = set()
        self._numbers = itertools.count(secrets.randbits(NR_BITS))

    def offer(self, exchange: Exchange) -> None:
        """Take it if there is room, and if it is not one more of what this station does wrong all the time."""
        if self._hush is not None and not exchange.plain:
            if exchange.kind == "closed":
                for row in self._hush.more(of=exchange.station_id):
                    self._take(row)
            elif not _ours(exchange) and not self._hush.lets(exchange):
                return
        self._take(exchange)

    def _take(self, exchange: Exchange) -> None:
        size = _size(exchange)
        if size > 4 * self._text_max:
            exchange = self._shortened(exchange)
            size = _size(exchange)
        if len(self._queue) < self._queue_max and self._bytes + size <= self._bytes_max:
            self._queue.append(exchange)
            self._bytes += size
        else:
            DROPPED.inc()

    async def flush(self, *, last: bool = False) -> None:
        """Write what is waiting; what cannot be written is dropped and counted. `last`: nothing comes after."""
        if self._hush is not None:
            for row in self._hush.more(everything=last):
                self._take(row)
        WAITING.set(len(self._queue))
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            self._bytes = self._bytes - sum(map(_size, batch)) if self._queue else 0
            frames: list[Frame] = []
            for at in range(0, len(batch), SLICE):
                frames += [self._frame(exchange) for exchange in batch[at : at + SLICE]]
                await asyncio.sleep(0)
            try:
                await self._write(frames)
            except Exception as error:  # noqa: BLE001  # a log must not stop the gateway
                DROPPED.inc(len(batch))
                log.warning("ocpp_log.not_written", rows=len(batch), error=repr(error)[:300])
                self._said(frames)
                return
            WRITTEN.inc(len(batch))
            self._said(frames)
            await asyncio.sleep(0)

    def _said(self, frames: Sequence[Frame]) -> None:
        if self._tell is not None:
            self._tell(frames)

    async def _write(self, frames: list[Frame]) -> None:
        days = {frame.at.date() for frame in frames} - self._days
        for day in days:
            async with self._db.begin() as tx:
                await store.ensure_partition(tx, day)
        async with self._db.begin() as tx:
            await store.copy_frames(tx, [_row(frame) for frame in frames])
        self._days |= days

    def _frame(self, exchange: Exchange) -> Frame:
        payload, answer = self._text(exchange.payload), self._text(exchange.answer)
        action = _cut(exchange.action, 50)
        return Frame(
            exchange.at,
            exchange.station_id[:48],
            exchange.epoch,
            exchange.direction,
            exchange.kind,
            action,
            _cut(exchange.message_id, 100),
            _cut(exchange.outcome, 100),
            exchange.latency_ms,
            payload,
            answer,
            next(self._numbers),
            about.bulk(exchange.kind, action, exchange.outcome, payload),
            exchange.protocol,
            about.charge_ref(payload, answer),
        )

    def _text(self, text: str | bytes | None) -> str | None:
        if text is None:
            return None
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        shown = masked(text)
        return shown if len(shown) <= self._text_max else shown[: self._text_max - 1] + CUT

    def _shortened(self, exchange: Exchange) -> Exchange:
        """Keep twice what will be written, so that a secret at the cut is still known by the name beside it."""
        most = 2 * self._text_max
        answer = exchange.answer
        return msgspec.structs.replace(
            exchange,
            payload=None if exchange.payload is None else exchange.payload[:most],
            answer=None if answer is None else answer[:most],
        )


def _ours(exchange: Exchange) -> bool:
    """Whether the station did not make it happen, or the gateway let it: our calls, and connections."""
    return exchange.kind == "opened" or (exchange.kind == "call" and exchange.direction == "out")


def _size(exchange: Exchange) -> int:
    return len(exchange.payload or "") + len(exchange.answer or "")


def _row(frame: Frame) -> tuple[object, ...]:
    return (frame.at.isoformat(), *msgspec.structs.astuple(frame)[1:])


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most]


async def look_after(db: Db, now: dt.datetime, *, keep_days: int, keep_bulk_days: int) -> None:
    """Make the partitions of the days to come and drop those past keeping; a sweep, harmless when several do it.

    Heartbeats and readings go first; a day's table that holds everything (of older releases) goes with the day.
    """
    today = now.astimezone(dt.UTC).date()
    for ahead in range(DAYS_AHEAD + 1):
        async with db.begin() as tx:
            await store.ensure_partition(tx, today + dt.timedelta(days=ahead))
    async with db.begin() as tx:
        old = [day for day in await store.partitions(tx) if day < today - dt.timedelta(days=keep_days)]
        bulky = [day for day in await store.bulk_partitions(tx) if day < today - dt.timedelta(days=keep_bulk_days)]
    for day in old:
        await _forget(db, day, store.drop_partition)
    for day in set(bulky) - set(old):
        await _forget(db, day, store.drop_bulk)


async def _forget(db: Db, day: dt.date, drop: store.Drop) -> None:
    try:
        async with db.begin() as tx:
            await drop(tx, day)
    except UNAVAILABLE as error:  # somebody reads it now: the next round finds it again
        log.info("ocpp_log.kept_for_now", day=day.isoformat(), error=repr(error)[:200])
    else:
        log.info("ocpp_log.forgotten", day=day.isoformat(), what=drop.__name__)
