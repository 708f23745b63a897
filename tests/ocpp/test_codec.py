"""What stations say, understood: conforming messages, the field's liberties, and nothing that makes it raise."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaryad.link import answers
from zaryad.link.facts import (
    Booted,
    ChargingBegan,
    ChargingEnded,
    ConnectorChanged,
    ConnectorState,
    DataReceived,
    Fact,
    FirmwareReported,
    MeterRead,
    StationId,
    StopCause,
    TokenPresented,
)
from zaryad.ocpp import codec
from zaryad.ocpp.codec import Heard, UntranslatableError
from zaryad.ocpp.rpc import Call, Fault

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
AT = "2026-05-01T11:59:00Z"
WHEN = dt.datetime(2026, 5, 1, 11, 59, tzinfo=dt.UTC)
BOX = StationId("KG-1")
V16 = codec.for_protocol("ocpp1.6")

START = {"connectorId": 1, "idTag": "AbC1", "meterStart": 1500, "timestamp": AT}
STOP = {"transactionId": 7, "meterStop": 2500, "timestamp": AT}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": AT}


def heard(action: str, body: object) -> Heard:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return V16.fact(Call("1", action, msgspec.Raw(raw)), BOX, NOW)


def fact(action: str, body: object, *violations: str) -> Any:
    """The fact, whose reading took exactly these liberties."""
    read = heard(action, body)
    assert [note.kind for note in read.violations] == list(violations)
    assert (read.fact.station_id, read.fact.received_at) == (BOX, NOW)
    return read.fact


def fault(action: str, body: object) -> Fault:
    with pytest.raises(UntranslatableError) as refused:
        heard(action, body)
    return refused.value.fault


# Conforming


def test_the_core_messages_become_facts() -> None:
    assert fact("StartTransaction", START | {"reservationId": 4}) == ChargingBegan(
        station_id=BOX, received_at=NOW, connector=1, token="AbC1", meter_start_mwh=1_500_000, at=WHEN, reservation_id=4
    )
    assert fact("StopTransaction", STOP) == ChargingEnded(
        station_id=BOX, received_at=NOW, charge_ref="7", meter_stop_mwh=2_500_000, at=WHEN, cause=StopCause.LOCAL
    )
    assert fact("StatusNotification", STATUS | {"vendorId": "ACME", "vendorErrorCode": "E7", "info": "hot"}) == (
        ConnectorChanged(
            station_id=BOX,
            received_at=NOW,
            connector=1,
            state=ConnectorState.CHARGING,
            info="hot",
            vendor_error="ACME E7",
            at=WHEN,
        )
    )
    assert fact("Authorize", {"idTag": "AbC1"}) == TokenPresented(station_id=BOX, received_at=NOW, token="AbC1")
    boot = fact(
        "BootNotification",
        {"chargePointVendor": "V", "chargePointModel": "M", "chargeBoxSerialNumber": "S", "iccid": "8999"},
    )
    assert boot == Booted(
        station_id=BOX,
        received_at=NOW,
        vendor="V",
        model="M",
        serial="S",
        details={"chargeBoxSerialNumber": "S", "iccid": "8999"},
    )
    assert isinstance(fact("FirmwareStatusNotification", {"status": "Installed"}), FirmwareReported)
    assert isinstance(fact("DataTransfer", {"vendorId": "V", "data": "x"}), DataReceived)


@pytest.mark.parametrize("reason", [cause for cause in StopCause if cause is not StopCause.DEAUTHORIZED])
def test_every_reason_has_its_cause(reason: StopCause) -> None:
    word = "EVDisconnected" if reason is StopCause.EV_DISCONNECTED else reason.value.title().replace("_", "")
    assert fact("StopTransaction", STOP | {"reason": word}).cause is reason


@pytest.mark.parametrize("number", [-1, 0, 7, 2**31, -9_000])
def test_a_transactions_number_is_passed_on_as_it_is(number: int) -> None:
    assert fact("StopTransaction", STOP | {"transactionId": number}).charge_ref == str(number)
    values = [{"timestamp": AT, "sampledValue": [{"value": "1"}]}]
    assert fact("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": values}).charge_ref == str(
        number
    )


# The field's liberties


@pytest.mark.parametrize(
    ("changes", "violation", "expected"),
    [
        ({"vendorSpecific": {"deep": [1]}}, "unknown_field", {}),
        ({"reservationId": None}, "", {}),
        ({"idTag": "X" * 30}, "too_long", {"token": "X" * 30}),
        ({"idTag": "X" * 5_000}, "too_long", {"token": "X" * 255}),
        ({"idTag": 12345}, "not_text", {"token": "12345"}),
        ({"idTag": "A\0B"}, "bad_characters", {"token": "AB"}),
        ({"idTag": None}, "null", {"token": ""}),
        ({"connectorId": "1"}, "text_for_number", {}),
        ({"meterStart": 1500.0}, "not_whole", {}),
        ({"meterStart": "1500,9"}, "text_for_number", {"meter_start_mwh": 1_500_000}),
        ({"timestamp": "2026-05-01T11:59:00"}, "no_zone", {}),
        ({"timestamp": "2026-05-01 11:59:00"}, "no_zone", {}),
        ({"timestamp": "2026-05-01T17:59:00+0600"}, "", {}),
        ({"timestamp": "20260501T115900Z"}, "odd_time", {}),
        ({"timestamp": "2026-05-01T11:59:00 UTC"}, "", {}),
        ({"timestamp": 1_777_636_740}, "time_as_number", {}),
        ({"timestamp": 1_777_636_740_000}, "time_as_number", {}),
        ({"timestamp": "yesterday"}, "unreadable", {"at": NOW}),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "", {"at": NOW}),
        ({"timestamp": ""}, "unreadable", {"at": NOW}),
        ({"reservationId": "none"}, "unreadable", {"reservation_id": None}),
    ],
)
def test_a_start_is_understood_if_at_all_possible(
    changes: dict[str, Any], violation: str, expected: dict[str, Any]
) -> None:
    read = heard("StartTransaction", START | changes)
    wanted = {"connector": 1, "token": "AbC1", "meter_start_mwh": 1_500_000, "at": WHEN} | expected
    assert {name: getattr(read.fact, name) for name in wanted} == wanted
    assert not violation or violation in {note.kind for note in read.violations}


def test_a_start_in_other_letters_or_without_its_tail() -> None:
    said = {"ConnectorID": 1, "idtag": "AbC1", "MeterStart": 1500}
    began = fact("StartTransaction", said, "field_case", "field_case", "field_case", "missing")
    assert (began.connector, began.token, began.meter_start_mwh, began.at) == (1, "AbC1", 1_500_000, NOW)


def test_a_stop_whose_register_cannot_be_read_ends_at_its_last_reading() -> None:
    data = [
        {"timestamp": f"2026-05-01T11:{minute}:00Z", "sampledValue": [{"value": str(value)}]}
        for minute, value in ((30, 2_000), (50, 2_400), (40, 2_200))
    ]
    for register in ({"meterStop": None}, {"meterStop": 10**40}, {"meterStop": "1e400000"}, {"meterStop": "x"}):
        assert heard("StopTransaction", STOP | register | {"transactionData": data}).fact.meter_stop_mwh == 2_400_000  # type: ignore[attr-defined]
        assert fault("StopTransaction", STOP | register) is Fault.PROPERTY
    assert heard("StopTransaction", {"meterStop": 5, "timestamp": AT}).fact.charge_ref == "-1"  # type: ignore[attr-defined]
    assert fact("StopTransaction", STOP | {"reason": "Angry"}, "unknown_word").cause is StopCause.OTHER
    assert fact("StopTransaction", STOP | {"reason": "remote"}, "word_case").cause is StopCause.REMOTE
    assert fact("StopTransaction", STOP | {"idTag": ""}).token is None


def test_a_state_in_other_letters_or_an_older_word_is_understood_and_nonsense_is_not() -> None:
    suspended = fact("StatusNotification", STATUS | {"status": "suspendedev"}, "word_case")
    assert suspended.state is ConnectorState.SUSPENDED_EV
    occupied = fact("StatusNotification", STATUS | {"status": "Occupied"}, "unknown_word")
    assert occupied.state is ConnectorState.PREPARING
    assert fact("StatusNotification", STATUS | {"errorCode": "DoorOpen"}, "unknown_word").error_code == "DoorOpen"
    without = {"connectorId": 1, "status": "Available"}
    assert fact("StatusNotification", without, "missing").at is None
    assert fault("StatusNotification", STATUS | {"status": "Dancing"}) is Fault.PROPERTY


@pytest.mark.parametrize(
    ("action", "body", "expected"),
    [
        ("Authorize", {}, Fault.OCCURRENCE),
        ("Authorize", b"[1]", Fault.FORMAT),
        ("Authorize", b'"x"', Fault.FORMAT),
        ("StartTransaction", START | {"connectorId": []}, Fault.TYPE),
        ("StartTransaction", START | {"connectorId": -1}, Fault.PROPERTY),
        ("StartTransaction", START | {"connectorId": 10**12}, Fault.PROPERTY),
        ("StartTransaction", START | {"meterStart": True}, Fault.TYPE),
        ("StartTransaction", START | {"meterStart": 10**15}, Fault.PROPERTY),
        ("FirmwareStatusNotification", {}, Fault.OCCURRENCE),
        ("Reset", {}, Fault.NOT_SUPPORTED),
        ("LogStatusNotification", {}, Fault.OCCURRENCE),
        ("CustomOperation", {}, Fault.NOT_IMPLEMENTED),
        ("", {}, Fault.NOT_IMPLEMENTED),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(action: str, body: object, expected: Fault) -> None:
    assert fault(action, body) is expected


def test_an_empty_payload_may_be_a_list_or_null() -> None:
    for body in (b"[]", b"null", b"[ ]"):
        fact("Heartbeat", body, "not_an_object")
    fact("Heartbeat", b"{}")


def test_a_thing_of_the_vendors_own_is_kept_as_text() -> None:
    told = fact("DataTransfer", {"vendorId": "V", "data": {"a": [1, 2.5]}}, "not_text")
    assert told.data == '{"a":[1,2.5]}'


# Nothing makes it raise anything else

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from([AT, "1e400000", "NaN", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "connectorId",
        "idTag",
        "meterStart",
        "meterStop",
        "timestamp",
        "transactionId",
        "reason",
        "transactionData",
        "meterValue",
        "sampledValue",
        "value",
        "unit",
        "measurand",
        "phase",
        "context",
        "location",
        "format",
        "status",
        "errorCode",
        "vendorId",
        "chargePointVendor",
        "data",
    ]
)
SAMPLES = st.lists(st.dictionaries(FIELDS, JUNK), max_size=2)
VALUES = st.lists(st.dictionaries(FIELDS, JUNK | SAMPLES), max_size=2)


@given(st.sampled_from(sorted(V16.facts)), st.dictionaries(FIELDS, JUNK | VALUES) | JUNK)
def test_any_payload_is_a_fact_or_a_fault(action: str, body: object) -> None:
    with contextlib.suppress(UntranslatableError):
        read = heard(action, body)
        assert isinstance(read.fact, Fact)
        assert "\0" not in repr(msgspec.to_builtins(read.fact)).replace("\\x00", "\0")


@given(st.sampled_from(sorted(V16.facts)), st.binary(max_size=80))
def test_any_bytes_are_a_fact_or_a_fault(action: str, body: bytes) -> None:
    with contextlib.suppress(UntranslatableError):
        assert isinstance(heard(action, body).fact, Fact)


@pytest.mark.parametrize("depth", [100, 3_000])
def test_deep_nesting_is_a_fault_or_ignored(depth: int) -> None:
    deep = b'{"idTag":"X","x":' + b"[" * depth + b"]" * depth + b"}"
    with contextlib.suppress(UntranslatableError):
        assert isinstance(heard("Authorize", deep).fact, TokenPresented)


def test_the_notes_of_a_hopeless_message_are_bounded() -> None:
    values = [{"timestamp": AT, "sampledValue": [{"value": 1, "x": 1}] * 200}] * 20
    read = heard("MeterValues", {"connectorId": 1, "meterValue": values})
    assert len(read.violations) <= 60
    assert isinstance(read.fact, MeterRead)
    assert len(read.fact.readings) == 1


# Answers and orders

TOKEN = answers.TokenVerdict(answers.TokenStatus.BLOCKED, WHEN, "PARENT")


@pytest.mark.parametrize(
    ("answer", "wire"),
    [
        (answers.Noted(), "{}"),
        (answers.TimeTold(WHEN.replace(microsecond=123456)), '{"currentTime":"2026-05-01T11:59:00Z"}'),
        (
            answers.BootVerdict(answers.BootStatus.PENDING, 60, WHEN),
            '{"status":"Pending","currentTime":"2026-05-01T11:59:00Z","interval":60}',
        ),
        (
            TOKEN,
            '{"idTagInfo":{"expiryDate":"2026-05-01T11:59:00Z","parentIdTag":"PARENT","status":"Blocked"}}',
        ),
        (
            answers.BeginVerdict("42", answers.TokenVerdict(answers.TokenStatus.CONCURRENT)),
            '{"idTagInfo":{"status":"ConcurrentTx"},"transactionId":42}',
        ),
        (answers.EndVerdict(), "{}"),
        (answers.EndVerdict(answers.TokenVerdict(answers.TokenStatus.EXPIRED)), '{"idTagInfo":{"status":"Expired"}}'),
        (answers.DataVerdict(answers.DataStatus.UNKNOWN_MESSAGE, "x"), '{"status":"UnknownMessageId","data":"x"}'),
    ],
)
def test_an_answer_in_the_stations_words(answer: answers.Answer, wire: str) -> None:
    asked = heard("Heartbeat", {})
    assert msgspec.json.encode(V16.answer(asked, answer)).decode() == wire


@pytest.mark.parametrize("ref", ["0", "-1", "abc", str(2**31)])
def test_a_transaction_id_that_stations_cannot_hold_is_never_sent(ref: str) -> None:
    with pytest.raises(ValueError):
        V16.answer(heard("StartTransaction", START), answers.BeginVerdict(ref, TOKEN))


def test_languages_are_chosen_by_the_station() -> None:
    assert codec.negotiate(["ocpp9", "OCPP1.6", "ocpp2.0.1"]) == ("OCPP1.6", V16)
    assert codec.negotiate(["ocpp1.5", "soap"]) is None
    assert codec.negotiate([]) is None
