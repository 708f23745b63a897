"""One transaction's story: all that passed about it, and around it, in order of time.

Its own frames; the order that asked for it and the card that was shown; what the station said of that connector; boots,
resets, connections that opened and closed meanwhile. Not: other connectors' affairs, and heartbeats.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.ocpp.log import read, store
from zaryad.ocpp.log.model import Frame, read_key
from zaryad.ocpp.log.search import BUDGET_MS
from zaryad.platform.db import Db

BEFORE = dt.timedelta(minutes=10)  # the cable goes in, the card is shown
AFTER = dt.timedelta(minutes=15)  # the cable comes out, a late answer arrives
DAYS_MAX = 31

_OF_THE_STATION = frozenset({"BootNotification", "Reset"})
_OF_A_TOKEN = frozenset(
    {"Authorize", "RemoteStartTransaction", "RequestStartTransaction", "StartTransaction", "TransactionEvent"}
)
_EVENTS = frozenset({"opened", "closed"})


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """Whose story: a place, a time, the station's names for the transaction, the token that began it."""

    station_id: str
    connector: int
    charge_refs: tuple[str, ...]
    token: str
    since: dt.datetime
    until: dt.datetime


def plot(  # noqa: PLR0917  # a session, as far as it matters here
    station_id: str,
    connector: int,
    charge_refs: tuple[str, ...],
    token: str,
    began: dt.datetime,
    ended: dt.datetime,
) -> Plot:
    """Return where to look for a transaction, with room before and after."""
    since = max(began - BEFORE, ended - dt.timedelta(days=DAYS_MAX))
    return Plot(
        station_id=station_id,
        connector=connector,
        charge_refs=charge_refs,
        token=token.upper(),
        since=since,
        until=ended + AFTER,
    )


async def story(db: Db, plot: Plot, *, after: str | None = None, limit: int = 200) -> tuple[list[Frame], str | None]:
    """Return a page of it, oldest first, and what to ask for next. A page may be short, and yet not the last."""
    cursor = None if after is None else read_key(after)
    async with store.within(db, BUDGET_MS) as tx:
        frames = await store.story(tx, plot.station_id, plot.since, plot.until, plot.charge_refs, cursor, limit)
    following = frames[-1].key if len(frames) == limit else None
    return [frame for frame in frames if belongs(frame, plot)], following


def belongs(frame: Frame, plot: Plot) -> bool:
    """Whether a row of the station, in the time of the plot, is part of the story."""
    if frame.charge_ref is not None:
        return frame.charge_ref in plot.charge_refs
    if frame.kind in _EVENTS or frame.action in _OF_THE_STATION:
        return True
    if frame.action in _OF_A_TOKEN:
        return plot.token in (frame.payload or "").upper()
    number = read.connector(read.body(frame))
    return number == plot.connector or (number == 0 and frame.action == "StatusNotification")
