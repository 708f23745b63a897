"""Taking in an event: store it, reckon what all of them come to, and let the session follow.

An ordinary one (the next in turn, nothing but readings) is stored and counted; its readings go the way of all
readings. Any other is judged by the whole story, so that late, doubled and reordered ones need no care of their own.
"""

from __future__ import annotations

import msgspec

from zaryad import accounts, stations
from zaryad.charging import place as places
from zaryad.charging import store as sessions
from zaryad.charging.begin import How, Reserved, record
from zaryad.charging.close import BY_EVIDENCE
from zaryad.charging.give_up import fail
from zaryad.charging.model import EndReason, Session, Settings, State, same_token
from zaryad.charging.order_stop import order_stop, stoppable
from zaryad.charging.seen import state_told
from zaryad.charging.transaction import gap, meter, store, token
from zaryad.charging.transaction.finish import finish
from zaryad.charging.transaction.sequence import Story, reckon
from zaryad.charging.transaction.store import Reported
from zaryad.charging.transaction.where import STATES, connector_of
from zaryad.link.answers import TokenStatus, TokenVerdict
from zaryad.link.facts import ChargingBegan, ConnectorChanged, ConnectorState, MeterRead, Told, TransactionReported
from zaryad.link.station import evse_of
from zaryad.platform.db import Tx

NUMBER_MAX = 2**31 - 1


class Taken(msgspec.Struct, kw_only=True):
    """What an event came to, committed but for its readings."""

    row: Reported
    session: Session | None = None
    verdict: TokenVerdict | None = None  # of the token that came with it
    first: bool = False  # its token is the transaction's own
    readings: MeterRead | None = None  # to be written by the meter's book, before the answer


async def take(tx: Tx, rules: Settings, fact: TransactionReported, reserved: Reserved) -> Taken:
    """Store an event and everything that follows from it. The same again changes nothing, and is answered alike."""
    await store.take_turns(tx, fact.station_id, fact.charge_ref)
    row = await store.find(tx, fact.station_id, fact.charge_ref)
    if row is not None and row.events == 0:
        await store.rename(tx, row, f"{row.charge_ref}#{row.id}")
        row = None
    perhaps = row is not None and row.last_seq is not None and fact.seq_no <= row.last_seq
    known = await store.event(tx, fact) if perhaps else None
    if row is not None and known is not None:
        return await _again(tx, rules, fact, row, known)
    await store.insert_event(tx, fact)
    if row is not None and _plain(row, fact):
        taken = await _next(tx, rules, fact, row)
        if taken is not None:
            return taken
    return await whole(tx, rules, fact, row, reserved)


def _plain(row: Reported, fact: TransactionReported) -> bool:
    """Whether it brings readings, or what the car does, and nothing else, and is the next in turn."""
    return (
        fact.told is Told.UPDATED
        and row.last_seq is not None
        and fact.seq_no == row.last_seq + 1
        and fact.token is None
        and fact.remote_start is None
        and (fact.connector is None or fact.connector <= 0 or fact.connector == row.connector)
        and row.meter_known
        and row.ended_by is None
    )


async def _next(tx: Tx, rules: Settings, fact: TransactionReported, row: Reported) -> Taken | None:
    """Take in an ordinary event without the whole story; None where that has to be told after all."""
    session = None if row.session_id is None else await sessions.find(tx, row.session_id)
    doing = row.charging_state if fact.state is None else fact.state.value
    news = doing != row.charging_state
    if session is None:
        if row.session_id is not None or news or not _stands(row, fact):
            return None
        return Taken(row=await store.update_row(tx, row, events=row.events + 1, last_seq=fact.seq_no))
    if news and not fact.offline and await places.lock(tx, fact.station_id, row.connector, fact.received_at):
        session = await sessions.find(tx, session.id, lock=True) or session
    if session.state is not State.CHARGING or session.meter_mwh is None:
        return None
    row = await store.update_row(tx, row, events=row.events + 1, last_seq=fact.seq_no, charging_state=doing)
    if news and not fact.offline:
        session = await _doing(tx, rules, fact, session, row.connector) or session
    return Taken(row=row, session=session, readings=await _readings(tx, rules, fact, session))


