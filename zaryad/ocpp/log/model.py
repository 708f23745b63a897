"""Words of the OCPP log: what passed, how it is written down, what is looked for."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from zaryad.kernel.errors import DomainError, Kind

ANSWERED, UNANSWERED = "answered", "unanswered"
CUT = "\u2026"  # ends a text that was longer; no frame ends so

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)
_KEY = re.compile(r"([0-9a-f]{1,14})-([0-9a-f]{1,16})")


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """What the gateway notes: a call with its answer, or something that happened on a connection."""

    at: dt.datetime
    station_id: str
    epoch: int
    direction: str
    kind: str
    action: str | None = None
    message_id: str | None = None
    outcome: str | None = None
    latency_ms: float | None = None
    payload: str | None = None
    answer: str | bytes | None = None
    protocol: str | None = None

    @property
    def plain(self) -> bool:
        """Whether it went as it should: a call that was answered, or what wants no answer."""
        return (self.kind == "call" and self.outcome == ANSWERED) or (self.kind == "told" and self.outcome is None)


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A row of the log. The fields are the table's columns, in the order in which they are copied."""

    at: dt.datetime
    station_id: str
    epoch: int
    direction: str
    kind: str
    action: str | None
    message_id: str | None
    outcome: str | None
    latency_ms: float | None
    payload: str | None
    answer: str | None
    nr: int
    bulk: bool
    protocol: str | None
    charge_ref: str | None

    @property
    def key(self) -> str:
        """Return what names the row: its moment and its number, newest greatest."""
        return f"{(self.at - _EPOCH) // _TICK:x}-{self.nr:x}"


def read_key(key: str) -> tuple[dt.datetime, int]:
    """Return the moment and the number of a row. INVALID `bad_cursor`."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise DomainError(Kind.INVALID, "bad_cursor")
    at, nr = _EPOCH + int(found[1], 16) * _TICK, int(found[2], 16)
    if nr >= 2**63:
        raise DomainError(Kind.INVALID, "bad_cursor")
    return at, nr


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; all of it must be true. Times: from `since`, before `until`.

    `stations` is what the asker may see at all: None is everything, and the empty set nothing.
    """

    stations: frozenset[str] | None = None
    station: str | None = None
    charge_refs: tuple[str, ...] = ()
    action: str | None = None
    direction: str | None = None
    kind: str | None = None
    outcome: str | None = None  # "answered", "unanswered", "error" (an error's code, or junk), or a code
    text: str | None = None  # in either frame, upper and lower case alike
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def matches(self, frame: Frame) -> bool:
        """Whether a row is what is looked for: the same that `store.search` asks the database."""
        return (
            (self.stations is None or frame.station_id in self.stations)
            and (self.station is None or frame.station_id == self.station)
            and (not self.charge_refs or frame.charge_ref in self.charge_refs)
            and (self.action is None or frame.action == self.action)
            and (self.direction is None or frame.direction == self.direction)
            and (self.kind is None or frame.kind == self.kind)
            and self._outcome(frame)
            and self._text(frame)
            and (self.since is None or frame.at >= self.since)
            and (self.until is None or frame.at < self.until)
        )

    def _outcome(self, frame: Frame) -> bool:
        if self.outcome is None:
            return True
        if self.outcome == "error":
            return frame.kind == "junk" or (frame.kind == "call" and frame.outcome not in (None, ANSWERED, UNANSWERED))
        return frame.outcome == self.outcome

    def _text(self, frame: Frame) -> bool:
        if self.text is None:
            return True
        wanted = self.text.lower()
        return wanted in (frame.payload or "").lower() or wanted in (frame.answer or "").lower()
