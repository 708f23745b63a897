"""What was done to stations long ago is forgotten; what is still open never is.

Orders are the audit trail: who asked what of a station, when, and what it said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Final

from zaryad.link import orders
from zaryad.platform.db import Db, Tx
from zaryad.stations.model import Settings
from zaryad.stations.orders.bulk import store as bulk
from zaryad.stations.security import store as security

BATCH: Final = 1_000  # rows of one transaction
BULK_BATCH: Final = 5  # each may have 10,000 items
ROUNDS: Final = 100  # of one sweep: the next goes on

Forget = Callable[[Tx, dt.datetime, int], Awaitable[int]]


async def forget_old(db: Db, rules: Settings, now: dt.datetime) -> int:
    """Delete orders, bulk orders and changes of passwords and profiles that were over `orders_kept_days` ago.

    Returns how many. A sweep in small transactions, harmless when several do it.
    """
    before = now - dt.timedelta(days=rules.orders_kept_days)
    gone = await in_batches(db, bulk.forget, before, BULK_BATCH)
    for forget in (_orders, security.forget_rotations, security.forget_changes):
        gone += await in_batches(db, forget, before, BATCH)
    return gone


async def in_batches(db: Db, forget: Forget, before: dt.datetime, size: int) -> int:
    """Let `forget` delete so many at a time until there is no more, or it is enough for once. Returns how many."""
    gone = 0
    for _ in range(ROUNDS):
        async with db.begin() as tx:
            some = await forget(tx, before, size)
        gone += some
        if some < size:
            break
    return gone


async def _orders(tx: Tx, before: dt.datetime, limit: int) -> int:
    return await orders.forget(tx, before, limit=limit)
