"""How one action of a station is read and answered; a version is a table of these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from zaryad.link.facts import Fact, StationId
from zaryad.ocpp.repair import StandIns, Violation, repaired

ToFact = Callable[[Any, StationId, dt.datetime, list[Violation]], Fact]
ToAnswer = Callable[[Any, Any], msgspec.Struct]  # the fact, our answer to it


class Row(msgspec.Struct, frozen=True):
    """One action. `inside` finds what is said inside of it in another version's words: that is what counts then."""

    shape: type[msgspec.Struct]
    decode: Callable[[bytes], Any]
    to_fact: ToFact
    to_answer: ToAnswer
    inside: Callable[[Any], tuple[Row, bytes] | None] | None = None

    def read(self, body: bytes, stand_ins: Callable[[dt.datetime], StandIns], now: dt.datetime) -> Read:
        """Read a payload into its shape; UntranslatableError carries the error to answer with."""
        notes: list[Violation] = []
        try:
            if b"\\u0000" in body:  # conforming JSON, and poison for a database: the repair takes it out
                raise ValueError("NUL")
            said = self.decode(body)
        except (ValueError, RecursionError):
            said = repaired(body, self.shape, stand_ins(now), notes)
        return said, notes


Read = tuple[Any, list[Violation]]


def row(shape: type[msgspec.Struct], to_fact: ToFact, to_answer: ToAnswer) -> Row:
    """Make a row with a decoder of its own."""
    return Row(shape, msgspec.json.Decoder(shape).decode, to_fact, to_answer)
