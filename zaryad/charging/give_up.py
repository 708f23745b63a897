"""A start that comes to nothing: refused, cancelled, or never begun. Nothing is owed, the hold goes back at once."""

from __future__ import annotations

import datetime as dt

from zaryad import wallet
from zaryad.charging import store
from zaryad.charging.model import EndReason, Session, SessionId, Settings, State
from zaryad.charging.tell import tell
from zaryad.link import orders
from zaryad.link.orders import OrderId, OrderState, Placed, StartCharging
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx


async def fail(tx: Tx, session: Session, reason: EndReason, now: dt.datetime, **facts: object) -> Session:
    """End a session that never charged. The caller has locked its row and found it `starting`."""
    assert session.state is State.STARTING, "only a start can come to nothing"
    failed = await store.update(tx, session.id, state=State.FAILED, reason=reason, ended_at=now)
    if session.hold_id is not None:
        await wallet.release(tx, session.hold_id, now)
    await store.note(tx, session.id, "failed", now, reason=reason.value, **facts)
    await jobs.defer(tx, "charging.cancel_start", session_id=str(session.id))
    tell(tx, failed)
    return failed


async def give_up_start(db: Db, rules: Settings, id: SessionId, now: dt.datetime) -> bool:
    """Fail a session that has not begun within its time; False when it began, or ended otherwise."""
    async with db.begin() as tx:
        session = await store.find(tx, id, lock=True)
        if session is None or session.state is not State.STARTING:
            return False
        if now - session.requested_at < dt.timedelta(seconds=rules.start_within_s):
            return False
        await fail(tx, session, EndReason.NEVER_STARTED, now)
    return True


async def cancel_start(db: Db, id: SessionId, now: dt.datetime) -> bool:
    """Take back the order of a failed start, if the station was not sent it yet.

    In a transaction of its own: `fail` also runs as the reaction to that very order's end.
    """
    async with db.begin() as tx:
        placed = await orders.find(tx, OrderId(id))
        if placed is None or placed.state is not OrderState.CREATED:
            return False
        return await orders.conclude(tx, placed.id, OrderState.CANCELLED, {"why": "start_failed"}, now) is not None


async def start_concluded(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """React to the end of an order to start: a promise is noted, a refusal frees the money at once."""
    if not isinstance(placed.order, StartCharging):
        return
    session = await store.find(tx, SessionId(placed.id), lock=True)
    if session is None or session.state is not State.STARTING:
        return
    if placed.state is OrderState.DONE:
        await store.note(tx, session.id, "station_accepted", now)
        tell(tx, session)
    elif placed.state in (OrderState.REFUSED, OrderState.NOT_SUPPORTED):
        await fail(tx, session, EndReason.STATION_REFUSED, now, order=placed.state.value)
    else:
        await fail(tx, session, EndReason.NEVER_STARTED, now, order=placed.state.value)


async def stop_concluded(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """React to the end of an order to stop: noted for whoever asks why it still charges."""
    if not isinstance(placed.order, orders.StopCharging):
        return
    transaction = await store.by_ref(tx, placed.station_id, placed.order.charge_ref)
    if transaction is None:
        return
    await store.note(tx, transaction.session_id, "stop_answered", now, order=placed.state.value)
    tx.hint(f"session.{transaction.session_id}", b"{}")