def _stands(row: Reported, fact: TransactionReported) -> bool:
    """Whether what is no session is none after it either: a car stands there, and the meter stands still."""
    return all(it.energy_mwh is None or it.energy_mwh <= row.meter_start_mwh for it in fact.readings)


async def _again(tx: Tx, rules: Settings, fact: TransactionReported, row: Reported, known: store.Event) -> Taken:
    """Answer a repetition as the first time; its readings may not have been written then."""
    if store.clean(msgspec.structs.replace(fact, received_at=known.fact.received_at)) == store.clean(known.fact):
        await store.repeated(tx, fact)
    else:
        await store.contradicted(tx, fact)
    session = None if row.session_id is None else await sessions.find(tx, row.session_id)
    readings = None
    if session is not None and session.state is State.CHARGING and session.meter_mwh is not None:
        readings = await _readings(tx, rules, known.fact, session)
    first = known.fact.token is not None and same_token(known.fact.token) == row.token_key
    verdict = known.verdict if fact.token is not None else None
    if fact.token is not None and verdict is None:  # another content: what it asks is answered all the same
        verdict = await token.answer(tx, rules, fact, row, None)
    return Taken(row=row, session=session, verdict=verdict, first=first, readings=readings)


async def _readings(tx: Tx, rules: Settings, fact: TransactionReported, session: Session) -> MeterRead | None:
    """Return an event's readings for the meter's book; history is written here: it must order nothing."""
    if fact.offline or session.state is not State.CHARGING:
        await meter.keep(tx, rules, session, [fact])
        return None
    return meter.to_record(rules, session, fact)


async def whole(tx: Tx, rules: Settings, fact: TransactionReported, row: Reported | None, reserved: Reserved) -> Taken:
    """Judge an event by the whole story."""
    facts = [event.fact for event in await store.events(tx, fact.station_id, fact.charge_ref)]
    story = await _story(tx, rules, row, facts)
    ordered = await token.ordered_as(tx, fact.station_id, story)
    number = await connector_of(tx, fact.station_id, row, story, ordered, fact.received_at)
    place = await places.lock(tx, fact.station_id, number, fact.received_at) if number > 0 else None
    if row is None:
        row = await _first(tx, fact, story, number)
    else:  # whoever had the connector may have ended it
        row = await store.find(tx, row.station_id, row.charge_ref) or row
    session = None if row.session_id is None else await sessions.find(tx, row.session_id, lock=True)
    if session is None and await _due(tx, row, story, ordered, number):
        row, session = await _begin(tx, rules, fact, row, story, ordered, number, reserved)
    elif session is None:
        row = await store.update_row(
            tx,
            row,
            connector=number,
            began_at=story.began_at,
            began_seq=story.began_seq,
            meter_start_mwh=story.begin_mwh or 0,
            meter_known=story.begin_mwh is not None,
        )
    if session is not None and session.state in (State.CHARGING, State.ENDED):
        session, row = await meter.follow(tx, rules, fact, row, session, story, place, facts)
        if row.token_key == "" and story.token is not None:
            session, row = await token.judge_late(tx, rules, fact, row, session, story.token, story)
    doing = None if story.state is None else story.state.value
    news = story.state_seq == fact.seq_no and doing != row.charging_state
    row = await store.update_row(
        tx,
        row,
        events=story.events,
        last_seq=story.last_seq,
        outlet_named=story.outlet_named,
        charging_state=doing,
        reservation_id=story.reservation_id,
        remote_start=story.remote_start,
    )
    row = await gap.note(tx, row, story, fact, facts)
    if story.end is not None:
        session, row = await finish(tx, rules, fact, row, session, story, place, facts)
        await _came_to_nothing(tx, fact, session, ordered)
    elif news and place is not None and not fact.offline:
        session = await _doing(tx, rules, fact, session, number)
    readings = await _taken_in(tx, rules, fact, session, row)
    verdict = await token.answer(tx, rules, fact, row, ordered)
    if verdict is not None:
        await store.answered(tx, fact, verdict)
    first = story.token is not None and story.token.seq_no == fact.seq_no
    return Taken(row=row, session=session, verdict=verdict, first=first, readings=readings)


