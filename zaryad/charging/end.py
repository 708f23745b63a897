"""A station says that charging ended. It is always answered: a refusal would block its queue for ever.

The first stop of a transaction counts; the same again changes nothing. A stop that fits nothing is kept for a person.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad import tariffs
from zaryad.charging import place as places
from zaryad.charging import store
from zaryad.charging.authorize import currency_at, judge_card
from zaryad.charging.begin import record
from zaryad.charging.match import transaction_of
from zaryad.charging.metering import store_readings
from zaryad.charging.model import Flag, Session, SessionId, Settings, State, same_token
from zaryad.charging.reason import why
from zaryad.charging.store import Transaction
from zaryad.charging.tell import tell
from zaryad.charging.timeline import doubt
from zaryad.charging.when import AHEAD_MAX, happened_at
from zaryad.kernel.ids import derived_id
from zaryad.link.answers import EndVerdict, TokenStatus, TokenVerdict
from zaryad.link.facts import ChargingBegan, ChargingEnded, ConnectorState
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx
from zaryad.tariffs import Point, Running

BEGIN_CONTEXT = "Transaction.Begin"
STRAY_READINGS_MAX = 200


async def end(db: Db, rules: Settings, fact: ChargingEnded) -> EndVerdict:
    """Record the stop; the settlement follows as a job of the same transaction."""
    async with db.begin() as tx:
        transaction, proposed = await transaction_of(tx, fact)
        if transaction is None:
            transaction = await _begun_unheard(tx, rules, fact)
        if transaction is None:
            await _stray(tx, fact, "unmatched", None if proposed is None else proposed.session_id)
            return EndVerdict(await _token(tx, rules, fact, None))
        place = await places.lock(tx, fact.station_id, transaction.connector, fact.received_at)
        session = await store.find(tx, transaction.session_id, lock=True)
        assert session is not None, "a transaction has a session"
        transaction = await store.by_ref(tx, transaction.station_id, transaction.charge_ref, lock=True) or transaction
        verdict = EndVerdict(await _token(tx, rules, fact, transaction))
        if transaction.ended_by == "station":
            await _again(tx, fact, transaction)
        elif session.state is State.SETTLED:
            await told_after_settlement(tx, fact, transaction)
        else:
            await finish(tx, rules, fact, session, transaction, None if place is None else place.state)
    return verdict


async def finish(  # noqa: PLR0917  # what happened, and all that it happened to
    tx: Tx,
    rules: Settings,
    fact: ChargingEnded,
    session: Session,
    transaction: Transaction,
    connector_state: ConnectorState | None,
    settle_at: dt.datetime | None = None,
) -> Session:
    """End the session, or refine an end that was concluded from evidence; settled at once, or at `settle_at`."""
    assert session.began_at is not None, "it began"
    assert session.meter_start_mwh is not None, "it began"
    at, believed = happened_at(fact.at, fact.received_at, rules)
    if at < session.began_at - AHEAD_MAX:
        at, believed = fact.received_at, False
    at = max(at, session.began_at)
    await store_readings(tx, rules, session, fact)
    flags = set(session.flags) | (set() if believed else {Flag.CLOCK_WRONG.value})
    if fact.meter_stop_mwh < session.meter_start_mwh:
        flags.add(Flag.STOP_BELOW_START.value)
    reason = why(rules, session, fact.cause, connector_state)
    ended = await store.update(
        tx,
        session.id,
        state=State.ENDED,
        ended_at=at,
        meter_stop_mwh=fact.meter_stop_mwh,
        stop_cause=fact.cause.value,
        reason=reason,
        power_mw=0,
        available_since=None,
        flags=sorted(flags),
        **await _as_it_stands(tx, session, Point(at, fact.meter_stop_mwh)),
    )
    await store.update_transaction(
        tx,
        transaction.id,
        ended_at=fact.at,
        end_received_at=fact.received_at,
        meter_stop_mwh=fact.meter_stop_mwh,
        cause=fact.cause.value,
        ended_by="station",
    )
    facts = {"reason": reason.value, "cause": fact.cause.value, "refined": session.state is State.ENDED}
    await store.note(tx, session.id, "ended", fact.received_at, **facts)
    for flag in sorted(flags - set(session.flags)):
        await store.note(tx, session.id, flag, fact.received_at)
    await jobs.defer(tx, "charging.settle", at=settle_at, session_id=str(session.id))
    tell(tx, ended)
    return ended


async def _as_it_stands(tx: Tx, session: Session, last: Point) -> dict[str, object]:
    """Return energy and cost to show until the settlement has evaluated all that was read."""
    assert session.meter_start_mwh is not None, "it began"
    meter = session.meter_start_mwh if session.meter_mwh is None else session.meter_mwh
    since = session.last_reading_at or session.began_at or last.at
    if doubt(since, meter, last.at, last.energy_mwh, session.believed_w) is not None:
        return {}
    values: dict[str, object] = {
        "meter_mwh": last.energy_mwh,
        "energy_mwh": last.energy_mwh - session.meter_start_mwh,
    }
    if session.running is None or session.tariff_version_id is None:
        return values
    version = await tariffs.version(tx, session.tariff_version_id)
    running = tariffs.advance(version, msgspec.convert(session.running, Running), last)
    return values | {"running": msgspec.to_builtins(running), "cost_minor": tariffs.cost(version, running).minor}


async def _again(tx: Tx, fact: ChargingEnded, transaction: Transaction) -> None:
    """A repetition changes nothing; one that says something else is noted beside."""
    if (fact.at, fact.meter_stop_mwh) != (transaction.ended_at, transaction.meter_stop_mwh):
        facts = {"told_at": fact.at.isoformat(), "meter_stop_mwh": fact.meter_stop_mwh}
        await store.note(tx, transaction.session_id, "ended_again", fact.received_at, **facts)


async def told_after_settlement(tx: Tx, fact: ChargingEnded, transaction: Transaction) -> None:
    """The books are closed: the end stands, and a person sees what the station said of it."""
    await store.update_transaction(
        tx,
        transaction.id,
        ended_at=fact.at,
        end_received_at=fact.received_at,
        meter_stop_mwh=fact.meter_stop_mwh,
        cause=fact.cause.value,
        ended_by="station",
    )
    facts = {"told_at": fact.at.isoformat(), "meter_stop_mwh": fact.meter_stop_mwh}
    await store.note(tx, transaction.session_id, "ended_after_settlement", fact.received_at, **facts)
    await _stray(tx, fact, "after_settlement", transaction.session_id)


async def _begun_unheard(tx: Tx, rules: Settings, fact: ChargingEnded) -> Transaction | None:
    """Make up for a start that never reached us, where the stop brings the register it began with."""
    if fact.token is None:
        return None
    ordered = await store.by_token(tx, fact.station_id, same_token(fact.token), lock=False)
    if ordered is None or ordered.state not in (State.STARTING, State.FAILED):
        return None
    first = next((r for r in fact.readings if r.context == BEGIN_CONTEXT and r.energy_mwh is not None), None)
    if first is None or first.energy_mwh is None or first.energy_mwh > fact.meter_stop_mwh:
        return None
    began = ChargingBegan(
        station_id=fact.station_id,
        received_at=fact.received_at,
        connector=ordered.connector,
        token=fact.token,
        meter_start_mwh=first.energy_mwh,
        at=first.at,
    )
    verdict = await record(tx, rules, began)
    return await store.by_ref(tx, fact.station_id, verdict.charge_ref)


async def _stray(tx: Tx, fact: ChargingEnded, reason: str, proposed: SessionId | None) -> None:
    await store.add_stray(
        tx,
        id=derived_id("stray", fact.station_id, fact.charge_ref, fact.at, fact.meter_stop_mwh),
        station_id=fact.station_id,
        charge_ref=fact.charge_ref,
        token=None if fact.token is None else same_token(fact.token),
        at=fact.at,
        received_at=fact.received_at,
        meter_stop_mwh=fact.meter_stop_mwh,
        cause=fact.cause.value,
        readings=msgspec.to_builtins(fact.readings[:STRAY_READINGS_MAX]),
        why=reason,
        proposed_session_id=proposed,
    )


async def _token(tx: Tx, rules: Settings, fact: ChargingEnded, transaction: Transaction | None) -> TokenVerdict | None:
    """Judge the token that stopped it: as when it began, or another card, of its group perhaps (standards A.5)."""
    if fact.token is None:
        return None
    key = same_token(fact.token)
    if transaction is not None and transaction.token_key == key:
        began = TokenStatus(transaction.token_status)
        verdict, group = TokenVerdict(began, transaction.token_expires_at, transaction.token_group), False
    else:
        currency = await currency_at(tx, fact.station_id, fact.received_at)
        verdict = (await judge_card(tx, rules, key, currency, fact.received_at)).verdict
        group = transaction is not None and verdict.group is not None and verdict.group == transaction.token_group
    if group or verdict.status is TokenStatus.CONCURRENT:
        # Stations cache what they hear. "Concurrent" is a word for starts alone (1.6, 7.2), and this is an end.
        verdict = msgspec.structs.replace(verdict, status=TokenStatus.ACCEPTED)
    return verdict
