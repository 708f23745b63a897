"""Orders over HTTP with the real gateway: what is asked is a frame, and what comes of it is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import pytest

from tests.http.routes import application
from tests.ocpp.rig import BOX
from tests.stations.orders.world import World, answer, answering, world
from zaryad.auth import Role
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder
from zaryad.platform.bus import NatsBus
from zaryad.platform.http_docs import document


@pytest.fixture
async def net(database_url: str, bus: NatsBus) -> AsyncIterator[World]:
    async with world(database_url, bus) as it:
        yield it


async def test_an_order_is_awaited_until_the_station_has_answered(net: World) -> None:
    async with net.box() as box:
        asked = asyncio.create_task(net.order("unlock-connector", {"connector": 2}, await_s=20))
        call = await answer(box, {"status": "Unlocked"})
        assert call[2:] == ["UnlockConnector", {"connectorId": 2}]
        began = time.monotonic()
        told = await asked
        assert time.monotonic() - began < 1.5, "the hint wakes it, not the look now and then"
    assert told.status_code == 200
    shown = told.json()
    assert (shown["state"], shown["outcome"], shown["detail"]) == ("answered", "accepted", {"status": "Unlocked"})
    assert (shown["kind"], shown["order"], shown["station_id"]) == ("unlock_connector", {"connector": 2}, BOX)
    assert shown["author"].startswith("staff:")


async def test_a_refusal_is_an_answer_and_not_an_error(net: World) -> None:
    async with net.box() as box, answering(box, lambda *_: {"status": "Rejected"}):
        told = await net.order("clear-cache", await_s=20)
    assert (told.json()["state"], told.json()["outcome"]) == ("answered", "refused")


async def test_what_the_version_does_not_have_ends_as_not_supported(net: World) -> None:
    async with net.box() as box, answering(box, lambda *_: {}) as heard:
        told = await net.order("report-base", {"base": "full"}, await_s=20)
    assert (told.json()["state"], told.json()["outcome"], heard) == ("not_supported", None, [])


async def test_without_a_connection_it_waits_and_can_be_taken_back(net: World) -> None:
    id = uuid4()
    told = await net.order("reset-station", {"hard": True}, id)
    assert (told.status_code, told.json()["state"]) == (202, "created")
    again = await net.order("reset-station", {"hard": True}, id)
    assert again.json() == told.json(), "asking twice is asking once"
    other = await net.order("reset-station", {"hard": False}, id)
    assert (other.status_code, other.json()["code"]) == (409, "order_id_taken")
    for _ in range(2):
        cancelled = await net.ask("DELETE", f"/orders/{id}")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert (await net.get(f"/orders/{id}"))["state"] == "cancelled"
    async with net.box() as box:
        with pytest.raises(TimeoutError):
            await box.hear(0.7)


async def test_what_the_station_has_cannot_be_taken_back(net: World) -> None:
    async with net.box() as box:
        id = uuid4()
        await net.order("clear-cache", id=id)
        call = await box.hear()
        late = await net.ask("DELETE", f"/orders/{id}")
        assert (late.status_code, late.json()["code"]) == (409, "order_sent_already")
        assert (await net.get(f"/orders/{id}"))["state"] == "sent"
        await box.say(json.dumps([3, call[1], {"status": "Accepted"}]))
        assert (await net.get(f"/orders/{id}", await_s=10))["state"] == "answered"
    late = await net.ask("DELETE", f"/orders/{id}")
    assert (late.status_code, late.json()["code"]) == (409, "order_ended_already")


async def test_an_order_is_followed_from_event_to_event(net: World) -> None:
    async with net.box() as box:
        id = uuid4()
        await net.order("clear-cache", id=id)
        call = await box.hear()
        following = asyncio.create_task(net.ask("GET", f"/orders/{id}/events"))
        await asyncio.sleep(0.3)
        await box.say(json.dumps([3, call[1], {"status": "Accepted"}]))
        told = await asyncio.wait_for(following, 10)
    assert told.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("event: ") for line in told.text.splitlines() if line.startswith("event: ")]
    assert events == ["sent", "answered"]
    assert (await net.ask("GET", f"/orders/{uuid4()}/events")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("start-charging", {"connector": 7, "token": "A"}, "connector"),
        ("unlock-connector", {"connector": 65}, "connector"),
        ("trigger", {"message": "Boot Notification"}, "message"),
        ("change-configuration", {"key": "k" * 51, "value": ""}, "key"),
        ("show-cost", {"charge_ref": "1", "total_minor": -1}, "total_minor"),
        ("set-network-profile", {"slot": 1, "url": "ws://x", "security_profile": 2}, "url"),
        ("write-variables", {"variables": [{"variable": {"component": "", "name": "x"}, "value": "1"}]},
         "variables[0].variable.component"),
        ("send-local-list", {"version": 0, "full": True, "entries": []}, "version"),
        ("customer-data", {"report": True, "clear": False}, "token"),
        ("update-firmware", {"url": "gopher://x", "retrieve_at": "2026-11-22T00:00:00Z"}, "url"),
        ("update-firmware", {"url": "http://x/y", "retrieve_at": "2026-11-22T00:00:00"}, "retrieve_at"),
        ("give-certificate", {"chain": "no"}, "chain"),
    ],
)  # fmt: skip
async def test_what_the_station_could_not_be_told_is_not_written_down(
    net: World, kind: str, body: object, field: str
) -> None:
    told = await net.order(kind, body)
    assert (told.status_code, told.json()["code"], told.json()["params"]["field"]) == (
        400,
        "order_field_invalid",
        field,
    )
    assert (await net.get("/orders"))["items"] == []


async def test_a_body_of_another_shape_names_the_field(net: World) -> None:
    for body, field in (({"connector": "two"}, "connector"), ({}, "connector"), ({"connector": 1, "x": 1}, "x")):
        told = await net.order("unlock-connector", body)
        assert (told.status_code, told.json()["code"]) == (400, "request_invalid")
        assert field in json.dumps(told.json()["errors"])
    assert (await net.order("clear-cache", at="nobody")).json()["code"] == "station_unknown"


async def test_by_the_stations_version_a_long_token_is_refused(net: World) -> None:
    long = {"connector": 1, "token": "x" * 30}
    assert (await net.order("start-charging", long, wait_s=1)).status_code == 202, "nobody knows what it speaks"
    async with net.box():
        told = await net.order("start-charging", long)
    assert told.json()["params"]["field"] == "token"


async def test_passwords_are_not_shown_and_not_kept(net: World) -> None:
    secret = "a" * 32
    id = uuid4()
    told = await net.order("change-configuration", {"key": "AuthorizationKey", "value": secret}, id)
    assert told.json()["order"] == {"key": "AuthorizationKey", "value": "***"}
    assert secret not in (await net.ask("GET", "/orders")).text
    async with net.box() as box:
        call = await answer(box)
        assert call[3] == {"key": "AuthorizationKey", "value": secret}
        assert (await net.get(f"/orders/{id}", await_s=10))["state"] == "answered"
    async with net.db.begin() as tx:
        row = (await (await tx.driver()).execute("select body::text from station_order")).fetchone
        assert secret not in str(await row())
    again = await net.order("change-configuration", {"key": "AuthorizationKey", "value": secret}, id)
    assert (again.status_code, again.json()["state"]) == (200, "answered")


async def test_orders_are_listed_by_what_they_are(net: World) -> None:
    for kind in ("clear-cache", "reset-station", "clear-cache"):
        await net.order(kind)
    await net.order("clear-cache", at="KG-BIS-0002")
    everything = await net.get("/orders")
    assert len(everything["items"]) == 4
    first = await net.get("/orders", limit=3)
    rest = await net.get("/orders", limit=3, after=first["next"])
    assert [*first["items"], *rest["items"]] == everything["items"]
    assert rest["next"] is None
    assert len((await net.get("/orders", station=BOX, kind="clear-cache"))["items"]) == 2
    assert len((await net.get(f"/stations/{BOX}/orders"))["items"]) == 3
    assert (await net.get("/orders", state="answered"))["items"] == []
    assert len((await net.get("/orders", state="created", author=everything["items"][0]["author"]))["items"]) == 4
    assert (await net.get("/orders", since="2036-01-01T00:00:00Z"))["items"] == []
    assert (await net.ask("GET", "/orders", after="x")).json()["code"] == "bad_cursor"


async def test_priorities_decide_who_goes_first_and_one_is_out_at_a_time(net: World) -> None:
    for kind, priority in (("clear-cache", 5), ("ask-list-version", 9), ("reset-station", 2)):
        assert (await net.order(kind, priority=priority)).status_code == 202
    assert (await net.order("clear-cache", priority=1)).status_code == 400, "1 is for what ends a charge"
    async with net.box() as box:
        heard = []
        for _ in range(2):
            call = await box.hear()
            heard.append(call[2])
            with pytest.raises(TimeoutError):
                await box.hear(0.3)
            await box.say(json.dumps([3, call[1], {"status": "Accepted"}]))
    assert heard == ["Reset", "ClearCache"]


def test_every_order_has_an_operation_with_its_own_body_and_example() -> None:
    described = json.loads(document(application(), "roles"))
    found = {
        path.rpartition("/")[2].replace("-", "_"): each["put"]
        for path, each in described["paths"].items()
        if "/stations/{station_id}/orders/{order_id}/" in path
    }
    wanted = {each.__struct_config__.tag for each in AnyOrder.__args__} - {"raw_call"}
    assert set(found) == wanted
    for tag, operation in found.items():
        assert operation["operationId"] == f"order_{tag}"
        assert operation["summary"]
        content = operation["requestBody"]["content"]["application/json"]["schema"]
        assert content["examples"], tag
        assert set(operation["x-roles"]) == {"operator", "technician", "admin"}
    assert msgspec.json.encode(described)


async def test_calls_of_a_station_that_is_not_connected_are_not_queued(net: World) -> None:
    body = {"action": "ClearCache", "payload": {}}
    assert (await net.ask("POST", f"/stations/{BOX}/calls", body)).status_code == 403
    await net.sign_in(Role.TECHNICIAN)
    told = await net.ask("POST", f"/stations/{BOX}/calls", body)
    assert told.json() == {"outcome": "not_connected", "payload": None, "order_id": None}
    assert (await net.get("/orders"))["items"] == []
    assert (await net.ask("POST", "/stations/nobody/calls", body)).status_code == 404


async def test_a_call_goes_out_as_it_stands_and_its_result_comes_back(net: World) -> None:
    await net.sign_in(Role.TECHNICIAN)
    body = {"action": "GetConfiguration", "payload": {"key": ["HeartbeatInterval"]}}
    result = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "180"}]}
    async with net.box() as box:
        asked = asyncio.create_task(net.ask("POST", f"/stations/{BOX}/calls", body))
        assert (await answer(box, result))[2:] == ["GetConfiguration", {"key": ["HeartbeatInterval"]}]
        told = (await asked).json()
        assert (told["outcome"], told["payload"]) == ("result", result)
        asked = asyncio.create_task(net.ask("POST", f"/stations/{BOX}/calls", body))
        call = await box.hear()
        await box.say(json.dumps([4, call[1], "InternalError", "no disk", {}]))
        told = (await asked).json()
        assert told["outcome"] == "callerror"
        assert told["payload"] == {"code": "InternalError", "description": "no disk", "details": {}}
        began = time.monotonic()
        told = (await net.ask("POST", f"/stations/{BOX}/calls", {**body, "timeout_s": 1})).json()
        assert told["outcome"] == "timeout"
        assert time.monotonic() - began < 3


async def test_a_call_does_not_go_before_the_end_of_a_charge(net: World) -> None:
    await net.sign_in(Role.TECHNICIAN)
    async with net.box() as box:
        await net.order("clear-cache")
        first = await box.hear()
        asked = asyncio.create_task(net.ask("POST", f"/stations/{BOX}/calls", {"action": "ClearCache"}))
        await asyncio.sleep(0.3)
        now = net.site.clock.now()
        async with net.db.begin() as tx:  # as charging does when a limit is reached
            await orders.place(
                tx,
                orders.OrderId(uuid4()),
                StationId(BOX),
                orders.StopCharging("7"),
                author="system:limit",
                now=now,
                before=now + dt.timedelta(minutes=2),
                priority=1,
            )
        await box.say(json.dumps([3, first[1], {"status": "Accepted"}]))
        assert [(await answer(box))[2] for _ in range(2)] == ["RemoteStopTransaction", "ClearCache"]
        assert (await asked).json()["outcome"] == "result"


async def test_a_call_that_the_version_does_not_allow_is_refused_with_its_field(net: World) -> None:
    await net.sign_in(Role.TECHNICIAN)
    async with net.box():
        for action, payload, field in (
            ("Reset", {"type": "Warm"}, "payload.type"),
            ("Reset", {"type": "Soft", "evseId": 1}, "payload"),
            ("GetVariables", {"getVariableData": []}, "action"),
        ):
            told = await net.ask("POST", f"/stations/{BOX}/calls", {"action": action, "payload": payload})
            assert (told.status_code, told.json()["code"]) == (422, "call_invalid")
            assert told.json()["params"]["field"].startswith(field)
    assert (await net.get("/orders"))["items"] == []
