"""A gateway on a real socket and a real database, with a business that only remembers; and a station's raw end."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.stations.network import KEY
from zaryad import stations
from zaryad.kernel.clock import Clock, SystemClock
from zaryad.link.answers import (
    Answer,
    BeginVerdict,
    BootStatus,
    BootVerdict,
    ChainVerdict,
    ContractGiven,
    DataStatus,
    DataVerdict,
    EndVerdict,
    Judged,
    Noted,
    OcspGiven,
    TimeTold,
    TokenStatus,
    TokenVerdict,
    TransactionVerdict,
)
from zaryad.link.door import Approach
from zaryad.link.facts import (
    Beat,
    Booted,
    CertificateAsked,
    ChainAsked,
    ChargingBegan,
    ChargingEnded,
    ConnectorChanged,
    ContractAsked,
    CustomerPart,
    DataReceived,
    DiagnosticsReported,
    DisplaysPart,
    EventsTold,
    Fact,
    FirmwarePublished,
    FirmwareReported,
    LogReported,
    MeterRead,
    MonitorsPart,
    Notice,
    OcspAsked,
    ProfilesPart,
    ReservationEnded,
    SecurityEvent,
    StationId,
    TokenPresented,
    TransactionReported,
    VariablesPart,
)
from zaryad.link.orders import Placed
from zaryad.ocpp.gateway import Gateway, Handlers, OrderEnded, Settings
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db, Tx

Handler = Callable[[Any], Awaitable[Answer]]
BOX = StationId("KG-BIS-0001")


QUIET: tuple[type[Fact], ...] = (
    LogReported,
    FirmwarePublished,
    SecurityEvent,
    VariablesPart,
    MonitorsPart,
    ProfilesPart,
    DisplaysPart,
    CustomerPart,
    EventsTold,
    ReservationEnded,
)


class Doors:
    """The stations' module with its key bound, as the wiring does."""

    rules = stations.OCPP_DEFAULTS

    async def admit(self, tx: Tx, approach: Approach, now: dt.datetime) -> stations.Admission:
        return await stations.admit(tx, approach, now, KEY, self.rules)

    connected = staticmethod(stations.connected)
    disconnected = staticmethod(stations.disconnected)
    seen = staticmethod(stations.seen)
    node_lost = staticmethod(stations.node_lost)
    note_attempts = staticmethod(stations.note_attempts)
    note_skews = staticmethod(stations.note_skews)
    learn = staticmethod(stations.learn)


class Business:
    """Remembers facts in the order they were handled, and answers them kindly; a test replaces what it is about."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.ended: list[Placed] = []
        self.boot = BootStatus.ACCEPTED
        self.transaction = 100
        self.own: dict[type[Fact], Handler] = {}
        answers: dict[type[Fact], Callable[[], Answer]] = {
            Booted: lambda: BootVerdict(self.boot, 300, dt.datetime.now(dt.UTC)),
            Beat: lambda: TimeTold(dt.datetime.now(dt.UTC)),
            ConnectorChanged: Noted,
            MeterRead: Noted,
            FirmwareReported: Noted,
            DiagnosticsReported: Noted,
            TokenPresented: lambda: TokenVerdict(TokenStatus.ACCEPTED),
            ChargingBegan: self._begin,
            ChargingEnded: EndVerdict,
            DataReceived: lambda: DataVerdict(DataStatus.UNKNOWN_VENDOR),
            TransactionReported: lambda: TransactionVerdict(TokenVerdict(TokenStatus.ACCEPTED)),
            ContractAsked: lambda: ContractGiven(accepted=False, why="no_provider"),
            OcspAsked: lambda: OcspGiven(accepted=False),
            ChainAsked: lambda: ChainVerdict(()),
            CertificateAsked: Judged,
            Notice: Judged,
        }
        answers |= dict.fromkeys(QUIET, Noted)
        self.handlers = {kind: self._handler(kind, answer) for kind, answer in answers.items()}

    def told(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    async def order_ended(self, _tx: Tx, placed: Placed, _now: dt.datetime) -> None:
        self.ended.append(placed)

    def _begin(self) -> BeginVerdict:
        self.transaction += 1
        return BeginVerdict(str(self.transaction), TokenVerdict(TokenStatus.ACCEPTED))

    def _handler(self, kind: type[Fact], answer: Callable[[], Answer]) -> Handler:
        async def handle(fact: Fact) -> Answer:
            if kind in self.own:
                return await self.own[kind](fact)
            self.facts.append(fact)
            return answer()

        return handle


@asynccontextmanager
async def running_with(
    db: Db, bus: Bus, handlers: Handlers, order_ended: OrderEnded, clock: Clock, **settings: Any
) -> AsyncIterator[Gateway]:
    """A gateway on a free port."""
    rules = Settings(**{"host": "127.0.0.1", "port": 0, "node": "node-1", "poll_orders_every_s": 0.2, **settings})
    gateway = Gateway(db, bus, handlers, order_ended, Doors(), clock, rules)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


def running(db: Db, bus: Bus, business: Business, **settings: Any) -> AbstractAsyncContextManager[Gateway]:
    """A gateway with a business that only remembers."""
    return running_with(db, bus, business.handlers, business.order_ended, SystemClock(), **settings)


class Station:
    """A station's end of the socket: it says what it is told to, byte for byte."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.number = 0

    async def say(self, frame: str | bytes) -> None:
        await self.socket.send(frame, text=True)

    async def hear(self, seconds: float = 5) -> Any:
        return json.loads(await self.hear_text(seconds))

    async def hear_text(self, seconds: float = 5) -> str:
        return str(await asyncio.wait_for(self.socket.recv(), seconds))

    async def call(self, action: str, body: dict[str, Any] | None = None) -> Any:
        self.number += 1
        await self.say(json.dumps([2, str(self.number), action, body or {}]))
        answer = await self.hear()
        assert answer[1] == str(self.number)
        return answer[2] if answer[0] == 3 else answer

    async def boot(self) -> Any:
        if self.socket.subprotocol in (None, "ocpp1.6"):
            return await self.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        body = {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
        return await self.call("BootNotification", body)

    async def closed(self, seconds: float = 10) -> int | None:
        try:
            while True:
                await asyncio.wait_for(self.socket.recv(), seconds)
        except websockets.ConnectionClosed:
            return self.socket.close_code

    def drop(self) -> None:
        """As a pulled cable does, but told by the kernel."""
        self.socket.transport.abort()


def basic(user: str | bytes, password: str | bytes) -> str:
    parts = [part.encode() if isinstance(part, str) else part for part in (user, password)]
    return "Basic " + base64.b64encode(b":".join(parts)).decode()


@asynccontextmanager
async def station(
    gateway: Gateway,
    id: str = BOX,
    *,
    path: str = "/ocpp/",
    auth: str | None = None,
    subprotocols: Sequence[str] | None = ("ocpp1.6",),
) -> AsyncIterator[Station]:
    """A connected station."""
    async with connect(
        f"ws://127.0.0.1:{gateway.port}{path}{id}",
        subprotocols=subprotocols,  # type: ignore[arg-type]  # plain names
        additional_headers={"Authorization": auth} if auth else None,
        compression=None,
        ping_interval=None,
        close_timeout=1,
        proxy=None,
    ) as socket:
        yield Station(socket)


async def until(condition: Callable[[], Any], seconds: float = 5) -> Any:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not (value := condition()):  # noqa: ASYNC110  # whatever the condition is, no event tells of it
            await asyncio.sleep(0.01)
    return value
