"""Running a bulk order: a step places as many as may be out at a time; each end of an order asks for a step.

Every step begins from the rows, so that a crash costs nothing but the wait for the next sweep.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import derived_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, Placed
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx
from zaryad.stations.orders.bulk import store
from zaryad.stations.orders.bulk.model import CAME_TO, Bulk, BulkItem, Candidate
from zaryad.stations.orders.mask import forget_secrets, hidden, masked
from zaryad.stations.orders.place import fits
from zaryad.stations.orders.store import Reached

STEP: Final = "stations.bulk_step"
PRIORITY: Final = 7  # behind what is asked of one station
_AUTHOR = "bulk:"
_DETAIL_MAX = 4_096


async def begin(tx: Tx, it: Bulk, items: list[BulkItem]) -> Bulk:
    """Write it down; its first step is a job. The same id again is the same bulk order, CONFLICT for another one."""
    if await store.add(tx, it, items):
        await jobs.defer(tx, STEP, bulk_id=str(it.id))
        return it
    known = await store.find(tx, it.id)
    assert known is not None
    if known.filter != it.filter or known.order not in (it.order, masked(it.order)):
        raise DomainError(Kind.CONFLICT, "order_id_taken")
    return known


async def step(db: Db, now: dt.datetime, bulk_id: str) -> None:
    """Place what may be placed now; end the bulk order when nothing is left. Harmless at any time, and twice."""
    id = UUID(bulk_id)
    async with db.begin() as tx:
        it = await store.find(tx, id, lock=True)
        if it is None or it.state != "running":
            return
        if now >= it.deadline:
            await store.end_waiting(tx, id, "unreached", now)
        counts = (await store.counts(tx, [id]))[id]
        free = it.parallelism - counts.get("placed", 0)
        while free > 0 and counts.get("waiting", 0):
            some = await store.next_waiting(tx, id, free)
            if not some:
                break
            for each in some:
                free -= await _place(tx, it, each, now)
            counts = (await store.counts(tx, [id]))[id]
        if not counts.get("waiting", 0) and not counts.get("placed", 0):
            await _over(tx, it, "done", now)
        tx.hint(f"bulk.{id}")


async def _place(tx: Tx, it: Bulk, station: Candidate, now: dt.datetime) -> bool:
    """Place one; False when this station turned out not to be tellable."""
    try:
        fits(Reached(station.id, station.connected, station.protocol, station.connectors), it.order)
    except DomainError as error:
        await store.write_item(tx, it.id, station.id, state="invalid", detail=error.facts, ended_at=now)
        return False
    order_id = OrderId(derived_id("bulk", it.id, station.id))
    await store.write_item(tx, it.id, station.id, state="placed", order_id=order_id)
    await orders.place(
        tx,
        order_id,
        StationId(station.id),
        it.order,
        author=f"{_AUTHOR}{it.id}",
        now=now,
        before=now + dt.timedelta(seconds=it.wait_s),
        priority=PRIORITY,
    )
    return True


async def bulk_concluded(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    """Note what came of one order of many, and go on; other orders are none of this."""
    if not ended.author.startswith(_AUTHOR):
        return
    detail = hidden(ended.detail)
    if len(msgspec.json.encode(detail)) > _DETAIL_MAX:
        detail = {"see": "order"}
    id = await store.conclude_item(tx, ended.id, CAME_TO[ended.state], detail, now)
    if id is not None:
        await jobs.defer(tx, STEP, bulk_id=str(id))


async def cancel(tx: Tx, id: UUID, by: str, now: dt.datetime) -> Bulk:
    """Place no more, and take back what has not gone out; over already is as good. NOT_FOUND `bulk_unknown`."""
    it = await found(tx, id, lock=True)
    if it.state != "running":
        return it
    await store.end_waiting(tx, id, "cancelled", now)
    for order_id in await store.placed(tx, id):
        taken_back = await orders.cancel(tx, OrderId(order_id), {"by": by}, now)
        if taken_back is not None:
            await store.conclude_item(tx, order_id, "cancelled", {}, now)
            await forget_secrets(tx, taken_back)
    return await _over(tx, it, "cancelled", now)


async def found(tx: Tx, id: UUID, *, lock: bool = False) -> Bulk:
    """Return it, or DomainError NOT_FOUND."""
    it = await store.find(tx, id, lock=lock)
    if it is None:
        raise DomainError(Kind.NOT_FOUND, "bulk_unknown")
    return it


async def resume(db: Db, now: dt.datetime) -> None:
    """Step every bulk order that runs: stations have come, a deadline has passed, a process has died."""
    async with db.begin() as tx:
        ids = await store.running(tx)
    for id in ids:
        await step(db, now, str(id))


async def _over(tx: Tx, it: Bulk, state: str, now: dt.datetime) -> Bulk:
    kept = msgspec.to_builtins(masked(it.order))
    await store.write(tx, it.id, state=state, ended_at=now, body=kept)
    return await found(tx, it.id)
