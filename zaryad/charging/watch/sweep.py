"""What timers look after: starts that never began, ends that nobody reported, settlements that did not happen.

Everything here is also somebody's job or some station's fact; this is for when that was lost. Each session is moved
in a transaction of its own, under its row's lock: several workers may sweep at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable

import structlog

from zaryad import stations
from zaryad.charging import store
from zaryad.charging.close import Evidence, close
from zaryad.charging.give_up import give_up_start
from zaryad.charging.model import EndReason, Session, SessionId, Settings, State
from zaryad.charging.order_stop import order_stop, stoppable
from zaryad.charging.settle import settle
from zaryad.charging.watch import store as overdue
from zaryad.kernel.errors import DomainError
from zaryad.platform.db import Db, Tx

log = structlog.get_logger()

PARTITION_DAYS_AHEAD = 3


async def sweep(db: Db, rules: Settings, now: dt.datetime) -> None:
    """Look after everything once."""
    async with db.begin() as tx:
        starting = await overdue.starting_since(tx, _before(now, rules.start_within_s))
        ended = await overdue.ended_since(tx, _before(now, rules.settle_again_s))
        free = await overdue.available_since(tx, _before(now, rules.available_close_s))
        long = await overdue.running_since(tx, now - dt.timedelta(hours=rules.hours_max))
        unheard = await overdue.unheard_since(tx, _before(now, rules.silent_close_s))
    await _each(starting, lambda one: give_up_start(db, rules, one, now))
    await _each(free, lambda one: _close_free(db, rules, one, now))
    await _each(long, lambda one: _time_out(db, rules, one, now))
    await _each(unheard, lambda one: _close_silent(db, rules, one, now))
    await _each(ended, lambda one: settle(db, one, now))


async def make_partitions(db: Db, now: dt.datetime) -> None:
    """Make the meter tables' partitions of today and the days to come, each in a transaction of its own.

    Should the default partition hold rows of a day already, that day stays there: readings are never refused.
    """
    for ahead in range(PARTITION_DAYS_AHEAD + 1):
        day = (now + dt.timedelta(days=ahead)).date()
        try:
            async with db.begin() as tx:
                await overdue.ensure_partitions(tx, day)
        except Exception as error:  # noqa: BLE001  # another worker was quicker, or the default partition has rows
            log.warning("partitions.not_made", day=day.isoformat(), error=repr(error))


async def _each(ids: Iterable[SessionId], act: Callable[[SessionId], Awaitable[object]]) -> None:
    """Do it to each; one that fails is logged, and comes again with the next sweep."""
    for id in ids:
        try:
            await act(id)
        except DomainError as error:
            log.warning("sweep.refused", session=str(id), error=str(error))
        except Exception:
            log.exception("sweep.session_failed", session=str(id))


async def _locked(tx: Tx, id: SessionId, now: dt.datetime) -> Session | None:
    """Lock a running session, its connector first."""
    found = await store.find(tx, id)
    if found is None or found.state is not State.CHARGING:
        return None
    await stations.lock_connector(tx, found.station_id, found.connector, now)
    session = await store.find(tx, id, lock=True)
    return session if session is not None and session.state is State.CHARGING else None


async def _close_free(db: Db, rules: Settings, id: SessionId, now: dt.datetime) -> None:
    """The connector says it is free, and no stop came: there is nothing on the cable."""
    async with db.begin() as tx:
        session = await _locked(tx, id, now)
        if session is None or session.available_since is None:
            return
        if session.available_since < _before(now, rules.available_close_s):
            await close(tx, rules, session, Evidence.CONNECTOR_FREE, now)


async def _time_out(db: Db, rules: Settings, id: SessionId, now: dt.datetime) -> None:
    """Order what has run too long to stop; when that was of no use, and nothing is heard, close it."""
    async with db.begin() as tx:
        session = await _locked(tx, id, now)
        if session is None:
            return
        heard = session.last_received_at or session.requested_at
        patience = _before(now, rules.stop_again_s + rules.stop_within_s)
        if session.stop_ordered_at is not None and session.stop_ordered_at < patience and heard < patience:
            await close(tx, rules, session, Evidence.TIME_OUT, now)
        else:
            await order_stop(tx, rules, stoppable(session), EndReason.TIME_OUT, "system:time_out", now)


async def _close_silent(db: Db, rules: Settings, id: SessionId, now: dt.datetime) -> None:
    """Neither the session nor its station has been heard for very long."""
    async with db.begin() as tx:
        session = await _locked(tx, id, now)
        if session is None:
            return
        station = await stations.find_station(tx, session.station_id, now)
        silent = _before(now, rules.silent_close_s)
        heard = max(filter(None, (session.last_received_at, station.last_seen_at if station else None)), default=None)
        if heard is None or heard < silent:
            await close(tx, rules, session, Evidence.STATION_SILENT, now)


def _before(now: dt.datetime, seconds: int) -> dt.datetime:
    return now - dt.timedelta(seconds=seconds)
