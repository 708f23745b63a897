"""The platform without sockets and processes: real codec, real use cases, real database, virtual time.

Plays the gateway (a call in, its answer out, orders on their way), the worker (due jobs, sweeps) and their deaths.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import psycopg

from tests.sim.faults import Faults
from tests.sim.world import World
from zaryad import charging, maintenance, stations
from zaryad.app import wiring
from zaryad.charging import Settings
from zaryad.link import orders
from zaryad.link.answers import BootStatus, BootVerdict
from zaryad.link.door import Approach
from zaryad.link.facts import Booted, ChargingBegan, ChargingEnded, Fact, StationId, Told, TransactionReported
from zaryad.link.orders import StartCharging, StopCharging
from zaryad.ocpp.codec import Codec, UntranslatableError, for_protocol
from zaryad.ocpp.gateway import end_order, expire_orders
from zaryad.ocpp.rpc import Answered, Call, Fault, Refused, Rpc, Stray
from zaryad.platform.db import Db

if TYPE_CHECKING:
    from tests.sim.site import Site

ANSWER_WITHIN = dt.timedelta(seconds=30)


class Connection:
    """The central system's end of a link."""

    def __init__(self, site: Site, codec: Codec) -> None:
        self.site = site
        self.codec = codec
        self.rpc: Rpc = codec.rpc(ANSWER_WITHIN)
        self.epoch = 0
        self.boot_status: BootStatus | None = None
        self.placed: orders.Placed | None = None
        self.alive = True

    @property
    def station_id(self) -> StationId:
        return StationId(self.site.station.model.id)


