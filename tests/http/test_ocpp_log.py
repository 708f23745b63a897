"""The OCPP log through the API: who may read, pages that stay put, one exchange, a story, an export, a live tail."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import websockets
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect

from tests.charging.world import World, after
from tests.http.site import PASSWORD, Site
from tests.ocpp.rig import BOX, Business, running, station
from tests.stations.network import build
from zaryad import accounts, charging
from zaryad.accounts import Person
from zaryad.app import api_ocpp_log
from zaryad.auth import Role
from zaryad.kernel.errors import DomainError
from zaryad.link import orders
from zaryad.link.orders import OrderId, StartCharging
from zaryad.ocpp import log
from zaryad.ocpp.frames import Exchange, FrameLog
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db
from zaryad.platform.http import Settings, serve

LOG = "/api/v1/ocpp-log"
OTHER = "KG-BIS-0002"


def call(
    at: dt.datetime,
    action: str,
    body: dict[str, Any] | None = None,
    answer: dict[str, Any] | None = None,
    *,
    station_id: str = BOX,
    direction: str = "in",
    outcome: str = "answered",
    id: str = "1",
) -> Exchange:
    """An exchange as a connection notes it: of our own calls the answer is only its contents."""
    frame = json.dumps([2, id, action, body or {}])
    said = answer or {}
    reply = json.dumps([3, id, said] if direction == "in" else said)
    if outcome not in ("answered", "unanswered"):
        reply = json.dumps([4, id, outcome, "why", {}]) if direction == "in" else "why"
    return Exchange(
        at, station_id, 7, direction, "call", action, id, outcome, 4.2, frame,
        None if outcome == "unanswered" else reply, "ocpp1.6",
    )  # fmt: skip


async def write(db: Db, *exchanges: Exchange) -> None:
    frames = FrameLog(db, queue_max=100_000, text_max=1_000)
    for exchange in exchanges:
        frames.offer(exchange)
    await frames.flush()


class Desk:
    """A technician at an application."""

    def __init__(self, site: Site, who: Person) -> None:
        self.site = site
        self.who = who

    async def ask(self, path: str, status: int = 200, **query: Any) -> Any:
        async with self.site.client() as client:
            answer = await client.get(path, params=query, headers=self.site.bearer(self.who), timeout=30)
        assert answer.status_code == status, answer.text
        return answer.text if answer.headers["content-type"].startswith("application/x-ndjson") else answer.json()

    async def actions(self, **query: Any) -> list[str]:
        return [item["action"] or item["kind"] for item in (await self.ask(LOG, **query))["items"]]


@pytest.fixture
async def desk(site: Site) -> Desk:
    return Desk(site, await site.person(Role.TECHNICIAN, login="technician"))


def at(minutes: float) -> dt.datetime:
    """Return a time before the site's."""
    return dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC) - dt.timedelta(minutes=minutes)


