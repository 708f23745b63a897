"""The demo network's stations: rows that are alive. One process hosts them all and answers the remote control."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog

from zaryad.kernel.clock import Clock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db, Tx
from zaryad.sandbox import control, store
from zaryad.sandbox.body import Body
from zaryad.sandbox.client import Client
from zaryad.sandbox.control import Given, Wanted
from zaryad.sandbox.model import OutletMemory, SetSpeed, StationMemory, StationModel
from zaryad.sandbox.settings import Settings
from zaryad.sandbox.speakers import built
from zaryad.stations import station_password

log = structlog.get_logger()

LOOK_AGAIN_S = 30  # a lost hint about a new station costs so long
START_GAP_S = 0.05  # between two stations' first connections


async def adopt(tx: Tx, models: Iterable[StationModel]) -> None:
    """Let these stations be virtual: they live once the transaction commits and a fleet runs. Again changes nothing."""
    for model in models:
        await store.put(tx, model.id, msgspec.to_builtins(model))
    tx.hint(control.ADOPTED)


class Fleet:
    """The stations that this process keeps alive. `secret` makes the passwords of those that have none of their own."""

    def __init__(self, db: Db, bus: Bus, rules: Settings, clock: Clock, secret: bytes | None) -> None:
        self._db = db
        self._bus = bus
        self._rules = rules
        self._clock = clock
        self._secret = secret
        self._clients: dict[str, Client] = {}
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Host every adopted station until cancelled."""
        stop_answering = await self._bus.answer(control.SUBJECT, self._asked)
        stop_listening = await self._bus.subscribe(control.ADOPTED, self._told)
        try:
            async with asyncio.TaskGroup() as living:
                while True:
                    await self._admit(living)
                    self._news.clear()
                    try:
                        async with asyncio.timeout(LOOK_AGAIN_S):
                            await self._news.wait()
                    except TimeoutError:
                        continue
        finally:
            await stop_answering()
            await stop_listening()

    async def save(self, station_id: str, memory: bytes) -> None:
        """Keep a station's memory: it is durable on return."""
        async with self._db.begin() as tx:
            await store.keep(tx, station_id, msgspec.json.decode(memory), self._clock.now())

    async def _admit(self, living: asyncio.TaskGroup) -> None:
        async with self._db.begin() as tx:
            rows = await store.every(tx, but=list(self._clients))
        for row in rows:
            client = Client(
                self._built(row.model, row.memory), self._rules.gateway_url, self, self._clock, changed=self._tell
            )
            self._clients[row.id] = client
            living.create_task(self._live(client), name=f"station {row.id}")
            await asyncio.sleep(START_GAP_S)

    def _built(self, told: dict[str, Any], remembered: dict[str, Any] | None) -> Body:
        model = msgspec.convert(told, StationModel)
        if model.password is None and self._secret is not None:
            model = msgspec.structs.replace(model, password=station_password(self._secret, model.id))
        if remembered is not None:
            memory = msgspec.convert(remembered, StationMemory, strict=False)  # numbers as keys are text in JSON
        else:
            memory = StationMemory(outlets={o.number: OutletMemory() for o in model.outlets}, speed=self._rules.speed)
        return built(model, memory)

    async def _live(self, client: Client) -> None:
        """Keep one station alive: a fault of its model ends neither it nor its neighbours."""
        while True:
            try:
                await client.run()
            except Exception:
                log.exception("sandbox.station_failed", station=client.station.model.id)
                await asyncio.sleep(LOOK_AGAIN_S)

    def _tell(self, station_id: str) -> None:
        self._bus.publish(control.changed_subject(station_id))

    async def _told(self, _subject: str, _payload: bytes) -> None:
        self._news.set()

    async def _asked(self, _subject: str, payload: bytes) -> bytes:
        try:
            given = await self._answer(msgspec.json.decode(payload, type=Wanted))
        except DomainError as error:
            given = control.refused(error)
        except msgspec.MsgspecError as error:
            given = control.refused(DomainError(Kind.INVALID, "sandbox_command_unclear", why=str(error)))
        return msgspec.json.encode(given)

    async def _answer(self, wanted: Wanted) -> Given:
        if wanted.station is None:
            return Given(tuple(client.view() for _, client in sorted(self._clients.items())))
        client = self._clients.get(wanted.station)
        if client is None:
            raise DomainError(Kind.NOT_FOUND, "no_such_virtual_station", station=wanted.station)
        if wanted.command is None:
            return Given((client.view(),))
        if isinstance(wanted.command, SetSpeed) and wanted.command.speed > self._rules.speed_believed:
            raise DomainError(Kind.REFUSED, "speed_not_believed", most=self._rules.speed_believed)
        return Given((await client.do(wanted.command),))


async def run(db: Db, bus: Bus, rules: Settings, clock: Clock, *, secret: bytes | None = None) -> None:
    """Host the virtual stations until cancelled."""
    await Fleet(db, bus, rules, clock, secret).run()
