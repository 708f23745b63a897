"""Sessions over HTTP and the live socket: shapes, roles, and that other people's sessions do not exist."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from tests.charging.world import BOX, KWH, NOW, RULES, SOM, World, after, meter, reading, write
from tests.http.site import Client, Site
from zaryad import charging
from zaryad.accounts import Person
from zaryad.auth import Role
from zaryad.charging import SessionId, token_of
from zaryad.kernel.ids import new_id
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db


class Rig:
    """A deployment over a little network, with a driver who has money."""

    def __init__(self, site: Site, world: World, client: Client, driver: Person) -> None:
        self.site, self.world, self.client, self.driver = site, world, client, driver

    async def ask(self, who: Person, method: str, path: str, status: int, **more: Any) -> Any:
        answer = await self.client.request(method, f"/api/v1{path}", headers=self.site.bearer(who), **more)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def rig(db: Db, bus: NatsBus) -> Rig:
    site = Site(Db(db.engine, bus.publish), bus=bus)
    site.clock.set(NOW)
    world = await World.build(site.db)
    await world.driver(1_000)
    driver = await site.person(Role.DRIVER, phone="+996555000001")
    return Rig(site, world, site.client(), driver)


async def test_the_life_of_a_session_by_api(rig: Rig) -> None:
    id = new_id()
    body = {"station_id": BOX, "connector": 1, "limit": {"amount_minor": 500 * SOM}}
    for _ in range(2):
        put = await rig.ask(rig.driver, "PUT", f"/sessions/{id}", 202, json=body)
        assert (put["state"], put["waits_for"], put["hold_minor"]) == ("starting", "link", 475 * SOM)
    quote = await rig.ask(rig.driver, "GET", f"/quotes/{BOX}/1", 200)
    assert (quote["currency"], quote["timezone"]) == ("KGS", "Asia/Bishkek")
    ref = (await rig.world.begin(token_of(SessionId(id)))).charge_ref
    await write(rig.world, meter(ref, reading(after(60), KWH, soc=33)))
    got = await rig.ask(rig.driver, "GET", f"/sessions/{id}", 200)
    assert (got["cost_minor"], got["returns_minor"], got["soc_percent"]) == (15 * SOM, 460 * SOM, 33)
    assert got["price"]["per_kwh_e4"] == 15_000_000
    stopped = await rig.ask(rig.driver, "POST", f"/sessions/{id}/stop", 202)
    assert (stopped["stopping"], stopped["stop_reason"]) == (True, "driver")
    await rig.world.end(ref, 2 * KWH, after(120))
    await rig.world.settle(SessionId(id))
    bill = await rig.ask(rig.driver, "GET", f"/sessions/{id}/bill", 200)
    assert (bill["total_minor"], bill["final"], len(bill["lines"])) == (30 * SOM, True, 1)
    readings = await rig.ask(rig.driver, "GET", f"/sessions/{id}/readings?limit=1", 200)
    assert readings["items"][0]["energy_mwh"] == KWH
    following = await rig.ask(rig.driver, "GET", f"/sessions/{id}/readings", 200, params={"after": readings["next"]})
    assert following == {"items": [], "next": None}
    events = await rig.ask(rig.driver, "GET", f"/sessions/{id}/events", 200)
    assert [each["key"] for each in events["items"]] == ["requested", "began", "stop_ordered", "ended", "settled"]


async def test_other_peoples_sessions_do_not_exist(rig: Rig) -> None:
    stranger = await rig.site.person(Role.DRIVER, phone="+996555000002")
    operator = await rig.site.person(Role.OPERATOR, login="operator")
    accountant = await rig.site.person(Role.ACCOUNTANT, login="accountant")
    id = await rig.world.start(rig.driver.id)
    for path in ("", "/bill", "/readings", "/events"):
        refused = await rig.ask(stranger, "GET", f"/sessions/{id}{path}", 404)
        assert refused["code"] == "session_unknown"
        await rig.ask(operator, "GET", f"/sessions/{id}{path}", 200)
        await rig.ask(accountant, "GET", f"/sessions/{id}{path}", 200)
    await rig.ask(stranger, "POST", f"/sessions/{id}/stop", 404)
    await rig.ask(accountant, "POST", f"/sessions/{id}/stop", 403)
    body = {"station_id": BOX, "connector": 2}
    await rig.ask(accountant, "PUT", f"/sessions/{new_id()}", 403, json=body)
    await rig.ask(stranger, "PUT", f"/sessions/{id}", 409, json=body)
    assert (await rig.ask(operator, "POST", f"/sessions/{id}/stop", 202))["reason"] == "operator"


async def test_lists(rig: Rig) -> None:
    operator = await rig.site.person(Role.OPERATOR, login="operator")
    ids = []
    for n in range(5):
        id = await rig.world.start(rig.driver.id, now=after(n))
        await charging.stop(rig.site.db, id, f"driver:{rig.driver.id}", after(n))
        ids.append(str(id))
    page = await rig.ask(rig.driver, "GET", "/sessions?limit=3", 200)
    rest = await rig.ask(rig.driver, "GET", "/sessions?limit=3", 200, params={"after": page["next"], "limit": 3})
    assert [each["id"] for each in page["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None
    assert len((await rig.ask(operator, "GET", "/sessions?everyone=true&state=failed", 200))["items"]) == 5
    assert (await rig.ask(operator, "GET", "/sessions?everyone=true&state=charging", 200))["items"] == []
    assert (await rig.ask(operator, "GET", "/sessions", 200))["items"] == []
    assert len((await rig.ask(operator, "GET", f"/sessions?station_id={BOX}", 200))["items"]) == 5
    await rig.ask(rig.driver, "GET", "/sessions?everyone=true", 403)
    await rig.ask(rig.driver, "GET", f"/sessions?driver_id={operator.id}", 403)
    await rig.ask(rig.driver, "GET", "/sessions?after=nonsense", 400)


@pytest.mark.parametrize(
    "body",
    [
        {"station_id": BOX},
        {"station_id": "x" * 49, "connector": 1},
        {"station_id": BOX, "connector": 0},
        {"station_id": BOX, "connector": 1, "limit": {"amount_minor": "500"}},
        {"station_id": BOX, "connector": 1, "limit": {"minutes": 5}},
        {"station_id": BOX, "connector": 1, "limit": {"amount_minor": 1, "energy_wh": 1}},
    ],
)
async def test_what_cannot_be_meant_is_refused(rig: Rig, body: dict[str, object]) -> None:
    await rig.ask(rig.driver, "PUT", f"/sessions/{new_id()}", 400, json=body)
    assert await rig.world.count("session") == 0


class Socket:
    """A WebSocket client that speaks ASGI itself."""

    def __init__(self, rig: Rig, who: Person | None, id: UUID) -> None:
        headers = [(b"host", b"zaryad.test")]
        if who is not None:
            headers.append((b"authorization", rig.site.bearer(who)["Authorization"].encode()))
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": f"/api/v1/sessions/{id}/live",
            "raw_path": f"/api/v1/sessions/{id}/live".encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("10.0.0.9", 1),
            "server": ("zaryad.test", 80),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        self._in: asyncio.Queue[Any] = asyncio.Queue()
        self._out: asyncio.Queue[Any] = asyncio.Queue()
        self._in.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(rig.site.app(scope, self._in.get, self._out.put))  # type: ignore[arg-type]  # by hand

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._out.get(), 10)

    async def view(self) -> dict[str, Any]:
        message = await self.next()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def leave(self) -> None:
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 10)


async def test_the_live_socket_shows_every_change_and_closes_at_the_end(rig: Rig) -> None:
    id = await rig.world.start(rig.driver.id)
    socket = Socket(rig, rig.driver, id)
    assert (await socket.next())["type"] == "websocket.accept"
    assert (await socket.view())["waits_for"] == "link"
    ref = (await rig.world.begin(token_of(id))).charge_ref
    assert (await socket.view())["state"] == "charging"
    await write(rig.world, meter(ref, reading(after(60), KWH)))
    assert (await socket.view())["cost_minor"] == 15 * SOM
    await rig.world.end(ref, 2 * KWH, after(120))
    assert (await socket.view())["state"] == "ended"
    await rig.world.settle(id)
    view = await socket.view()
    assert (view["state"], view["cost_minor"], view["reason"]) == ("settled", 30 * SOM, "driver")
    assert (await socket.next())["type"] == "websocket.close"
    await asyncio.wait_for(socket.task, 10)


async def test_the_live_socket_is_for_its_driver_and_staff(rig: Rig) -> None:
    id = await rig.world.start(rig.driver.id)
    stranger = await rig.site.person(Role.DRIVER, phone="+996555000002")
    for who, status in ((stranger, 404), (None, 401)):
        refused = await Socket(rig, who, id).next()
        assert (refused["type"], refused["status"]) == ("websocket.http.response.start", status)
    operator = await rig.site.person(Role.OPERATOR, login="operator")
    socket = Socket(rig, operator, id)
    assert (await socket.next())["type"] == "websocket.accept"
    assert (await socket.view())["id"] == str(id)
    await socket.leave()
    assert rig.world.rules == RULES
