"""The log as lines of JSON, one exchange each: for people, for other programs, for `zaryad replay`.

The format is described in docs/ocpp-log.md; `FORMAT` changes when a reader of today could misunderstand it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import msgspec

from zaryad.ocpp.log import read
from zaryad.ocpp.log.model import CUT, Filter, Frame
from zaryad.ocpp.log.search import stretch
from zaryad.platform.db import Db

FORMAT = 1
ROWS_MAX = 100_000

_encode = msgspec.json.Encoder().encode


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange. `frame` and `answer` are whole frames as they stood on the wire, secrets masked."""

    v: int = FORMAT
    key: str
    at: dt.datetime
    station_id: str
    connection: int
    protocol: str | None = None
    direction: str
    kind: str
    action: str | None = None
    message_id: str | None = None
    outcome: str | None = None
    latency_ms: float | None = None
    charge_ref: str | None = None
    frame: str | None = None
    answer: str | None = None
    cut: bool = False
    note: str | None = None


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The last line: without it the file is not whole. `next`: there is more, from this moment on."""

    v: int = FORMAT
    kind: str = "end"
    rows: int
    next: dt.datetime | None


def line_of(frame: Frame) -> Line:
    """Return a row as it is exported."""
    text = read.first(frame)
    return Line(
        key=frame.key,
        at=frame.at,
        station_id=frame.station_id,
        connection=frame.epoch,
        protocol=frame.protocol,
        direction=frame.direction,
        kind=frame.kind,
        action=frame.action,
        message_id=frame.message_id,
        outcome=frame.outcome,
        latency_ms=frame.latency_ms,
        charge_ref=frame.charge_ref,
        frame=text,
        answer=read.answer(frame),
        cut=any(each is not None and each.endswith(CUT) for each in (frame.payload, frame.answer)),
        note=frame.payload if text is None else None,
    )


async def lines(db: Db, wanted: Filter, limit: int) -> AsyncIterator[bytes]:
    """Yield the lines, oldest first, and the one that says how many there were."""
    rows, following = 0, None
    async for frame in stretch(db, wanted, limit + 1):
        if rows == limit:
            following = frame.at
            break
        rows += 1
        yield _encode(line_of(frame)) + b"\n"
    yield _encode(End(rows=rows, next=following)) + b"\n"
