"""The listener's side of the live tail: says that it listens, keeps a bounded number of rows, counts what it drops."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from zaryad.ocpp.log.model import Filter, Frame
from zaryad.ocpp.log.tell import EVERY, TELL_AGAIN_S, WANTED, read_told
from zaryad.platform.bus import Bus, part

WAITING_MAX = 1_000
TEXT_MAX = 2_000  # of each frame that is kept and sent: the whole is in the log, under the row's key


class Tail:
    """Rows that match and are not taken yet, oldest first."""

    def __init__(self, wanted: Filter, waiting_max: int = WAITING_MAX) -> None:
        self._wanted = wanted
        self._waiting: collections.deque[Frame] = collections.deque(maxlen=waiting_max)
        self._lost = 0
        self._some = asyncio.Event()

    async def heard(self, _subject: str, payload: bytes) -> None:
        """Take what a gateway told."""
        told = read_told(payload)
        if self._wanted.stations is not None and told.station_id not in self._wanted.stations:
            return
        self._lost += told.lost  # not known whether they would have matched: said as "at most"
        for frame in told.frames:
            if self._wanted.matches(frame):
                self._lost += len(self._waiting) == self._waiting.maxlen
                self._waiting.append(_shortened(frame))
        self._some.set()

    async def take(self, within_s: float) -> tuple[list[Frame], int]:
        """Wait for rows; return them, and how many were lost since the last time. Nothing when none came in time."""
        try:
            async with asyncio.timeout(within_s):
                await self._some.wait()
        except TimeoutError:
            return [], 0
        self._some.clear()
        found, lost = list(self._waiting), self._lost
        self._waiting.clear()
        self._lost = 0
        return found, lost


def _shortened(frame: Frame) -> Frame:
    if len(frame.payload or "") <= TEXT_MAX and len(frame.answer or "") <= TEXT_MAX:
        return frame
    payload, answer = frame.payload, frame.answer
    return msgspec.structs.replace(
        frame,
        payload=None if payload is None else payload[:TEXT_MAX],
        answer=None if answer is None else answer[:TEXT_MAX],
    )


@asynccontextmanager
async def tail(bus: Bus, wanted: Filter, waiting_max: int = WAITING_MAX) -> AsyncIterator[Tail]:
    """Listen as long as the context is open."""
    made = Tail(wanted, waiting_max)
    subject = "ocpp_log." + ("*" if wanted.station is None else part(wanted.station))
    unsubscribe = await bus.subscribe(subject, made.heard)
    saying = asyncio.create_task(_say(bus, wanted.station or EVERY))
    try:
        yield made
    finally:
        saying.cancel()
        await unsubscribe()


async def _say(bus: Bus, what: str) -> None:
    while True:
        bus.publish(WANTED, what.encode())
        await asyncio.sleep(TELL_AGAIN_S)
