"""Compressed messages: agreed where the standard wants it, bounded after they are read, costing no memory between."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode

from tests.ocpp.rig import BOX, Business, Station, running
from tests.stations.network import build
from zaryad.link.facts import VariablesPart
from zaryad.ocpp.gateway import Gateway
from zaryad.ocpp.gateway.deflate import DEFLATE
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

V2 = ("ocpp2.0.1", "ocpp2.1")
OFFER = ClientPerMessageDeflateFactory(client_max_window_bits=True)


@pytest.fixture
async def gateway(db: Db, bus: NatsBus, business: Business) -> AsyncIterator[Gateway]:
    await build(db)
    async with running(db, bus, business, frame_bytes_max=65_536) as gateway:
        yield gateway


@asynccontextmanager
async def offering(gateway: Gateway, subprotocols: Sequence[str]) -> AsyncIterator[tuple[Station, ClientConnection]]:
    async with connect(
        f"ws://127.0.0.1:{gateway.port}/ocpp/{BOX}",
        subprotocols=subprotocols,  # type: ignore[arg-type]  # plain names
        extensions=[OFFER],
        compression=None,
        ping_interval=None,
        close_timeout=1,
        max_size=None,
        proxy=None,
    ) as socket:
        yield Station(socket), socket


def raw(opcode: Opcode, data: bytes, *, fin: bool = True, packed: bool = False) -> bytes:
    """A frame as it is on the wire, marked as compressed whatever is in it."""
    said = bytearray(Frame(opcode, data, fin).serialize(mask=True))
    said[0] |= 0x40 * packed
    return bytes(said)


@pytest.mark.parametrize("protocol", V2)
async def test_a_2x_station_is_offered_compression_and_long_messages_go_both_ways(
    gateway: Gateway, business: Business, protocol: str
) -> None:
    async with offering(gateway, [protocol]) as (box, socket):
        assert [extension.name for extension in socket.protocol.extensions] == ["permessage-deflate"]
        assert (await box.boot())["status"] == "Accepted"
        report = [
            {
                "component": {"name": "EVSE", "evse": {"id": number}},
                "variable": {"name": "AvailabilityState"},
                "variableAttribute": [{"value": "Available"}],
            }
            for number in range(300)
        ]
        body = {"requestId": 1, "seqNo": 0, "generatedAt": "2026-05-01T12:00:00Z", "reportData": report}
        assert await box.call("NotifyReport", body) == {}
        (told,) = business.told(VariablesPart)
        assert len(told.variables) == 300
        await box.say(json.dumps([2, "x" * 5_000, "Heartbeat", {}]))  # so that the answer is long
        assert "currentTime" in (await box.hear())[2]


async def test_between_messages_a_connection_keeps_no_window(gateway: Gateway) -> None:
    async with offering(gateway, ["ocpp2.0.1"]) as (box, _):
        await box.boot()
        (connection,) = gateway.connections.values()
        (agreed,) = connection.socket.protocol.extensions  # type: ignore[attr-defined]  # the real socket
        assert agreed.remote_no_context_takeover
        assert agreed.local_no_context_takeover
        assert not {"encoder", "decoder"} & set(vars(agreed))


async def test_1_6_is_not_compressed_unless_a_setting_says_so(db: Db, bus: NatsBus, business: Business) -> None:
    await build(db)
    for wanted in (False, True):
        async with (
            running(db, bus, business, deflate_16=wanted) as gateway,
            offering(gateway, ["ocpp1.6"]) as (box, socket),
        ):
            assert bool(socket.protocol.extensions) is wanted
            assert (await box.boot())["status"] == "Accepted"
    async with running(db, bus, business, deflate=False) as gateway, offering(gateway, ["ocpp2.1"]) as (_, socket):
        assert not socket.protocol.extensions


@pytest.mark.parametrize("pieces", [1, 2])
async def test_what_is_too_long_once_decompressed_is_refused(gateway: Gateway, business: Business, pieces: int) -> None:
    async with offering(gateway, ["ocpp2.0.1"]) as (box, socket):
        await box.boot()
        bomb = zlib.compressobj(wbits=-15)
        packed = bomb.compress(b"[2,%s]" % (b" " * 50_000_000)) + bomb.flush(zlib.Z_SYNC_FLUSH)
        packed = packed.removesuffix(b"\x00\x00\xff\xff")
        assert len(packed) < 65_536
        half = len(packed) // pieces
        for number, start in enumerate(range(0, half * pieces, half)):
            part = packed[start : start + half] if number < pieces - 1 else packed[start:]
            last = number == pieces - 1
            socket.transport.write(raw(Opcode.CONT if number else Opcode.TEXT, part, fin=last, packed=not number))
        assert await box.closed() == 1009
    assert not business.told(VariablesPart)


async def test_pieces_without_end_or_content_do_not_add_up(gateway: Gateway) -> None:
    async with offering(gateway, ["ocpp2.0.1"]) as (box, socket):
        await box.boot()
        socket.transport.write(raw(Opcode.TEXT, b'[2,"1","Heart', fin=False))
        for _ in range(2_000):
            socket.transport.write(raw(Opcode.CONT, b"", fin=False))
        socket.transport.write(raw(Opcode.CONT, b'beat",{}]'))
        assert "currentTime" in (await box.hear())[2]
        (connection,) = gateway.connections.values()
        assert connection.socket._fragments is None  # type: ignore[attr-defined]  # what would grow


def test_what_is_short_is_not_compressed() -> None:
    _, agreed = DEFLATE.process_request_params([], [])
    assert agreed.encode(Frame(Opcode.TEXT, b"x" * 512)).rsv1 is False
    long = agreed.encode(Frame(Opcode.TEXT, b"x" * 513))
    assert long.rsv1
    assert len(long.data) < 50


async def test_rubbish_in_compressed_clothes_closes_the_connection(gateway: Gateway) -> None:
    async with offering(gateway, ["ocpp2.1"]) as (box, socket):
        await box.boot()
        socket.transport.write(raw(Opcode.TEXT, b"\xff" * 50, packed=True))
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 1002
