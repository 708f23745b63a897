"""A swarm's life: a storm of connections, boots, idle beats, sessions with readings, maybe another storm, the end.

One wheel of tenths of a second carries every timer: ten thousand stations cost ten wake-ups a second, not ten thousand.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec

from zaryad.sandbox.swarm.measure import Measure, Report
from zaryad.sandbox.swarm.socket import Socket, upgrade
from zaryad.sandbox.swarm.station import LeanStation
from zaryad.sandbox.swarm.station2 import speaker

TICK_S = 0.1
OVERDUE_EVERY_S = 5
RECONNECT_S = (0.5, 3.0)
HOPELESS_S = 15  # nobody could connect in this time: there is nothing to measure


Dialects = Literal["1.6", "2.0.1", "2.1", "mixed"]
VERSIONS = ("1.6", "2.0.1", "2.1")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What the swarm does."""

    gateway: str  # ws://host:port/ocpp
    stations: int
    protocol: Dialects = "1.6"  # mixed: a third each
    prefix: str = "SWARM-"
    first: int = 1
    at_once: int = 100  # handshakes in flight
    heartbeat_s: int = 60
    sessions: int = 0  # stations that charge
    interval_s: int = 30  # between readings
    seconds: int = 60  # of the phase with sessions
    idle_seconds: int = 0  # of the phase before it
    storm: bool = False  # drop everybody afterwards and let them come back
    token: Callable[[int], str] = lambda number: f"SWARM{number}"
    password: Callable[[str], bytes | None] = lambda _id: None

    def id(self, number: int) -> str:
        """Return the identity of a station by its place."""
        return f"{self.prefix}{number:06d}"

    def speaks(self, number: int) -> str:
        """Return the version of a station by its place."""
        return self.protocol if self.protocol != "mixed" else VERSIONS[number % len(VERSIONS)]


class Swarm:
    """Runs a plan; `told` hears each phase's report as it ends."""

    def __init__(
        self, plan: Plan, told: Callable[[Report], None] = lambda _report: None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.plan = plan
        self.measure = Measure()
        self.phase = "connect"
        self.reports: list[Report] = []
        self._told = told
        self._tls = tls
        numbers = range(plan.first, plan.first + plan.stations)
        self.stations = [speaker(plan.speaks(n))(plan.id(n), plan.token(n), self.measure, self._lost) for n in numbers]
        self._wheel: dict[int, list[Callable[[], None]]] = defaultdict(list)
        self._tick = 0
        self._chance = random.Random(plan.stations)  # noqa: S311  # spreads timers
        self._gate = asyncio.Semaphore(plan.at_once)
        self._connecting: set[asyncio.Task[None]] = set()
        self._ending = False

    @property
    def connected(self) -> int:
        """How many hold a socket now."""
        return sum(station.connected for station in self.stations)

    @property
    def in_session(self) -> int:
        """How many charge now."""
        return sum(station.transaction is not None for station in self.stations)

    async def run(self) -> list[Report]:
        """Live the whole plan; return the report of each phase."""
        wheel = asyncio.create_task(self._turn(), name="wheel")
        try:
            await self._storm("connect")
            if self.connected:
                await self._live()
        finally:
            self._ending = True
            wheel.cancel()
            self._drop_all()
            await asyncio.sleep(0)
        return self.reports

    async def _live(self) -> None:
        plan = self.plan
        for station in self.stations:
            self._every(plan.heartbeat_s, station.beat)
        if plan.idle_seconds:
            await self._phase("idle", plan.idle_seconds)
        if plan.sessions:
            self._begin_sessions()
            await self._phase("sessions", plan.seconds)
        if plan.storm:
            self._drop_all()
            await asyncio.sleep(TICK_S)
            await self._storm("reconnect")
        if self.in_session:
            await self._end_sessions()

    def _drop_all(self) -> None:
        for station in self.stations:
            if station.socket is not None:
                station.socket.close()

    async def _end_sessions(self) -> None:
        for station in self.stations:
            station.end()
        await self._quiet(30)
        self._close_phase("stop")

    async def _phase(self, name: str, seconds: float) -> None:
        self.phase = name
        await asyncio.sleep(seconds)
        self._close_phase(name)

    async def _storm(self, name: str) -> None:
        """Connect everybody who is not, and wait until all have said what they say at first."""
        self.phase = name
        for station in self.stations:
            self._connect(station)
        await self._quiet(120)
        self._close_phase(name)

    async def _quiet(self, within_s: float) -> None:
        """Wait until every station is connected, ready and has nothing to say, but not for ever."""
        began = time.perf_counter()
        while (waited := time.perf_counter() - began) < within_s:
            if waited > HOPELESS_S and not self.connected:
                return
            if all(s.connected and s.ready and s.outstanding is None and not s.queue for s in self.stations):
                return
            await asyncio.sleep(TICK_S)

    def _close_phase(self, name: str) -> None:
        told = {"stations": len(self.stations), "connected": self.connected, "in_session": self.in_session}
        report = self.measure.report(name, **told)
        self.reports.append(report)
        self._told(report)

    def _begin_sessions(self) -> None:
        for station in self.stations[: self.plan.sessions]:
            self._after(self._chance.uniform(0, min(self.plan.interval_s, self.plan.seconds / 2)), station.begin)
            self._every(self.plan.interval_s, lambda station=station: station.sample(self.plan.interval_s))  # type: ignore[misc]  # bound by default

    def _connect(self, station: LeanStation) -> None:
        if station.pending or station.socket is not None:
            return
        station.pending = True
        task = asyncio.create_task(self._open(station))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _open(self, station: LeanStation) -> None:
        url = urlsplit(self.plan.gateway)
        port = url.port or (443 if url.scheme == "wss" else 80)
        path = f"{url.path.rstrip('/')}/{quote(station.id, safe='')}"
        request = upgrade(
            path, url.netloc, user=station.id, password=self.plan.password(station.id), protocol=station.protocol
        )
        tls = (self._tls or ssl.create_default_context()) if url.scheme == "wss" else None
        async with self._gate:
            socket = station.socket = Socket(station, request)
            try:
                async with asyncio.timeout(20):
                    await asyncio.get_running_loop().create_connection(
                        lambda: socket, url.hostname or "", port, ssl=tls
                    )
                    await socket.settled
            except (OSError, TimeoutError) as error:
                socket.close()
                if station.socket is socket and not socket.settled.done():  # it never came to be
                    station.lost(type(error).__name__)
            finally:
                station.pending = False

    def _lost(self, station: LeanStation) -> None:
        if not self._ending:
            self._after(self._chance.uniform(*RECONNECT_S), lambda: self._again(station))

    def _again(self, station: LeanStation) -> None:
        if not self._ending:
            self._connect(station)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._wheel[self._tick + max(1, round(seconds / TICK_S))].append(act)

    def _every(self, seconds: int, act: Callable[[], None]) -> None:
        def again() -> None:
            act()
            self._after(seconds, again)

        self._after(self._chance.uniform(0, seconds), again)

    async def _turn(self) -> None:
        """Run what is due in each tenth of a second; late tenths are caught up with."""
        began = time.perf_counter()
        while True:
            self._tick += 1
            for act in self._wheel.pop(self._tick, ()):
                act()
            if self._tick % round(OVERDUE_EVERY_S / TICK_S) == 0:
                now = time.perf_counter()
                for station in self.stations:
                    station.overdue(now)
            await asyncio.sleep(max(0, began + self._tick * TICK_S - time.perf_counter()))