async def _taken_in(
    tx: Tx, rules: Settings, fact: TransactionReported, session: Session | None, row: Reported
) -> MeterRead | None:
    """Write or return the readings of an event that was judged by the whole story."""
    if session is None:
        return None
    if session.state is State.SETTLED:  # kept, flagged and not billed
        await sessions.note(tx, session.id, "told_late", fact.received_at, seq_no=fact.seq_no, told=fact.told.value)
        return meter.to_record(rules, session, fact)
    if session.state is State.ENDED and row.ended_by == BY_EVIDENCE and session.ended_at is not None:
        # It went on: the evidence was wrong about the moment.
        latest = max((at for at in meter.moments(rules, session, fact)), default=session.ended_at)
        if latest > session.ended_at:
            session = await sessions.update(tx, session.id, ended_at=latest)
    return await _readings(tx, rules, fact, session) if session.meter_mwh is not None else None


async def _first(tx: Tx, fact: TransactionReported, story: Story, number: int) -> Reported:
    """Write a transaction down as its first event tells of it."""
    station = await stations.find_station(tx, fact.station_id, fact.received_at)
    row = Reported(
        id=await sessions.next_number(tx),
        station_id=fact.station_id,
        connector=number,
        charge_ref=fact.charge_ref,
        token="",
        token_key="",
        token_status=TokenStatus.UNKNOWN.value,
        meter_start_mwh=0,
        meter_known=False,
        began_at=story.began_at,
        began_seq=story.began_seq,
        received_at=fact.received_at,
        events=1,
        protocol=None if station is None else station.protocol,
    )
    await store.insert_row(tx, row)
    if number and not fact.offline:
        await store.end_forgotten(tx, row, fact.received_at)
    return row


async def _story(tx: Tx, rules: Settings, row: Reported | None, facts: list[TransactionReported]) -> Story:
    """Reckon the story. Where the event that names the payer is lost, the card that ended it tells as much.

    A transaction is ended by its own card, or by another of that card's group: a card without a group began it.
    """
    story = reckon(facts, rules)
    given_up = row is not None and row.asked == gap.GIVEN_UP
    if not given_up or not story.flowed or story.token is not None or story.stop_token is None:
        return story
    card = await accounts.find_token(tx, same_token(story.stop_token.token))
    if card is None or card.group is not None:
        return story
    return msgspec.structs.replace(story, token=story.stop_token)


async def _due(tx: Tx, row: Reported, story: Story, ordered: Session | None, number: int) -> bool:
    """Whether the transaction is a session by now: somebody charges, or energy flows that nobody asked for.

    A car that only stands there is none, nor a driver who has not plugged in. Where a start is ordered on the
    connector, energy without a token is taken for its: the token is on its way.
    """
    if number == 0 and story.missing and row.asked != gap.GIVEN_UP:
        return False  # where it is, a missing event may tell
    if story.token is not None or (ordered is not None and story.remote_start is not None):
        return story.flowed or (number > 0 and story.plugged)
    if not story.flowed:
        return False
    return story.end is not None or number not in await store.ordered_on(tx, row.station_id)


