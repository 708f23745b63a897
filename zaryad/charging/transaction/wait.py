"""Waiting for events that are missing: what the station answers, what is asked again, and when it is enough."""

from __future__ import annotations

import datetime as dt

import msgspec
import structlog

from zaryad import stations
from zaryad.charging import store as sessions
from zaryad.charging.begin import nobody_reserves
from zaryad.charging.close import BY_EVIDENCE, Evidence, close
from zaryad.charging.model import Settings, State
from zaryad.charging.transaction import store
from zaryad.charging.transaction.gap import GIVEN_UP, ask
from zaryad.charging.transaction.sequence import reckon
from zaryad.charging.transaction.store import Reported
from zaryad.charging.transaction.take import whole
from zaryad.kernel.ids import derived_id
from zaryad.link.orders import AskTransaction, OrderState, Placed
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx

log = structlog.get_logger()

ASKS_MAX = 20


async def transaction_told(tx: Tx, placed: Placed, now: dt.datetime, rules: Settings) -> None:
    """React to the answer: wait on while messages are queued; else nothing more comes, and the books may close."""
    order = placed.order
    if not isinstance(order, AskTransaction) or order.charge_ref is None or placed.state is not OrderState.DONE:
        return
    await store.take_turns(tx, placed.station_id, order.charge_ref)
    row = await store.find(tx, placed.station_id, order.charge_ref)
    if row is None or row.events == 0 or row.asked == GIVEN_UP:
        return
    queued, ongoing = placed.detail.get("messagesInQueue"), placed.detail.get("ongoingIndicator")  # as it was said
    if queued is not False:
        if row.ended_by is not None and row.missing_since is not None and row.end_received_at is not None:
            latest = row.end_received_at + dt.timedelta(seconds=rules.missing_wait_max_s)
            wait = min(now + dt.timedelta(seconds=rules.missing_wait_s), latest)
            await store.update_row(tx, row, settle_after=max(wait, row.settle_after or wait))
        return
    if row.missing_since is not None:
        row = await give_up(tx, rules, row, now)
    if ongoing is False and row.ended_by is None:
        await _over(tx, rules, row, now)


async def give_up(tx: Tx, rules: Settings, row: Reported, now: dt.datetime) -> Reported:
    """Wait no more for what is missing; an ended session is settled by what there is."""
    row = await store.update_row(tx, row, missing_since=None, settle_after=None, asked=GIVEN_UP)
    last = (await store.events(tx, row.station_id, row.charge_ref))[-1].fact
    taken = await whole(tx, rules, msgspec.structs.replace(last, received_at=now), row, nobody_reserves)
    row = taken.row
    if row.session_id is None:
        if row.ended_by is not None:
            await _stray(tx, rules, row, now)
        return row
    await sessions.note(tx, row.session_id, "events_lost", now, missing=row.missing)
    if row.ended_by is not None:
        await jobs.defer(tx, "charging.settle", session_id=str(row.session_id))
    return row


async def _stray(tx: Tx, rules: Settings, row: Reported, now: dt.datetime) -> None:
    """Keep an end without a beginning for a person: what it delivered, and to whom, nobody can tell."""
    story = reckon((it.fact for it in await store.events(tx, row.station_id, row.charge_ref)), rules)
    if story.end is None or story.end.meter_mwh is None:
        return
    await sessions.add_stray(
        tx,
        id=derived_id("stray", row.station_id, row.charge_ref),
        station_id=row.station_id,
        charge_ref=row.charge_ref,
        token=None if story.stop_token is None else story.stop_token.token[:36],
        at=story.end.at,
        received_at=now,
        meter_stop_mwh=story.end.meter_mwh,
        cause=story.end.cause.value,
        readings=[],
        why="unmatched",
        proposed_session_id=None,
    )


async def _over(tx: Tx, rules: Settings, row: Reported, now: dt.datetime) -> None:
    """Close what the station says is over, and will tell no end of."""
    row = await store.update_row(tx, row, asked=GIVEN_UP)
    if row.session_id is None:
        await store.update_row(
            tx, row, ended_at=now, end_received_at=now, cause=Evidence.STATION_SAYS_OVER.value, ended_by=BY_EVIDENCE
        )
        return
    await stations.lock_connector(tx, row.station_id, row.connector, now)
    session = await sessions.find(tx, row.session_id, lock=True)
    if session is not None and session.state is State.CHARGING:
        await close(tx, rules, session, Evidence.STATION_SAYS_OVER, now)


async def look_after(db: Db, rules: Settings, now: dt.datetime) -> None:
    """Ask again for what is still missing, give up what was waited for long enough, and let old events go."""
    before, again = now - dt.timedelta(seconds=rules.ask_after_s), now - dt.timedelta(seconds=rules.ask_again_s)
    async with db.begin() as tx:
        found = await store.missing_since(tx, before, again)
    for station_id, charge_ref in found:
        try:
            async with db.begin() as tx:
                await _look(tx, rules, station_id, charge_ref, now)
        except Exception:
            log.exception("transaction.not_looked_after", station=station_id, transaction=charge_ref)
    async with db.begin() as tx:
        await store.forget_events(tx, now - dt.timedelta(days=rules.events_keep_days))


async def _look(tx: Tx, rules: Settings, station_id: str, charge_ref: str, now: dt.datetime) -> None:
    await store.take_turns(tx, station_id, charge_ref)
    row = await store.find(tx, station_id, charge_ref)
    if row is None or row.missing_since is None:
        return
    waited = row.settle_after is not None and row.settle_after <= now
    if waited or row.asked >= ASKS_MAX:
        await give_up(tx, rules, row, now)
    else:
        await ask(tx, row, now)
