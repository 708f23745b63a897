"""Looking sessions up: one's own, or, for staff, anyone's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from zaryad.accounts import PersonId
from zaryad.auth import Caller, Role
from zaryad.charging import store
from zaryad.charging.model import Session, SessionId, State
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx

STAFF = (Role.OPERATOR, Role.TECHNICIAN, Role.ACCOUNTANT)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)


async def session_for(tx: Tx, id: SessionId, caller: Caller) -> Session:
    """Return the session to its driver and to staff; NOT_FOUND `session_unknown` for everyone else."""
    session = await store.find(tx, id)
    if session is None or not (session.driver_id == caller.person_id or caller.has(*STAFF)):
        raise DomainError(Kind.NOT_FOUND, "session_unknown", session_id=id)
    return session


async def sessions_of(
    tx: Tx, driver: PersonId, *, after: str | None = None, limit: int = 50
) -> tuple[list[Session], str | None]:
    """Return a driver's sessions, the newest first, and what to ask for next."""
    return await sessions(tx, driver=driver, after=after, limit=limit)


async def sessions(
    tx: Tx,
    *,
    driver: PersonId | None = None,
    station_id: StationId | None = None,
    states: Sequence[State] = (),
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[Session], str | None]:
    """Return sessions, the newest first, and what to ask for next. INVALID `bad_cursor`."""
    found = await store.page(
        tx,
        driver_id=driver,
        station_id=station_id,
        states=states,
        after=None if after is None else _read(after),
        limit=limit,
    )
    return found, _cursor(found[-1]) if len(found) == limit else None


def _cursor(last: Session) -> str:
    return f"{(last.requested_at - _EPOCH) // _TICK}-{last.id.hex}"


def _read(cursor: str) -> tuple[dt.datetime, UUID]:
    microseconds, _, id = cursor.partition("-")
    try:
        return _EPOCH + int(microseconds) * _TICK, UUID(hex=id)
    except (ValueError, OverflowError) as error:
        raise DomainError(Kind.INVALID, "bad_cursor") from error
