"""The lean stations against a server of the test: they do what the plan says and count what they see."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from tests.sandbox.central2 import schema
from tests.sandbox.test_client import Kept, Server
from zaryad.sandbox.swarm import Plan, Report, Swarm


class Central(Server):
    def __init__(self, doorman: Callable[[ServerConnection, Request], Response | None]) -> None:
        super().__init__(Kept({"KG 1": b'{"outlets":{}}'}))
        self.doorman = doorman


async def swarmed(central: Central, *, versions: tuple[str, ...] = ("ocpp1.6",), **plan: Any) -> dict[str, Report]:
    async with serve(central.handle, "127.0.0.1", 0, subprotocols=versions, process_request=central.doorman) as server:  # type: ignore[list-item]  # a NewType of str
        port = next(iter(server.sockets)).getsockname()[1]
        reports = await Swarm(Plan(gateway=f"ws://127.0.0.1:{port}/ocpp", **plan)).run()
    return {report.phase: report for report in reports}


@pytest.mark.parametrize(
    "anyio_backend", [("asyncio", {}), ("asyncio", {"use_uvloop": True})], ids=["asyncio", "uvloop"]
)
async def test_a_plan_from_the_storm_to_the_end() -> None:
    central = Central(lambda _connection, _request: None)
    reports = await swarmed(central, stations=30, at_once=10, sessions=10, interval_s=1, seconds=3, storm=True)
    assert list(reports) == ["connect", "sessions", "reconnect", "stop"]
    assert reports["connect"].connected == reports["connect"].handshakes == 30
    assert reports["connect"].errors == {}
    actions = {figures.action: figures for figures in reports["sessions"].actions}
    assert actions["StartTransaction"].answered == 10
    assert actions["MeterValues"].answered >= 10
    assert 0 < actions["MeterValues"].p50_ms <= actions["MeterValues"].p99_ms <= actions["MeterValues"].max_ms
    assert reports["reconnect"].handshakes == 30
    assert reports["stop"].in_session == 0
    boots = [body for name, body in central.heard if name == "BootNotification"]
    assert len(boots) == 30  # a reconnect is no reboot
    assert len({body["transactionId"] for name, body in central.heard if name == "StopTransaction"}) == 1


async def test_a_closed_door_is_counted() -> None:
    turned_away = 0

    def doorman(connection: ServerConnection, _request: Request) -> Response | None:
        nonlocal turned_away
        turned_away += 1
        return connection.respond(HTTPStatus.NOT_FOUND, "") if turned_away <= 3 else None

    reports = await swarmed(Central(doorman), stations=5)
    assert reports["connect"].connected == 5
    assert reports["connect"].errors == {"HTTP 404": 3}
    assert reports["connect"].reconnects == 3


class Central2(Central):
    """It answers 2.x."""

    def answer(self, action: str) -> dict[str, Any]:
        return {"idTokenInfo": {"status": "Accepted"}} if action == "TransactionEvent" else super().answer(action)


@pytest.mark.parametrize(("protocol", "version"), [("2.0.1", "2.0.1"), ("2.1", "2.1")])
async def test_a_swarm_of_2x_says_only_what_the_schemas_allow(protocol: Any, version: str) -> None:
    central = Central2(lambda _connection, _request: None)
    reports = await swarmed(
        central, versions=("ocpp2.0.1", "ocpp2.1"), stations=5, sessions=3, interval_s=1, seconds=3, protocol=protocol
    )
    assert reports["connect"].errors == {}
    assert reports["stop"].in_session == 0
    kinds = [body["eventType"] for name, body in central.heard if name == "TransactionEvent"]
    assert kinds.count("Started") == kinds.count("Ended") == 3
    assert "Updated" in kinds
    for name, body in central.heard:
        assert not list(schema(version, f"{name}Request").iter_errors(body))


def test_a_mixed_swarm_speaks_all() -> None:
    plan = Plan(gateway="ws://127.0.0.1:1", stations=6, protocol="mixed")
    assert [plan.speaks(number) for number in range(1, 7)] == ["2.0.1", "2.1", "1.6"] * 2
