"""What a station hears before the upgrade, and which language is spoken after it."""

import asyncio
import http
from typing import Any

import pytest
import sqlalchemy as sa
import websockets

from tests.ocpp.rig import BOX, Business, Doors, basic, running, station
from tests.stations.network import KEY, NOW, build
from zaryad import stations
from zaryad.link.facts import StationId
from zaryad.ocpp.gateway import Gateway
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

HEX = "0102030405060708090A0B0C0D0E0F1011121314"
NOT_TEXT = "abcdefcafe8081ff00010203040506070809"


async def refusal(gateway: Gateway, id: str = BOX, **how: Any) -> websockets.Response:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with station(gateway, id, **how):
            pass
    return refused.value.response


async def secured(db: Db, password: str) -> None:
    async with db.begin() as tx:
        await stations.set_password(tx, BOX, KEY, NOW, password)


async def test_an_unknown_station_hears_404_and_waits_in_the_inbox(gateway: Gateway, db: Db) -> None:
    assert (await refusal(gateway, "NEW-1")).status_code == http.HTTPStatus.NOT_FOUND
    async with db.begin() as tx:
        knocks = await stations.list_knocks(tx)
    assert [knock.station_id for knock in knocks] == ["NEW-1"]
    assert knocks[0].subprotocols == ["ocpp1.6"]
    assert knocks[0].address == "127.0.0.1"


@pytest.mark.parametrize("path", ["/ocpp/", "/ws/", "/", "/ocpp/a/", "/steve/websocket/CentralSystemService/"])
async def test_stations_live_under_two_paths(gateway: Gateway, path: str) -> None:
    if path in ("/ocpp/", "/ws/"):
        async with station(gateway, path=path) as box:
            assert (await box.boot())["status"] == "Accepted"
        async with station(gateway, f"{BOX}/?token=x", path=path) as box:
            assert (await box.boot())["status"] == "Accepted"
    else:
        assert (await refusal(gateway, path=path)).status_code == http.HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("id", ["x" * 49, "a%3Ab", "a%00b", "%ff%fe"])
async def test_what_cannot_be_an_identity_is_a_bad_request(gateway: Gateway, db: Db, id: str) -> None:
    assert (await refusal(gateway, id)).status_code == http.HTTPStatus.BAD_REQUEST
    async with db.begin() as tx:
        assert await stations.list_knocks(tx) == []


async def test_an_identity_is_percent_decoded(db: Db, bus: NatsBus, business: Business) -> None:
    await build(db, "Ош 1/a")
    async with running(db, bus, business) as gateway, station(gateway, "%D0%9E%D1%88%201%2Fa") as box:
        await box.boot()
    assert business.facts[0].station_id == "Ош 1/a"


@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        ("pa:ss wörd", "pa:ss wörd"),
        (HEX, HEX),
        (HEX, HEX.lower()),
        (HEX, bytes.fromhex(HEX)),
        (NOT_TEXT, bytes.fromhex(NOT_TEXT)),
    ],
)
async def test_a_password_is_bytes_in_three_forms(gateway: Gateway, db: Db, kept: str, sent: str | bytes) -> None:
    await secured(db, kept)
    async with station(gateway, auth=basic(BOX, sent)) as box:
        assert (await box.boot())["status"] == "Accepted"


@pytest.mark.parametrize(
    "auth",
    [
        None,
        basic(BOX, "wrong"),
        basic(BOX, bytes.fromhex(NOT_TEXT)),
        basic("KG-BIS-0002", HEX),
        basic(BOX.lower(), HEX),
        "Basic !!!",
        "Basic",
        f"Bearer {HEX}",
        "Basic " + "A" * 3000,
    ],
)
async def test_anything_else_hears_401(gateway: Gateway, db: Db, auth: str | None) -> None:
    await secured(db, HEX)
    response = await refusal(gateway, auth=auth)
    assert response.status_code == http.HTTPStatus.UNAUTHORIZED
    assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


async def test_without_a_password_the_user_must_still_be_the_station(gateway: Gateway) -> None:
    async with station(gateway, auth=basic(BOX, "whatever")):
        pass
    assert (await refusal(gateway, auth=basic("other", "whatever"))).status_code == http.HTTPStatus.UNAUTHORIZED


async def test_a_station_that_is_switched_off_hears_403(gateway: Gateway, db: Db) -> None:
    async with db.begin() as tx:
        here = await stations.station(tx, BOX, NOW)
        await stations.put_station(tx, BOX, here.location_id, admin_state="disabled")
    assert (await refusal(gateway)).status_code == http.HTTPStatus.FORBIDDEN


class Away(Doors):
    async def admit(self, tx: Any, *_: Any, **__: Any) -> Any:
        await tx.execute(sa.text("select 1 from nowhere"))


async def test_without_a_database_nobody_is_judged(gateway: Gateway) -> None:
    gateway._door.stations = Away()
    response = await refusal(gateway)
    assert response.status_code == http.HTTPStatus.SERVICE_UNAVAILABLE
    assert response.headers["Retry-After"]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["ocpp1.6"], "ocpp1.6"),
        (["ocpp1.5", "ocpp1.6"], "ocpp1.6"),
        (["OCPP1.6", "ocpp1.5"], "OCPP1.6"),
        (None, None),  # some name none; they mean 1.6
    ],
)
async def test_the_stations_first_language_that_we_speak_is_spoken(
    gateway: Gateway, offered: list[str] | None, chosen: str | None
) -> None:
    async with station(gateway, subprotocols=offered) as box:
        assert box.socket.subprotocol == chosen
        assert (await box.boot())["status"] == "Accepted"


async def test_without_a_common_language_the_handshake_is_finished_and_the_socket_closed(
    gateway: Gateway, db: Db
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(
        f"GET /ocpp/{BOX} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: ocpp1.5\r\n\r\n".encode()
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 101 " in head
    assert b"sec-websocket-protocol" not in head.lower()
    close = await asyncio.wait_for(reader.readexactly(4), 5)
    assert close[0] == 0x88
    assert int.from_bytes(close[2:4]) == 1002
    writer.close()
    async with db.begin() as tx:
        assert not (await stations.station(tx, StationId(BOX), NOW)).online


async def test_a_browser_hears_what_this_is(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(f"GET /ocpp/{BOX} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert b" 426 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()


async def test_strangers_bytes_harm_nobody(gateway: Gateway) -> None:
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET / HTTP/1.1\r\n" * 300, b"\0" * 5000, b""):
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(noise)
        writer.close()
    async with station(gateway) as box:
        assert (await box.boot())["status"] == "Accepted"


async def test_tc_085_a_station_with_its_password_is_let_in(gateway: Gateway, db: Db) -> None:
    """OCA TC_085_CSMS: Basic auth with the right user and password, the key as raw bytes of 1.6's AuthorizationKey."""
    await secured(db, HEX)
    async with station(gateway, auth=basic(BOX, bytes.fromhex(HEX))) as box:
        assert (await box.boot())["status"] == "Accepted"


async def test_tc_085_a_wrong_password_or_user_is_turned_away_before_the_upgrade(gateway: Gateway, db: Db) -> None:
    """OCA TC_085_CSMS, the invalid half: 401 to the handshake, and the right password right after is let in."""
    await secured(db, HEX)
    for auth in (basic(BOX, HEX[:-2] + "15"), basic("KG-BIS-0002", HEX)):
        assert (await refusal(gateway, auth=auth)).status_code == http.HTTPStatus.UNAUTHORIZED
    async with station(gateway, auth=basic(BOX, HEX)) as box:
        assert (await box.boot())["status"] == "Accepted"
