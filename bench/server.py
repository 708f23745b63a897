"""The gateway under measure: with handlers that only answer (`echo`), or with the real meter book (`durable`)."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec
import structlog
import uvloop

from zaryad.kernel.clock import SystemClock
from zaryad.link.answers import Answer, BootStatus, Noted
from zaryad.link.door import Approach, Attempt
from zaryad.link.facts import Booted, MeterRead, StationId
from zaryad.link.orders import Placed
from zaryad.ocpp.gateway import Gateway, Settings
from zaryad.ocpp.gateway.ports import Handlers
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db, Tx
from zaryad.platform.lifecycle import settle_memory


class Verdict(Enum):
    """The door's word."""

    OK = "ok"


class Welcome(msgspec.Struct, frozen=True):
    """Everybody is let in: the handshake is not under measure here."""

    status: Verdict = Verdict.OK
    boot_status: BootStatus = BootStatus.ACCEPTED
    auth: str = "none"
    detail: Mapping[str, str] = {}
    noted: bool = True
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None


class OpenDoor:
    """The stations' port without a database."""

    epoch = 0

    async def admit(self, tx: Tx, approach: Approach, now: dt.datetime) -> Welcome:
        return Welcome()

    async def note_attempts(self, tx: Tx, attempts: Sequence[Attempt]) -> None:
        return None

    async def learn(self, tx: Tx, fact: Booted) -> bool:
        return True

    async def note_skews(self, tx: Tx, skews: Mapping[StationId, int], now: dt.datetime) -> None:
        return None

    async def connected(
        self, tx: Tx, station_id: StationId, node: str, protocol: str, address: str, now: dt.datetime
    ) -> int:
        OpenDoor.epoch += 1
        return OpenDoor.epoch

    async def disconnected(self, tx: Tx, station_id: StationId, epoch: int, now: dt.datetime) -> bool:
        return True

    async def seen(self, tx: Tx, station_ids: Sequence[str], now: dt.datetime) -> None:
        return None

    async def node_lost(self, tx: Tx, node: str, now: dt.datetime) -> int:
        return 0


async def serve(kind: str, url: str, nats: str) -> None:
    """Serve until standard input closes; a line on it is answered with the CPU seconds used so far."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    clock = SystemClock()
    bus = await NatsBus.connect(nats, "bench")
    db = Db.connect(url, hint=bus.publish)

    async def echo(_fact: MeterRead) -> Answer:
        return Noted()

    async def ended(_tx: Tx, _placed: Placed, _now: dt.datetime) -> None:
        return None

    settings = Settings(host="127.0.0.1", port=0, log_frames=False, open_within_s=60)
    if kind == "durable":
        from zaryad import charging

        book = charging.MeterBook(url, charging.DEFAULTS, bus.publish)
        handlers: Handlers = {MeterRead: book.record}  # type: ignore[dict-item]  # each kind has a handler of its own
    else:
        handlers = {MeterRead: echo}  # type: ignore[dict-item]  # as above
    gateway = Gateway(db, bus, handlers, ended, OpenDoor(), clock, settings)
    await gateway.start()
    settle_memory()
    print(gateway.port, flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        print(time.process_time(), flush=True)


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:4]))
