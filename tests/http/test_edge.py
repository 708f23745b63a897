"""The manners every route shares: problems, limits, headers, health, the description, WebSockets, start and stop."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import websockets
from litestar import WebSocket, get, websocket

import zaryad.platform
from tests.http.routes import routes_of
from tests.http.site import CONFIG, PHONE, Site
from zaryad.auth import PUBLIC, SIGNED_IN, Caller, Role
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db
from zaryad.platform.http import Settings, serve
from zaryad.platform.http_asked import network_of
from zaryad.platform.http_edge import Throttle


@get("/api/v1/test/broken", opt=PUBLIC)
async def broken() -> None:
    """Break."""
    raise RuntimeError("the password is hunter2")


@websocket("/api/v1/test/echo", opt=SIGNED_IN)
async def echo(socket: WebSocket[Any, Any, Any], caller: Caller) -> None:
    """Say who is there, and refuse whoever says "leave"."""
    await socket.accept()
    await socket.send_text(str(caller.person_id))
    if await socket.receive_text() == "leave":
        raise DomainError(Kind.FORBIDDEN, "role_missing")


async def test_every_error_is_a_problem_in_the_readers_language(site: Site) -> None:
    async with site.client() as client:
        asked = [
            ("GET", "/api/v1/nothing", 404, "route_unknown"),
            ("PUT", "/api/v1/me", 405, "method_not_allowed"),
            ("GET", "/api/v1/me", 401, "sign_in_first"),
            ("POST", "/api/v1/auth/codes", 400, "request_invalid"),
        ]
        for method, path, status, code in asked:
            answer = await client.request(method, path, headers={"Accept-Language": "ky, en;q=0.5"})
            problem = answer.json()
            assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["content-language"] == "ky"
            assert problem["request_id"] == answer.headers["x-request-id"]
            assert problem["type"] == f"urn:zaryad:problem:{code}"
            assert problem["title"]
            assert problem["detail"] != problem["code"]


async def test_a_body_that_does_not_fit_names_its_fields(site: Site) -> None:
    async with site.client() as client:

        async def told(content: bytes) -> Any:
            answer = await client.post(
                "/api/v1/auth/codes", content=content, headers={"content-type": "application/json"}
            )
            assert answer.status_code == 400
            return answer.json()["errors"]

        assert await told(b'{"phone": 5}') == [
            {"field": "phone", "message": "Expected `str`, got `int`", "source": "body"}
        ]
        assert (await told(b'{"phone": "+996555123456", "x": 1}'))[0]["source"] == "body"
        assert (await told(b"{"))[0]["message"]
        wrong = await client.get("/api/v1/stations?limit=0")
        assert wrong.json()["errors"][0] == {"field": "limit", "message": "Expected `int` >= 1", "source": "query"}


async def test_a_body_too_large_is_not_read(db: Db) -> None:
    site = Site(db, msgspec.structs.replace(CONFIG, http=Settings(body_bytes_max=2_000)))
    async with site.client() as client:
        answer = await client.post("/api/v1/auth/codes", content=b" " * 3_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_what_breaks_here_is_not_told_outside(site: Site) -> None:
    site.app.register(broken)
    async with site.client() as client:
        answer = await client.get("/api/v1/test/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text


async def test_without_the_database_everything_says_try_again() -> None:
    site = Site(Db.connect("postgresql://nobody@127.0.0.1:1/none"))
    async with site.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]) == (503, {"database": "unavailable", "bus": "ok"})
        answer = await client.get("/api/v1/stations")
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "2")


async def test_headers_that_every_answer_carries(site: Site) -> None:
    async with site.client("https://zaryad.test") as client:
        api = await client.get("/api/v1/stations", headers={"X-Request-Id": "from-the-proxy-1"})
        page = await client.get("/", headers={"accept": "text/html"})
        odd = await client.get("/healthz", headers={"X-Request-Id": "<script>"})
    for answer in (api, page):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["strict-transport-security"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
    assert api.headers["x-request-id"] == "from-the-proxy-1"
    assert re.fullmatch("[0-9a-f]{32}", odd.headers["x-request-id"])
    assert api.headers["cache-control"] == "no-store"


async def test_metrics_are_for_the_configured_addresses(site: Site) -> None:
    async with site.client(address="127.0.0.1") as near, site.client() as far:
        assert "zaryad_http_seconds" in (await near.get("/metrics")).text
        assert (await near.get("/metrics", headers={"X-Forwarded-For": "8.8.8.8"})).status_code == 404
        assert (await far.get("/metrics")).status_code == 404


def test_a_throttle_slides_and_counts_per_subscriber() -> None:
    throttle = Throttle(per_minute=60)
    assert [throttle.take("10.0.0.1", 0.0) for _ in range(61)] == [True] * 60 + [False]
    assert throttle.take("10.0.0.2", 0.0)
    assert throttle.take("10.0.0.1", 1.5)
    assert not throttle.take("10.0.0.1", 1.6)
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:10.0.0.1") == "10.0.0.1"


async def test_nobody_is_served_without_end(db: Db) -> None:
    site = Site(db, msgspec.structs.replace(CONFIG, http=Settings(anonymous_per_minute=3)))
    person = await site.person(Role.DRIVER, phone=PHONE)
    async with site.client() as client:
        assert [(await client.get("/healthz")).status_code for _ in range(4)] == [200, 200, 200, 429]
        assert (await client.get("/api/v1/me", headers=site.bearer(person))).status_code == 200


async def test_the_description_has_every_route_with_its_roles(site: Site) -> None:
    async with site.client() as client:
        answer = await client.get("/api/openapi.json")
        document = answer.json()
    assert document["openapi"].startswith("3.1")
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    api = {
        (route.path, route.method.lower())
        for route in routes_of(site.app)
        if route.path.startswith("/api/v1/") and route.method != "WEBSOCKET"
    }
    assert described == api
    put_roles = document["paths"]["/api/v1/people/{id}/roles"]["put"]
    assert put_roles["x-roles"] == ["admin"]
    assert put_roles["responses"]["403"]["content"]["application/problem+json"]
    assert document["paths"]["/api/v1/stations"]["get"]["security"] == []
    assert "Problem" in document["components"]["schemas"]
    identifiers = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(identifiers) == len(set(identifiers))
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= set(document["components"]["schemas"])


async def test_the_descriptions_page_asks_no_other_host(site: Site) -> None:
    async with site.client() as client:
        page = await client.get("/api/docs")
        assert page.headers["content-type"].startswith("text/html")
        assert "script-src 'self'" in page.headers["content-security-policy"]
        linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        for link in linked:
            assert link.startswith(("/", "data:")), link
            if link.startswith("/api"):
                assert (await client.get(link)).status_code == 200
        assert (await client.get("/api/docs/../http.py")).status_code == 404
    for path in (Path(zaryad.platform.__file__).parent / "docs").iterdir():
        assert not re.search(r"(https?:)?//(?!www\.w3\.org)[a-z]", path.read_text().replace(": //", "")), path


@pytest.fixture
async def served(site: Site) -> AsyncIterator[tuple[Site, str]]:
    """The site on a real socket."""
    site.app.register(echo)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    stop, ready = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(site.app, Settings(port=port, shutdown_s=2), stop, ready.set))
    async with asyncio.timeout(10):
        await ready.wait()
    yield site, f"127.0.0.1:{port}"
    stop.set()
    async with asyncio.timeout(10):
        await serving


async def test_a_websocket_proves_who_it_is_like_every_request(served: tuple[Site, str]) -> None:
    site, address = served
    person = await site.person(Role.DRIVER, phone=PHONE)
    header = site.bearer(person)
    token = header["Authorization"].removeprefix("Bearer ")
    url = f"ws://{address}/api/v1/test/echo"
    cookie = {"Cookie": f"evp_access={token}"}
    ways: list[dict[str, Any]] = [
        {"additional_headers": header},
        {"additional_headers": cookie},
        {"additional_headers": cookie, "origin": f"http://{address}"},
        {"subprotocols": ["bearer", token], "origin": "capacitor://localhost"},
    ]
    for way in ways:
        async with websockets.connect(url, **way) as connection:
            assert await connection.recv() == str(person.id)
            assert connection.subprotocol == ("bearer" if "subprotocols" in way else None)
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({}, 401, "sign_in_first"),
        ({"subprotocols": ["bearer", token[:-2]]}, 401, "sign_in_first"),
        ({"additional_headers": cookie, "origin": "https://evil.example"}, 403, "cross_site"),
    ]
    for way, status, code in refused:
        with pytest.raises(websockets.InvalidStatus) as caught:
            await websockets.connect(url, **way)
        assert caught.value.response.status_code == status
        assert msgspec.json.decode(caught.value.response.body or b"")["code"] == code
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(f"{url}?access_token={token}")


async def test_a_websocket_that_is_refused_later_says_why(served: tuple[Site, str]) -> None:
    site, address = served
    header = site.bearer(await site.person(Role.DRIVER, phone=PHONE))
    async with websockets.connect(f"ws://{address}/api/v1/test/echo", additional_headers=header) as connection:
        await connection.recv()
        await connection.send("leave")
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await connection.recv()
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4403, "role_missing")


async def test_over_a_real_socket(served: tuple[Site, str]) -> None:
    _, address = served
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        taken = serve(Site(served[0].db).app, Settings(port=int(address.partition(":")[2])), asyncio.Event())
        with pytest.raises(RuntimeError, match="cannot listen"):
            await taken
