"""Taking an order back: only while it has not gone out, and with all that its end means to the business."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link import orders
from zaryad.link.orders import OrderId, OrderState, Placed
from zaryad.platform.db import Db, Tx
from zaryad.stations.orders.place import found

# The business reaction to an order's end, on the transaction that ends it: the same as for stations' answers.
OrderEnded = Callable[[Tx, Placed, dt.datetime], Awaitable[None]]


async def cancel(db: Db, order_ended: OrderEnded, id: OrderId, by: str, now: dt.datetime) -> Placed:
    """Cancel it and return it; cancelled already is as good. CONFLICT `order_sent_already`, `order_ended_already`."""
    async with db.begin() as tx:
        placed = await found(tx, id)
        if placed.state is OrderState.CANCELLED:
            return placed
        if placed.state is not OrderState.CREATED:
            raise _too_late(placed)
        detail: dict[str, object] = {"by": by}
        ended = msgspec.structs.replace(placed, state=OrderState.CANCELLED, detail=detail, ended_at=now)
        await order_ended(tx, ended, now)  # before the row: it locks sessions, and an order is the last of all locks
        done = await orders.cancel(tx, id, detail, now)
        if done is None:  # it went out meanwhile: what the reaction did is rolled back
            raise _too_late(await found(tx, id))
        return done


def _too_late(placed: Placed) -> DomainError:
    if placed.state is OrderState.SENT:
        return DomainError(Kind.CONFLICT, "order_sent_already")
    return DomainError(Kind.CONFLICT, "order_ended_already")
