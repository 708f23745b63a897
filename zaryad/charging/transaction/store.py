"""SQL of transactions that are known by their events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from zaryad.charging.model import SessionId, same_token
from zaryad.charging.tables import charging_transaction, session, stray_stop
from zaryad.charging.transaction.tables import transaction_event
from zaryad.link.answers import TokenVerdict
from zaryad.link.facts import StationId, TransactionReported
from zaryad.platform.db import Tx

OTHERS_MAX = 5
READINGS_MAX = 1_000  # of one event; a frame holds less
AT_ONCE = 500

_encode = msgspec.json.Encoder().encode


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction as its events make it; one of 1.6 has none of them."""

    id: int
    station_id: StationId
    connector: int  # 0: not named yet
    charge_ref: str
    token: str
    token_key: str  # "": no token yet
    token_status: str
    token_expires_at: dt.datetime | None = None
    token_group: str | None = None
    meter_start_mwh: int
    meter_known: bool = True
    meter_stop_mwh: int | None = None
    began_at: dt.datetime
    received_at: dt.datetime
    session_id: SessionId | None = None
    ended_at: dt.datetime | None = None
    end_received_at: dt.datetime | None = None
    cause: str | None = None
    ended_by: str | None = None
    events: int = 0
    last_seq: int | None = None
    began_seq: int | None = None
    outlet_named: bool = False
    charging_state: str | None = None
    protocol: str | None = None
    reservation_id: int | None = None
    remote_start: int | None = None
    missing: int = 0
    missing_since: dt.datetime | None = None
    asked: int = 0
    asked_at: dt.datetime | None = None
    settle_after: dt.datetime | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A stored event, and what was said to it."""

    fact: TransactionReported
    verdict: TokenVerdict | None
    others: int
    repeats: int


async def take_turns(tx: Tx, station_id: str, charge_ref: str) -> None:
    """Wait until nobody else is at this transaction. The first lock of all that read its events to judge by them."""
    key = sa.func.hashtextextended(f"{station_id}\n{charge_ref}", 0)
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


_t = charging_transaction.c
_e = transaction_event.c


async def find(tx: Tx, station_id: str, charge_ref: str) -> Reported | None:
    """Read a transaction by its name at the station, one of 1.6 as well."""
    statement = sa.select(charging_transaction).where(_t.station_id == station_id, _t.charge_ref == charge_ref)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Reported)


async def insert_row(tx: Tx, it: Reported) -> None:
    """Write a transaction that has no session yet."""
    values = {name: getattr(it, name) for name in it.__struct_fields__}
    await tx.execute(charging_transaction.insert().values(**values))


async def update_row(tx: Tx, it: Reported, **values: object) -> Reported:
    """Change it and return it."""
    changed = {name: value for name, value in values.items() if getattr(it, name) != value}
    if changed:
        await tx.execute(sa.update(charging_transaction).where(_t.id == it.id).values(**changed))
    return msgspec.structs.replace(it, **changed)


async def rename(tx: Tx, it: Reported, charge_ref: str) -> None:
    """Free the name of a transaction of 1.6, which a station that speaks 2.x by now uses again."""
    await tx.execute(sa.update(charging_transaction).where(_t.id == it.id).values(charge_ref=charge_ref))


async def end_forgotten(tx: Tx, it: Reported, now: dt.datetime) -> None:
    """End what never became a session, and whose connector has a newer transaction: its end was lost."""
    statement = (
        sa.update(charging_transaction)
        .where(
            _t.station_id == it.station_id,
            _t.connector == it.connector,
            _t.id < it.id,
            _t.events > 0,
            _t.session_id.is_(None),
            _t.ended_at.is_(None),
            _t.began_at < it.began_at,
        )
        .values(ended_at=now, end_received_at=now, cause="next_began", ended_by="evidence", missing_since=None)
    )
    await tx.execute(statement)


async def working_on(tx: Tx, station_id: str, connector: int) -> str | None:
    """Read what the connector's open transaction said last that it is doing."""
    statement = (
        sa.select(_t.charging_state)
        .where(_t.station_id == station_id, _t.connector == connector, _t.ended_at.is_(None), _t.events > 0)
        .order_by(_t.id.desc())
        .limit(1)
    )
    state: str | None = await tx.scalar(statement)
    return state


