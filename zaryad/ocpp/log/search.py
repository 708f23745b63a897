"""What is found in the log: pages, newest first; one exchange; a long stretch as a stream.

A question is bounded in time. What the indexes do not answer within the budget is refused with a hint, so that no
question of a person holds up the database (`ocpp_log_too_wide`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.ocpp.log import store
from zaryad.ocpp.log.model import Filter, Frame, read_key
from zaryad.platform.db import Db

BUDGET_MS = 5_000
DAYS_MAX = 31
DAY = dt.timedelta(days=1)
EXCERPT = 400  # characters of a frame in a list
EXPORT_PAGE = 500


class Page(msgspec.Struct, frozen=True):
    """Rows, what to ask for next, and the time that was looked through."""

    frames: list[Frame]
    next: str | None
    since: dt.datetime
    until: dt.datetime


def bounded(wanted: Filter, now: dt.datetime) -> Filter:
    """Return the filter with both its ends. INVALID when they are the wrong way round or a month apart.

    Without a beginning it is the last day; one station may be asked about the whole month.
    """
    until = wanted.until or now + dt.timedelta(minutes=1)
    reach = DAYS_MAX if wanted.station is not None else 1
    since = wanted.since or until - reach * DAY
    if since >= until:
        raise DomainError(Kind.INVALID, "ocpp_log_ends_before")
    if until - since > DAYS_MAX * DAY + dt.timedelta(minutes=2):
        raise DomainError(Kind.INVALID, "ocpp_log_too_long", days=DAYS_MAX)
    if wanted.charge_refs and wanted.station is None:
        raise DomainError(Kind.INVALID, "ocpp_log_station_first")
    return msgspec.structs.replace(wanted, since=since, until=until)


async def search(
    db: Db, wanted: Filter, now: dt.datetime, *, after: str | None = None, limit: int = 50, budget_ms: int = BUDGET_MS
) -> Page:
    """Return a page, newest first. The next one goes on behind its last row, whatever was written meanwhile."""
    wanted = bounded(wanted, now)
    assert wanted.since is not None
    assert wanted.until is not None
    cursor = None if after is None else read_key(after)
    async with store.within(db, budget_ms) as tx:
        frames = await store.search(tx, wanted, after=cursor, limit=limit, text_max=EXCERPT)
    following = frames[-1].key if len(frames) == limit else None
    return Page(frames, following, wanted.since, wanted.until)


async def find(db: Db, key: str, stations: frozenset[str] | None = None) -> Frame:
    """Return one exchange whole. NOT_FOUND `ocpp_frame_unknown`, also of a station that is none of the asker's."""
    try:
        at, nr = read_key(key)
    except DomainError as error:
        raise DomainError(Kind.NOT_FOUND, "ocpp_frame_unknown") from error
    async with store.within(db, BUDGET_MS) as tx:
        frame = await store.find(tx, at, nr, stations)
    if frame is None:
        raise DomainError(Kind.NOT_FOUND, "ocpp_frame_unknown")
    return frame


async def stretch(db: Db, wanted: Filter, limit: int) -> AsyncIterator[Frame]:
    """Yield rows whole, oldest first, `limit` at most. A page is in memory at a time, no transaction stays open."""
    cursor: store.Cursor | None = None
    left = limit
    while left > 0:
        count = min(left, EXPORT_PAGE)
        async with store.within(db, 4 * BUDGET_MS) as tx:
            frames = await store.search(tx, wanted, after=cursor, limit=count, oldest_first=True)
        for frame in frames:
            yield frame
        if len(frames) < count:
            return
        cursor = frames[-1].at, frames[-1].nr
        left -= count
