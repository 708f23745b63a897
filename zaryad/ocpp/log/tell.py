"""The gateway's side of the live tail: rows go on the bus only while somebody listens, after they were written.

Whoever listens says so on `ocpp_log_wanted` every few seconds (a station's identity, or `*`) and is forgotten when it
stops. Rows go out on `ocpp_log.{part(station)}`, so many at a time; what is too much is counted, and the count is told.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from zaryad.ocpp.log.model import Frame
from zaryad.platform.bus import Bus, part

WANTED = "ocpp_log_wanted"
TELL_AGAIN_S = 5.0
FORGET_AFTER_S = 15.0
WANTED_MAX = 1_000  # stations that somebody listens to at one moment
ROWS_MAX = 500  # told per batch: what a person can follow, and the bus does not notice
BYTES_MAX = 256 << 10  # of one message on the bus
EVERY = "*"

_encode = msgspec.json.Encoder().encode


class Told(msgspec.Struct, frozen=True, array_like=True):
    """One message on the bus: rows of one station, and how many of its rows were too many to be told."""

    station_id: str
    frames: tuple[Frame, ...]
    lost: int = 0


class Teller:
    """Who is listened to, and what is told of them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._wanted: dict[str, float] = {}

    async def heard(self, _subject: str, payload: bytes) -> None:
        """Learn that somebody listens to a station, or to every one."""
        wanted = payload.decode("utf-8", "replace")
        if wanted in self._wanted or len(self._wanted) < WANTED_MAX:
            self._wanted[wanted] = time.monotonic() + FORGET_AFTER_S

    def tell(self, frames: Sequence[Frame]) -> None:
        """Tell those rows of a batch that somebody listens to."""
        if not self._wanted:
            return
        now = time.monotonic()
        self._wanted = {station: until for station, until in self._wanted.items() if until > now}
        everything = EVERY in self._wanted
        by_station: dict[str, list[Frame]] = {}
        lost: dict[str, int] = {}
        told = 0
        for frame in frames:
            if not everything and frame.station_id not in self._wanted:
                continue
            if told < ROWS_MAX:
                told += 1
                by_station.setdefault(frame.station_id, []).append(frame)
            else:
                lost[frame.station_id] = lost.get(frame.station_id, 0) + 1
        for station in [*by_station, *(each for each in lost if each not in by_station)]:
            self._publish(station, by_station.get(station, []), lost.get(station, 0))

    def _publish(self, station: str, frames: list[Frame], lost: int) -> None:
        subject = f"ocpp_log.{part(station)}"
        some: list[Frame] = []
        size = 0
        for frame in frames:
            weight = 3 * (len(frame.payload or "") + len(frame.answer or ""))  # at most, as UTF-8
            if some and size + weight > BYTES_MAX:
                self._bus.publish(subject, _encode(Told(station, tuple(some))))
                some, size = [], 0
            some.append(frame)
            size += weight
        self._bus.publish(subject, _encode(Told(station, tuple(some), lost)))


read_told = msgspec.json.Decoder(Told).decode
