"""Giving a reservation up. While a station may have it, it is told; its word ends the reservation."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from zaryad.booking import store
from zaryad.booking.model import ANSWER_WITHIN, PRIORITY, Reservation, ReservationStatus
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.orders import CancelReservation, OrderId, OrderState, Placed
from zaryad.platform.db import Tx

_OPEN = (OrderState.CREATED, OrderState.SENT)


async def cancel(tx: Tx, id: UUID, author: str, now: dt.datetime) -> Reservation:
    """Give it up; ended already is as good. NOT_FOUND `reservation_unknown`.

    One that has not reached the station is cancelled at once, another when the station has said so.
    """
    known = await store.find(tx, id, lock=True)
    if known is None:
        raise DomainError(Kind.NOT_FOUND, "reservation_unknown")
    if not known.status.live:
        return known
    if known.status is ReservationStatus.REQUESTED:
        await store.write(tx, id, status=ReservationStatus.CANCELLED.value, detail={"by": author}, ended_at=now)
        if await orders.cancel(tx, known.order_id, {"by": author}, now) is None:
            await take_back(tx, known, author, now)  # it has gone out: behind it goes its end
    else:
        await take_back(tx, known, author, now)
    found = await store.find(tx, id)
    assert found is not None
    return found


async def take_back(tx: Tx, it: Reservation, author: str, now: dt.datetime) -> None:
    """Order the station to forget it, unless such an order is on its way."""
    out = await orders.page(tx, station_id=it.station_id, kinds=("cancel_reservation",), states=_OPEN, limit=100)
    what = CancelReservation(it.number)
    if any(each.order == what and each.before > now for each in out):
        return
    before = now + ANSWER_WITHIN
    id = OrderId(new_id())
    await orders.place(tx, id, it.station_id, what, author=author, now=now, before=before, priority=PRIORITY)


async def cancel_concluded(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    """Note the station's word: accepted, or that it has none of this number, are both the end of it."""
    what = ended.order
    assert isinstance(what, CancelReservation)
    known = await store.live_numbered(tx, ended.station_id, what.reservation)
    if known is None:
        return
    if ended.state in (OrderState.DONE, OrderState.REFUSED):
        await store.write(tx, known.id, status=ReservationStatus.CANCELLED.value, detail=ended.detail, ended_at=now)
    else:
        await store.write(tx, known.id, detail={"cancel": ended.state.value, **ended.detail})
