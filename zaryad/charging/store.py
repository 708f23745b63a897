"""SQL of sessions and of what stations report of them. The hot path's statements are in `meter/store.py`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from zaryad.accounts import PersonId
from zaryad.charging.model import Session, SessionId, State
from zaryad.charging.tables import (
    charging_transaction,
    reading,
    session,
    session_event,
    stray_stop,
    transaction_number,
)
from zaryad.charging.timeline import Stored
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx

ASKED_ENOUGH = 99  # in `asked`: nothing more will come

_LIVE = session.c.state.in_(("starting", "charging"))


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction as the station reported it; times are its own."""

    id: int
    station_id: StationId
    connector: int
    charge_ref: str
    token: str
    token_key: str
    meter_start_mwh: int
    began_at: dt.datetime
    received_at: dt.datetime
    token_status: str
    token_expires_at: dt.datetime | None = None
    token_group: str | None = None
    session_id: SessionId
    ended_at: dt.datetime | None = None
    end_received_at: dt.datetime | None = None
    meter_stop_mwh: int | None = None
    cause: str | None = None
    ended_by: str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """An unfinished transaction that a stop may belong to, and the last register known of it."""

    transaction: Transaction
    meter_mwh: int


def _plain(it: msgspec.Struct) -> dict[str, Any]:
    values = {name: getattr(it, name) for name in it.__struct_fields__}
    return {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}


# Sessions


async def find(tx: Tx, id: SessionId, *, lock: bool = False) -> Session | None:
    """Read a session, locking its row on request."""
    return await _one(tx, session.c.id == id, lock=lock)


async def live_on(tx: Tx, station_id: StationId, connector: int) -> Session | None:
    """Lock and read the session that occupies the connector."""
    mine = sa.and_(session.c.station_id == station_id, session.c.connector == connector)
    return await _one(tx, sa.and_(mine, _LIVE, session.c.on_connector), lock=True)


async def live_of_driver(tx: Tx, driver_id: PersonId) -> Session | None:
    """Read the driver's one running session."""
    return await _one(tx, sa.and_(session.c.driver_id == driver_id, _LIVE, session.c.sole), lock=False)


async def by_token(tx: Tx, station_id: StationId, token: str, *, lock: bool) -> Session | None:
    """Read the session that was given this token at this station."""
    mine = sa.and_(session.c.token == token, session.c.origin == "app", session.c.station_id == station_id)
    return await _one(tx, mine, lock=lock)


async def _one(tx: Tx, where: sa.ColumnElement[bool], *, lock: bool) -> Session | None:
    statement = sa.select(session).where(where)
    if lock:
        statement = statement.with_for_update(key_share=True)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Session)


_RULES = {
    "uq_session_live_driver": "already_charging",
    "uq_session_live_connector": "connector_busy",
    "pk_session": "session_id_taken",
    "uq_session_app_token": "session_id_taken",
}


async def page(
    tx: Tx,
    *,
    driver_id: PersonId | None = None,
    station_id: StationId | None = None,
    states: Sequence[State] = (),
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int,
) -> list[Session]:
    """Read sessions, the newest first, from after the one named."""
    c = session.c
    statement = sa.select(session).order_by(c.requested_at.desc(), c.id.desc()).limit(limit)
    if driver_id is not None:
        statement = statement.where(c.driver_id == driver_id)
    if station_id is not None:
        statement = statement.where(c.station_id == station_id)
    if states:
        statement = statement.where(c.state.in_([state.value for state in states]))
    if after is not None:
        statement = statement.where(sa.tuple_(c.requested_at, c.id) < sa.tuple_(*map(sa.literal, after)))
    return [msgspec.convert(row, Session) for row in (await tx.execute(statement)).mappings()]


async def insert_session(tx: Tx, it: Session) -> None:
    """Write a new session; CONFLICT when another was quicker, and the transaction is lost."""
    try:
        await tx.execute(session.insert().values(**_plain(it)))
    except IntegrityError as error:
        for rule, code in _RULES.items():
            if rule in str(error.orig):
                raise DomainError(Kind.CONFLICT, code, session_id=it.id) from error
        raise


async def update(tx: Tx, id: SessionId, **values: object) -> Session:
    """Change a session whose row the caller has locked, and return it."""
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
    statement = sa.update(session).where(session.c.id == id).values(**plain).returning(*session.c)
    return msgspec.convert((await tx.execute(statement)).mappings().one(), Session)


async def note(tx: Tx, id: SessionId, key: str, at: dt.datetime, **facts: object) -> None:
    """Add to the session's story."""
    await tx.execute(session_event.insert().values(session_id=id, at=at, key=key, facts=facts))


async def events(tx: Tx, id: SessionId, limit: int = 200) -> list[sa.RowMapping]:
    """Read the session's story: at, key, facts."""
    c = session_event.c
    statement = sa.select(c.at, c.key, c.facts).where(c.session_id == id).order_by(c.id).limit(limit)
    return list((await tx.execute(statement)).mappings())


# Transactions