async def ordered_on(tx: Tx, station_id: str) -> set[int]:
    """Read the station's connectors that a session was ordered on and has not begun."""
    s = session.c
    statement = sa.select(s.connector).where(s.station_id == station_id, s.state == "starting", s.on_connector)
    return set((await tx.execute(statement)).scalars())


# Events


def clean(fact: TransactionReported) -> dict[str, Any]:
    """Return a fact as plain values fit for the database, without what says nothing."""
    text = _encode(_slim(msgspec.to_builtins(msgspec.structs.replace(fact, readings=fact.readings[:READINGS_MAX]))))
    body: dict[str, Any] = msgspec.json.decode(text.replace(b"\\u0000", b""))
    return body


def _slim(values: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in values.items() if value is not None and value is not False and value != []}
    if "readings" in kept:
        kept["readings"] = [_slim(reading) for reading in kept["readings"]]
    return kept


async def event(tx: Tx, fact: TransactionReported) -> Event | None:
    """Read what is stored under this event's number."""
    statement = sa.select(_e.body, _e.verdict, sa.func.jsonb_array_length(_e.others), _e.repeats).where(
        _e.station_id == fact.station_id, _e.charge_ref == fact.charge_ref, _e.seq_no == fact.seq_no
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _event(row)


async def events(tx: Tx, station_id: str, charge_ref: str) -> list[Event]:
    """Read all events of a transaction in their own order."""
    statement = (
        sa.select(_e.body, _e.verdict, sa.func.jsonb_array_length(_e.others), _e.repeats)
        .where(_e.station_id == station_id, _e.charge_ref == charge_ref)
        .order_by(_e.seq_no)
    )
    return [_event(row) for row in await tx.execute(statement)]


def _event(row: Sequence[Any]) -> Event:
    body, verdict, others, repeats = row
    return Event(
        fact=msgspec.convert(body, TransactionReported),
        verdict=None if verdict is None else msgspec.convert(verdict, TokenVerdict),
        others=others,
        repeats=repeats,
    )


async def insert_event(tx: Tx, fact: TransactionReported) -> None:
    """Write an event down; the caller has seen that its number is free, and has its turn."""
    await tx.execute(
        transaction_event.insert().values(
            station_id=fact.station_id,
            charge_ref=fact.charge_ref,
            seq_no=fact.seq_no,
            told=fact.told.value,
            at=fact.at,
            received_at=fact.received_at,
            offline=fact.offline,
            trigger=fact.trigger.replace("\0", ""),
            body=clean(fact),
        )
    )


async def answered(tx: Tx, fact: TransactionReported, verdict: TokenVerdict) -> None:
    """Keep what an event's token was answered: a repetition is answered alike."""
    await tx.execute(_this(fact).values(verdict=msgspec.to_builtins(verdict)))


async def repeated(tx: Tx, fact: TransactionReported) -> None:
    """Count a repetition."""
    await tx.execute(_this(fact).values(repeats=_e.repeats + 1))


async def contradicted(tx: Tx, fact: TransactionReported) -> None:
    """Keep another content under a number that is taken."""
    other = sa.literal([clean(fact)], transaction_event.c.others.type)
    room = sa.func.jsonb_array_length(_e.others) < OTHERS_MAX
    kept = sa.case((room, _e.others.op("||")(other)), else_=_e.others)
    await tx.execute(_this(fact).values(repeats=_e.repeats + 1, others=kept))


def _this(fact: TransactionReported) -> sa.Update:
    return sa.update(transaction_event).where(
        _e.station_id == fact.station_id, _e.charge_ref == fact.charge_ref, _e.seq_no == fact.seq_no
    )


# What is looked after


async def missing_since(tx: Tx, before: dt.datetime, asked_before: dt.datetime) -> list[tuple[str, str]]:
    """Read which transactions miss events since before a moment, and were not asked for since another."""
    statement = (
        sa.select(_t.station_id, _t.charge_ref)
        .where(_t.missing_since < before, sa.or_(_t.asked_at.is_(None), _t.asked_at < asked_before))
        .order_by(_t.missing_since)
        .limit(AT_ONCE)
    )
    return [(row.station_id, row.charge_ref) for row in await tx.execute(statement)]


async def forget_events(tx: Tx, before: dt.datetime) -> int:
    """Delete events older than what is kept, some at once; return how many."""
    old = sa.select(_e.station_id, _e.charge_ref, _e.seq_no).where(_e.received_at < before).limit(10 * AT_ONCE)
    done = await tx.execute(
        sa.delete(transaction_event).where(sa.tuple_(_e.station_id, _e.charge_ref, _e.seq_no).in_(old))
    )
    return done.rowcount


# Reading


async def page(
    tx: Tx,
    *,
    station_id: str | None,
    token: str | None,
    is_open: bool | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    after: int | None,
    limit: int,
) -> list[sa.RowMapping]:
    """Read transactions of all versions, the newest first, with what their sessions made of them."""
    s = session.c
    statement = (
        sa.select(charging_transaction, s.state.label("session_state"), s.energy_mwh, s.meter_mwh)
        .select_from(charging_transaction.outerjoin(session, s.id == _t.session_id))
        .order_by(_t.id.desc())
        .limit(limit)
    )
    conditions = [
        None if station_id is None else _t.station_id == station_id,
        None if token is None else _t.token_key == same_token(token),
        None if is_open is None else (_t.ended_at.is_(None) if is_open else _t.ended_at.is_not(None)),
        None if since is None else _t.began_at >= since,
        None if until is None else _t.began_at < until,
        None if after is None else _t.id < after,
    ]
    for condition in conditions:
        if condition is not None:
            statement = statement.where(condition)
    return list((await tx.execute(statement)).mappings())


async def one(tx: Tx, station_id: str, charge_ref: str) -> sa.RowMapping | None:
    """Read one transaction as `page` does."""
    s = session.c
    statement = (
        sa.select(charging_transaction, s.state.label("session_state"), s.energy_mwh, s.meter_mwh)
        .select_from(charging_transaction.outerjoin(session, s.id == _t.session_id))
        .where(_t.station_id == station_id, _t.charge_ref == charge_ref)
    )
    return (await tx.execute(statement)).mappings().one_or_none()


async def numbers(tx: Tx, station_id: str, charge_ref: str) -> list[int]:
    """Read which of a transaction's events are stored."""
    statement = sa.select(_e.seq_no).where(_e.station_id == station_id, _e.charge_ref == charge_ref)
    return list((await tx.execute(statement.order_by(_e.seq_no))).scalars())


async def event_rows(tx: Tx, station_id: str, charge_ref: str, after: int, limit: int) -> list[sa.RowMapping]:
    """Read a transaction's events after a number, whole."""
    statement = (
        sa.select(transaction_event)
        .where(_e.station_id == station_id, _e.charge_ref == charge_ref, _e.seq_no > after)
        .order_by(_e.seq_no)
        .limit(limit)
    )
    return list((await tx.execute(statement)).mappings())


# Stops that fit nothing

_s = stray_stop.c


async def stray(tx: Tx, id: UUID, *, lock: bool = False) -> sa.RowMapping | None:
    """Read a stray stop, locking it on request."""
    statement = sa.select(stray_stop).where(_s.id == id)
    return (await tx.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()


async def decide_stray(tx: Tx, id: UUID, **values: object) -> sa.RowMapping:
    """Write what a person decided."""
    statement = sa.update(stray_stop).where(_s.id == id).values(**values).returning(*stray_stop.c)
    return (await tx.execute(statement)).mappings().one()


async def strays(
    tx: Tx, *, open_only: bool, station_id: str | None, after: tuple[dt.datetime, UUID] | None, limit: int
) -> list[sa.RowMapping]:
    """Read stray stops, the oldest first."""
    statement = sa.select(stray_stop).order_by(_s.received_at, _s.id).limit(limit)
    if open_only:
        statement = statement.where(_s.reviewed_at.is_(None))
    if station_id is not None:
        statement = statement.where(_s.station_id == station_id)
    if after is not None:
        statement = statement.where(sa.tuple_(_s.received_at, _s.id) > sa.tuple_(*map(sa.literal, after)))
    return list((await tx.execute(statement)).mappings())
