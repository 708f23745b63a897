"""A virtual station on its spot: its link through a network that loses, doubles and delays, and what befalls it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec

from tests.sim.auditor import Auditor
from tests.sim.faults import Faults
from tests.sim.platform import Connection, Platform
from tests.sim.world import World
from zaryad.kernel.errors import DomainError
from zaryad.sandbox.model import (
    AnyCommand,
    ClearFault,
    DropLink,
    EmergencyStop,
    Reboot,
    SetClock,
    SetFault,
    SetNetwork,
    StationMemory,
    StationModel,
)
from zaryad.sandbox.speakers import built

LATENCY_S = (0.02, 0.4)
DAY_S = 86_400


class Site:
    def __init__(self, world: World, platform: Platform, auditor: Auditor, faults: Faults, model: StationModel) -> None:
        self.world = world
        self.platform = platform
        self.auditor = auditor
        self.faults = faults
        self.model = model
        self.station = built(model)
        self.kept = msgspec.json.encode(self.station.memory)
        self.connection: Connection | None = None
        self._connecting = False
        self._wakes = 0
        self.quiet = False  # the day is over: nothing breaks any more

    @property
    def id(self) -> str:
        return self.model.id

    def begin(self) -> None:
        self._input(self.station.power_on)
        self._plan_misfortunes()

    def do(self, command: AnyCommand) -> bool:
        """Lay a hand on it; False when that cannot be done."""
        try:
            self._input(lambda now: self.station.do(command, now))
        except DomainError:
            return False
        return True

    # The link

    def deliver(self, connection: Connection, frame: bytes) -> None:
        """A frame on its way down."""
        self._travel(lambda: self._arrived(connection, frame.decode()))

    def lose(self, why: str) -> None:
        """The socket breaks; the far end may notice late."""
        connection, self.connection = self.connection, None
        if connection is None:
            return
        self.world.tell(self.id, f"link lost: {why}")
        late = self.world.random.uniform(30, 150) if self.world.chance(self.faults.half_open) else 0.1
        self.world.after(late, lambda: self.platform.disconnected(connection))
        self._input(self.station.disconnected)

    def _arrived(self, connection: Connection, frame: str) -> None:
        if connection is self.connection:
            self._input(lambda now: self.station.received(frame, now))

    def _travel(self, arrive: Callable[[], object]) -> None:
        world, faults = self.world, self.faults
        if world.chance(faults.frame_lost):
            return
        for _ in range(2 if world.chance(faults.frame_doubled) else 1):
            late = world.random.uniform(0, 10) if world.chance(faults.frame_late) else 0
            world.after(world.random.uniform(*LATENCY_S) + late, arrive)

    def _input(self, act: Callable[[dt.datetime], None]) -> None:
        act(self.world.now())
        out = self.station.take()
        if out.memory:
            self.kept = msgspec.json.encode(self.station.memory)
        self.auditor.look(self.station)
        for frame in out.frames:
            self._send(frame)
        if out.hang_up:
            self.lose("hung up")
        if self.station.wants_link and self.connection is None and not self._connecting:
            self._connecting = True
            self.world.after(self.world.random.uniform(0.02, 20), self._connect)
        self._plan_wake()

    def _send(self, frame: str) -> None:
        connection = self.connection
        if connection is not None:
            self._travel(lambda: self.platform.receive(connection, frame))

    async def _connect(self) -> None:
        self._connecting = False
        if self.connection is None and self.station.wants_link:
            self.connection = await self.platform.connect(self)
            self._input(self.station.connected)

    def _plan_wake(self) -> None:
        self._wakes += 1
        token, wake = self._wakes, self.station.wake_at
        if wake is not None:
            self.world.at(wake, lambda: self._wake(token))

    def _wake(self, token: int) -> None:
        if token == self._wakes:
            self._input(self.station.tick)

    # Misfortunes

    def _plan_misfortunes(self) -> None:
        faults, world = self.faults, self.world
        if world.chance(faults.skewed):
            offset = world.random.randint(-faults.skew_s, faults.skew_s)
            ppm = world.random.randint(-faults.skew_ppm, faults.skew_ppm)
            self.do(SetClock(offset_s=offset, ppm=ppm))
        for rate, befall in (
            (faults.drops_a_day, lambda: self.do(DropLink())),
            (faults.outages_a_day, self._outage),
            (faults.cuts_a_day, lambda: self.do(Reboot(hard=True))),
            (faults.faults_a_day, self._fault),
            (faults.emergencies_a_day, self._emergency),
            (faults.host_deaths_a_day, self._host_death),
        ):
            self._plan(rate, befall)

    def _plan(self, rate: float, befall: Callable[[], object]) -> None:
        if not rate:
            return

        def happen() -> None:
            if not self.quiet:
                befall()
                self._plan(rate, befall)

        self.world.after(self.world.random.expovariate(rate / DAY_S), happen)

    def _outage(self) -> None:
        minutes = self.world.random.choice((5, 20, 60, 240, 480))
        self.world.tell(self.id, f"no network for {minutes} min")
        self.do(SetNetwork(up=False))
        self.world.after(minutes * 60, lambda: self.do(SetNetwork(up=True)))

    def _fault(self) -> None:
        number = self.world.random.choice(list(self.station.outlets))
        self.do(SetFault(connector=number, code="GroundFailure"))
        self.world.after(self.world.random.uniform(60, 3_600), lambda: self.do(ClearFault(connector=number)))

    def _emergency(self) -> None:
        self.do(EmergencyStop())
        self.world.after(self.world.random.uniform(60, 1_800), lambda: self.do(ClearFault()))

    def _host_death(self) -> None:
        """The station's computer dies and comes back from what it kept; minutes, or long enough to be a power cut."""
        self.world.tell(self.id, "host dies")
        self.lose("host died")
        self._wakes += 1
        self.station = built(self.model, msgspec.json.decode(self.kept, type=StationMemory))
        self._connecting = True  # nothing moves until it is back
        self.world.after(self.world.random.choice((5, 100, 900)), self._back)

    def _back(self) -> None:
        self._connecting = False
        self._input(self.station.power_on)
