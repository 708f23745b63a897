"""Virtual stations of all versions at the real gateway with the real business behind it; and their log played again."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import psycopg
import pytest

from tests.charging.world import BOX, TARIFF, World
from tests.ocpp.rig import running_with
from tests.sandbox.test_client import Kept
from zaryad import charging, stations
from zaryad.app import wiring
from zaryad.app.config import Config, Security
from zaryad.charging import Limit
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.answers import TokenStatus
from zaryad.link.orders import AnyOrder, OrderId, OrderState
from zaryad.ocpp import log
from zaryad.ocpp.gateway import Gateway
from zaryad.ocpp.log import Filter
from zaryad.platform.bus import Bus, NatsBus
from zaryad.platform.db import Db
from zaryad.sandbox.client import Client
from zaryad.sandbox.model import (
    DropLink,
    OutletModel,
    PlugIn,
    PresentCard,
    Protocol,
    SetNetwork,
    SetSpeed,
    StationModel,
    Unplug,
)
from zaryad.sandbox.replay import play, read
from zaryad.sandbox.speakers import built

OUTLETS = tuple(OutletModel(number, "ccs2", 120_000) for number in (1, 2, 3, 4))
CARD = "04AABB01"
VERSIONS: tuple[Protocol, ...] = ("1.6", "2.0.1", "2.1")


class Site:
    """A gateway, and one virtual station at it."""

    gateway: Gateway

    def __init__(self, db: Db, url: str, client: Client, world: World) -> None:
        self.db = db
        self.url = url
        self.client = client
        self.world = world

    async def order(self, order: AnyOrder) -> tuple[OrderState, dict[str, object]]:
        now, id = SystemClock().now(), OrderId(new_id())
        async with self.db.begin() as tx:
            before = now + dt.timedelta(minutes=5)
            await orders.place(tx, id, BOX, order, author="staff:test", now=now, before=before)
        async with asyncio.timeout(10):
            while True:
                async with self.db.begin() as tx:
                    found = await orders.find(tx, id)
                assert found is not None
                if found.state not in (OrderState.CREATED, OrderState.SENT):
                    return found.state, found.detail or {}
                await asyncio.sleep(0.05)

    def row(self, sql: str) -> tuple[object, ...] | None:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql.encode()).fetchone()

    async def until(self, holds: Callable[[], object] | Callable[[], Awaitable[object]], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110  # whatever it is that has to hold
                await asyncio.sleep(0.02)

    @property
    def violations(self) -> list[str]:
        return list(self.client.station.violations)


@asynccontextmanager
async def site(
    db: Db, url: str, bus: Bus, version: Protocol, more: tuple[OutletModel, ...] = ()
) -> AsyncIterator[Site]:
    world = await World.build(db, charging.Settings(energy_min_wh=50))  # a test has no time for more
    await world.driver(5_000, card=CARD)
    async with db.begin() as tx:
        for it in more:
            plan = stations.ConnectorPlan(number=it.number, kind=it.kind, power_w=it.power_w, tariff_id=TARIFF)
            await stations.put_connector(tx, BOX, plan)
    config = Config(security=Security(secret="a secret that is long enough for anybody"))
    book = charging.MeterBook(url, config.charging)
    handlers = wiring.fact_handlers(db, config, book)
    async with running_with(db, bus, handlers, wiring.order_ended(config), SystemClock()) as gateway:
        often = {"MeterValueSampleInterval": "1"} if version == "1.6" else {"SampledDataCtrlr/TxUpdatedInterval": "1"}
        model = StationModel(
            id=BOX,
            outlets=OUTLETS + more,
            protocol=version,
            strict=True,
            configuration=often,
            start_delay_s=0,
            reboot_s=1,
        )
        client = Client(built(model), f"ws://127.0.0.1:{gateway.port}/ocpp", Kept(), SystemClock())
        task = asyncio.create_task(client.run())
        here = Site(db, url, client, world)
        here.gateway = gateway
        try:
            await here.until(lambda: client.view().boot == "accepted")
            yield here
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    await book.close()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_charge_by_card_is_billed(db: Db, database_url: str, bus: NatsBus, version: Protocol) -> None:
    async with site(db, database_url, bus, version) as here:
        client = here.client
        await client.do(SetSpeed(speed=600))
        await client.do(PlugIn(connector=2, soc_percent=20))
        await client.do(PresentCard(token=CARD, connector=2))
        await here.until(lambda: client.view().outlets[1].flowing_w)
        await asyncio.sleep(1.5)
        await client.do(Unplug(connector=2))
        await here.until(lambda: not client.view().queued)
        await here.until(lambda: here.row("select 1 from session where state in ('ended', 'settled')"))
        energy = here.row("select meter_stop_mwh - meter_start_mwh from session")
        assert energy is not None
        total = client.view().outlets[1].register_wh
        assert total > 0
        assert isinstance(energy[0], int)
        assert abs(energy[0] // 1_000 - total) <= 1
        assert here.violations == []


@pytest.mark.parametrize(("version", "connector"), [("1.6", 2), ("2.0.1", 101), ("2.1", 101)])
async def test_a_charge_started_by_phone_stops_at_its_limit(
    db: Db, database_url: str, bus: NatsBus, version: Protocol, connector: int
) -> None:
    """In 2.x on the second connector of the first EVSE."""
    more = (OutletModel(101, "chademo", 120_000),) if version != "1.6" else ()
    async with site(db, database_url, bus, version, more) as here:
        client = here.client
        await client.do(PlugIn(connector=connector, soc_percent=20))
        driver = await here.world.driver(1_000, phone="+996555000009")
        await asyncio.sleep(0.5)  # the state of the connector is told
        await here.world.start(driver, Limit(energy_wh=100), number=connector, now=SystemClock().now())
        await here.until(lambda: here.row("select 1 from session where state = 'ended'"), 20)
        await here.until(lambda: not client.view().queued)
        told = here.row("select meter_stop_mwh - meter_start_mwh, stop_reason, connector from session")
        assert told is not None
        assert isinstance(told[0], int)
        assert 90_000 <= told[0] < 300_000  # a reading comes every second, and a second is 33 Wh
        own = version == "2.1"  # transactionLimit: the station keeps it by itself, nobody orders a stop
        assert told[1:] == (None if own else "limit_energy", connector)
        assert here.violations == []


ORDERS: dict[str, AnyOrder] = {
    "unlock": orders.UnlockConnector(3),
    "close": orders.ChangeAvailability(4, operative=False),
    "open": orders.ChangeAvailability(4, operative=True),
    "cache": orders.ClearCache(),
    "heartbeat": orders.Trigger("Heartbeat"),
    "data": orders.SendData("Zaryad", "Echo", "hello"),
    "version": orders.AskListVersion(),
    "list": orders.SendLocalList(
        version=2, entries=(orders.ListEntry(token="HOME", status=TokenStatus.ACCEPTED),), full=True
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
async def test_orders_are_done_and_a_strict_station_has_nothing_to_say(
    db: Db, database_url: str, bus: NatsBus, version: Protocol
) -> None:
    async with site(db, database_url, bus, version) as here:
        states = {name: (await here.order(order))[0] for name, order in ORDERS.items()}
        assert states == dict.fromkeys(ORDERS, OrderState.DONE)
        if version != "1.6":
            report = await here.order(
                orders.RawCall("GetBaseReport", {"requestId": 900, "reportBase": "FullInventory"})
            )
            assert report[0] is OrderState.DONE
            await asyncio.sleep(0.5)
        assert here.violations == []


async def test_a_hundred_abrupt_reconnects(db: Db, database_url: str, bus: NatsBus) -> None:
    async with site(db, database_url, bus, "2.0.1") as here:
        await here.client.do(DropLink(times=100, back_ms=20))
        await here.until(lambda: here.client.station.drops == 0 and here.client.view().linked, 30)
        assert here.client.view().link_error is None
        await asyncio.sleep(0.5)
        async with db.begin() as tx:
            found = await stations.connectors_of(tx, SystemClock().now(), stations=[BOX])
        assert all(it.online for it in found)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_log_played_again_gets_the_same_answers(
    db: Db, database_url: str, bus: NatsBus, version: Protocol, tmp_path: Path
) -> None:
    async with site(db, database_url, bus, version) as here:
        await here.client.do(SetSpeed(speed=600))
        await here.client.do(PlugIn(connector=1, soc_percent=20))
        await here.client.do(PresentCard(token=CARD, connector=1))
        await here.until(lambda: here.client.view().outlets[0].flowing_w)
        assert (await here.order(orders.Trigger("Heartbeat")))[0] is OrderState.DONE
        await here.client.do(Unplug(connector=1))
        await here.until(lambda: not here.client.view().queued)
        await here.client.do(SetNetwork(up=False))  # two of one name would turn each other out
        await asyncio.sleep(1)  # the log is written
        written = [line async for line in log.lines(db, Filter(station=BOX), 1_000)]
        tape = read(written)
        assert tape.whole
        assert tape.subprotocol == f"ocpp{version}"
        assert {turn.by_station for turn in tape.turns} == {True, False}
        played = await play(
            tape, f"ws://127.0.0.1:{here.gateway.port}/ocpp", station_id=BOX, speed=0, begins_at=SystemClock().now()
        )
        assert [msgspec.to_builtins(it) for it in played.differences] == []
        assert played.answered == played.calls > 5
        changed = msgspec.structs.replace(
            tape,
            turns=tuple(
                msgspec.structs.replace(turn, answer=[3, "1", {"status": "Rejected"}])
                if turn.action == "BootNotification"
                else turn
                for turn in tape.turns
            ),
        )
        played = await play(changed, f"ws://127.0.0.1:{here.gateway.port}/ocpp", station_id=BOX, speed=0)
        assert "status" in {it.path for it in played.differences}
