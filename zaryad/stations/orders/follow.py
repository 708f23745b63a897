"""Waiting for an order to go on: a hint says when to look, and a look now and then makes up for a lost hint."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from zaryad.link.orders import OrderId, Placed
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db
from zaryad.stations.orders.place import found

LOOK_EVERY_S: Final = 2.0
FOLLOW_S_MAX: Final = 3_600


async def until_ended(db: Db, bus: Bus, id: OrderId, seconds: float) -> Placed:
    """Return the order when it has ended, or as it stands after so many seconds. NOT_FOUND when there is none."""
    seen = [placed async for placed in changes(db, bus, id, seconds)]  # a handful: an order changes twice
    return seen[-1]


async def changes(db: Db, bus: Bus, id: OrderId, seconds: float = FOLLOW_S_MAX) -> AsyncIterator[Placed]:
    """Yield the order as it stands and at every change, until it has ended or the time is over."""
    changed = asyncio.Event()

    async def heard(_subject: str, _payload: bytes) -> None:
        changed.set()

    clock = asyncio.get_running_loop()
    until = clock.time() + seconds
    unsubscribe = await bus.subscribe(f"order.{id}", heard)  # before the first look: no change falls between
    try:
        seen: Placed | None = None
        while True:
            changed.clear()
            async with db.begin() as tx:
                placed = await found(tx, id)
            if placed != seen:
                yield placed
                seen = placed
            left = until - clock.time()
            if placed.state.ended or left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(left, LOOK_EVERY_S))
    finally:
        await unsubscribe()
