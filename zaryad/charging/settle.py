"""The bill and the money: once, by the tariff version frozen at the start, and never failing for lack of money.

The bill is evaluated over all that was read, in order of time: what came late, twice or in another order while the
session ran makes no difference.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from zaryad import tariffs, wallet
from zaryad.charging import store
from zaryad.charging.model import Session, SessionId, State
from zaryad.charging.place import about_kept
from zaryad.charging.tell import tell
from zaryad.charging.timeline import Timeline, clean
from zaryad.kernel.money import Money
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx
from zaryad.tariffs import Bill, Point
from zaryad.wallet import TransferId

REASON = "charging"


async def settle(db: Db, id: SessionId, now: dt.datetime) -> bool:
    """Settle an ended session; False when there is nothing to settle: not ended, settled before, or events missing.

    One transaction moves the state under the row's lock, the money under the transfer id that is the session's
    own, and leaves the receipt as a job.
    """
    async with db.begin() as tx:
        session = await store.find(tx, id, lock=True)
        if session is None or session.state is not State.ENDED:
            return False
        until = await store.settle_after(tx, id)
        if until is not None and now < until:
            return False
        timeline = await timeline_of(tx, session)
        bill = await bill_of(tx, session, timeline)
        values = await _pay(tx, session, bill.total, now)
        flags = sorted(set(session.flags) | {flag.value for flag in timeline.flags})
        settled = await store.update(
            tx,
            id,
            state=State.SETTLED,
            settled_at=now,
            meter_mwh=timeline.points[-1].energy_mwh,
            energy_mwh=timeline.energy_mwh,
            cost_minor=bill.total.minor,
            bill=msgspec.to_builtins(bill.lines),
            flags=flags,
            **values,
        )
        for flag in sorted(set(flags) - set(session.flags)):
            await store.note(tx, id, flag, now)
        await store.note(tx, id, "settled", now, cost_minor=bill.total.minor, energy_mwh=timeline.energy_mwh)
        if settled.payer_id is not None:
            await jobs.defer(tx, "receipts.issue", session_id=str(id))
        tell(tx, settled)
    return True


async def timeline_of(tx: Tx, session: Session) -> Timeline:
    """Return what a session is billed by; one that runs is taken to end at its last reading."""
    assert session.began_at is not None, "it began"
    assert session.meter_start_mwh is not None, "it began"
    start = Point(session.began_at, session.meter_start_mwh)
    stored = await store.energy_readings(tx, session.id)
    ended_at = session.ended_at or session.last_reading_at or session.began_at
    return clean(start, stored, ended_at, session.meter_stop_mwh, session.believed_w)


async def bill_of(tx: Tx, session: Session, timeline: Timeline) -> Bill:
    """Evaluate the bill; without a price nothing is owed."""
    if session.tariff_version_id is None:
        return Bill((), Money(0, session.currency))
    version = await tariffs.version(tx, session.tariff_version_id)
    return tariffs.bill(version, session.timezone, timeline.points, about_kept(session))


async def _pay(tx: Tx, session: Session, cost: Money, now: dt.datetime) -> dict[str, Any]:
    """Move the money; what nobody pays is recorded as such."""
    if session.payer_id is None or session.driver_id is None:
        return {"unpaid_minor": cost.minor}
    where = str(session.location_id)
    revenue = await wallet.system_account(tx, "revenue", where, session.currency, now)
    receivable = await wallet.system_account(tx, "receivable", str(session.driver_id), session.currency, now)
    paid = await wallet.settle_hold(
        tx,
        session.hold_id,
        cost,
        session.payer_id,
        revenue,
        receivable,
        REASON,
        TransferId(session.id),
        now,
        about=f"session:{session.id}",
    )
    return {
        "captured_minor": paid.captured.minor,
        "from_balance_minor": paid.from_balance.minor,
        "receivable_minor": paid.receivable.minor,
        "unpaid_minor": 0,
    }