async def by_ref(tx: Tx, station_id: StationId, charge_ref: str, *, lock: bool = False) -> Transaction | None:
    """Read the station's transaction of this id."""
    c = charging_transaction.c
    mine = sa.and_(c.station_id == station_id, c.charge_ref == charge_ref, c.session_id.is_not(None))
    return await _transaction(tx, mine, lock=lock)


async def by_content(
    tx: Tx, station_id: StationId, connector: int, *, token_key: str, meter_start_mwh: int, began_at: dt.datetime
) -> Transaction | None:
    """Read the transaction that a start of this content made."""
    c = charging_transaction.c
    same = sa.and_(
        c.station_id == station_id,
        c.connector == connector,
        c.token_key == token_key,
        c.meter_start_mwh == meter_start_mwh,
        c.began_at == began_at,
        c.events == 0,
    )
    return await _transaction(tx, same)


async def of_session(tx: Tx, id: SessionId) -> Transaction | None:
    """Read the session's transaction."""
    return await _transaction(tx, charging_transaction.c.session_id == id)


async def _transaction(tx: Tx, where: sa.ColumnElement[bool], *, lock: bool = False) -> Transaction | None:
    statement = sa.select(charging_transaction).where(where)
    if lock:
        statement = statement.with_for_update()
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Transaction)


async def candidates(tx: Tx, station_id: StationId) -> list[Candidate]:
    """Read what a stop without a known id may belong to: unfinished, or closed without the station's word."""
    c = charging_transaction.c
    statement = (
        sa.select(charging_transaction, sa.func.coalesce(session.c.meter_mwh, c.meter_start_mwh).label("last_mwh"))
        .join(session, session.c.id == c.session_id)
        .where(
            c.station_id == station_id,
            c.events == 0,
            sa.or_(c.ended_at.is_(None), c.ended_by == "evidence"),
            session.c.state.in_(("charging", "ended")),
        )
        .order_by(c.began_at.desc(), c.id.desc())
        .limit(50)
    )
    rows = (await tx.execute(statement)).mappings()
    return [Candidate(msgspec.convert(row, Transaction), row["last_mwh"]) for row in rows]


async def next_number(tx: Tx) -> int:
    """Take a transaction number."""
    number = await tx.scalar(sa.select(transaction_number.next_value()))
    assert isinstance(number, int)
    return number


async def insert_transaction(tx: Tx, it: Transaction) -> None:
    """Write a new transaction."""
    await tx.execute(charging_transaction.insert().values(**_plain(it)))


async def begin_transaction(tx: Tx, it: Transaction) -> None:
    """Give a transaction that is known by its reports (2.x) the session it became."""
    values = {name: value for name, value in _plain(it).items() if name not in {"id", "received_at"}}
    await tx.execute(sa.update(charging_transaction).where(charging_transaction.c.id == it.id).values(**values))


async def await_end(tx: Tx, id: int, now: dt.datetime, until: dt.datetime) -> None:
    """Let the bill of a 2.x transaction, closed without its end, wait for that; 1.6's has no queue to ask for."""
    c = charging_transaction.c
    values = {"missing_since": sa.func.coalesce(c.missing_since, now), "settle_after": until}
    mine = sa.and_(c.id == id, c.events > 0, c.asked < ASKED_ENOUGH)
    await tx.execute(sa.update(charging_transaction).where(mine).values(**values))


async def update_transaction(tx: Tx, id: int, **values: object) -> None:
    """Change a transaction."""
    await tx.execute(sa.update(charging_transaction).where(charging_transaction.c.id == id).values(**values))


async def settle_after(tx: Tx, id: SessionId) -> dt.datetime | None:
    """Read until when a session's bill waits for events that are missing."""
    c = charging_transaction.c
    until: dt.datetime | None = await tx.scalar(sa.select(c.settle_after).where(c.session_id == id))
    return until


async def awaits_token(tx: Tx, id: SessionId, since: dt.datetime) -> bool:
    """Whether a session began after a moment, and its token is not known yet."""
    c = session.c
    return await tx.scalar(sa.select(c.id).where(c.id == id, c.token == "", c.began_at > since)) is not None


async def add_stray(tx: Tx, **values: object) -> bool:
    """Keep a stop that fits nothing; False when it is kept already."""
    statement = insert(stray_stop).values(**values).on_conflict_do_nothing().returning(stray_stop.c.id)
    return await tx.scalar(statement) is not None


# Readings


async def energy_readings(tx: Tx, id: SessionId) -> list[Stored]:
    """Read every register of a session."""
    c = reading.c
    statement = (
        sa.select(c.at, c.energy_mwh, c.station_at).where(c.session_id == id, c.energy_mwh.is_not(None)).order_by(c.at)
    )
    return [Stored(at, mwh, station_at) for at, mwh, station_at in await tx.execute(statement)]


async def readings(tx: Tx, id: SessionId, after: dt.datetime | None, limit: int) -> list[sa.RowMapping]:
    """Read a page of a session's readings in order of time."""
    c = reading.c
    statement = sa.select(reading).where(c.session_id == id).order_by(c.at).limit(limit)
    if after is not None:
        statement = statement.where(c.at > after)
    return list((await tx.execute(statement)).mappings())
