"""The recording: lines of JSON as the OCPP log exports them, read into turns.

A line has `at`, `station_id`, `direction` (in: from the station), `kind`, `action`, `frame` and `answer` (whole frames
as text); `payload` in place of `frame`, and answers that are contents only, are understood too. Other lines are passed
over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import msgspec

FORMAT = 1
CALL, RESULT, ERROR, SEND = 2, 3, 4, 6


class TapeError(Exception):
    """The file is no recording, or one of a later format."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody asked, and maybe was answered. `text` is a frame of the station's that is no call: sent as it stood."""

    at: dt.datetime
    by_station: bool
    action: str | None
    connection: int
    body: dict[str, Any] | None = None
    answer: list[Any] | None = None  # [3, id, body] or [4, id, code, why, details]
    text: str | None = None


class Tape(msgspec.Struct, frozen=True):
    """One station's turns, oldest first."""

    station_id: str
    subprotocol: str
    turns: tuple[Turn, ...]
    cut: int = 0  # exchanges that were cut short when they were written down: passed over
    whole: bool = False  # the file has its last line


class _Line(msgspec.Struct):
    at: dt.datetime | None = None
    v: int = FORMAT
    station_id: str | None = None
    protocol: str | None = None
    direction: str | None = None
    kind: str | None = None
    action: str | None = None
    frame: str | None = None
    payload: str | dict[str, Any] | None = None
    answer: str | dict[str, Any] | None = None
    connection: int | None = None
    epoch: int | None = None
    cut: bool = False


_decode = msgspec.json.Decoder(_Line).decode


def read(lines: Iterable[bytes], station_id: str | None = None) -> Tape:
    """Read a recording; of several stations the one that is named, or the first."""
    turns: list[Turn] = []
    protocol, cut, whole = "", 0, False
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            line = _decode(text)
        except msgspec.MsgspecError as error:
            raise TapeError(f"line {number} is no exchange: {error}") from error
        if line.v != FORMAT:
            raise TapeError(f"line {number} has format {line.v}; this reader knows {FORMAT}")
        whole |= line.kind == "end"
        if (
            line.station_id is None
            or line.at is None
            or line.station_id != (station_id := station_id or line.station_id)
        ):
            continue
        protocol = line.protocol or protocol
        if line.cut:
            cut += 1
        elif (turn := _turn(line, line.at)) is not None:
            turns.append(turn)
    if station_id is None or not turns:
        raise TapeError("there is no exchange of a station in it")
    turns.sort(key=lambda turn: turn.at)
    return Tape(station_id, protocol or "ocpp1.6", tuple(turns), cut, whole)


def _turn(line: _Line, at: dt.datetime) -> Turn | None:
    by_station = line.direction == "in"
    connection = line.connection or line.epoch or 0
    said: Any = line.frame if line.frame is not None else line.payload
    if line.kind != "call":
        if by_station and isinstance(said, str) and line.kind in ("told", "junk", "stray"):
            return Turn(at=at, by_station=True, action=line.action, connection=connection, text=said)
        return None
    frame = _json(said)
    body = frame[3] if isinstance(frame, list) and len(frame) > 3 else frame
    if not isinstance(body, dict) or line.action is None:
        return None
    answer = _json(line.answer)
    if isinstance(answer, dict):
        answer = [RESULT, "", answer]
    good = isinstance(answer, list) and len(answer) >= 3 and answer[0] in (RESULT, ERROR)
    return Turn(
        at=at,
        by_station=by_station,
        action=line.action,
        connection=connection,
        body=body,
        answer=answer if good else None,
    )


def _json(said: object) -> Any:
    if not isinstance(said, str):
        return said
    try:
        return msgspec.json.decode(said)
    except msgspec.DecodeError:
        return None
