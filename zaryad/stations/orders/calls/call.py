"""A raw call: checked by the version's own shapes, queued as an order like any other, waited for."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, OrderState, Placed, RawCall
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db, Tx
from zaryad.stations.orders import follow
from zaryad.stations.orders.cancel import OrderEnded, cancel
from zaryad.stations.orders.mask import hidden
from zaryad.stations.orders.model import Sayable
from zaryad.stations.orders.place import fits, order, reach

TIMEOUT_S: Final = 30
TIMEOUT_S_MAX: Final = 120


class CallAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call.

    `result`: `payload` is the station's answer. `callerror`: it is `{code, description, details}`. `timeout`: no answer
    in time; one that comes later is in the order. `not_connected`: it was not sent.
    """

    outcome: Literal["result", "callerror", "timeout", "not_connected"]
    payload: dict[str, Any] | None
    order_id: OrderId | None  # the order that carried it; none when nothing was queued


NOT_CONNECTED: Final = CallAnswer(outcome="not_connected", payload=None, order_id=None)


async def call(
    db: Db,
    bus: Bus,
    id: OrderId,
    station_id: StationId,
    what: RawCall,
    *,
    author: str,
    now: dt.datetime,
    sayable: Sayable,
    order_ended: OrderEnded,
    timeout_s: int = TIMEOUT_S,
) -> CallAnswer:
    """Send it behind the orders in flight and wait for its end, at most `timeout_s`.

    DomainError REFUSED `call_invalid` with field and reason for what the station's version does not allow;
    NOT_FOUND for a station we do not have.
    """
    async with db.begin() as tx:
        station = await reach(tx, station_id)
        if not station.connected or station.protocol is None:
            return NOT_CONNECTED
        _allowed(station.protocol, what, sayable)
        fits(station, what)
        await order(tx, id, station_id, what, author=author, now=now, wait_s=timeout_s)
    placed = await follow.until_ended(db, bus, id, timeout_s)
    if placed.state is OrderState.CREATED:
        placed = await _given_up(db, order_ended, placed, author, now)
    async with db.begin() as tx:
        return await _answer(tx, placed)


def _allowed(protocol: str, what: RawCall, sayable: Sayable) -> None:
    trouble = sayable(protocol, what)
    if trouble is not None:
        field = "action" if trouble.field is None else f"payload.{trouble.field}".rstrip(".")
        raise DomainError(Kind.REFUSED, "call_invalid", field=field, why=trouble.why)


async def _given_up(db: Db, order_ended: OrderEnded, placed: Placed, author: str, now: dt.datetime) -> Placed:
    """Take back what has not gone out in time; it may go out at this very moment."""
    try:
        return await cancel(db, order_ended, placed.id, author, now)
    except DomainError as error:
        if error.kind is not Kind.CONFLICT:
            raise
        return placed


async def _answer(tx: Tx, placed: Placed) -> CallAnswer:
    said = hidden(placed.detail)
    result, error = said.get("result"), said.get("callerror")
    if isinstance(result, dict):
        return CallAnswer(outcome="result", payload=result, order_id=placed.id)
    if isinstance(error, dict):
        return CallAnswer(outcome="callerror", payload=error, order_id=placed.id)
    if placed.state is OrderState.NOT_SUPPORTED:  # it has come back with another version meanwhile
        raise DomainError(Kind.REFUSED, "call_invalid", field="action", why=str(said.get("why", "")))
    unsent = placed.sent_at is None and not (await reach(tx, placed.station_id)).connected
    return CallAnswer(outcome="not_connected" if unsent else "timeout", payload=None, order_id=placed.id)