async def test_every_filter(desk: Desk) -> None:
    await write(
        desk.site.db,
        call(at(50), "BootNotification", {"chargePointModel": "Alpha_100%"}),
        call(at(40), "Heartbeat"),
        call(at(39), "NoSuchThing", outcome="NotImplemented"),
        call(at(30), "Reset", direction="out", outcome="unanswered"),
        call(at(20), "StartTransaction", {"idTag": "04A2"}, {"transactionId": 77}),
        call(at(15), "Heartbeat", station_id=OTHER),
        Exchange(at(10), BOX, 7, "in", "junk", outcome="no message", payload="ALPHA?"),
        call(at(60 * 30), "BootNotification"),
    )
    found = desk.actions
    assert await found() == [
        "junk", "Heartbeat", "StartTransaction", "Reset", "NoSuchThing", "Heartbeat", "BootNotification",
    ]  # fmt: skip
    assert len(await found(station=BOX)) == 7, "a station is asked about a month"
    assert await found(station=OTHER) == ["Heartbeat"]
    assert await found(action="BootNotification") == ["BootNotification"]
    assert await found(direction="out") == ["Reset"]
    assert await found(kind="junk") == ["junk"]
    assert await found(outcome="error") == ["junk", "NoSuchThing"]
    assert await found(outcome="unanswered") == ["Reset"]
    assert await found(outcome="NotImplemented") == ["NoSuchThing"]
    assert len(await found(outcome="answered")) == 4
    assert await found(text="alpha") == ["junk", "BootNotification"]
    assert await found(text="_100%") == ["BootNotification"], "signs that mean something to SQL mean themselves"
    assert await found(text="%0%") == []
    assert await found(station=BOX, charge_ref="77") == ["StartTransaction"]
    assert await found(since=at(45).isoformat(), until=at(39).isoformat()) == ["Heartbeat"]
    assert await found(since="2026-11-21T11:45:00", station=OTHER) == ["Heartbeat"], "without a zone it is UTC"
    assert await found(action="Heartbeat", outcome="answered", text="heart") == ["Heartbeat", "Heartbeat"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"charge_ref": "77"}, "ocpp_log_station_first"),
        ({"since": "2026-11-21T11:00:00Z", "until": "2026-11-21T10:00:00Z"}, "ocpp_log_ends_before"),
        ({"since": "2026-09-01T00:00:00Z"}, "ocpp_log_too_long"),
        ({"after": "nonsense"}, "bad_cursor"),
        ({"after": "1-ffffffffffffffff"}, "bad_cursor"),
        ({"kind": "rumour"}, "request_invalid"),
        ({"text": "x"}, "request_invalid"),
        ({"limit": "501"}, "request_invalid"),
    ],
)
async def test_what_cannot_be_meant_is_refused(desk: Desk, query: dict[str, str], code: str) -> None:
    assert (await desk.ask(LOG, 400, **query))["code"] == code


async def test_pages_stay_put_while_rows_are_written(desk: Desk) -> None:
    moment = at(30)
    await write(desk.site.db, *(call(moment if n < 5 else at(n), "Heartbeat", id=str(n)) for n in range(12)))
    seen: list[str] = []
    following: str | None = None
    for _ in range(20):
        query = {} if following is None else {"after": following}
        page = await desk.ask(LOG, limit=3, **query)
        seen += [item["message_id"] for item in page["items"]]
        await write(desk.site.db, call(at(0), "Heartbeat", id="new"))
        following = page["next"]
        if following is None:
            break
    assert len(seen) == 12
    assert len(set(seen)) == 12, "none twice, none left out, five of one moment"


async def test_what_takes_too_long_says_how_to_narrow_it(desk: Desk) -> None:
    await write(desk.site.db, *(call(at(n % 60), "Heartbeat", {"x": "y" * 900}, id=str(n)) for n in range(30_000)))
    with pytest.raises(DomainError) as caught:
        await log.search(desk.site.db, log.Filter(text="nowhere"), at(0), budget_ms=5)
    assert caught.value.code == "ocpp_log_too_wide"
    assert await desk.actions(text="nowhere", since=at(2).isoformat()) == []


async def test_one_exchange_whole_with_who_asked(desk: Desk) -> None:
    id = uuid4()
    async with desk.site.db.begin() as tx:
        await orders.place(
            tx, OrderId(id), BOX, StartCharging(connector=1, token="ZYTOKEN1"),
            author="driver:somebody", now=at(10.5), before=at(0),
        )  # fmt: skip
    await write(
        desk.site.db,
        call(
            at(10), "RemoteStartTransaction", {"idTag": "ZYTOKEN1"}, {"status": "Accepted"}, direction="out", id=str(id)
        ),
        call(at(9), "Nonsense", outcome="NotImplemented"),
        Exchange(at(8), BOX, 7, "in", "junk", outcome="no message", payload="?"),
    )
    junk, refused, ordered = [item["key"] for item in (await desk.ask(LOG))["items"]]
    told = await desk.ask(f"{LOG}/{ordered}")
    assert (told["asked_by"], told["age_s"], told["order"]["author"]) == ("platform", 600, "driver:somebody")
    assert (told["order"]["id"], told["order"]["sent_after_ms"]) == (str(id), 30_000)
    assert [frame["by"] for frame in told["frames"]] == ["platform", "station"]
    assert json.loads(told["frames"][1]["text"]) == [3, str(id), {"status": "Accepted"}]
    assert '\n    "status": "Accepted"\n' in told["frames"][1]["pretty"]
    assert told["explained"] == "We asked RemoteStartTransaction; the station answered in 4 ms."
    told = await desk.ask(f"{LOG}/{refused}")
    assert told["explained"] == "The station asked Nonsense; we answered with the error NotImplemented."
    told = await desk.ask(f"{LOG}/{junk}")
    assert [(frame["text"], frame["pretty"], frame["cut"]) for frame in told["frames"]] == [("?", None, False)]
    for key in ("0-0", "zz", ordered[:-1]):
        assert (await desk.ask(f"{LOG}/{key}", 404))["code"] == "ocpp_frame_unknown"


