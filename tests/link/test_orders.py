"""Orders survive, go out once, and end once."""

import asyncio
import datetime as dt

from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, OrderState, ResetStation, StartCharging, StopCharging
from zaryad.platform.db import Db

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BOX = StationId("KG 0001.x")


async def _place(db: Db, order: orders.AnyOrder, *, priority: int = 5, seconds: int = 60, after: int = 0) -> OrderId:
    id = OrderId(new_id())
    now = NOW + dt.timedelta(seconds=after)
    async with db.begin() as tx:
        await orders.place(
            tx,
            id,
            BOX,
            order,
            author="system:test",
            now=now,
            before=NOW + dt.timedelta(seconds=seconds),
            priority=priority,
        )
    return id


async def test_an_order_comes_back_as_it_was_placed(db: Db) -> None:
    id = await _place(db, StartCharging(connector=2, token="SABC"))
    async with db.begin() as tx:
        placed = await orders.find(tx, id)
    assert placed is not None
    assert placed.order == StartCharging(connector=2, token="SABC")
    assert (placed.state, placed.author) == (OrderState.CREATED, "system:test")


async def test_placing_the_same_id_again_changes_nothing(db: Db) -> None:
    id = OrderId(new_id())
    async with db.begin() as tx:
        for order in (ResetStation(hard=True), ResetStation(hard=False)):
            await orders.place(tx, id, BOX, order, author="a", now=NOW, before=NOW + dt.timedelta(minutes=1))
        assert len(tx.hints) == 1
        placed = await orders.find(tx, id)
    assert placed is not None
    assert placed.order == ResetStation(hard=True)


async def test_the_most_urgent_goes_first_and_each_goes_once(db: Db) -> None:
    slow = await _place(db, ResetStation(), priority=5)
    fast = await _place(db, StopCharging(charge_ref="7"), priority=1, after=1)

    async def take() -> OrderId | None:
        async with db.begin() as tx:
            taken = await orders.take_next(tx, BOX, epoch=1, now=NOW)
            return None if taken is None else taken.id

    assert await take() == fast
    assert {*await asyncio.gather(take(), take(), take())} == {slow, None}


async def test_an_unanswered_order_goes_again_on_a_newer_connection_only(db: Db) -> None:
    id = await _place(db, StopCharging(charge_ref="7"))
    async with db.begin() as tx:
        assert (await orders.take_next(tx, BOX, epoch=5, now=NOW)) is not None
        assert (await orders.take_next(tx, BOX, epoch=5, now=NOW)) is None
        again = await orders.take_next(tx, BOX, epoch=6, now=NOW)
        assert again is not None
        assert again.id == id


async def test_past_its_deadline_it_is_never_sent_and_ends_expired_once(db: Db) -> None:
    id = await _place(db, ResetStation(), seconds=10)
    late = NOW + dt.timedelta(seconds=10)
    async with db.begin() as tx:
        assert await orders.take_next(tx, BOX, epoch=1, now=late) is None
        assert [o.id for o in await orders.overdue(tx, late)] == [id]
        ended = await orders.conclude(tx, id, OrderState.EXPIRED, {}, late)
        assert ended is not None
        assert ended.state is OrderState.EXPIRED
        assert await orders.conclude(tx, id, OrderState.DONE, {}, late) is None
        assert await orders.overdue(tx, late) == []
