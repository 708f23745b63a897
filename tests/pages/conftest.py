"""The driver's pages on a real database: the demo network, one station on the link, a driver with money."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import anyio
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from zaryad import accounts, charging, payments, stations, wallet
from zaryad.app import demo_network
from zaryad.auth import PUBLIC, RULE, Caller, Role, check
from zaryad.charging import receipts
from zaryad.charging.pages import page_routes
from zaryad.charging.receipts import api as receipts_api
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.link import orders
from zaryad.link.facts import ChargingBegan, ChargingEnded, ConnectorChanged, ConnectorState, Reading, StationId
from zaryad.link.orders import OrderId, OrderState
from zaryad.payments import Providers
from zaryad.platform import http
from zaryad.platform.db import Db
from zaryad.platform.http import Edge, make_app
from zaryad.ui import catalogue, t
from zaryad.ui.errors import error_pages
from zaryad.ui.frame import provide_frame
from zaryad.ui.static import static_file
from zaryad.ui.switch import switch_language
from zaryad.wallet import Posting, Transfer, TransferId

STATION = StationId("KG-BIS-0001")
START = dt.datetime(2026, 11, 21, 11, 50, tzinfo=dt.UTC)  # ten to six in the evening there: the peak begins at six


@dataclass
class World:
    """What a test turns: the clock, the language, who is signed in."""

    db: Db
    clock: ManualClock
    person: accounts.Person
    language: str = "ru"
    signed_in: bool = True
    rules: charging.Settings = field(default_factory=charging.Settings)

    @property
    def caller(self) -> Caller:
        return Caller(self.person.id, frozenset({Role.DRIVER}), self.language)

    async def say(self, state: ConnectorState, connector: int = 1) -> None:
        """The station tells a connector's state."""
        now = self.clock.now()
        fact = ConnectorChanged(station_id=STATION, received_at=now, connector=connector, state=state, at=now)
        async with self.db.begin() as tx:
            await stations.note_status(tx, fact)
            await stations.seen(tx, [STATION], now)

    async def accept(self, session_id: charging.SessionId) -> None:
        """The station agrees to start."""
        async with self.db.begin() as tx:
            placed = await orders.conclude(tx, OrderId(session_id), OrderState.DONE, {}, self.clock.now())
            assert placed is not None
            await charging.start_concluded(tx, placed, self.clock.now())

    async def begin(self, session_id: charging.SessionId) -> str:
        """The car charges; returns the transaction."""
        now = self.clock.now()
        fact = ChargingBegan(
            station_id=STATION,
            received_at=now,
            connector=1,
            token=charging.token_of(session_id),
            meter_start_mwh=1_000_000_000,
            at=now,
        )
        return (await charging.begin(self.db, self.rules, fact)).charge_ref

    async def end(self, session_id: charging.SessionId, charge_ref: str, energy_mwh: int, *, soc: int = 81) -> None:
        """The car has taken so much and stops; the money moves and the receipt is written."""
        began, now = self.clock.now(), self.clock.advance(dt.timedelta(minutes=20))
        half = began + (now - began) / 2
        readings = (
            Reading(at=half, energy_mwh=1_000_000_000 + energy_mwh // 2, power_mw=98_000_000, soc_percent=60),
            Reading(at=now, energy_mwh=1_000_000_000 + energy_mwh, power_mw=60_000_000, soc_percent=soc),
        )
        fact = ChargingEnded(
            station_id=STATION,
            received_at=now,
            charge_ref=charge_ref,
            meter_stop_mwh=1_000_000_000 + energy_mwh,
            at=now,
            readings=readings,
        )
        await charging.end(self.db, self.rules, fact)
        assert await charging.settle(self.db, session_id, now)

    async def receipt(self, session_id: charging.SessionId) -> receipts.Receipt:
        issued = await receipts.issue(self.db, receipts.Settings(), session_id, self.clock.now())
        assert issued is not None
        return issued


@pytest.fixture
async def world(db: Db) -> World:
    await demo_network.make(db, START - dt.timedelta(days=1), b"k" * 32)
    async with db.begin() as tx:
        person = await accounts.ensure_by_phone(tx, "+996555123456", "ru", START)
        await stations.connected(tx, STATION, "node", "ocpp1.6", "127.0.0.1", START)
    world = World(db, ManualClock(START), person)
    for number in (1, 2):
        await world.say(ConnectorState.AVAILABLE, number)
    return world


@pytest.fixture
async def rich(world: World) -> World:
    """The driver has 500 som."""
    async with world.db.begin() as tx:
        purse = await wallet.ensure_wallet(tx, world.person.id, "KGS", START)
        clearing = await wallet.system_account(tx, "clearing", "test", "KGS", START)
        posting = Posting(clearing, purse, Money(500_00, "KGS"))
        await wallet.post(tx, Transfer(TransferId(new_id()), "top_up", (posting,)), START)
    return world


TOKEN = "token"  # of the only person there is


class NobodyListens:
    """A bus without a server: pages only give hints, through the database's commits."""

    connected = True


@pytest.fixture
async def client(world: World) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """A browser of a person who is signed in, or not, as `world` says, at the real edge."""
    edge = Edge(
        authenticate=lambda token, _now: world.caller if token == TOKEN and world.signed_in else None,
        check=check,
        public=PUBLIC,
        rule=RULE,
        language=lambda _asked: world.language,
        translate=lambda language, key, values: t(language, key, **values) if catalogue().has(language, key) else None,
        error_page=error_pages(world.clock, demo=True),
    )
    app = make_app(
        api=receipts_api.routes,
        root=[*page_routes, static_file, switch_language],
        edge=edge,
        settings=http.Settings(),
        db=world.db,
        bus=NobodyListens(),  # type: ignore[arg-type]  # no page speaks on the bus
        clock=world.clock,
        dependencies={
            "frame": provide_frame(demo=True),
            "charging_rules": world.rules,
            "station_rules": stations.DEFAULTS,
            "wallet_rules": wallet.Settings(),
            "payment_rules": payments.Settings(),
            "payment_providers": Providers([]),
            "receipt_limit": anyio.CapacityLimiter(1),
        },
    )
    async with AsyncTestClient(app, base_url="http://test") as client:
        client.headers["accept"] = "text/html"
        client.cookies.update({"evp_access": TOKEN, "XSRF-TOKEN": TOKEN})
        yield client
