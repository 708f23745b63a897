"""The machine of calls and answers: its few rules, and that nothing a station writes makes it raise."""

import datetime as dt
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaryad.ocpp.rpc import (
    V16,
    V21,
    V201,
    Answered,
    Call,
    Dialect,
    Fault,
    Junk,
    Refused,
    Rpc,
    Stray,
    Told,
    Unanswered,
    Unusable,
)

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
WITHIN = dt.timedelta(seconds=30)
EVENTS = (Call, Told, Answered, Refused, Stray, Unusable, Junk)


class Body(msgspec.Struct):
    status: str = "Accepted"


def machine(dialect: Dialect = V16) -> Rpc:
    return Rpc(dialect, WITHIN)


def asked(dialect: Dialect = V16) -> Rpc:
    rpc = machine(dialect)
    rpc.call("q1", "Reset", Body(), NOW)
    return rpc


def test_a_call_is_read_compact_and_spaced() -> None:
    for frame in ('[2,"7","Heartbeat",{}]', ' [ 2, "7" , "Heartbeat", { } ] ', b'[2,"7","Heartbeat",{}]'):
        event = machine().receive(frame)
        assert isinstance(event, Call)
        assert (event.id, event.action) == ("7", "Heartbeat")


def test_what_goes_out_is_compact() -> None:
    rpc = machine()
    call = Call("7", "Heartbeat", msgspec.Raw(b"{}"))
    assert rpc.answer(call, Body()) == b'[3,"7",{"status":"Accepted"}]'
    assert rpc.call("q1", "Reset", Body("Soft"), NOW) == b'[2,"q1","Reset",{"status":"Soft"}]'
    assert rpc.refuse(call, Fault.NOT_IMPLEMENTED, "x" * 300) == b'[4,"7","NotImplemented","%s",{}]' % (b"x" * 255)


def test_an_answer_finds_its_question_once() -> None:
    rpc = asked()
    assert not rpc.free
    event = rpc.receive('[3,"q1",{"status":"Accepted"}]')
    assert isinstance(event, Answered)
    assert event.call.action == "Reset"
    assert rpc.free
    assert isinstance(rpc.receive('[3,"q1",{"status":"Accepted"}]'), Stray)


def test_the_stations_calls_are_heard_while_ours_waits() -> None:
    rpc = asked()
    assert isinstance(rpc.receive('[2,"q1","Heartbeat",{}]'), Call)
    assert not rpc.free
    assert isinstance(rpc.receive('[3,"other",{}]'), Stray)
    assert not rpc.free


def test_a_late_answer_is_a_stray_and_never_answers_the_next_question() -> None:
    rpc = asked()
    assert rpc.expire(NOW + WITHIN - dt.timedelta(seconds=1)) is None
    assert isinstance(rpc.expire(NOW + WITHIN), Unanswered)
    assert rpc.expire(NOW + WITHIN) is None
    rpc.call("q2", "Reset", Body(), NOW)
    assert rpc.receive('[3,"q1",{}]') == Stray("q1", msgspec.Raw(b"{}"))
    assert not rpc.free


def test_two_questions_at_once_and_long_ids_are_bugs_of_ours() -> None:
    with pytest.raises(AssertionError):
        asked().call("q2", "Reset", Body(), NOW)
    with pytest.raises(AssertionError):
        machine().call("x" * 37, "Reset", Body(), NOW)


@pytest.mark.parametrize(
    ("frame", "code", "fault", "why"),
    [
        ('[4,"q1","NotSupported","no",{}]', "NotSupported", Fault.NOT_SUPPORTED, "no"),
        ('[4,"q1","FormationViolation","",{}]', "FormationViolation", Fault.FORMAT, ""),
        ('[4,"q1","FormatViolation","",{}]', "FormatViolation", Fault.FORMAT, ""),
        ('[4,"q1","OccurenceConstraintViolation"]', "OccurenceConstraintViolation", Fault.OCCURRENCE, ""),
        ('[4,"q1","OccurrenceConstraintViolation",null]', "OccurrenceConstraintViolation", Fault.OCCURRENCE, ""),
        ('[4,"q1"]', "GenericError", Fault.GENERIC, ""),
        ('[4,"q1",null,7,[]]', "GenericError", Fault.GENERIC, ""),
        ('[4,"q1","Whatever","x"]', "Whatever", None, "x"),
    ],
)
def test_an_error_is_read_in_both_spellings_and_with_parts_missing(
    frame: str, code: str, fault: Fault | None, why: str
) -> None:
    rpc = asked()
    event = rpc.receive(frame)
    assert isinstance(event, Refused)
    assert (event.code, event.fault, event.why) == (code, fault, why)
    assert rpc.free


