"""Stops that fit no transaction, before a person: whose they are, or that they are nobody's. Decided once, and kept."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

from zaryad import stations
from zaryad.accounts import PersonId
from zaryad.charging import store as sessions
from zaryad.charging.end import finish
from zaryad.charging.model import Session, SessionId, Settings, State
from zaryad.charging.transaction import store
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import ChargingEnded, Reading, StationId, StopCause
from zaryad.platform.db import Db, Tx

Decision = Literal["assigned", "dismissed"]


class Stray(msgspec.Struct, frozen=True, kw_only=True):
    """A stop that fits nothing, why it was set aside, and what a person decided."""

    id: UUID
    station_id: str
    charge_ref: str
    token: str | None
    at: dt.datetime
    received_at: dt.datetime
    meter_stop_mwh: int
    cause: str
    why: str  # "unmatched", "after_settlement"
    proposed_session_id: UUID | None
    reviewed_at: dt.datetime | None
    reviewed_by: UUID | None
    decision: Decision | None
    session_id: UUID | None
    note: str
    readings: list[dict[str, Any]] = []


async def review(  # noqa: PLR0917  # who decides what of which
    db: Db,
    rules: Settings,
    id: UUID,
    by: PersonId,
    decision: Decision,
    session_id: SessionId | None,
    note: str,
    now: dt.datetime,
) -> Stray:
    """Decide about a stray stop. The same decision again is answered as it stands.

    Assigned to a session that is not settled, it is that session's end; of a settled one it is only noted: books that
    are closed are corrected by a person's own posting. NOT_FOUND `stray_unknown`, `session_unknown`; CONFLICT
    `stray_reviewed`, `stray_session_not_begun`; INVALID `stray_session_missing`, `stray_other_station`.
    """
    async with db.begin() as tx:
        found = await store.stray(tx, id)
        if found is None:
            raise DomainError(Kind.NOT_FOUND, "stray_unknown", id=id)
        it = msgspec.convert(found, Stray)
        session = await _session(tx, it, session_id, now) if decision == "assigned" else None
        it = msgspec.convert(await store.stray(tx, id, lock=True) or found, Stray)
        chosen = None if session is None else session.id
        if it.decision is not None:
            if (it.decision, it.session_id) == (decision, chosen):
                return it
            raise DomainError(Kind.CONFLICT, "stray_reviewed", id=id)
        if session is not None:
            await _assign(tx, rules, it, session, by, now)
        decided = {"reviewed_at": now, "reviewed_by": by, "decision": decision, "session_id": chosen, "note": note}
        return msgspec.convert(await store.decide_stray(tx, id, **decided), Stray)


async def _session(tx: Tx, it: Stray, named: SessionId | None, now: dt.datetime) -> Session:
    """Lock the session that is named, or was proposed."""
    chosen = named or it.proposed_session_id
    if chosen is None:
        raise DomainError(Kind.INVALID, "stray_session_missing")
    found = await sessions.find(tx, SessionId(chosen))
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "session_unknown", session_id=chosen)
    if found.station_id != it.station_id:
        raise DomainError(Kind.INVALID, "stray_other_station")
    if found.began_at is None:
        raise DomainError(Kind.CONFLICT, "stray_session_not_begun")
    await stations.lock_connector(tx, found.station_id, found.connector, now)
    session = await sessions.find(tx, found.id, lock=True)
    assert session is not None, "sessions are never deleted"
    return session


async def _assign(  # noqa: PLR0917  # who assigns what to which
    tx: Tx, rules: Settings, it: Stray, session: Session, by: PersonId, now: dt.datetime
) -> None:
    """End the session by it, where the books are open."""
    transaction = await sessions.of_session(tx, session.id)
    if session.state in (State.CHARGING, State.ENDED) and transaction is not None:
        ended = ChargingEnded(
            station_id=StationId(it.station_id),
            received_at=now,
            charge_ref=transaction.charge_ref,
            meter_stop_mwh=it.meter_stop_mwh,
            at=it.at,
            cause=StopCause(it.cause),
            readings=tuple(msgspec.convert(it.readings, list[Reading])),
        )
        place = await stations.find_connector(tx, session.station_id, session.connector, now)
        await finish(tx, rules, ended, session, transaction, None if place is None else place.state)
    facts = {"stray": str(it.id), "author": f"staff:{by}", "meter_stop_mwh": it.meter_stop_mwh}
    await sessions.note(tx, session.id, "stray_assigned", now, **facts, refined=session.state is not State.SETTLED)


async def strays(
    tx: Tx, *, open_only: bool, station_id: str | None, after: str | None, limit: int
) -> tuple[list[Stray], str | None]:
    """Return stray stops, the oldest first, and what to ask for next. INVALID `bad_cursor`."""
    place: tuple[dt.datetime, UUID] | None = None
    if after is not None:
        at, _, id = after.partition("_")
        try:
            place = dt.datetime.fromisoformat(at), UUID(id)
        except ValueError as error:
            raise DomainError(Kind.INVALID, "bad_cursor") from error
        if place[0].tzinfo is None:
            raise DomainError(Kind.INVALID, "bad_cursor")
    rows = await store.strays(tx, open_only=open_only, station_id=station_id, after=place, limit=limit)
    found = [msgspec.convert(row, Stray) for row in rows]
    last = found[-1] if len(found) == limit else None
    return found, None if last is None else f"{last.received_at.isoformat().replace('+00:00', 'Z')}_{last.id}"