async def _begin(  # noqa: PLR0917  # what is known of it
    tx: Tx,
    rules: Settings,
    fact: TransactionReported,
    row: Reported,
    story: Story,
    ordered: Session | None,
    number: int,
    reserved: Reserved,
) -> tuple[Reported, Session]:
    """Make the transaction a session, as a start of 1.6 is made one."""
    over = story.end is not None
    presented = "" if ordered is None else ordered.token
    if story.token is not None:
        presented = story.token.token
    began = ChargingBegan(
        station_id=fact.station_id,
        received_at=fact.received_at,
        connector=number,
        token=presented,
        meter_start_mwh=story.begin_mwh or 0,
        at=story.began_at,
        reservation_id=story.reservation_id,
        charge_ref=fact.charge_ref,
    )
    named = None if ordered is None else ordered.id
    how = How(number=row.id, ordered=named, offline=story.offline or over, over=over)
    told = (await record(tx, rules, began, how)).token
    found = await store.find(tx, fact.station_id, fact.charge_ref)
    assert found is not None, "it was there"
    assert found.session_id is not None, "it has just become one"
    session = await sessions.find(tx, found.session_id, lock=True)
    assert session is not None, "a transaction has a session"
    if how.offline and told.status is TokenStatus.CONCURRENT and session.payer_id is not None:
        found = await store.update_row(tx, found, token_status=TokenStatus.ACCEPTED.value)
    if story.reservation_id is not None or told.status is TokenStatus.ACCEPTED:
        where, key = (fact.station_id, session.connector), same_token(presented)
        await reserved(tx, *where, story.reservation_id, key, fact.received_at, fact.charge_ref)
    refused = told.status is not TokenStatus.ACCEPTED and not how.offline
    if refused and story.token is not None and fact.token is None and session.stop_ordered_at is None:
        # Its answer has no place for the refusal: the station is told by an order.
        await order_stop(
            tx, rules, stoppable(session), EndReason.TOKEN_REFUSED, "system:token_refused", fact.received_at
        )
        session = await sessions.find(tx, session.id) or session
    found = await store.update_row(tx, found, connector=session.connector, began_seq=story.began_seq)
    return found, session


async def _came_to_nothing(tx: Tx, fact: TransactionReported, session: Session | None, ordered: Session | None) -> None:
    """Free the money of an ordered start whose transaction ended before it was a session: nobody plugged in."""
    if session is not None or ordered is None:
        return
    waiting = await sessions.find(tx, ordered.id, lock=True)
    if waiting is not None and waiting.state is State.STARTING:
        await fail(tx, waiting, EndReason.NEVER_STARTED, fact.received_at, trigger=fact.trigger)


async def _doing(
    tx: Tx, rules: Settings, fact: TransactionReported, session: Session | None, number: int
) -> Session | None:
    """Let the connector, and the session on it, show what the transaction does."""
    state = None if fact.state is None else STATES.get(fact.state)
    if state is None:
        return session
    if state is ConnectorState.PREPARING and session is not None and session.energy_mwh:
        state = ConnectorState.FINISHING
    change = ConnectorChanged(
        station_id=fact.station_id, received_at=fact.received_at, connector=number, state=state, at=fact.at
    )
    fresh = await stations.note_status(tx, change)
    if fresh and session is not None and session.state is State.CHARGING and session.on_connector:
        return await state_told(tx, rules, session, change)
    return session


def bounded(fact: TransactionReported) -> TransactionReported:
    """Keep its numbers and names within what the database can hold: an error would block a station's queue."""
    seq_no = min(max(fact.seq_no, 0), NUMBER_MAX)
    numbers = {
        name: value if value is not None and 0 <= value <= NUMBER_MAX else None
        for name, value in (("remote_start", fact.remote_start), ("reservation_id", fact.reservation_id))
    }
    connector = fact.connector
    if connector is not None and (connector <= 0 or evse_of(connector)[0] <= 0):
        connector = None
    charge_ref = fact.charge_ref.replace("\0", "")
    return msgspec.structs.replace(fact, seq_no=seq_no, charge_ref=charge_ref, connector=connector, **numbers)
