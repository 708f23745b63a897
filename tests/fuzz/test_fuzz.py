"""Whatever stations say, in any version: nothing raises but what is declared, and every call gets its answer.

A short run belongs to every run of the tests. The long one takes ZARYAD_FUZZ_SECONDS (60 unless set; the nightly run
sets 600) and looks further each time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.frames import JUNK, frames
from tests.fuzz.line import Line
from tests.ocpp.said import NUMBER, ORDERS
from tests.ocpp.test_codec_heard import ANSWERS, BOX, NOW, VERSIONS, spoken
from zaryad.link import answers, orders
from zaryad.link.facts import ChainAsked
from zaryad.ocpp.codec import UnsayableError, UntranslatableError
from zaryad.ocpp.rpc import Answered, Call, Fault, Junk, Refused, Told

VERSION = st.sampled_from(sorted(VERSIONS))
BRIEFLY = settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=400, suppress_health_check=list(HealthCheck), database=None)


def readable(reply: bytes) -> Any:
    """What a strict station makes of what we say."""
    return json.loads(reply.decode(), parse_constant=_no_number)


def can_be_kept(encoded: bytes) -> None:
    """A database takes it: JSON, no half characters, no NUL in any text."""
    left = [readable(encoded)]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str):
            assert "\0" not in value


def _no_number(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def look_at(version: str, frame: bytes) -> None:
    """One frame through the machine and the codec."""
    codec = spoken(version)
    rpc = codec.rpc(dt.timedelta(seconds=30))
    event = rpc.receive(frame)
    if isinstance(event, Junk):
        assert event.reply is None or readable(event.reply)[0] == 4
        return
    if not isinstance(event, Call | Told):
        return
    refused: UntranslatableError | None = None
    try:
        heard = codec.fact(event, BOX, NOW)
    except UntranslatableError as error:
        refused = error
    if refused is not None:
        if isinstance(event, Call):
            assert readable(rpc.refuse(event, refused.fault, refused.why))[:2] == [4, event.id]
        return
    for fact in (heard.fact, *heard.also):
        can_be_kept(msgspec.json.encode(fact))
    if isinstance(event, Call):
        for answer in ANSWERS.get(type(heard.fact), [answers.Noted()]):
            if isinstance(heard.fact, ChainAsked) and not heard.fact.asked:
                continue
            assert readable(rpc.answer(event, codec.answer(heard, answer)))[:2] == [3, event.id]


def look_at_answer(version: str, name: str, body: bytes, *, error: bool) -> None:
    """An answer to an order of ours: it ends, and what is kept of it can be kept."""
    codec, order = spoken(version), ORDERS[name]
    call = Call("1", "X", msgspec.Raw(b"{}"))
    text = body.decode("utf-8", "replace")
    event = Refused(call, Fault.GENERIC, text, text, msgspec.Raw(body)) if error else Answered(call, msgspec.Raw(body))
    for asked in (order, orders.RawCall(action="Reset")):
        outcome = codec.outcome(asked, event)
        assert outcome.state.ended
        can_be_kept(msgspec.json.encode(outcome.detail))


def look_at_order(version: str, action: str, payload: object) -> None:
    """A call by hand with anything in it."""
    codec = spoken(version)
    order = orders.RawCall(action=action, payload=payload)  # type: ignore[arg-type]  # whatever it is
    try:
        said, body = codec.order(order, NUMBER)
    except UnsayableError:
        return
    frame = codec.rpc(dt.timedelta(seconds=30)).call("1", said, body, NOW)
    assert readable(frame)[:3] == [2, "1", action]


def look_at_line(version: str, said: list[bytes]) -> None:
    """A whole connection: as many answers as there were calls, in their order, and it still answers afterwards."""
    asyncio.run(Line(version).hears_all(said))


BODIES = st.binary(max_size=60) | st.builds(lambda value: json.dumps(value).encode(), JUNK)
TESTS: dict[str, tuple[Callable[..., None], st.SearchStrategy[Any]]] = {
    "frames": (look_at, VERSION.flatmap(lambda version: st.tuples(st.just(version), frames(version)))),
    "noise": (look_at, st.tuples(VERSION, st.binary(max_size=200))),
    "answers": (
        lambda version, name, body, error: look_at_answer(version, name, body, error=error),
        st.tuples(VERSION, st.sampled_from(sorted(ORDERS)), BODIES, st.booleans()),
    ),
    "calls by hand": (
        look_at_order,
        VERSION.flatmap(lambda v: st.tuples(st.just(v), st.sampled_from(sorted(spoken(v).asked)), JUNK)),
    ),
    "connections": (
        look_at_line,
        VERSION.flatmap(lambda v: st.tuples(st.just(v), st.lists(frames(v), min_size=1, max_size=8))),
    ),
}


def run(what: str, rules: settings) -> None:
    look, strategy = TESTS[what]

    @rules
    @given(strategy)
    def looked_at(drawn: tuple[Any, ...]) -> None:
        look(*drawn)

    looked_at()


@pytest.mark.parametrize("what", TESTS)
def test_nothing_that_is_said_does_harm(what: str) -> None:
    run(what, BRIEFLY)


@pytest.mark.slow
def test_nothing_that_is_said_for_long_does_harm() -> None:
    until = time.monotonic() + float(os.environ.get("ZARYAD_FUZZ_SECONDS", "60"))
    while time.monotonic() < until:
        for what in TESTS:
            run(what, LONG)
