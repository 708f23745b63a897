"""The station's end of OCPP-J: one call outstanding, frames written and read. No I/O and no clock of its own.

Written apart from `zaryad.ocpp.rpc` on purpose: two readings of the standard find each other's mistakes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import Enum
from typing import Any

import msgspec

CALL, RESULT, ERROR, SEND = 2, 3, 4, 6
encode = msgspec.json.Encoder(decimal_format="number").encode
UNKNOWN_FIELD = {"zz_unknown": {"of": "a station"}}


class Outcome(Enum):
    """What became of a call."""

    ANSWERED = "answered"
    REFUSED = "refused"  # CALLERROR
    SILENT = "silent"  # no answer in time
    CUT = "cut"  # the link went away first


class Reply(msgspec.Struct, frozen=True):
    """An outcome and what was said: the answer's body, or `code` and `why` of a refusal."""

    outcome: Outcome
    body: dict[str, Any] = {}
    code: str = ""
    why: str = ""


Then = Callable[[Reply, dt.datetime], None]


class Asked(msgspec.Struct, frozen=True):
    """A call from the central system."""

    id: str
    action: str
    body: dict[str, Any]


class Outstanding(msgspec.Struct, frozen=True):
    """Our call that waits for its answer."""

    id: str
    action: str
    then: Then
    until: dt.datetime


class Line:
    """Writes frames, and finds the call that an answer belongs to."""

    def __init__(
        self, answer_within: dt.timedelta, complain: Callable[[str], None] = lambda _why: None, *, spaced: bool = False
    ) -> None:
        self._answer_within = answer_within
        self._complain = complain  # the other side broke the rules
        self.spaced = spaced
        self.odd = False  # every call gets a field that nobody knows
        self.outstanding: Outstanding | None = None
        self._silent: str | None = None  # a call that was given up: its answer may be late

    @property
    def free(self) -> bool:
        """Whether something may be asked."""
        return self.outstanding is None

    def call(self, id: str, action: str, body: dict[str, Any], then: Then, now: dt.datetime) -> str:
        """Write a call; `then` hears its outcome, once."""
        assert self.free, "one call at a time"
        self.outstanding = Outstanding(id, action, then, now + self._answer_within)
        return self.shout(id, action, body)

    def shout(self, id: str, action: str, body: dict[str, Any]) -> str:
        """Write a call whose answer nobody waits for: stations that pipeline do that."""
        return self._frame([CALL, id, action, body | UNKNOWN_FIELD if self.odd else body])

    def tell(self, id: str, action: str, body: dict[str, Any]) -> str:
        """Write a SEND of 2.1: it has no answer."""
        return self._frame([SEND, id, action, body])

    def result(self, id: str, body: dict[str, Any]) -> str:
        """Write an answer."""
        return self._frame([RESULT, id, body])

    def error(self, id: str, code: str, why: str = "") -> str:
        """Write a refusal."""
        return self._frame([ERROR, id, code, why[:255], {}])

    def read(self, frame: str | bytes, now: dt.datetime) -> Asked | None:
        """Take a frame in: an answer goes to its call's `then`, a call is returned, anything else is ignored."""
        try:
            parts = msgspec.json.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._complain("a frame that is no JSON")
            return None
        match parts:
            case [2, str(id), str(action), dict(body)]:
                return Asked(id, action, body)
            case [3, str(id), dict(body)]:
                self._finish(id, Reply(Outcome.ANSWERED, body), now)
            case [4, str(id), str(code), str(why), *_]:
                self._finish(id, Reply(Outcome.REFUSED, code=code, why=why), now)
            case _:
                self._complain("a frame that is no message")
        return None

    def expire(self, now: dt.datetime) -> None:
        """Give up waiting when the time is over."""
        if self.outstanding is not None and now >= self.outstanding.until:
            self._silent = self.outstanding.id
            self._finish(self.outstanding.id, Reply(Outcome.SILENT), now)

    def cut(self, now: dt.datetime) -> None:
        """The link is gone, and the answer with it."""
        if self.outstanding is not None:
            self._finish(self.outstanding.id, Reply(Outcome.CUT), now)

    def _finish(self, id: str, reply: Reply, now: dt.datetime) -> None:
        if self.outstanding is None or self.outstanding.id != id:
            if id != self._silent:
                self._complain(f"an answer to nothing: {id[:40]}")
            return
        then, self.outstanding = self.outstanding.then, None
        then(reply, now)

    def _frame(self, parts: list[Any]) -> str:
        encoded = encode(parts)
        return (msgspec.json.format(encoded, indent=0) if self.spaced else encoded).decode()
