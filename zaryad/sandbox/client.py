"""Runs one virtual station on real time and a real WebSocket, and keeps its memory before it speaks.

`speed` (in the station's memory) makes batteries fill faster: energy accrues `speed` times as fast as the power says.
Clocks, timestamps, intervals and the power reported stay true, so sessions are short and messages are honest.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import ssl
from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException
from websockets.typing import Subprotocol

from zaryad.kernel.clock import Clock
from zaryad.sandbox import link, mtls, runner
from zaryad.sandbox.body import Body
from zaryad.sandbox.errands import Errand
from zaryad.sandbox.model import AnyCommand
from zaryad.sandbox.view import StationView, view

log = structlog.get_logger()

RETRY_FIRST_S, RETRY_MAX_S = 0.5, 30
STEADY_S = 10  # a link that held so long begins again with the first pause
SHORTEST_NAP_S = 0.02
SAVE_AGAIN_S = 1


class Keep(Protocol):
    """Where memories outlive the process."""

    async def save(self, station_id: str, memory: bytes) -> None:
        """Return when it is durable."""
        ...


class Client:
    """One station and its socket. `run` until cancelled; `do` and `view` from anywhere in the loop."""

    def __init__(
        self,
        station: Body,
        url: str,
        keep: Keep,
        clock: Clock,
        *,
        changed: Callable[[str], None] = lambda _id: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.station = station
        self._home = url
        self._keep = keep
        self._clock = clock
        self._changed = changed
        self._tls = tls
        self._socket: ClientConnection | None = None
        self._link_error: str | None = None
        self._wire = link.Wire(random.Random())  # noqa: S311  # trouble is no secret
        self._deaf = False  # a half-open link: nothing is read
        self._opened = False
        self._errands: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()  # one input at a time, its memory kept and its frames sent before the next
        self._nudged = asyncio.Event()
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Power on and live."""
        await self._step(self.station.power_on)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_time(), name=f"time of {self.station.model.id}")
                group.create_task(self._keep_link(), name=f"link of {self.station.model.id}")
        finally:
            for task in self._errands:
                task.cancel()
            with contextlib.suppress(Exception):
                await asyncio.shield(self._save())

    async def do(self, command: AnyCommand) -> StationView:
        """Let a hand do something; DomainError when it cannot be done."""
        await self._step(lambda now: self.station.do(command, now))
        return self.view()

    def view(self) -> StationView:
        """Look at the station."""
        return view(self.station, self._clock.now(), self._link_error)

    async def _step(self, act: Callable[[dt.datetime], None]) -> None:
        async with self._turn:
            act(self._clock.now())
            out = self.station.take()
            if out.memory:
                await self._save()
                self._changed(self.station.model.id)
            for errand in out.errands:
                self._send_on(errand)
            if self._socket is not None:
                await self._say(self._socket, out.frames)
                if out.hang_up:
                    self._socket.transport.close()  # what was sent arrives; no goodbye
            if self._socket is not None:
                self._listen(self._socket, self.station.memory.trouble.half_open)
        if self.station.wants_link:
            self._wanted.set()
        else:
            self._wanted.clear()
        self._nudged.set()

    def _listen(self, socket: ClientConnection, half_open: bool) -> None:
        """Stop reading where the link is half open: not even a ping is answered then."""
        if half_open and not self._deaf:
            self._deaf = True
            socket.transport.pause_reading()
        elif self._deaf and not half_open:
            self._deaf = False
            socket.transport.resume_reading()

    async def _say(self, socket: ClientConnection, frames: tuple[str, ...]) -> None:
        for wait_ms, frame in self._wire.out(frames, self.station.memory.trouble):
            if wait_ms:
                loop = asyncio.get_running_loop()
                loop.call_later(wait_ms / 1_000, self._say_late, socket, frame)
                continue
            with contextlib.suppress(WebSocketException, OSError):
                await socket.send(frame)

    def _say_late(self, socket: ClientConnection, frame: str) -> None:
        async def say() -> None:
            with contextlib.suppress(WebSocketException, OSError):
                await socket.send(frame)

        self._keep_task(asyncio.create_task(say()))

    def _send_on(self, errand: Errand) -> None:
        async def go() -> None:
            done = await runner.run(errand)
            await self._step(lambda now: self.station.errand_done(errand.id, done, now))

        self._keep_task(asyncio.create_task(go(), name=f"errand of {self.station.model.id}"))

    def _keep_task(self, task: asyncio.Task[None]) -> None:
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _save(self) -> None:
        """Keep the memory; without it nothing may be said, so wait for the database."""
        while True:
            try:
                await self._keep.save(self.station.model.id, msgspec.json.encode(self.station.memory))
            except Exception as error:  # noqa: BLE001  # whatever keeps the memory from being kept
                log.warning("sandbox.memory_not_kept", station=self.station.model.id, error=repr(error))
                await asyncio.sleep(SAVE_AGAIN_S)
            else:
                return

    async def _keep_time(self) -> None:
        while True:
            self._nudged.clear()
            wake = self.station.wake_at
            nap = None if wake is None else max(SHORTEST_NAP_S, (wake - self._clock.now()).total_seconds())
            try:
                async with asyncio.timeout(nap):
                    await self._nudged.wait()
            except TimeoutError:
                await self._step(self.station.tick)

    async def _keep_link(self) -> None:
        pause = RETRY_FIRST_S
        while True:
            await self._wanted.wait()
            began, self._opened = asyncio.get_running_loop().time(), False
            try:
                await self._hold_link()
            except InvalidStatus as error:
                self._link_error = f"HTTP {error.response.status_code}"
            except (OSError, TimeoutError, ValueError, InvalidHandshake, InvalidURI, WebSocketException) as error:
                self._link_error = str(error) or type(error).__name__
            if asyncio.get_running_loop().time() - began > STEADY_S:
                pause = RETRY_FIRST_S
            if not self._opened:
                await self._step(self.station.not_connected)
            back_ms = self.station.back_ms
            if back_ms is not None:
                self.station.back_ms = back_ms if self.station.drops else None
                await asyncio.sleep(back_ms / 1_000)
                continue
            log.debug("sandbox.link_lost", station=self.station.model.id, error=self._link_error, again_in_s=pause)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  # jitter is no secret
            pause = min(pause * 2, RETRY_MAX_S)

    async def _hold_link(self) -> None:
        station, trouble = self.station, self.station.memory.trouble
        base = station.url or self._home
        tls = mtls.context(station, self._tls, self._clock.now()) if base.startswith("wss") else None
        async with connect(
            f"{base.rstrip('/')}/{quote(station.model.id, safe='')}",
            subprotocols=None if trouble.no_subprotocol else [Subprotocol(station.subprotocol)],
            additional_headers=link.headers(station),
            user_agent_header=f"{station.model.vendor}/{station.model.model}",
            compression="deflate" if station.deflates else None,
            ping_interval=station.ping_s or None,
            open_timeout=10,
            close_timeout=2,
            proxy=None,
            ssl=tls,
        ) as socket:
            self._socket, self._link_error, self._deaf, self._opened = socket, None, False, True
            try:
                await self._step(self.station.connected)
                async for frame in socket:
                    if self._wire.hears(station.memory.trouble):
                        await self._step(lambda now, frame=frame: self.station.received(frame, now))  # type: ignore[misc]  # mypy does not infer a lambda with a default
            finally:
                self._socket = None
                await self._step(self.station.disconnected)
