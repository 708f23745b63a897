"""Which transaction an exchange is about, and whether it is one of the many that are forgotten early."""

import pytest

from zaryad.ocpp.log import about, model, read
from zaryad.ocpp.log.model import Filter, Frame
from zaryad.ocpp.log.store import never_bulk


@pytest.mark.parametrize(
    ("payload", "answer", "ref"),
    [
        ('[2,"1","MeterValues",{"connectorId":1,"transactionId":812,"meterValue":[]}]', '[3,"1",{}]', "812"),
        ('[2,"1","StopTransaction",{"transactionId" : 812}]', "[]", "812"),
        ('[2,"1","StartTransaction",{}]', '[3,"1",{"idTagInfo":{},"transactionId":813}]', "813"),
        ('[2,"1","TransactionEvent",{"transactionInfo":{"transactionId":"ab-1"}}]', '[3,"1",{}]', "ab-1"),
        ('[2,"1","RequestStartTransaction",{}]', '{"status":"Accepted","transactionId":"ab-2"}', "ab-2"),
        ('[2,"1","MeterValues",{"transactionId":0}]', None, None),
        ('[2,"1","MeterValues",{"transactionId":-1}]', None, None),
        ('[2,"1","MeterValues",{"transactionId":null}]', None, None),
        ('[2,"1","DataTransfer",{"data":"{\\"transactionId\\":5}"}]', None, None),
        (None, None, None),
    ],
)
def test_the_transaction(payload: str | None, answer: str | None, ref: str | None) -> None:
    assert about.charge_ref(payload, answer) == ref


@pytest.mark.parametrize(
    ("action", "outcome", "payload", "bulk"),
    [
        ("Heartbeat", "answered", "{}", True),
        ("MeterValues", "answered", "{}", True),
        ("Heartbeat", "InternalError", "{}", False),
        ("BootNotification", "answered", "{}", False),
        ("TransactionEvent", "answered", '{"eventType":"Updated","triggerReason":"MeterValuePeriodic"}', True),
        ("TransactionEvent", "answered", '{"eventType":"Ended","triggerReason":"MeterValuePeriodic"}', False),
        ("TransactionEvent", "answered", '{"eventType":"Updated","triggerReason":"ChargingStateChanged"}', False),
    ],
)
def test_what_is_kept_shortly(action: str, outcome: str, payload: str, *, bulk: bool) -> None:
    assert about.bulk("call", action, outcome, payload) is bulk
    assert not about.bulk("stray", action, outcome, payload)
    if bulk:
        assert not never_bulk(Filter(action=action)), "what is looked for is looked for where it is"
        assert never_bulk(Filter(action=action, outcome="error"))


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ({"connectorId": 2}, 2),
        ({"evseId": 2, "connectorId": 1}, 2),
        ({"evseId": 2, "connectorId": 2}, 102),
        ({"evse": {"id": 3}}, 3),
        ({"evse": {"id": 3, "connectorId": 2}}, 103),
        ({"evseId": 0}, 0),
        ({"evse": {"id": "x"}}, None),
        ({}, None),
    ],
)
def test_the_connector_that_a_call_is_about(said: dict[str, object], number: int | None) -> None:
    assert read.connector(said) == number


def test_a_key_names_the_moment_and_the_number() -> None:
    frame = Frame(
        model._EPOCH.replace(year=2026, microsecond=7), "A", 1, "in", "junk", None, None, None, None, None, None,
        2**62, False, None, None,
    )  # fmt: skip
    assert model.read_key(frame.key) == (frame.at, frame.nr)
