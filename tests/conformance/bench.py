"""A platform as it is wired, on a real socket and a real database; what a station on it is asked and says."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg

from tests.charging.world import BOX, World
from tests.ocpp.rig import Station, station
from zaryad import accounts, certificates, charging
from zaryad.accounts import IdToken, PersonId
from zaryad.app import wiring, wiring_security
from zaryad.app.config import Config, Security
from zaryad.charging import SessionId
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, OrderId, OrderState, Placed
from zaryad.ocpp.gateway import Gateway, Settings
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db

NOW = dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC)
CARD = "04AABB01"
V16, V201, V21 = "ocpp1.6", "ocpp2.0.1", "ocpp2.1"
_BOOT: dict[str, dict[str, Any]] = {
    V16: {"chargePointVendor": "ABB", "chargePointModel": "Terra 54", "chargePointSerialNumber": "SN-1"},
    V201: {"reason": "PowerUp", "chargingStation": {"model": "Terra 184", "vendorName": "ABB"}},
}


def at(minutes: float = 0) -> str:
    """A moment on the wire, so many minutes after the bench's first."""
    return (NOW + dt.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Asked:
    """A request of the platform that waits for its answer."""

    def __init__(self, box: Station, frame: list[Any]) -> None:
        self._box, self._id = box, frame[1]
        self.action: str = frame[2]
        self.body: dict[str, Any] = frame[3]

    async def answer(self, **body: Any) -> None:
        await self._box.say(_json([3, self._id, body]))


class Bench:
    """What the tests of a suite drive."""

    def __init__(  # made in one place
        self,
        db: Db,
        url: str,
        world: World,
        gateway: Gateway,
        clock: ManualClock,
        config: Config,
        driver: PersonId,
    ) -> None:
        self.db, self.url, self.world, self.gateway, self.clock, self.config = db, url, world, gateway, clock, config
        self.driver = driver
        self.guard = wiring_security.Guard(config)

    def station(self, version: str = V16, id: str = BOX, **handshake: Any) -> AbstractAsyncContextManager[Station]:
        """A station's socket, before it says anything."""
        return station(self.gateway, id, subprotocols=[version], **handshake)

    @asynccontextmanager
    async def booted(self, version: str = V16, **handshake: Any) -> AsyncIterator[Station]:
        """A station that has been accepted."""
        async with self.station(version, **handshake) as box:
            assert (await self.boot(box))["status"] == "Accepted"
            yield box

    async def boot(self, box: Station) -> Any:
        """Say BootNotification."""
        return await box.call("BootNotification", _BOOT[V16 if box.socket.subprotocol == V16 else V201])

    def later(self, minutes: float) -> None:
        """Let so many minutes have passed since the beginning."""
        self.clock.set(NOW + dt.timedelta(minutes=minutes))

    async def place(self, order: AnyOrder, box: str = BOX) -> OrderId:
        """Place an order, as a person would."""
        id, now = OrderId(new_id()), self.clock.now()
        async with self.db.begin() as tx:
            before = now + dt.timedelta(minutes=5)
            await orders.place(tx, id, StationId(box), order, author="staff:test", now=now, before=before)
        return id

    async def asked(self, box: Station, action: str) -> Asked:
        """Hear the platform ask."""
        frame = await box.hear()
        assert frame[0] == 2, frame
        asked = Asked(box, frame)
        assert asked.action == action, frame
        return asked

    async def carried_out(self, box: Station, order: AnyOrder, action: str, **answer: Any) -> tuple[Placed, Any]:
        """Place an order, hear it asked as `action`, answer it: the order as it ended, and what was asked."""
        id = await self.place(order)
        asked = await self.asked(box, action)
        await asked.answer(**answer)
        return await self.ended(id), asked.body

    async def ended(self, id: OrderId) -> Placed:
        """The order, when it has ended."""
        async with asyncio.timeout(5):
            while True:
                async with self.db.begin() as tx:
                    placed = await orders.find(tx, id)
                if placed is not None and placed.state.ended:
                    return placed
                await asyncio.sleep(0.02)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def write(self, sql: str, *values: Any) -> None:
        """Change rows that an operator changes elsewhere."""
        with psycopg.connect(self.url) as connection:
            connection.execute(sql.encode(), values)

    def value(self, sql: str, *values: Any) -> Any:
        """The one value of a query."""
        ((value,),) = self.rows(sql, *values)
        return value

    async def card(self, token: str, **about: Any) -> None:
        """Give the driver one more card, in whatever state."""
        async with self.db.begin() as tx:
            await accounts.put_token(tx, IdToken(token=token, person_id=self.driver, **about), NOW)

    async def remote_start(self, connector: int = 1) -> tuple[SessionId, str]:
        """Start from the app: the session, and the token that its transaction will have."""
        id = await self.world.start(self.driver, number=connector, now=self.clock.now())
        return id, charging.token_of(id)

    async def settle(self) -> None:
        """Settle what has ended, as the worker would."""
        for (id,) in self.rows("select id from session where state = 'ended'"):
            await self.world.settle(SessionId(UUID(str(id))), self.clock.now())

    async def sweep(self) -> None:
        """Look after what timers look after, as the worker would."""
        await charging.look_after(self.db, self.world.rules, self.clock.now())
        await charging.sweep(self.db, self.world.rules, self.clock.now())
        for sweep in wiring.sweeps(self.db, self.config, self.clock):
            if sweep.name in ("reservations.expire", "orders.expire"):
                await sweep.run()

    async def sign(self) -> None:
        """Sign the certificates that were asked for, as the worker would."""
        sign = self.guard.jobs(self.db, self.clock)[certificates.SIGN_JOB]
        for (id,) in self.rows("select id from certificate_request where state = 'asked'"):
            await sign(request_id=str(id))

    # What stations say, in the words of 1.6

    async def status(
        self, box: Station, connector: int, status: str, minutes: float = 0, error: str = "NoError"
    ) -> None:
        body = {"connectorId": connector, "errorCode": error, "status": status, "timestamp": at(minutes)}
        assert await box.call("StatusNotification", body) == {}

    async def begin(self, box: Station, tag: str = CARD, connector: int = 1, minutes: float = 0, **more: Any) -> Any:
        body = {"connectorId": connector, "idTag": tag, "meterStart": 0, "timestamp": at(minutes), **more}
        return await box.call("StartTransaction", body)

    async def end(self, box: Station, tx: int, wh: int, minutes: float, **more: Any) -> Any:
        body = {"transactionId": tx, "meterStop": wh, "timestamp": at(minutes), **more}
        return await box.call("StopTransaction", body)

    # And in those of 2.x

    async def event(
        self, box: Station, told: str, seq: int, trigger: str, minutes: float = 0, tx: str = "tx-1", **more: Any
    ) -> Any:
        info = {"transactionId": tx, **more.pop("info", {})}
        body = {"eventType": told, "timestamp": at(minutes), "triggerReason": trigger, "seqNo": seq, **more}
        return await box.call("TransactionEvent", body | {"transactionInfo": info})

    async def status2(self, box: Station, evse: int, status: str, minutes: float = 0, connector: int = 1) -> None:
        body = {"timestamp": at(minutes), "connectorStatus": status, "evseId": evse, "connectorId": connector}
        assert await box.call("StatusNotification", body) == {}


def card(token: str = CARD, kind: str = "ISO14443") -> dict[str, str]:
    """A token of 2.x."""
    return {"idToken": token, "type": kind}


def meter(wh: float, minutes: float, context: str = "Sample.Periodic") -> list[dict[str, Any]]:
    """A 2.x register."""
    return [{"timestamp": at(minutes), "sampledValue": [{"value": wh, "context": context}]}]


def _json(value: Any) -> str:
    return json.dumps(value)


@asynccontextmanager
async def running(db: Db, url: str, bus: Bus, **settings: Any) -> AsyncIterator[Bench]:
    """The bench, with a card that has a thousand som."""
    config = Config(security=Security(secret="benches-have-no-secrets-to-keep-at-all"))
    clock = ManualClock(NOW)
    world = await World.build(db)
    driver = await world.driver(1_000, phone="+996555000002", card=CARD)
    book, guard = charging.MeterBook(url, config.charging), wiring_security.Guard(config)
    gateway = Gateway(
        db,
        bus,
        wiring.fact_handlers(db, config, book),
        wiring.order_ended(config),
        wiring.Door(config),
        clock,
        Settings(**{"host": "127.0.0.1", "port": 0, "node": "node-1", "poll_orders_every_s": 0.2, **settings}),
        reveal=guard.reveal,
    )
    await gateway.start()
    try:
        yield Bench(db, url, world, gateway, clock, config, driver)
    finally:
        await gateway.stop()
        await book.close()


DONE, REFUSED, NOT_SUPPORTED = OrderState.DONE, OrderState.REFUSED, OrderState.NOT_SUPPORTED
