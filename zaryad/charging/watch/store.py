"""SQL of what is overdue and of what must never be."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from zaryad.charging.model import SessionId, State
from zaryad.charging.tables import charging_transaction, loose_reading, reading, session
from zaryad.platform.db import Tx
from zaryad.wallet import HoldId

AT_ONCE = 500

_c = session.c


async def ids(tx: Tx, state: State, *conditions: sa.ColumnElement[bool], limit: int = AT_ONCE) -> list[SessionId]:
    """Read the ids of sessions in a state, the oldest first."""
    statement = sa.select(_c.id).where(_c.state == state.value, *conditions).order_by(_c.requested_at).limit(limit)
    return [SessionId(row.id) for row in await tx.execute(statement)]


async def starting_since(tx: Tx, before: dt.datetime) -> list[SessionId]:
    """Read the starts that were asked for before a moment."""
    return await ids(tx, State.STARTING, _c.requested_at < before)


async def ended_since(tx: Tx, before: dt.datetime) -> list[SessionId]:
    """Read the sessions whose end we have known since before a moment, and that are not settled."""
    t = charging_transaction.c
    since = sa.func.greatest(sa.func.coalesce(t.end_received_at, t.received_at), t.settle_after)
    known = sa.exists().where(t.session_id == _c.id, since < before)
    return await ids(tx, State.ENDED, known)


async def available_since(tx: Tx, before: dt.datetime) -> list[SessionId]:
    """Read the running sessions whose connector has said it is free since before a moment."""
    return await ids(tx, State.CHARGING, _c.available_since < before)


async def running_since(tx: Tx, before: dt.datetime) -> list[SessionId]:
    """Read the running sessions that began before a moment."""
    return await ids(tx, State.CHARGING, _c.began_at < before)


async def unheard_since(tx: Tx, before: dt.datetime) -> list[SessionId]:
    """Read the running sessions that no reading came of since a moment."""
    return await ids(tx, State.CHARGING, sa.func.coalesce(_c.last_received_at, _c.requested_at) < before)


async def finished_holds(tx: Tx, since: dt.datetime) -> list[tuple[SessionId, HoldId]]:
    """Read the holds of sessions that were finished since a moment."""
    finished = sa.or_(_c.settled_at >= since, sa.and_(_c.state == "failed", _c.ended_at >= since))
    statement = sa.select(_c.id, _c.hold_id).where(finished, _c.hold_id.is_not(None)).order_by(_c.id)
    return [(SessionId(row.id), HoldId(row.hold_id)) for row in await tx.execute(statement)]


async def settled_sums(tx: Tx, since: dt.datetime) -> list[SessionId]:
    """Read the settled sessions whose parts do not add up to their cost."""
    parts = (_c.captured_minor, _c.from_balance_minor, _c.receivable_minor, _c.unpaid_minor)
    total = sum((sa.func.coalesce(part, 0) for part in parts[1:]), sa.func.coalesce(parts[0], 0))
    statement = sa.select(_c.id).where(_c.settled_at >= since, total != _c.cost_minor).limit(AT_ONCE)
    return [SessionId(row.id) for row in await tx.execute(statement)]


async def ensure_partitions(tx: Tx, day: dt.date) -> None:
    """Make the day's partitions of the meter tables, unless they are there."""
    begins, ends = day.isoformat(), (day + dt.timedelta(days=1)).isoformat()
    for table in (reading.name, loose_reading.name):
        name = f"{table}_{day:%Y%m%d}"
        if await tx.scalar(sa.text("select to_regclass(:name)").bindparams(name=name)) is not None:
            continue
        await tx.execute(sa.text("set local lock_timeout = '2s'"))  # it locks the parent: readings must not queue long
        await tx.execute(
            sa.text(
                f"create table if not exists {name} partition of {table} "  # our own names
                f"for values from ('{begins} 00:00:00+00') to ('{ends} 00:00:00+00')"
            )
        )