async def test_who_may_read(site: Site) -> None:
    await write(site.db, call(at(1), "Heartbeat"))
    session = UUID(int=1)
    for role in Role:
        person = await site.person(role, login=f"a-{role.value}")
        may = role in (Role.OPERATOR, Role.TECHNICIAN, Role.ADMIN)
        desk = Desk(site, person)
        assert (await desk.ask(LOG, 200 if may else 403))["items" if may else "code"]
        await desk.ask(f"{LOG}/0-0", 404 if may else 403)
        await desk.ask(f"/api/v1/sessions/{session}/ocpp-log", 404 if may else 403)
        await desk.ask(f"{LOG}/export", 200 if may else 403, since=at(9).isoformat(), until=at(0).isoformat(), limit=5)
    async with site.client() as client:
        assert (await client.get(LOG)).status_code == 401


async def test_whoever_has_stations_of_their_own_sees_no_others(desk: Desk) -> None:
    await write(desk.site.db, call(at(2), "Heartbeat"), call(at(1), "Heartbeat", station_id=OTHER))
    mine = log.Filter(stations=frozenset({OTHER}))
    page = await log.search(desk.site.db, mine, at(0))
    assert [frame.station_id for frame in page.frames] == [OTHER]
    assert not (await log.search(desk.site.db, log.Filter(stations=frozenset({OTHER}), station=BOX), at(0))).frames
    assert not (await log.search(desk.site.db, log.Filter(stations=frozenset()), at(0))).frames
    others = (await desk.ask(LOG, station=BOX))["items"][0]["key"]
    with pytest.raises(DomainError):
        await log.find(desk.site.db, others, frozenset({OTHER}))
    assert api_ocpp_log.READERS == (Role.OPERATOR, Role.TECHNICIAN)


