"""What was done to stations is kept so long, then forgotten in batches; what is open is never forgotten."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from tests.stations.network import ID, NOW, build
from zaryad import booking, stations
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import ClearCache, OrderId, OrderState
from zaryad.platform.db import Db, Tx
from zaryad.stations.forget import in_batches
from zaryad.stations.orders.bulk import store as bulk
from zaryad.stations.orders.bulk.model import Bulk, BulkItem, StationFilter
from zaryad.stations.security import store as security
from zaryad.stations.security.tables import password_rotation, profile_change

RULES = stations.Settings()
LONG_AGO = NOW - dt.timedelta(days=401)
LATELY = NOW - dt.timedelta(days=399)


async def order(db: Db, at: dt.datetime, ended: dt.datetime | None, state: OrderState = OrderState.DONE) -> OrderId:
    id = OrderId(new_id())
    async with db.begin() as tx:
        await orders.place(tx, id, ID, ClearCache(), author="staff:x", now=at, before=at + dt.timedelta(minutes=1))
        if ended is not None:
            await orders.conclude(tx, id, state, {}, ended)
    return id


async def left(db: Db) -> set[OrderId]:
    async with db.begin() as tx:
        return {each.id for each in await orders.page(tx, limit=100)}


async def test_orders_that_were_over_long_ago_are_forgotten(db: Db) -> None:
    await build(db)
    old = [await order(db, LONG_AGO, LONG_AGO, state) for state in OrderState if state.ended]
    kept = {
        await order(db, LATELY, LATELY),
        await order(db, LONG_AGO, None),  # open: however old
        await order(db, LONG_AGO, LATELY),  # over not so long ago
        await order(db, NOW, None),
    }
    assert await stations.forget_old(db, RULES, NOW) == len(old) == 5
    assert await left(db) == kept
    assert await stations.forget_old(db, RULES, NOW) == 0


async def test_it_goes_in_batches_to_the_end(db: Db) -> None:
    await build(db)
    for _ in range(7):
        await order(db, LONG_AGO, LONG_AGO)
    sizes: list[int] = []

    async def forget(tx: Tx, before: dt.datetime, limit: int) -> int:
        sizes.append(await orders.forget(tx, before, limit=limit))
        return sizes[-1]

    assert await in_batches(db, forget, NOW - dt.timedelta(days=400), 3) == 7
    assert (sizes, await left(db)) == ([3, 3, 1], set())


async def put_bulk(tx: Tx, state: str, ended: dt.datetime | None) -> UUID:
    id = new_id()
    it = Bulk(
        id=id,
        order=ClearCache(),
        filter=StationFilter(everyone=True),
        author="staff:x",
        state="running",
        parallelism=1,
        wait_s=60,
        deadline=LONG_AGO,
        placed_at=LONG_AGO,
        ended_at=None,
    )
    items = [BulkItem(station_id=StationId(name), state="waiting") for name in (ID, "OTHER")]
    assert await bulk.add(tx, it, items)
    await bulk.write(tx, id, state=state, ended_at=ended)
    return id


async def test_bulk_orders_go_with_their_items(db: Db) -> None:
    await build(db)
    async with db.begin() as tx:
        old = [await put_bulk(tx, "done", LONG_AGO), await put_bulk(tx, "cancelled", LONG_AGO)]
        kept = {await put_bulk(tx, "running", None), await put_bulk(tx, "done", LATELY)}
    assert await stations.forget_old(db, RULES, NOW) == len(old)
    async with db.begin() as tx:
        assert {each.id for each in await bulk.page(tx, None, 10)} == kept
        assert [await bulk.items(tx, id, None, None, 10) for id in old] == [[], []]


async def test_changes_of_passwords_and_profiles(db: Db) -> None:
    await build(db)
    change = {"from_profile": 0, "to_profile": 1, "protocol": "ocpp1.6", "author": "staff:x", "life": []}
    async with db.begin() as tx:
        for state, ended in (("done", LONG_AGO), ("stuck", LATELY), ("taken", None)):
            await security.put_rotation(
                tx, id=new_id(), station_id=ID, state=state, author="x", started_at=LONG_AGO, ended_at=ended
            )
        for state, at in (("failed", LONG_AGO), ("rolled_back", LATELY), ("ordered", LONG_AGO)):
            row = {"id": new_id(), "station_id": ID, "state": state, "started_at": LONG_AGO, "changed_at": at}
            await tx.execute(sa.insert(profile_change).values(**row, **change))
    assert await stations.forget_old(db, RULES, NOW) == 2
    async with db.begin() as tx:
        rotations = set((await tx.execute(sa.select(password_rotation.c.state))).scalars())
        changes = set((await tx.execute(sa.select(profile_change.c.state))).scalars())
    assert (rotations, changes) == ({"stuck", "taken"}, {"rolled_back", "ordered"})


async def test_reservations(db: Db) -> None:
    await build(db)

    async def reserve(connector: int, at: dt.datetime) -> UUID:
        async with db.begin() as tx:
            until = at + dt.timedelta(hours=1)
            made = await booking.reserve(
                tx, new_id(), ID, connector, "CARD", expires_at=until, author="staff:x", now=at
            )
        return made.id

    await reserve(1, LONG_AGO - dt.timedelta(days=1))
    assert await booking.expire(db, LONG_AGO) == 1
    open_still, new = await reserve(1, LONG_AGO), await reserve(2, LATELY)
    assert await booking.forget_old(db, RULES, NOW) == 1
    async with db.begin() as tx:
        assert [(await booking.find(tx, id)).id for id in (open_still, new)] == [open_still, new]
    assert await booking.expire(db, LATELY + dt.timedelta(days=1)) == 2
    assert await booking.forget_old(db, RULES, LATELY + dt.timedelta(days=402)) == 2


def test_it_is_not_forgotten_at_once() -> None:
    with pytest.raises(msgspec.ValidationError, match="orders_kept_days"):
        msgspec.convert({"orders_kept_days": 3}, stations.Settings)
