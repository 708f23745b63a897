"""Orders to the stations that are connected here: one at a time each, from the row to the outcome in the row.

A hint says that there is one; a poll finds those whose hint was lost. An order without an answer stays `sent`:
it goes again on the station's next connection, or expires.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime as dt
import functools
from collections.abc import Callable
from uuid import UUID

import msgspec
import structlog

from zaryad.kernel.clock import Clock
from zaryad.link import orders
from zaryad.link.answers import BootStatus
from zaryad.link.orders import AnyOrder, OrderId, OrderState, Placed
from zaryad.ocpp.codec import Outcome, UnsayableError
from zaryad.ocpp.gateway import metrics
from zaryad.ocpp.gateway.connection import Connection
from zaryad.ocpp.gateway.invited import STARTS_AND_STOPS
from zaryad.ocpp.gateway.ports import OrderEnded
from zaryad.ocpp.rpc import Answered, Refused, Stray
from zaryad.platform.db import Db

log = structlog.get_logger()

RETRY_S_MAX = 5.0
END_WITHIN_S = 3.0
LATE_AT_ONCE = 4  # of one station, looked up at a time: it had one question, whatever it answers


class _EndedAlreadyError(Exception):
    pass


async def end_order(  # noqa: PLR0917  # the outcome, and where it goes
    db: Db, order_ended: OrderEnded, placed: Placed, state: OrderState, detail: dict[str, object], now: dt.datetime
) -> bool:
    """End an order and let the business react, in one transaction; False when it had ended before.

    The reaction runs first: it locks sessions, and an order is the last of all locks.
    """
    ended = msgspec.structs.replace(placed, state=state, detail=detail, ended_at=now)
    try:
        async with db.begin() as tx:
            await order_ended(tx, ended, now)
            if await orders.conclude(tx, placed.id, state, detail, now) is None:
                raise _EndedAlreadyError
    except _EndedAlreadyError:
        return False
    metrics.ORDERS.labels(state.value).inc()
    return True


async def expire_orders(db: Db, order_ended: OrderEnded, now: dt.datetime) -> int:
    """End every open order whose deadline has passed; a sweep, harmless when several do it. Returns how many."""
    async with db.begin() as tx:
        overdue = await orders.overdue(tx, now)
    ended = 0
    for placed in overdue:
        why = "not connected" if placed.state is OrderState.CREATED else "no answer"
        ended += await end_order(db, order_ended, placed, OrderState.EXPIRED, {"why": why}, now)
    return ended


# An order as it goes out: what stands sealed in its row is opened here, and nowhere before.
Reveal = Callable[[AnyOrder], AnyOrder]


def as_it_stands(order: AnyOrder) -> AnyOrder:
    """Return the order as its row has it."""
    return order


class Pump:
    """Sends orders on the connections it is nudged about."""

    def __init__(self, db: Db, order_ended: OrderEnded, clock: Clock, reveal: Reveal = as_it_stands) -> None:
        self._db = db
        self._order_ended = order_ended
        self._clock = clock
        self._reveal = reveal
        self._due: set[Connection] = set()
        self._driving: dict[Connection, asyncio.Task[None]] = {}
        self._asides: set[asyncio.Task[None]] = set()
        self._late_ones: collections.Counter[Connection] = collections.Counter()

    def nudge(self, connection: Connection) -> None:
        """Look for orders of this station, now or when its present one has ended."""
        if connection.epoch and connection.may_be_ordered:
            self._due.add(connection)
            if connection not in self._driving:
                self._driving[connection] = asyncio.create_task(self._drive(connection))

    def expire(self, now: dt.datetime) -> None:
        """End the waits that are over."""
        for connection in list(self._driving):
            connection.expire(now)

    def late(self, connection: Connection, stray: Stray) -> None:
        """Take an answer that came after its wait was over: its order may still be open."""
        if self._late_ones[connection] >= LATE_AT_ONCE:
            return
        with contextlib.suppress(ValueError):
            task = asyncio.create_task(self._late(connection, OrderId(UUID(stray.id)), stray))
            self._asides.add(task)
            self._late_ones[connection] += 1
            task.add_done_callback(functools.partial(self._looked_up, connection))

    def _looked_up(self, connection: Connection, task: asyncio.Task[None]) -> None:
        self._asides.discard(task)
        self._late_ones[connection] -= 1
        if not self._late_ones[connection]:
            del self._late_ones[connection]

    async def stop(self) -> None:
        """Let what runs end; what was sent goes again on the next connection."""
        tasks = [*self._driving.values(), *self._asides]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=END_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _drive(self, connection: Connection) -> None:
        try:
            while connection in self._due and connection.may_be_ordered:
                self._due.discard(connection)
                if await self._send_next(connection):
                    self._due.add(connection)
        except Exception as error:  # noqa: BLE001  # the database is away: the poll nudges again
            log.warning("gateway.orders_delayed", station=connection.station_id, error=repr(error)[:200])
        finally:
            self._due.discard(connection)
            del self._driving[connection]

    async def _send_next(self, connection: Connection) -> bool:
        """Send one order and see it to its end; False when there was none, or the connection is over."""
        async with self._db.begin() as tx:
            placed = await orders.take_next(tx, connection.station_id, epoch=connection.epoch, now=self._clock.now())
        if placed is None:
            return False
        try:
            action, body = connection.codec.order(self._reveal(placed.order), placed.number, connection.ways)
        except UnsayableError as error:
            await self._end(placed, Outcome(OrderState.NOT_SUPPORTED, {"why": str(error)}))
            return True
        if connection.boot_status is BootStatus.PENDING and action in STARTS_AND_STOPS:
            await self._end(placed, Outcome(OrderState.REFUSED, {"why": "the station is not accepted yet"}))
            return True
        event = await connection.ask(str(placed.id), action, body)
        if not isinstance(event, Answered | Refused):
            metrics.ORDERS.labels("unanswered").inc()
            return event is not None
        await self._end(placed, connection.codec.outcome(placed.order, event))
        return True

    async def _end(self, placed: Placed, outcome: Outcome) -> None:
        """End it, however long the database is away: the station has answered and will not again."""
        wait_s = 0.1
        while True:
            now = self._clock.now()
            try:
                await end_order(self._db, self._order_ended, placed, outcome.state, outcome.detail, now)
            except Exception as error:  # whatever it is, the answer is not thrown away at once
                if now > placed.before + dt.timedelta(minutes=1):
                    raise
                log.warning("gateway.order_end_delayed", order=str(placed.id), error=repr(error)[:200])
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_S_MAX)
            else:
                return

    async def _late(self, connection: Connection, id: OrderId, stray: Stray) -> None:
        try:
            async with self._db.begin() as tx:
                placed = await orders.find(tx, id)
            if placed is None or placed.state is not OrderState.SENT or placed.station_id != connection.station_id:
                return
            outcome = connection.codec.late(placed.order, stray)
            await self._end(placed, outcome)
        except Exception as error:  # noqa: BLE001  # a courtesy; the order expires by itself
            log.warning("gateway.late_answer_lost", order=str(id), error=repr(error)[:200])