def test_versions_spell_their_errors() -> None:
    call = Call("7", "X", msgspec.Raw(b"{}"))
    assert b'"FormationViolation"' in machine().refuse(call, Fault.FORMAT, "")
    assert b'"OccurenceConstraintViolation"' in machine().refuse(call, Fault.OCCURRENCE, "")
    assert b'"FormatViolation"' in machine(V201).refuse(call, Fault.FORMAT, "")
    assert b'"OccurrenceConstraintViolation"' in machine(V201).refuse(call, Fault.OCCURRENCE, "")


@pytest.mark.parametrize("frame", ["", "{}", "null", "[]", "[2]", "nonsense", "[2,", b"\xff\xfe", '[3,"a",', "[NaN]"])
def test_an_unreadable_frame_is_ignored_in_1_6_and_answered_in_2(frame: str | bytes) -> None:
    event = machine().receive(frame)
    assert isinstance(event, Junk)
    assert event.reply is None
    event = machine(V201).receive(frame)
    assert isinstance(event, Junk)
    assert event.reply is not None
    assert event.reply.startswith(b'[4,"-1","RpcFrameworkError"')


def test_an_unknown_message_type_is_refused_by_2_0_1_only() -> None:
    for dialect, reply in ((V16, None), (V21, None), (V201, b'[4,"7","MessageTypeNotSupported","",{}]')):
        assert machine(dialect).receive('[9,"7","X",{}]') == Junk("message type 9", reply)


def test_types_5_and_6_exist_in_2_1() -> None:
    told = machine(V21).receive('[6,"7","NotifyPeriodicEventStream",{"id":1}]')
    assert isinstance(told, Told)
    assert told.action == "NotifyPeriodicEventStream"
    assert machine(V21).receive('[5,"7","TypeConstraintViolation","x",{}]') == Unusable(
        "7", "TypeConstraintViolation", "x"
    )
    for frame in ('[6,"7","X",{}]', '[5,"7","X","",{}]'):
        assert isinstance(machine().receive(frame), Junk)


def test_a_call_without_payload_has_an_empty_one_and_one_without_action_is_refused() -> None:
    event = machine().receive('[2,"7","Heartbeat"]')
    assert isinstance(event, Call)
    assert bytes(event.body) == b"{}"
    for frame in ('[2,"7"]', '[2,"7",5,{}]', '[2,7,""]'):
        event = machine().receive(frame)
        assert isinstance(event, Junk)
        assert event.reply is not None
        assert b'"FormationViolation","a call has an action",{}]' in event.reply


def test_an_id_that_is_a_number_is_answered_with_the_number() -> None:
    rpc = machine()
    event = rpc.receive('[2,19223201,"Heartbeat",{}]')
    assert isinstance(event, Call)
    assert rpc.answer(event, Body()) == b'[3,19223201,{"status":"Accepted"}]'
    assert isinstance(rpc.receive('[2,%s,"Heartbeat",{}]' % ("9" * 400)), Junk)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.integers(10**30, 10**60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
DIALECTS = st.sampled_from([V16, V201, V21])


@given(st.binary(max_size=200) | st.text(max_size=200), DIALECTS)
def test_no_bytes_make_it_raise(frame: bytes | str, dialect: Dialect) -> None:
    assert isinstance(asked(dialect).receive(frame), EVENTS)


@given(
    st.lists(JSON, max_size=3),
    st.sampled_from([2, 3, 4, 5, 6, 7, -1, "2", 2.0, None, 10**40]),
    st.sampled_from(["q1", "x", "", None, 5, "1" * 300, [], 10**25]),
    DIALECTS,
)
def test_no_message_makes_it_raise_and_every_call_can_be_answered(
    rest: list[object], kind: object, id: object, dialect: Dialect
) -> None:
    rpc = asked(dialect)
    event = rpc.receive(json.dumps([kind, id, *rest]))
    assert isinstance(event, EVENTS)
    if isinstance(event, Call):
        assert json.loads(rpc.answer(event, Body()))[:2] == [3, id]
        assert json.loads(rpc.refuse(event, Fault.INTERNAL, "x"))[:2] == [4, id]
    assert rpc.free == isinstance(event, Answered | Refused)


@pytest.mark.parametrize("shape", [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [500, 5_000, 200_000])
def test_deep_nesting_is_an_event_too(shape: tuple[str, str], depth: int) -> None:
    opened, closed = shape
    for frame in (opened * depth, f'[2,"7","X",{opened * depth}1{closed * depth}]', '[2,"7","X",' + opened * depth):
        assert isinstance(machine().receive(frame), Call | Junk)
