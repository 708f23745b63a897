"""A subprotocol's name -> tables of facts, answers and orders. Nothing else knows that there are versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from zaryad.link.answers import Answer
from zaryad.link.facts import Fact, StationId
from zaryad.link.orders import Order, OrderState
from zaryad.ocpp import rpc
from zaryad.ocpp.repair import StandIns, UntranslatableError, Violation, clean, repaired
from zaryad.ocpp.rpc import Answered, Call, Dialect, Fault, Refused, Rpc
from zaryad.ocpp.v16 import facts as facts16
from zaryad.ocpp.v16 import orders as orders16
from zaryad.ocpp.v16 import wire as wire16
from zaryad.ocpp.v16.orders import UnsayableError

__all__ = [
    "PROTOCOLS",
    "Codec",
    "Heard",
    "Outcome",
    "UnsayableError",
    "UntranslatableError",
    "Violation",
    "for_protocol",
    "negotiate",
]

DETAIL_MAX = 262_144  # bytes of a station's answer that are kept with the order


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A call understood: the fact, and the liberties that were needed to read it."""

    fact: Fact
    violations: tuple[Violation, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What an order came to by the station's word; `detail` is kept with the order."""

    state: OrderState
    detail: dict[str, object]


class Row(msgspec.Struct, frozen=True):
    """How one action of a station is read."""

    shape: type[msgspec.Struct]
    decode: Callable[[bytes], Any]
    to_fact: Callable[[Any, StationId, dt.datetime, list[Violation]], Fact]


class Codec(msgspec.Struct, frozen=True):
    """One version's tables, and the few steps over them that all versions share."""

    protocol: str
    dialect: Dialect
    facts: Mapping[str, Row]
    known: frozenset[str]  # actions that exist, offered or not
    stand_ins: Callable[[dt.datetime], StandIns]
    answers: Mapping[type, Callable[[Any], msgspec.Struct]]
    said: Callable[[Order], tuple[str, msgspec.Struct]]
    judged: Callable[[Order, dict[str, object]], OrderState]

    def rpc(self, answer_within: dt.timedelta) -> Rpc:
        """Make the machine of one connection."""
        return Rpc(self.dialect, answer_within)

    def fact(self, call: Call, station_id: StationId, now: dt.datetime) -> Heard:
        """Understand a call; UntranslatableError carries the error to answer with."""
        row = self.facts.get(call.action)
        if row is None:
            fault = Fault.NOT_SUPPORTED if call.action in self.known else Fault.NOT_IMPLEMENTED
            raise UntranslatableError(fault, "")
        body = bytes(call.body)
        notes: list[Violation] = []
        try:
            if b"\\u0000" in body:  # conforming JSON, and poison for a database: the repair takes it out
                raise ValueError("NUL")
            said = row.decode(body)
        except (ValueError, RecursionError):
            said = repaired(body, row.shape, self.stand_ins(now), notes)
        fact = row.to_fact(said, station_id, now, notes)
        return Heard(fact, tuple(notes)) if notes else Heard(fact)

    def answer(self, answer: Answer) -> msgspec.Struct:
        """Say our answer to a fact; ValueError when this version cannot."""
        return self.answers[type(answer)](answer)

    def order(self, order: Order) -> tuple[str, msgspec.Struct]:
        """Say an order: its action and body; UnsayableError when this version has no words for it."""
        return self.said(order)

    def outcome(self, order: Order, event: Answered | Refused) -> Outcome:
        """Judge the station's answer to an order. An error is a refusal, or says that it is not supported."""
        if isinstance(event, Refused):
            unknown = event.fault in (Fault.NOT_IMPLEMENTED, Fault.NOT_SUPPORTED)
            state = OrderState.NOT_SUPPORTED if unknown else OrderState.REFUSED
            return Outcome(state, {"error": clean(event.code)[:100], "why": clean(event.why)[: rpc.WHY_MAX]})
        return self.judge(order, bytes(event.body))

    def judge(self, order: Order, body: bytes) -> Outcome:
        """Judge the body of a result, softly: what is odd in it is kept and decides nothing."""
        try:
            said = msgspec.json.decode(body)
            if b"\\u0000" in body:
                said = _without_nul(said)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return Outcome(self.judged(order, {}), {"unreadable": body[:1_000].decode("utf-8", "replace")})
        state = self.judged(order, said)
        if len(body) > DETAIL_MAX:
            return Outcome(state, {"too_long": len(body), "status": str(said.get("status"))[:100]})
        return Outcome(state, said)


def _without_nul(value: object) -> object:
    """Return what a database can keep."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _without_nul(item) for key, item in value.items()}
    return value


_V16 = Codec(
    protocol="ocpp1.6",
    dialect=rpc.V16,
    facts={
        action: Row(wire16.FROM_STATION[action][0], facts16.DECODERS[action], to_fact)
        for action, to_fact in facts16.TO_FACT.items()
    },
    known=wire16.KNOWN,
    stand_ins=facts16.stand_ins,
    answers=orders16.ANSWERS,
    said=orders16.said,
    judged=orders16.outcome,
)
PROTOCOLS: dict[str, Codec] = {codec.protocol: codec for codec in (_V16,)}


def for_protocol(name: str) -> Codec:
    """Return the codec of a subprotocol; KeyError for one that is not spoken."""
    return PROTOCOLS[name]


def negotiate(offered: Sequence[str]) -> tuple[str, Codec] | None:
    """Choose by the station's order of preference; the name is returned as the station wrote it."""
    for name in offered:
        codec = PROTOCOLS.get(name.strip().lower())
        if codec is not None:
            return name, codec
    return None
