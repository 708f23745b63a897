"""SQL of reading the OCPP log. Which index serves which question: docs/ocpp-log.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from zaryad.kernel.errors import DomainError, Kind
from zaryad.ocpp.log import about
from zaryad.ocpp.log.model import ANSWERED, UNANSWERED, Filter, Frame
from zaryad.ocpp.tables import ocpp_frame as t
from zaryad.platform.db import Db, Tx

Cursor = tuple[dt.datetime, int]

_CANCELED = "57014"  # SQLSTATE: statement_timeout
_FIELDS = Frame.__struct_fields__
_SHOWN = ("payload", "answer")


@asynccontextmanager
async def within(db: Db, budget_ms: int) -> AsyncIterator[Tx]:
    """Read in a transaction whose statements take so long at most, or REFUSED `ocpp_log_too_wide`."""
    try:
        async with db.begin() as tx:
            await tx.execute(sa.select(sa.func.set_config("statement_timeout", str(budget_ms), True)))
            yield tx
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELED:
            raise
        raise DomainError(Kind.REFUSED, "ocpp_log_too_wide", seconds=budget_ms // 1000) from error


async def search(
    tx: Tx,
    wanted: Filter,
    *,
    after: Cursor | None = None,
    limit: int,
    oldest_first: bool = False,
    text_max: int | None = None,
) -> list[Frame]:
    """Return rows that match, those beyond `after`; texts cut to `text_max`."""
    query = sa.select(*(_column(name, text_max) for name in _FIELDS)).where(*_conditions(wanted))
    query = query.order_by(t.c.at, t.c.nr) if oldest_first else query.order_by(t.c.at.desc(), t.c.nr.desc())
    if after is not None:
        at, nr = after
        if oldest_first:
            query = query.where(t.c.at >= at, sa.or_(t.c.at > at, t.c.nr > nr))
        else:
            query = query.where(t.c.at <= at, sa.or_(t.c.at < at, t.c.nr < nr))
    return _frames(await tx.execute(query.limit(limit)))


async def find(tx: Tx, at: dt.datetime, nr: int, stations: frozenset[str] | None) -> Frame | None:
    """Return one row whole."""
    query = sa.select(*(t.c[name] for name in _FIELDS)).where(
        t.c.at == at, t.c.nr == nr, *_conditions(Filter(stations=stations))
    )
    found = _frames(await tx.execute(query.limit(1)))
    return found[0] if found else None


async def story(  # noqa: PLR0917  # a station, a time, and whose story
    tx: Tx,
    station_id: str,
    since: dt.datetime,
    until: dt.datetime,
    refs: Sequence[str],
    after: Cursor | None,
    limit: int,
) -> list[Frame]:
    """Return what may belong to a transaction's story, in order of time: what is of no other transaction."""
    query = (
        sa.select(*(t.c[name] for name in _FIELDS))
        .where(
            t.c.station_id == station_id,
            t.c.at >= since,
            t.c.at < until,
            sa.or_(
                t.c.charge_ref.in_(refs),
                sa.and_(t.c.charge_ref.is_(None), sa.func.coalesce(t.c.action, "") != "Heartbeat"),
            ),
        )
        .order_by(t.c.at, t.c.nr)
        .limit(limit)
    )
    if after is not None:
        at, nr = after
        query = query.where(t.c.at >= at, sa.or_(t.c.at > at, t.c.nr > nr))
    return _frames(await tx.execute(query))


def _column(name: str, text_max: int | None) -> sa.ColumnElement[Any]:
    return sa.func.left(t.c[name], text_max).label(name) if text_max and name in _SHOWN else t.c[name]


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(t.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(t.c.at < wanted.until)
    if wanted.stations is not None:
        found.append(t.c.station_id.in_(sorted(wanted.stations)))
    equal = {
        "station_id": wanted.station,
        "action": wanted.action,
        "direction": wanted.direction,
        "kind": wanted.kind,
    }
    found += [t.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.charge_refs:
        found.append(t.c.charge_ref.in_(wanted.charge_refs))
    found += _outcome(wanted.outcome)
    if wanted.text is not None:
        found.append(sa.or_(*(t.c[name].icontains(wanted.text, autoescape=True) for name in _SHOWN)))
    if never_bulk(wanted):
        found.append(sa.not_(t.c.bulk))
    return found


def _outcome(outcome: str | None) -> list[sa.ColumnElement[bool]]:
    if outcome is None:
        return []
    if outcome == ANSWERED:
        return [t.c.outcome == ANSWERED]
    odd = t.c.outcome != sa.literal_column("'answered'")  # as the index says it
    if outcome == "error":
        return [odd, t.c.outcome != UNANSWERED, t.c.kind.in_(("call", "junk"))]
    return [odd, t.c.outcome == outcome]


def never_bulk(wanted: Filter) -> bool:
    """Whether nothing that is looked for is kept shortly: then those tables are not looked into."""
    return (
        (wanted.action is not None and not about.may_be_bulk(wanted.action))
        or (wanted.outcome is not None and wanted.outcome != ANSWERED)
        or wanted.kind not in (None, "call", "told")
        or wanted.direction == "out"
    )


def _frames(rows: Any) -> list[Frame]:
    return [Frame(*row) for row in rows]
