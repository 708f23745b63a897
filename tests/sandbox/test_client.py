"""A station on a real socket, against a central system that is a server of its own."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

import msgspec
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from tests.sandbox.central import AC, DC
from zaryad.kernel.clock import SystemClock
from zaryad.sandbox.client import Client
from zaryad.sandbox.model import (
    DropLink,
    PlugIn,
    PresentCard,
    Reboot,
    SetNetwork,
    SetSpeed,
    StationMemory,
    StationModel,
    Unplug,
)
from zaryad.sandbox.station16 import Station16
from zaryad.sandbox.timekeeping import stamp

MODEL = StationModel(id="KG 1", outlets=(AC, DC), password="secret", start_delay_s=0, reboot_s=1)


class Server:
    """Answers everything; notes what memory was kept when a frame arrived."""

    def __init__(self, kept: dict[str, bytes]) -> None:
        self.kept = kept
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.paths: list[str] = []
        self.memories: list[StationMemory] = []
        self.socket: ServerConnection | None = None
        self.port = 0

    async def handle(self, socket: ServerConnection) -> None:
        self.socket = socket
        assert socket.request is not None
        self.paths.append(socket.request.path)
        async for frame in socket:
            kind, id, *rest = json.loads(frame)
            if kind != 2:
                continue
            action, body = rest
            self.heard.append((action, body))
            self.memories.append(msgspec.json.decode(self.kept["KG 1"], type=StationMemory))
            await socket.send(json.dumps([3, id, self.answer(action)]))

    def answer(self, action: str) -> dict[str, Any]:
        info = {"idTagInfo": {"status": "Accepted"}}
        now = stamp(SystemClock().now())
        return {
            "BootNotification": {"status": "Accepted", "currentTime": now, "interval": 300},
            "Heartbeat": {"currentTime": now},
            "Authorize": info,
            "StartTransaction": {"transactionId": 7, **info},
        }.get(action, {})

    async def admit(self, _connection: ServerConnection, request: Request) -> Response | None:
        told = base64.b64decode(request.headers["Authorization"].removeprefix("Basic "))
        return None if told == b"KG 1:secret" else _connection.respond(HTTPStatus.UNAUTHORIZED, "")

    async def until(self, action: str, count: int = 1) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while len(found := [body for name, body in self.heard if name == action]) < count:  # noqa: ASYNC110  # it waits for a server of another task
                await asyncio.sleep(0.01)
        return found[count - 1]


class Kept(dict[str, bytes]):
    async def save(self, station_id: str, memory: bytes) -> None:
        await asyncio.sleep(0.005)  # a commit takes its time
        self[station_id] = memory


@asynccontextmanager
async def living(kept: Kept, model: StationModel = MODEL) -> AsyncIterator[tuple[Server, Client]]:
    server = Server(kept)
    async with serve(
        server.handle, "127.0.0.1", 0, process_request=server.admit, subprotocols=["ocpp1.6"]
    ) as listening:  # type: ignore[list-item]  # a NewType of str
        server.port = next(iter(listening.sockets)).getsockname()[1]
        memory = msgspec.json.decode(kept[model.id], type=StationMemory) if model.id in kept else None
        client = Client(Station16(model, memory), f"ws://127.0.0.1:{server.port}/ocpp", kept, SystemClock())
        task = asyncio.create_task(client.run())
        try:
            yield server, client
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def eventually(holds: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # whatever it is that has to hold
            await asyncio.sleep(0.01)


async def test_a_charge_over_a_socket_and_the_memory_is_kept_before_each_message() -> None:
    async with living(Kept()) as (server, client):
        await server.until("StatusNotification", 3)
        assert server.paths == ["/ocpp/KG%201"]
        await client.do(SetSpeed(speed=3_600))
        await client.do(PlugIn(connector=2, soc_percent=70, full_at_percent=80, dc_kw=300))
        await client.do(PresentCard(token="CARD", connector=2))
        await server.until("StartTransaction")
        await asyncio.sleep(0.3)
        seen = (await client.do(Unplug(connector=2))).outlets[1]
        stop = await server.until("StopTransaction")
        assert seen.register_wh == stop["meterStop"] > 0
        index = [name for name, _ in server.heard].index("StopTransaction")
        assert [message.action for message in server.memories[index].queue] == ["StopTransaction"]


async def test_it_comes_back_after_a_lost_link_a_reboot_and_a_lost_network() -> None:
    async with living(Kept()) as (server, client):
        await server.until("BootNotification")
        await client.do(DropLink())
        await eventually(lambda: len(server.paths) == 2)
        assert len([name for name, _ in server.heard if name == "BootNotification"]) == 1
        await client.do(Reboot())
        await server.until("BootNotification", 2)
        await client.do(SetNetwork(up=False))
        await eventually(lambda: not client.view().linked)
        await client.do(PlugIn())
        await client.do(SetNetwork(up=True))
        await eventually(lambda: "Preparing" in [body.get("status") for _, body in server.heard])


async def test_a_killed_host_forgets_nothing() -> None:
    kept = Kept()
    async with living(kept) as (server, client):
        await server.until("StatusNotification", 3)
        await client.do(PlugIn(connector=2))
        await client.do(PresentCard(token="CARD", connector=2))
        await server.until("StartTransaction")
        await client.do(SetNetwork(up=False))
        await client.do(Unplug(connector=2))
        at_death = kept[MODEL.id]
    kept[MODEL.id] = at_death
    async with living(kept) as (server, client):
        await client.do(SetNetwork(up=True))
        stop = await server.until("StopTransaction")
        assert stop["transactionId"] == 7


async def test_a_wrong_password_shows_as_the_reason() -> None:
    async with living(Kept(), msgspec.structs.replace(MODEL, password="guess")) as (_, client):
        await eventually(lambda: client.view().link_error == "HTTP 401")
