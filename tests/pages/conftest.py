"""The driver's pages on a real database: the demo network, one station on the link, a driver with money."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.testing import AsyncTestClient

from zaryad import accounts, charging, payments, stations, wallet
from zaryad.app import demo_network
from zaryad.auth import Caller, Role
from zaryad.charging import receipts
from zaryad.charging.pages import page_routes
from zaryad.charging.receipts import api as receipts_api
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.link import orders
from zaryad.link.facts import ChargingBegan, ChargingEnded, ConnectorChanged, ConnectorState, Reading, StationId
from zaryad.link.orders import OrderId, OrderState
from zaryad.payments import Providers
from zaryad.platform.db import Db
from zaryad.ui.errors import pages_for_browsers
from zaryad.ui.render import Frame
from zaryad.ui.static import static_file
from zaryad.ui.switch import switch_language
from zaryad.wallet import Posting, Transfer, TransferId

STATION = StationId("KG-BIS-0001")
START = dt.datetime(2026, 11, 21, 11, 50, tzinfo=dt.UTC)  # ten to six in the evening there: the peak begins at six
STATUS = {Kind.NOT_FOUND: 404, Kind.INVALID: 400, Kind.REFUSED: 422, Kind.CONFLICT: 409, Kind.FORBIDDEN: 403}


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


def _as_problem(_request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    assert isinstance(error, DomainError), repr(error)
    return Response({"code": error.code}, status_code=STATUS[error.kind])


@pytest.fixture
async def client(world: World) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """A browser of a person who is signed in, or not, as `world` says."""

    def frame_of(request: Request[Any, Any, Any]) -> Frame:
        return Frame(
            language=world.language,
            now=world.clock.now(),
            path=request.url.path,
            csrf="token",
            signed_in=world.signed_in,
            demo=True,
        )

    def given(value: Any) -> Provide:
        return Provide(value, sync_to_thread=False)

    # Values behind functions: of a class, Litestar would read the fields from the query.
    wallet_rules, payment_rules = wallet.Settings(), payments.Settings()

    app = Litestar(
        [*page_routes, *receipts_api.routes, static_file, switch_language],
        dependencies={
            "db": given(lambda: world.db),
            "now": given(world.clock.now),
            "language": given(lambda: world.language),
            "frame": given(frame_of),
            "caller": given(lambda: world.caller),
            "visitor": given(lambda: world.caller if world.signed_in else None),
            "charging_rules": given(lambda: world.rules),
            "station_rules": given(lambda: stations.DEFAULTS),
            "wallet_rules": given(lambda: wallet_rules),
            "payment_rules": given(lambda: payment_rules),
            "payment_providers": given(lambda: Providers([])),
            "receipt_limit": given(lambda: anyio.CapacityLimiter(1)),
        },
        exception_handlers={DomainError: pages_for_browsers(_as_problem, frame_of)},
    )
    async with AsyncTestClient(app, base_url="http://test") as client:
        client.headers["accept"] = "text/html"
        yield client
