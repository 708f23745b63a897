"""A subprotocol's name -> tables of facts, answers and orders. Nothing else knows that there are versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from zaryad.link.answers import Answer
from zaryad.link.facts import EventsTold, Fact, StationId
from zaryad.link.orders import Order, OrderState, RawCall
from zaryad.ocpp import quirks, rpc
from zaryad.ocpp.judge import judged
from zaryad.ocpp.repair import StandIns, UntranslatableError, Violation, clean
from zaryad.ocpp.rows import Row, ToAnswer, row
from zaryad.ocpp.rpc import Answered, Body, Call, Dialect, Fault, Refused, Rpc, Stray, Told
from zaryad.ocpp.strict import UnsayableError, strictly
from zaryad.ocpp.v2 import answers as answers2
from zaryad.ocpp.v2 import facts as facts2
from zaryad.ocpp.v2 import orders as orders2
from zaryad.ocpp.v2 import wire as wire201
from zaryad.ocpp.v2 import wire21
from zaryad.ocpp.v2.facts_reports import states_told
from zaryad.ocpp.v16 import answers as answers16
from zaryad.ocpp.v16 import contract as contract16
from zaryad.ocpp.v16 import facts as facts16
from zaryad.ocpp.v16 import orders as orders16
from zaryad.ocpp.v16 import wire as wire16

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

Shapes = Mapping[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]]


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A message understood: the fact, the liberties that were needed to read it, and what it says `also`, before it."""

    fact: Fact
    to_answer: ToAnswer
    violations: tuple[Violation, ...] = ()
    also: tuple[Fact, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What an order came to by the station's word; `detail` is kept with the order."""

    state: OrderState
    detail: dict[str, object]


class Codec(msgspec.Struct, frozen=True):
    """One version's tables, and the few steps over them that all versions share."""

    protocol: str
    dialect: Dialect
    facts: Mapping[str, Row]
    sent: Mapping[str, Row]  # what is told without waiting for an answer
    known: frozenset[str]  # actions that exist, offered or not
    asked: Shapes  # what a station of this version can be asked, and answers
    stand_ins: Callable[[dt.datetime], StandIns]
    said: Callable[[Order, int], tuple[str, msgspec.Struct]]
    opened: Callable[[Order, dict[str, object]], dict[str, object]]  # an answer out of what it came wrapped in

    def rpc(self, answer_within: dt.timedelta) -> Rpc:
        """Make the machine of one connection."""
        return Rpc(self.dialect, answer_within)

    def fact(
        self, call: Call | Told, station_id: StationId, now: dt.datetime, ways: quirks.Quirks = quirks.NONE
    ) -> Heard:
        """Understand a message; UntranslatableError carries the error to answer a call with. `ways`: its vendor's."""
        found = (self.facts if isinstance(call, Call) else self.sent).get(call.action)
        if found is None:
            fault = Fault.NOT_SUPPORTED if call.action in self.known else Fault.NOT_IMPLEMENTED
            raise UntranslatableError(fault, "")
        stand_ins = self.stand_ins
        if ways and (defaults := ways.defaults.get(call.action)):
            stand_ins = partial(_with_defaults, self.stand_ins, found.shape, defaults)
        said, notes = found.read(bytes(call.body), stand_ins, now)
        if ways:
            said = quirks.of_said(said, call.action, ways, notes)
        if found.inside is not None and (inner := found.inside(said)) is not None:
            try:
                return _inner(*inner, station_id, now, notes)
            except UntranslatableError as error:
                notes.append(Violation("unreadable_inside", error.why[:100]))
                found = msgspec.structs.replace(found, to_answer=contract16.rejected)
        fact = found.to_fact(said, station_id, now, notes)
        if ways:
            fact, notes = quirks.of_fact(fact, ways), quirks.worth_noting(notes, ways)
        if isinstance(fact, EventsTold):
            return Heard(fact, found.to_answer, tuple(notes), states_told(fact))
        return Heard(fact, found.to_answer, tuple(notes)) if notes else Heard(fact, found.to_answer)

    def answer(self, heard: Heard, answer: Answer) -> msgspec.Struct:
        """Say our answer to what was heard; ValueError when this version cannot."""
        return heard.to_answer(heard.fact, answer)

    def order(self, order: Order, number: int, ways: quirks.Quirks = quirks.NONE) -> tuple[str, Body]:
        """Say an order: its action and body; UnsayableError when this version has no words for it.

        `number` is the order's own: what 2.x knows its reports and its transaction by.
        """
        if isinstance(order, RawCall):
            shapes = self.asked.get(order.action)
            if shapes is None:
                raise UnsayableError(f"a station is not asked {order.action[:50]} in {self.protocol}")
            strictly(order.payload, shapes[0])
            return order.action, order.payload
        return self.said(quirks.of_order(order, ways) if ways else order, number)

    def outcome(self, order: Order, event: Answered | Refused) -> Outcome:
        """Judge the station's answer to an order. An error is a refusal, or says that it is not supported."""
        if isinstance(event, Answered):
            return self.judge(order, bytes(event.body))
        code, why = clean(event.code)[:100], clean(event.why)[: rpc.WHY_MAX]
        if isinstance(order, RawCall):
            details = _decoded(bytes(event.details))
            return Outcome(OrderState.DONE, {"callerror": {"code": code, "description": why, "details": details}})
        unknown = event.fault in (Fault.NOT_IMPLEMENTED, Fault.NOT_SUPPORTED)
        return Outcome(OrderState.NOT_SUPPORTED if unknown else OrderState.REFUSED, {"error": code, "why": why})

    def conforms(self, action: str, body: bytes) -> bool:
        """Say whether an answer is as the standard has it; it is judged all the same."""
        shapes = self.asked.get(action)
        try:
            msgspec.json.decode(body, type=object if shapes is None else shapes[1])
        except (ValueError, RecursionError):
            return False
        return True

    def late(self, order: Order, stray: Stray) -> Outcome:
        """Judge an answer that came after its wait was over."""
        if stray.code is None:
            return self.judge(order, bytes(stray.body))
        if isinstance(order, RawCall):
            details = _decoded(bytes(stray.body))
            return Outcome(OrderState.DONE, {"callerror": {"code": clean(stray.code)[:100], "details": details}})
        return Outcome(OrderState.REFUSED, {"error": clean(stray.code)[:100]})

    def judge(self, order: Order, body: bytes) -> Outcome:
        """Judge the body of a result, softly: what is odd in it is kept and decides nothing."""
        said = _decoded(body)
        if isinstance(order, RawCall):
            return Outcome(OrderState.DONE, {"result": said})
        if not isinstance(said, dict):
            state = judged(order, {})
            return Outcome(state, {"unreadable": body[:1_000].decode("utf-8", "replace").replace("\0", "")})
        said = self.opened(order, said)
        state = judged(order, said)
        if len(body) > DETAIL_MAX:
            return Outcome(state, {"too_long": len(body), "status": str(said.get("status"))[:100]})
        return Outcome(state, said)


def _with_defaults(
    stand_ins: Callable[[dt.datetime], StandIns],
    shape: type[msgspec.Struct],
    defaults: Mapping[str, object],
    now: dt.datetime,
) -> StandIns:
    """Return the stand-ins of a version, and of a vendor over them."""
    common = stand_ins(now)
    return {**common, shape: {**common.get(shape, {}), **quirks.spare(shape, defaults)}}


def _inner(found: Row, body: bytes, station_id: StationId, now: dt.datetime, notes: list[Violation]) -> Heard:
    """Understand what 2.0.1 says inside of a message of 1.6."""
    said, more = found.read(body, facts2.stand_ins, now)
    notes = [*notes, *more]
    return Heard(found.to_fact(said, station_id, now, notes), found.to_answer, tuple(notes))


def _decoded(body: bytes) -> object:
    """Read what a station answers; what cannot be kept is told by its length, what cannot be read is None."""
    if len(body) > DETAIL_MAX * 4:
        return {"too_long": len(body)}
    try:
        said: object = msgspec.json.decode(body)
        return _without_nul(said) if b"\\u0000" in body else said
    except (ValueError, RecursionError):
        return None


def _without_nul(value: object) -> object:
    """Return what a database can keep."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _without_nul(item) for key, item in value.items()}
    return value


def _v16() -> Codec:
    facts = {
        action: row(shape, facts16.TO_FACT[action], answers16.answered)
        for action, (shape, _) in wire16.FROM_STATION.items()
    }
    facts["DataTransfer"] = msgspec.structs.replace(facts["DataTransfer"], inside=contract16.inside)
    return Codec(
        protocol="ocpp1.6",
        dialect=rpc.V16,
        facts=facts,
        sent={},
        known=wire16.KNOWN,
        asked=wire16.TO_STATION,
        stand_ins=facts16.stand_ins,
        said=orders16.said,
        opened=contract16.opened,
    )


def _v2(
    protocol: str, dialect: Dialect, heard: Shapes, asked: Shapes, sent: Mapping[str, type[msgspec.Struct]]
) -> Codec:
    newer = protocol == "ocpp2.1"
    to_fact, to_answer = facts2.to_fact(protocol), answers2.to_answer(newer=newer)
    return Codec(
        protocol=protocol,
        dialect=dialect,
        facts={
            action: row(shape, to_fact[action], to_answer.get(action, answers2.UNSAID))
            for action, (shape, _) in heard.items()
        },
        sent={action: row(shape, to_fact[action], answers2.UNSAID) for action, shape in sent.items()},
        known=frozenset({*heard, *asked, *sent}),
        asked=asked,
        stand_ins=facts2.stand_ins,
        said=orders2.sayer(asked, newer=newer),  # type: ignore[arg-type]  # their shapes are all of 2.x
        opened=lambda _order, body: body,
    )


PROTOCOLS: dict[str, Codec] = {
    codec.protocol: codec
    for codec in (
        _v16(),
        _v2("ocpp2.0.1", rpc.V201, wire201.FROM_STATION, wire201.TO_STATION, {}),
        _v2("ocpp2.1", rpc.V21, wire21.FROM_STATION_21, wire21.TO_STATION_21, wire21.SENT_21),
    )
}


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