async def test_one_transactions_story(desk: Desk) -> None:
    db = desk.site.db
    world = await World.build(db)
    driver = await world.driver()
    id = await world.start(driver)
    token = charging.token_of(id)
    ref = (await world.begin(token)).charge_ref
    await world.end(ref, 1_000_000, after(600))
    await world.settle(id)

    def out(seconds: float, action: str, body: dict[str, Any], answer: dict[str, Any] | None = None) -> Exchange:
        return call(after(seconds), action, body, answer or {"status": "Accepted"}, direction="out")

    await write(
        db,
        call(after(-3_600), "BootNotification"),
        Exchange(after(-30), BOX, 7, "in", "opened", payload="10.0.0.1 ocpp1.6"),
        call(after(-25), "BootNotification"),
        call(after(-20), "StatusNotification", {"connectorId": 1, "status": "Preparing"}),
        call(after(-19), "StatusNotification", {"connectorId": 2, "status": "Preparing"}),
        call(after(-18), "Authorize", {"idTag": "SOMEBODY"}),
        out(-5, "RemoteStartTransaction", {"connectorId": 1, "idTag": token}),
        out(-4, "RemoteStartTransaction", {"connectorId": 2, "idTag": "ELSE"}),
        call(after(0), "StartTransaction", {"connectorId": 1, "idTag": token}, {"transactionId": int(ref)}),
        call(after(5), "Heartbeat"),
        call(after(60), "MeterValues", {"connectorId": 1, "transactionId": int(ref)}),
        call(after(61), "MeterValues", {"connectorId": 2, "transactionId": int(ref) + 1}),
        out(500, "RemoteStopTransaction", {"transactionId": int(ref)}),
        call(after(600), "StopTransaction", {"transactionId": int(ref)}),
        call(after(601), "StatusNotification", {"connectorId": 1, "status": "Available"}),
        Exchange(after(602), BOX, 7, "in", "closed", outcome="1006", payload=""),
        call(after(603), "StatusNotification", {"connectorId": 1}, station_id=OTHER),
    )
    expected = [
        "opened", "BootNotification", "StatusNotification", "RemoteStartTransaction", "StartTransaction", "MeterValues",
        "RemoteStopTransaction", "StopTransaction", "StatusNotification", "closed",
    ]  # fmt: skip
    path = f"/api/v1/sessions/{id}/ocpp-log"
    page = await desk.ask(path)
    assert [item["action"] or item["kind"] for item in page["items"]] == expected
    told, following = [], None
    for _ in range(20):
        page = await desk.ask(path, limit=4, **({} if following is None else {"after": following}))
        told += [item["action"] or item["kind"] for item in page["items"]]
        following = page["next"]
        if following is None:
            break
    assert told == expected
    own = ["StopTransaction", "RemoteStopTransaction", "MeterValues", "StartTransaction"]
    assert await desk.actions(session=str(id)) == own
    assert await desk.actions(session=str(id), direction="out") == ["RemoteStopTransaction"]
    assert await desk.actions(station=BOX, charge_ref=ref, since=after(-60).isoformat()) == own
    assert (await desk.ask(LOG, 400, session=str(id), station=OTHER))["code"] == "ocpp_log_other_session"


async def test_an_export_can_be_read_again(desk: Desk) -> None:
    await write(
        desk.site.db,
        Exchange(at(21), BOX, 7, "in", "opened", payload="10.0.0.1 ocpp1.6", protocol="ocpp1.6"),
        call(at(20), "BootNotification", {"chargePointModel": "М\n«1»"}, {"status": "Accepted"}, id='a"b'),
        call(at(19), "ChangeConfiguration", {"key": "AuthorizationKey", "value": "0102cafe"}, {"status": "Accepted"},
             direction="out", id="x1"),
        call(at(18), "Reset", {"type": "Soft"}, direction="out", outcome="GenericError", id="x2"),
        call(at(17), "MeterValues", {"transactionId": 5, "long": "x" * 2_000}),
        call(at(16), "Reset", {"type": "Soft"}, direction="out", outcome="unanswered", id="x3"),
        *(call(at(15), "Heartbeat", id=str(number)) for number in range(1_200)),
    )  # fmt: skip
    query = {"since": at(30).isoformat(), "until": at(0).isoformat(), "station": BOX}
    text = await desk.ask(f"{LOG}/export", limit=5_000, **query)
    assert "0102cafe" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[-1] == {"v": 1, "kind": "end", "rows": 1_206, "next": None}
    assert len(lines) == 1_207
    opened, boot, secret, refused, long, silent, *beats = lines[:-1]
    assert (opened["kind"], opened["note"], opened["frame"]) == ("opened", "10.0.0.1 ocpp1.6", None)
    assert json.loads(boot["frame"]) == [2, 'a"b', "BootNotification", {"chargePointModel": "М\n«1»"}]
    assert json.loads(boot["answer"]) == [3, 'a"b', {"status": "Accepted"}]
    assert (boot["protocol"], boot["connection"], boot["direction"]) == ("ocpp1.6", 7, "in")
    assert json.loads(secret["frame"])[3] == {"key": "AuthorizationKey", "value": "***"}
    assert json.loads(secret["answer"]) == [3, "x1", {"status": "Accepted"}]
    assert json.loads(refused["answer"]) == [4, "x2", "GenericError", "why", {}]
    assert (long["cut"], long["charge_ref"], boot["cut"]) == (True, "5", False)
    assert (silent["answer"], silent["outcome"]) == (None, "unanswered")
    assert len({line["key"] for line in beats}) == 1_200

    text = await desk.ask(f"{LOG}/export", limit=2, **query)
    end = json.loads(text.splitlines()[-1])
    assert (end["rows"], dt.datetime.fromisoformat(end["next"])) == (2, at(19))
    for missing in ({"limit": 5}, {"limit": 5, "since": at(30).isoformat()}):
        assert (await desk.ask(f"{LOG}/export", 400, **missing))["code"] == "ocpp_log_time_first"
    await desk.ask(f"{LOG}/export", 400, **query)
    await desk.ask(f"{LOG}/export", 400, limit=100_001, **query)


@asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[str]:
    """The application on a real port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ready, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(app, Settings(port=port, shutdown_s=2), stop, ready.set))  # type: ignore[arg-type]  # an ASGI application
    await asyncio.wait_for(ready.wait(), 10)
    yield f"127.0.0.1:{port}"
    stop.set()
    await serving


async def heard(tail: ClientConnection, rows: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
    """Return so many rows of a tail."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        while len(found) < rows:
            found += json.loads(await tail.recv())["items"]
    return found


def listen(address: str, header: dict[str, str], query: str = "") -> connect:
    return connect(f"ws://{address}{LOG}/tail{query}", additional_headers=header, proxy=None)


async def test_a_live_tail_from_the_stations_socket_to_the_persons(db: Db, bus: NatsBus) -> None:
    await build(db, BOX, OTHER)
    site = Site(db, bus=bus)
    header = site.bearer(await site.person(Role.OPERATOR, login="operator"))
    async with (
        running(db, bus, Business()) as gateway,
        served(site.app) as address,
        listen(address, header) as everything,
        listen(address, header, f"?station={OTHER}&outcome=error") as errors,
    ):
        assert json.loads(await everything.recv()) == json.loads(await errors.recv()) == {"items": [], "lost": 0}
        async with station(gateway) as box, station(gateway, OTHER) as other:
            await box.call("Heartbeat")
            await other.call("Heartbeat")
            await box.call("NoSuchThing")
            await other.call("NoSuchThing")
            rows = await heard(everything, 6)
            assert sorted((row["station_id"], row["action"] or row["kind"]) for row in rows) == sorted(
                (id, what) for id in (BOX, OTHER) for what in ("opened", "Heartbeat", "NoSuchThing")
            )
            (row,) = await heard(errors)
            assert (row["station_id"], row["outcome"]) == (OTHER, "NotImplemented")
            desk = Desk(site, await site.person(Role.TECHNICIAN, login="technician"))
            assert (await desk.ask(f"{LOG}/{row['key']}"))["exchange"]["payload"] == row["payload"]
        closed = await heard(everything, 2)
        assert {row["kind"] for row in closed} == {"closed"}


async def test_a_tail_is_for_readers_and_ends_with_the_role(db: Db, bus: NatsBus) -> None:
    site = Site(db, bus=bus)
    technician = await site.person(Role.TECHNICIAN, login="technician")
    driver = await site.person(Role.DRIVER, phone="+996555000111")
    async with served(site.app) as address:
        for header, status in ((site.bearer(driver), 403), ({}, 401)):
            with pytest.raises(websockets.InvalidStatus) as refused:
                await listen(address, header)
            assert refused.value.response.status_code == status
        async with site.client() as client:
            answer = await client.post(
                "/api/v1/auth/staff-sessions", json={"login": "technician", "password": PASSWORD}
            )
            header = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        async with listen(address, header) as tail:
            await tail.recv()
            await tail.recv()  # looked at, and still may
            async with db.begin() as tx:
                await accounts.set_roles(tx, technician.id, ["driver"])
            await asyncio.wait_for(tail.wait_closed(), 15)
            assert (tail.close_code, tail.close_reason) == (4403, "role_missing")
