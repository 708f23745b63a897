"""Somebody wants it to end: the driver, or staff. Asking twice is asking once."""

from __future__ import annotations

import datetime as dt

from zaryad import stations
from zaryad.charging import store
from zaryad.charging.give_up import fail
from zaryad.charging.model import DEFAULTS, EndReason, SessionId, Settings, State
from zaryad.charging.order_stop import order_stop, stoppable
from zaryad.charging.tell import tell
from zaryad.charging.view import SessionView, view_of
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db


async def stop(db: Db, id: SessionId, by: str, now: dt.datetime, rules: Settings = DEFAULTS) -> SessionView:
    """Order the station to stop, or take a start back. `by`: "driver:{id}", "staff:{id}", "system:{why}".

    A session that has ended is answered as it stands. Should a station begin after all what was taken back, it is
    stopped as soon as it says so. NOT_FOUND `session_unknown`.
    """
    reason = EndReason.DRIVER if by.startswith("driver:") else EndReason.OPERATOR
    async with db.begin() as tx:
        found = await store.find(tx, id)
        if found is None:
            raise DomainError(Kind.NOT_FOUND, "session_unknown", session_id=id)
        await stations.lock_connector(tx, found.station_id, found.connector, now)
        session = await store.find(tx, id, lock=True)
        assert session is not None, "sessions are never deleted"
        if session.state is State.STARTING:
            session = await fail(tx, session, reason, now, author=by)
        elif session.state is State.CHARGING and await order_stop(tx, rules, stoppable(session), reason, by, now):
            session = await store.find(tx, id) or session
            tell(tx, session)
        return await view_of(tx, session, now)