class Platform:
    def __init__(self, world: World, database_url: str, faults: Faults, config: Any) -> None:
        self.world = world
        self.faults = faults
        self.config = config
        self.db = Db.connect(database_url, pool=4, hint=self._hint)
        self._aside = psycopg.connect(database_url, autocommit=True)  # our own looks at the queues
        self.rules: Settings = config.charging
        self.book = charging.MeterBook(database_url, self.rules)
        self.handlers = wiring.fact_handlers(self.db, config, self.book)
        self.order_ended = wiring.order_ended(config)
        self.jobs: Mapping[str, Any] = {
            **charging.jobs(self.db, self.rules, world),
            **maintenance.jobs(self.db, config.upkeep, world),
            "receipts.issue": self._receipt,
        }
        self.connections: dict[str, Connection] = {}
        self.heard: set[str] = set()
        self.receipts: Counter[str] = Counter()
        self.ran: Counter[str] = Counter()
        self.away_until: dt.datetime | None = None
        self._looking: dt.datetime | None = None

    def begin(self) -> None:
        self.world.every(120, self._seen)
        self.world.every(30, self._poll_orders)
        self.world.every(60, self._expire)
        self.world.every(300, self._sweep)

    async def close(self) -> None:
        await self.book.close()
        await self.db.close()
        self._aside.close()

    # Links

    async def connect(self, site: Site) -> Connection | None:
        now = self.world.now()
        protocol = site.station.subprotocol
        connection = Connection(site, for_protocol(protocol))
        async with self.db.begin() as tx:
            approach = Approach(station_id=connection.station_id, password=site.station.password)
            door = await stations.admit(tx, approach, now, self.config.secret.encode())
            assert door.status.value == "ok"
            connection.boot_status = door.boot_status
            connection.epoch = await stations.connected(tx, connection.station_id, "sim", protocol, "10.0.0.1", now)
        old = self.connections.get(connection.station_id)
        if old is not None:
            old.alive = False  # the newest wins
        self.connections[connection.station_id] = connection
        self.world.after(0.1, lambda: self.pump(connection.station_id))
        return connection

    async def disconnected(self, connection: Connection) -> None:
        connection.alive = False
        async with self.db.begin() as tx:
            await stations.disconnected(tx, connection.station_id, connection.epoch, self.world.now())
        if self.connections.get(connection.station_id) is connection:
            del self.connections[connection.station_id]

    # Frames

    async def receive(self, connection: Connection, frame: str) -> None:
        if not connection.alive:
            return
        self.heard.add(connection.station_id)
        event = connection.rpc.receive(frame)
        if isinstance(event, Call):
            await self._called(connection, event)
        elif isinstance(event, Answered | Refused):
            await self._answered(connection, event)
        else:
            assert isinstance(event, Stray), f"a station of ours said {frame!r}"

    async def _called(self, connection: Connection, call: Call) -> None:
        faults, now = self.faults, self.world.now()
        away = self.away_until is not None and now < self.away_until
        if self.world.chance(faults.crash_before):
            connection.site.lose("gateway died before the commit")
            return
        try:
            heard = connection.codec.fact(call, connection.station_id, now)
            fact = heard.fact
        except UntranslatableError as error:
            raise AssertionError(f"{call} is not understood") from error
        if connection.boot_status is not BootStatus.ACCEPTED and not isinstance(fact, Booted):
            connection.site.deliver(connection, connection.rpc.refuse(call, Fault.SECURITY, "boot first"))
            return
        if away or self.world.chance(faults.refused):
            self.world.tell(connection.station_id, f"refused {call.action}")
            connection.site.deliver(connection, connection.rpc.refuse(call, Fault.INTERNAL, "the database is away"))
            return
        for each in heard.also:
            await self.handlers[type(each)](each)
        answer = await self.handlers[type(fact)](fact)
        if isinstance(answer, BootVerdict):
            connection.boot_status = answer.status
        if _leaves_jobs(fact):
            self.look_for_jobs()
        if self.world.chance(faults.crash_after):
            connection.site.lose(f"gateway died after {call.action}")
            return
        connection.site.deliver(connection, connection.rpc.answer(call, connection.codec.answer(heard, answer)))

    # Orders

    async def pump(self, station_id: str) -> None:
        """Send the next order, when nothing is being asked."""
        connection = self.connections.get(station_id)
        if connection is None or not connection.alive:
            return
        connection.rpc.expire(self.world.now())
        if not connection.rpc.free:
            return
        async with self.db.begin() as tx:
            placed = await orders.take_next(tx, connection.station_id, epoch=connection.epoch, now=self.world.now())
        if placed is None:
            return
        connection.placed = placed
        action, body = connection.codec.order(placed.order, placed.number)
        self.world.tell(station_id, f"ordered {action}")
        connection.site.deliver(connection, connection.rpc.call(str(placed.id), action, body, self.world.now()))
        self.world.after(ANSWER_WITHIN.total_seconds() + 1, lambda: self.pump(station_id))

    async def _answered(self, connection: Connection, event: Answered | Refused) -> None:
        assert connection.placed is not None
        placed, connection.placed = connection.placed, None
        outcome = connection.codec.outcome(placed.order, event)
        await end_order(self.db, self.order_ended, placed, outcome.state, outcome.detail, self.world.now())
        if isinstance(placed.order, StartCharging | StopCharging):
            self.world.tell(connection.station_id, f"order {placed.order} {outcome.state.value}")
        self.look_for_jobs()
        self.world.after(0.05, lambda: self.pump(connection.station_id))

    def _hint(self, subject: str, _payload: bytes) -> None:
        kind, _, rest = subject.partition(".")
        if kind == "orders" and not self.world.chance(self.faults.hint_lost):
            self.world.after(0.02, lambda: self.pump(rest))

    async def _poll_orders(self) -> None:
        waiting = "select distinct station_id from station_order where state in ('created', 'sent') order by 1"
        for (station_id,) in self._aside.execute(waiting).fetchall():
            await self.pump(station_id)

    async def _expire(self) -> None:
        if await expire_orders(self.db, self.order_ended, self.world.now()):
            self.look_for_jobs()

    # The worker

    def look_for_jobs(self, at: dt.datetime | None = None) -> None:
        """See to it that somebody looks for due jobs within a second, or at the moment given."""
        at = at or self.world.now() + dt.timedelta(seconds=1)
        if self._looking is None or at < self._looking:
            self._looking = at
            self.world.at(at, lambda: self._look(at))

    async def _look(self, planned: dt.datetime) -> None:
        if self._looking != planned:
            return  # somebody looks earlier
        self._looking = None
        due = self._aside.execute(
            "select id, task_name, args from procrastinate_jobs where status = 'todo' "
            "and (scheduled_at is null or scheduled_at <= %s) order by id limit 200",
            [self.world.now()],
        ).fetchall()
        for id, name, arguments in due:
            await self._run(id, name, arguments)
        self._plan_next()

    async def _run(self, id: int, name: str, arguments: dict[str, Any]) -> None:
        self.ran[name] += 1
        await self.jobs[name](**arguments)
        if self.world.chance(self.faults.job_crash):
            return  # it is still there, and runs again
        if self.world.chance(self.faults.job_doubled):
            await self.jobs[name](**arguments)
        self._aside.execute("delete from procrastinate_jobs where id = %s", [id])

    def _plan_next(self) -> None:
        row = self._aside.execute(
            "select min(coalesce(scheduled_at, '2000-01-01')) from procrastinate_jobs where status = 'todo'"
        ).fetchone()
        if row is not None and row[0] is not None:
            self.look_for_jobs(max(row[0], self.world.now() + dt.timedelta(seconds=1)))

    async def _receipt(self, session_id: str) -> None:
        """Receipts have tests of their own; here it matters that each session gets one."""
        self.receipts[session_id] += 1

    async def _sweep(self) -> None:
        await charging.sweep(self.db, self.rules, self.world.now())
        await charging.look_after(self.db, self.rules, self.world.now())
        self.look_for_jobs()

    async def _seen(self) -> None:
        """A station that answers pings is alive, whether or not it has anything to say."""
        pinged = {id for id, c in self.connections.items() if c.alive and c.site.connection is c}
        heard, self.heard = sorted(self.heard | pinged), set()
        async with self.db.begin() as tx:
            await stations.seen(tx, heard, self.world.now())


def _leaves_jobs(fact: Fact) -> bool:
    if isinstance(fact, TransactionReported):
        return fact.told is Told.ENDED
    return isinstance(fact, ChargingBegan | ChargingEnded)


def rows(url: str, query: str) -> list[dict[str, Any]]:
    """Read straight from the database, past all our code."""
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]  # our own words
