"""A little network whose stations answer orders as a test says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.stations.network import ID, NOW, build
from zaryad import stations
from zaryad.app import wiring
from zaryad.app.config import Config, Security
from zaryad.link import orders
from zaryad.link.facts import Booted, StationId
from zaryad.link.orders import AnyOrder, OrderState, Placed
from zaryad.ocpp.gateway import end_order
from zaryad.platform.db import Db

CONFIG = Config(security=Security(secret="these tests have no secrets to keep"))

Said = Callable[[AnyOrder], tuple[OrderState, dict[str, Any]] | None]


class Network:
    """One station, connected; `answer` lets it answer all orders that wait."""

    def __init__(self, db: Db, protocol: str) -> None:
        self.db = db
        self.id = ID
        self.protocol = protocol
        self.now = NOW
        self.asked: list[Placed] = []

    @classmethod
    async def build(cls, db: Db, protocol: str = "ocpp1.6", *, vendor: str = "Star Charge") -> Network:
        await build(db)
        it = cls(db, protocol)
        await it.connect()
        await it.boot(vendor=vendor)
        return it

    async def connect(self) -> None:
        async with self.db.begin() as tx:
            self.epoch = await stations.connected(tx, self.id, "node", self.protocol, "10.0.0.1", self.now)

    async def boot(self, *, vendor: str = "Star Charge", firmware: str = "1.0") -> None:
        fact = Booted(
            station_id=self.id,
            received_at=self.now,
            vendor=vendor,
            model="Artemis 120",
            firmware=firmware,
            protocol=self.protocol,
        )
        await stations.note_boot(self.db, stations.DEFAULTS, fact)

    async def answer(self, say: Said) -> list[AnyOrder]:
        """Take what waits, one after another, and answer it; an order that `say` has no answer for stays sent."""
        taken: list[AnyOrder] = []
        while True:
            async with self.db.begin() as tx:
                placed = await orders.take_next(tx, self.id, epoch=self.epoch, now=self.now)
            if placed is None:
                return taken
            taken.append(placed.order)
            self.asked.append(placed)
            said = say(placed.order)
            if said is not None:
                await end_order(self.db, wiring.order_ended(CONFIG), placed, said[0], said[1], self.now)

    def later(self, **by: int) -> dt.datetime:
        self.now += dt.timedelta(**by)
        return self.now


def accepted(_: AnyOrder) -> tuple[OrderState, dict[str, Any]]:
    return OrderState.DONE, {"status": "Accepted"}


STATION = StationId(ID)
