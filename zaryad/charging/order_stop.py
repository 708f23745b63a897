"""Ordering a station to stop: once, and again only when energy still flows long after."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.charging import store
from zaryad.charging.model import EndReason, Session, SessionId, Settings
from zaryad.kernel.ids import derived_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, StopCharging
from zaryad.platform.db import Tx

URGENT = 1  # before what can wait


class Stoppable(msgspec.Struct, frozen=True, kw_only=True):
    """What a running session is known by to its station, and what has been ordered already."""

    id: SessionId
    station_id: StationId
    charge_ref: str
    stop_reason: EndReason | None
    stop_ordered_at: dt.datetime | None
    stop_orders: int


def stoppable(session: Session) -> Stoppable:
    """Take what is needed out of a running session."""
    assert session.charge_ref is not None, "a running session has a transaction"
    return Stoppable(
        id=session.id,
        station_id=session.station_id,
        charge_ref=session.charge_ref,
        stop_reason=session.stop_reason,
        stop_ordered_at=session.stop_ordered_at,
        stop_orders=session.stop_orders,
    )


async def order_stop(  # noqa: PLR0917  # who orders what, why and when
    tx: Tx, rules: Settings, it: Stoppable, reason: EndReason, author: str, now: dt.datetime
) -> bool:
    """Order it, unless an order is still worth waiting for; the first reason stays the reason.

    The caller has locked the session's row.
    """
    if it.stop_ordered_at is not None and now - it.stop_ordered_at < dt.timedelta(seconds=rules.stop_again_s):
        return False
    if reason is EndReason.TOKEN_REFUSED:
        since = now - dt.timedelta(seconds=rules.token_within_s)
        if await store.awaits_token(tx, it.id, since):
            return False  # 2.x may begin before the token is told
    await orders.place(
        tx,
        OrderId(derived_id("stop", it.id, it.stop_orders + 1)),
        it.station_id,
        StopCharging(it.charge_ref),
        author=author,
        now=now,
        before=now + dt.timedelta(seconds=rules.stop_within_s),
        priority=URGENT,
    )
    first = it.stop_reason or reason
    await store.update(tx, it.id, stop_reason=first, stop_ordered_at=now, stop_orders=it.stop_orders + 1)
    await store.note(tx, it.id, "stop_ordered", now, reason=reason.value, author=author, times=it.stop_orders + 1)
    return True
