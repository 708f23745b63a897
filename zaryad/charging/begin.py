"""A station says that charging began. Energy may be flowing already, whatever we think of it: it is always recorded.

Repetitions are known by their content (standards A.4), and answered as the first time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

import msgspec

from zaryad import tariffs, wallet
from zaryad.charging import place as places
from zaryad.charging import store
from zaryad.charging.authorize import ACCEPTED, REFUSED, Judged, hold_of_balance, judge_card, judge_person
from zaryad.charging.close import Evidence, close
from zaryad.charging.give_up import fail
from zaryad.charging.model import EndReason, Flag, Origin, Session, SessionId, Settings, State, same_token
from zaryad.charging.order_stop import order_stop, stoppable
from zaryad.charging.store import Transaction
from zaryad.charging.tell import tell
from zaryad.charging.when import AHEAD_MAX, happened_at
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import derived_id
from zaryad.kernel.money import Money
from zaryad.link.answers import BeginVerdict, TokenStatus, TokenVerdict
from zaryad.link.facts import ChargingBegan, StationId
from zaryad.platform.db import Db, Tx
from zaryad.stations import Connector
from zaryad.wallet import HoldId

_CANCELLED = (EndReason.DRIVER, EndReason.OPERATOR)


# Ends the reservation that a start uses: station, connector, its number, token, now, transaction.
Reserved = Callable[[Tx, StationId, int, int | None, str, dt.datetime, str], Awaitable[object]]


async def nobody_reserves(*_: object) -> None:
    """For where there are no reservations."""


class How(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a start besides: a report of 2.x has its row before it has a session."""

    number: int | None = None  # the transaction's row
    ordered: SessionId | None = None  # by the number of the order to start
    offline: bool = False  # by the station's word
    over: bool = False  # its end is known already


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The fact, with what was found out about it."""

    fact: ChargingBegan
    key: str
    place: Connector | None
    at: dt.datetime  # the time it is billed from
    believed: bool
    offline: bool
    how: How = How()


async def begin(db: Db, rules: Settings, fact: ChargingBegan, reserved: Reserved = nobody_reserves) -> BeginVerdict:
    """Record the start and judge its token: see `record`."""
    async with db.begin() as tx:
        verdict = await record(tx, rules, fact)
        if fact.reservation_id is not None or verdict.token.status is TokenStatus.ACCEPTED:
            where, key = (fact.station_id, fact.connector), same_token(fact.token)
            await reserved(tx, *where, fact.reservation_id, key, fact.received_at, verdict.charge_ref)
        return verdict


async def record(tx: Tx, rules: Settings, fact: ChargingBegan, how: How = How()) -> BeginVerdict:  # noqa: B008  # immutable
    """Record the start, as the session it was ordered for, or as one of its own, paid or not."""
    place = await places.lock(tx, fact.station_id, fact.connector, fact.received_at)
    key = same_token(fact.token)
    known = await _known(tx, fact, key)
    if known is not None:
        return _answer(known)
    if how.ordered is not None:
        ordered = await store.find(tx, how.ordered, lock=True)
    else:
        ordered = await store.by_token(tx, fact.station_id, key, lock=True)
    if ordered is not None and ordered.state is State.CHARGING and fact.charge_ref is None:
        # The token is for one use: the same register again is the same start under a corrected clock.
        known = await store.of_session(tx, ordered.id)
        if known is not None and (known.connector, known.meter_start_mwh) == (fact.connector, fact.meter_start_mwh):
            return _answer(known)
    at, believed = happened_at(fact.at, fact.received_at, rules)
    expected = ordered is not None and ordered.state is State.STARTING
    if expected and ordered is not None and at < ordered.requested_at - AHEAD_MAX:
        at, believed = fact.received_at, False  # it cannot have begun before it was ordered
    offline = how.offline
    if fact.charge_ref is None:
        offline = believed and fact.received_at - at > dt.timedelta(seconds=rules.offline_after_s)
    offline = offline and not expected
    it = Begun(fact=fact, key=key, place=place, at=at, believed=believed, offline=offline, how=how)
    if ordered is not None and ordered.state is State.CHARGING:
        await close(tx, rules, ordered, Evidence.NEXT_BEGAN, fact.received_at)
    clear = await clear_connector(tx, rules, it, ordered)
    if expected and ordered is not None:
        return await _as_ordered(tx, rules, it, ordered)
    return await _unordered(tx, rules, it, ordered, clear=clear)


async def _known(tx: Tx, fact: ChargingBegan, key: str) -> Transaction | None:
    if fact.charge_ref is not None:
        return await store.by_ref(tx, fact.station_id, fact.charge_ref)
    return await store.by_content(
        tx,
        fact.station_id,
        fact.connector,
        token_key=key,
        meter_start_mwh=fact.meter_start_mwh,
        began_at=fact.at,
    )


async def clear_connector(tx: Tx, rules: Settings, it: Begun, ordered: Session | None) -> bool:
    """End whatever the connector had before; False when this start is history, and the connector has moved on."""
    fact = it.fact
    if it.place is None and fact.charge_ref is not None:
        return False  # a report that named no connector yet
    occupant = await store.live_on(tx, fact.station_id, fact.connector)
    if occupant is None or (ordered is not None and occupant.id == ordered.id):
        return True
    since = occupant.began_at or occupant.requested_at
    history = it.offline or it.how.over
    if fact.charge_ref is not None and occupant.state is State.CHARGING:  # reports of 2.x come in any order
        history = True
    if history and it.at < since:
        return False
    if occupant.state is State.CHARGING:
        await close(tx, rules, occupant, Evidence.NEXT_BEGAN, fact.received_at)
    else:
        await fail(tx, occupant, EndReason.NEVER_STARTED, fact.received_at, why="connector_taken")
    return True


async def _as_ordered(tx: Tx, rules: Settings, it: Begun, session: Session) -> BeginVerdict:
    """The station does as it was told, perhaps at another of its connectors."""
    fact = it.fact
    values = await _begun(tx, it, session)
    transaction = await _transaction(tx, it, session.id, ACCEPTED)
    await _write_transaction(tx, it, transaction)
    if session.connector != fact.connector and it.place is not None:
        values |= places.kept(it.place, rules) | {"currency": session.currency, "timezone": session.timezone}
    values["charge_ref"] = transaction.charge_ref
    began = await store.update(tx, session.id, state=State.CHARGING, **values)
    await store.note(tx, session.id, "began", fact.received_at, connector=fact.connector)
    tell(tx, began)
    return _answer(transaction)


async def _unordered(tx: Tx, rules: Settings, it: Begun, ordered: Session | None, *, clear: bool) -> BeginVerdict:
    """A card, a replay, or an order that we had given up: judged now, recorded in any case."""
    fact = it.fact
    fields = await places.kept_of(tx, it.place, rules, fact.station_id, fact.connector, now=fact.received_at)
    judged = await judge(tx, rules, it, ordered, fields["currency"])
    version = await places.priced(tx, it.place, it.at, judged.person_id)
    if version is None and judged.accepted:  # nothing is sold without a price
        judged = msgspec.structs.replace(judged, verdict=TokenVerdict(TokenStatus.BLOCKED), answerable=False)
    id = SessionId(
        derived_id("session", fact.station_id, fact.connector, it.key, fact.meter_start_mwh, fact.at, fact.charge_ref)
    )
    origin = Origin.LATE if ordered is not None else Origin.OFFLINE if it.offline else Origin.RFID
    session = Session(
        id=id,
        state=State.CHARGING,
        origin=origin,
        token=it.key,
        driver_id=judged.person_id,
        tariff_version_id=None if version is None else version.id,
        on_connector=clear,
        sole=rules.one_session_per_driver and judged.accepted and clear,
        requested_at=it.at,
        began_at=it.at,
        **fields,
    )
    session = msgspec.structs.replace(session, **await _begun(tx, it, session))
    transaction = await _transaction(tx, it, session.id, judged.verdict)
    session = msgspec.structs.replace(session, charge_ref=transaction.charge_ref)
    await store.insert_session(tx, session)
    session, verdict = await payer(tx, rules, it, session, judged)
    await _write_transaction(tx, it, msgspec.structs.replace(transaction, token_status=verdict.status.value))
    await store.note(tx, id, "began_unordered", fact.received_at, origin=origin.value, verdict=verdict.status.value)
    if ordered is not None:
        await store.note(tx, ordered.id, "began_late", fact.received_at, session_id=str(id))
        if ordered.reason in _CANCELLED:
            await order_stop(tx, rules, stoppable(session), ordered.reason, "system:cancelled", fact.received_at)
    tell(tx, session)
    return BeginVerdict(transaction.charge_ref, verdict)


async def judge(tx: Tx, rules: Settings, it: Begun, ordered: Session | None, currency: str) -> Judged:
    """Judge whoever begins: the holder of a card, or the driver of an order that was given up."""
    if ordered is None:
        return await judge_card(tx, rules, it.key, currency, it.at)
    if ordered.driver_id is None or ordered.reason in _CANCELLED:
        return Judged(verdict=REFUSED, person_id=ordered.driver_id)
    return await judge_person(tx, rules, ordered.driver_id, currency)


async def payer(tx: Tx, rules: Settings, it: Begun, session: Session, judged: Judged) -> tuple[Session, TokenVerdict]:
    """Set money aside as for a start without a limit.

    What was charged without a link is owed by its card's owner, with or without a hold: it has happened. A start
    that could still be prevented, and is not accepted, has no payer.
    """
    if judged.person_id is None or not (judged.accepted or (it.offline and judged.answerable)):
        return session, judged.verdict
    account = await wallet.ensure_wallet(tx, judged.person_id, session.currency, it.fact.received_at)
    amount = hold_of_balance(rules, judged.available_minor)
    verdict = judged.verdict
    values: dict[str, object] = {"payer_id": account}
    if amount > 0:
        try:
            await wallet.hold(
                tx,
                HoldId(session.id),
                account,
                Money(amount, session.currency),
                it.fact.received_at,
                about=f"session:{session.id}",
            )
            values |= {"hold_id": HoldId(session.id), "hold_minor": amount}
        except DomainError:  # spent meanwhile: nothing was written
            verdict = msgspec.structs.replace(verdict, status=TokenStatus.BLOCKED)
            if not it.offline:
                return session, verdict
    return await store.update(tx, session.id, **values), verdict


async def _begun(tx: Tx, it: Begun, session: Session) -> dict[str, object]:
    """Return the fields that a start sets: the first point of the bill."""
    flags = list(session.flags) + ([] if it.believed else [Flag.CLOCK_WRONG.value])
    values: dict[str, object] = {
        "began_at": it.at,
        "meter_start_mwh": it.fact.meter_start_mwh,
        "meter_mwh": it.fact.meter_start_mwh if it.how.number is None else None,  # 2.x's are taken in by its report
        "last_received_at": it.fact.received_at,
        "flags": flags,
    }
    if session.tariff_version_id is None:
        return values | {"flags": [*flags, Flag.UNPRICED.value]}
    version = await tariffs.version(tx, session.tariff_version_id)
    about = await places.about(tx, session, version, it.at, it.place)
    running = tariffs.begin(version, session.timezone, it.at, it.fact.meter_start_mwh, about)
    cost = tariffs.cost(version, running)
    return values | {"running": msgspec.to_builtins(running), "cost_minor": cost.minor}


async def _write_transaction(tx: Tx, it: Begun, transaction: Transaction) -> None:
    if it.how.number is None:
        await store.insert_transaction(tx, transaction)
    else:
        await store.begin_transaction(tx, transaction)


async def _transaction(tx: Tx, it: Begun, session_id: SessionId, verdict: TokenVerdict) -> Transaction:
    fact = it.fact
    number = await store.next_number(tx) if it.how.number is None else it.how.number
    return Transaction(
        id=number,
        station_id=fact.station_id,
        connector=fact.connector,
        charge_ref=fact.charge_ref or str(number),
        token=fact.token[:36].replace("\0", ""),
        token_key=it.key,
        meter_start_mwh=fact.meter_start_mwh,
        began_at=fact.at,
        received_at=fact.received_at,
        token_status=verdict.status.value,
        token_expires_at=verdict.expires_at,
        token_group=verdict.group,
        session_id=session_id,
    )


def _answer(it: Transaction) -> BeginVerdict:
    verdict = TokenVerdict(TokenStatus(it.token_status), it.token_expires_at, it.token_group)
    return BeginVerdict(it.charge_ref, verdict)
