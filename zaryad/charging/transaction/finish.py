"""The end of a reported transaction. It is terminal: what is told later refines the bill until it is settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad import stations
from zaryad.charging import store as sessions
from zaryad.charging.end import finish as finish_session
from zaryad.charging.end import told_after_settlement
from zaryad.charging.model import Session, Settings, State
from zaryad.charging.transaction import meter, store
from zaryad.charging.transaction.sequence import Story
from zaryad.charging.transaction.store import Reported
from zaryad.link.facts import ChargingEnded, ConnectorChanged, ConnectorState, TransactionReported
from zaryad.platform import jobs
from zaryad.platform.db import Tx
from zaryad.stations import Connector

_FLOWING = (ConnectorState.CHARGING, ConnectorState.SUSPENDED_EV, ConnectorState.SUSPENDED_EVSE)
STATION = "station"


async def finish(  # noqa: PLR0917  # what ended, and all that it happened to
    tx: Tx,
    rules: Settings,
    fact: TransactionReported,
    row: Reported,
    session: Session | None,
    story: Story,
    place: Connector | None,
    facts: Sequence[TransactionReported],
) -> tuple[Session | None, Reported]:
    """End the session, or refine its end; the settlement follows as a job, at once if no event is missing."""
    assert story.end is not None, "it ended"
    end = story.end
    stop_mwh = next((mwh for mwh in (end.meter_mwh, story.last_mwh, story.begin_mwh) if mwh is not None), 0)
    ended = ChargingEnded(
        station_id=fact.station_id,
        received_at=fact.received_at,
        charge_ref=fact.charge_ref,
        meter_stop_mwh=stop_mwh,
        at=end.at,
        cause=end.cause,
    )
    same = (row.ended_at, row.meter_stop_mwh, row.cause) == (end.at, stop_mwh, end.cause.value)
    settle_after = row.settle_after
    if row.ended_by != STATION and row.missing_since is not None:
        settle_after = fact.received_at + dt.timedelta(seconds=rules.missing_wait_s)
    elif row.missing_since is None:
        settle_after = None
    if session is None:
        row = await store.update_row(
            tx, row, ended_at=end.at, end_received_at=fact.received_at, cause=end.cause.value, ended_by=STATION,
            meter_stop_mwh=stop_mwh, settle_after=settle_after,
        )  # fmt: skip
    elif session.state in (State.CHARGING, State.ENDED):
        await meter.keep(tx, rules, session, facts)
        row = await store.update_row(tx, row, settle_after=settle_after)
        if not same or session.state is State.CHARGING or row.ended_by != STATION:
            transaction = await sessions.of_session(tx, session.id)
            assert transaction is not None, "it is this one"
            state = None if place is None else place.state
            session = await finish_session(tx, rules, ended, session, transaction, state, settle_after)
            row = await store.find(tx, row.station_id, row.charge_ref) or row
        elif settle_after is None:
            await jobs.defer(tx, "charging.settle", session_id=str(session.id))
    elif row.ended_by != STATION:
        transaction = await sessions.of_session(tx, session.id)
        assert transaction is not None, "it is this one"
        await told_after_settlement(tx, ended, transaction)
        row = await store.find(tx, row.station_id, row.charge_ref) or row
    if place is not None and not fact.offline:
        await _let_go(tx, fact, place, end.at)
    return session, row


async def _let_go(tx: Tx, fact: TransactionReported, place: Connector, at: dt.datetime) -> None:
    """Show a connector that still seems to charge as finishing; that it is free, it says itself."""
    if place.state not in _FLOWING or await sessions.live_on(tx, fact.station_id, place.number) is not None:
        return
    change = ConnectorChanged(
        station_id=fact.station_id,
        received_at=fact.received_at,
        connector=place.number,
        state=ConnectorState.FINISHING,
        at=at,
    )
    await stations.note_status(tx, change)
