"""Every order in every version: valid by the published schema, or not sayable by name; and what its answer comes to."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.ocpp.said import AT, CHARGING, DAILY, FIRMWARE, NUMBER, SAID, VARIABLE
from tests.ocpp.schemas import published
from tests.ocpp.test_codec_heard import VERSIONS, asked, spoken
from tests.ocpp.test_schema_samples import encode
from zaryad.link import orders
from zaryad.link.orders import AnyOrder, OrderState
from zaryad.ocpp.codec import UnsayableError
from zaryad.ocpp.rpc import Answered, Call, Fault, Refused, Stray

BY_HAND = {
    "v16": orders.RawCall(action="Reset", payload={"type": "Hard"}),
    "v201": orders.RawCall(action="Reset", payload={"type": "OnIdle"}),
    "v21": orders.RawCall(action="AFRRSignal", payload={"timestamp": "2026-01-01T00:00:00Z", "signal": 1}),
}
CASES = [(order, version, action, body) for order, by, action, body in SAID for version in by]
EVERY = (*SAID, *((order, [version], order.action, json.dumps(order.payload)) for version, order in BY_HAND.items()))


def say(version: str, order: orders.Order) -> tuple[str, Any]:
    action, body = spoken(version).order(order, NUMBER)
    return action, json.loads(encode(body))


@pytest.mark.parametrize(
    ("order", "version", "action", "body"), CASES, ids=[f"{case[1]}-{type(case[0]).__name__}" for case in CASES]
)
def test_an_order_in_a_versions_words(order: AnyOrder, version: str, action: str, body: str) -> None:
    said = say(version, order)
    assert said == (action, json.loads(body))
    jsonschema.validate(said[1], published(version)[asked(version, action)])


@pytest.mark.parametrize("order", [case[0] for case in SAID], ids=lambda order: type(order).__name__)
def test_whatever_is_sayable_at_all_is_valid(order: AnyOrder) -> None:
    for version in VERSIONS:
        try:
            action, body = say(version, order)
        except UnsayableError as error:
            assert str(error)  # noqa: PT017  # a version need not say it
        else:
            jsonschema.validate(body, published(version)[asked(version, action)])


def test_every_kind_of_order_is_here_and_each_version_says_what_it_can() -> None:
    kinds = {type(case[0]) for case in EVERY}
    assert kinds == set(orders.AnyOrder.__args__)
    said = {version: {action for _, by, action, _ in SAID if version in by} for version in VERSIONS}
    assert said["v16"] == set(spoken("v16").asked)  # all 26
    assert said["v201"] | said["v21"] == set(spoken("v201").asked)  # all 40


@pytest.mark.parametrize(
    ("version", "order"),
    [
        ("v16", orders.StopCharging(charge_ref="tx")),
        ("v16", orders.StartCharging(connector=1, token="x" * 21)),
        ("v16", orders.ResetStation(connector=1)),
        ("v16", orders.Trigger(message="NotifyEvent")),
        ("v16", orders.ReportBase()),
        ("v16", orders.FetchLog(url="u", log="data_collector")),
        ("v16", orders.FetchLog(url="u", log="security", plain=True)),
        ("v16", orders.ListCertificates()),
        ("v16", orders.SetProfile(connector=1, profile=msgspec.structs.replace(DAILY, purpose="priority"))),
        ("v16", orders.SetProfile(connector=1, profile=msgspec.structs.replace(CHARGING, charge_ref="tx"))),
        ("v16", msgspec.structs.replace(FIRMWARE, install_at=AT + dt.timedelta(hours=1))),
        ("v201", orders.ReadConfiguration()),
        ("v201", orders.StartCharging(connector=1, token="x" * 37)),
        ("v201", orders.StartCharging(connector=1, token="KG1", token_kind="plate")),
        ("v201", orders.Trigger(message="CustomTrigger", custom="X")),
        ("v201", orders.SetNetworkProfile(slot=1, url="w", security_profile=1, protocol="ocpp2.1")),
        ("v201", orders.SetNetworkProfile(slot=1, url="w", security_profile=1, identity="I")),
        ("v201", orders.SetDisplay(message=orders.DisplayMessage(number=1, text="t", format="qrcode"))),
        ("v201", orders.ReadVariables(variables=())),
        ("v201", orders.GiveCertificate(chain="PEM", use="v2g20")),
        ("v21", orders.Trigger(message="Dance")),
        ("v21", orders.SetMonitors(monitors=(orders.MonitorSet(variable=VARIABLE, kind="delta", value="x"),))),
        ("v21", orders.InstallCertificate(use="v2g_chain", certificate="PEM")),
    ],
    ids=lambda case: case if isinstance(case, str) else type(case).__name__,
)
def test_what_a_version_cannot_say_is_not_said(version: str, order: AnyOrder) -> None:
    with pytest.raises(UnsayableError, match=r"."):
        say(version, order)


# By hand


@pytest.mark.parametrize(
    ("version", "action", "payload", "why"),
    [
        ("v16", "Reset", {"type": "OnIdle"}, r"\$\.type"),
        ("v201", "Reset", {"type": "OnIdle", "x": 1}, "x"),
        ("v201", "Reset", {"type": "OnIdle", "evseId": "1"}, r"\$\.evseId"),
        ("v201", "GetVariables", {"getVariableData": [{"component": {}}]}, r"\$\.getVariableData\[0\]\.component"),
        ("v201", "AFRRSignal", {}, "not asked"),
        ("v201", "BootNotification", {}, "not asked"),
        ("v21", "NotifyPeriodicEventStream", {}, "not asked"),
    ],
)
def test_a_call_by_hand_is_as_strict_as_ours(version: str, action: str, payload: dict[str, Any], why: str) -> None:
    with pytest.raises(UnsayableError, match=why):
        say(version, orders.RawCall(action=action, payload=payload))


def test_a_call_by_hand_ends_done_with_what_the_station_said() -> None:
    order, call = BY_HAND["v201"], Call("1", "Reset", msgspec.Raw(b"{}"))
    said = spoken("v201").outcome(order, Answered(call, msgspec.Raw(b'{"status":"Rejected"}')))
    assert (said.state, said.detail) == (OrderState.DONE, {"result": {"status": "Rejected"}})
    error = Refused(call, Fault.INTERNAL, "InternalError", "no", msgspec.Raw(b'{"a":1}'))
    said = spoken("v201").outcome(order, error)
    assert said.state is OrderState.DONE
    assert said.detail == {"callerror": {"code": "InternalError", "description": "no", "details": {"a": 1}}}
    late = spoken("v201").late(order, Stray("1", msgspec.Raw(b'{"status":"Accepted"}')))
    assert late.detail == {"result": {"status": "Accepted"}}


# Answers


def outcome(version: str, order: orders.Order, body: object) -> OrderState:
    raw = msgspec.Raw(json.dumps(body).encode())
    return spoken(version).outcome(order, Answered(Call("1", "X", msgspec.Raw(b"{}")), raw)).state


DONE, REFUSED, NOT = OrderState.DONE, OrderState.REFUSED, OrderState.NOT_SUPPORTED
WRITE, READ = orders.WriteVariables(variables=()), orders.ReadVariables(variables=())


@pytest.mark.parametrize(
    ("version", "order", "body", "state"),
    [
        ("v16", orders.ReadConfiguration(), {"configurationKey": []}, DONE),
        ("v16", FIRMWARE, {}, DONE),
        ("v16", orders.FetchLog(url="u", plain=True), {"fileName": "x"}, DONE),
        ("v16", orders.AskListVersion(), {"listVersion": 0}, DONE),
        ("v16", orders.AskListVersion(), {"listVersion": -1}, NOT),
        ("v16", orders.ClearProfiles(), {"status": "Unknown"}, DONE),
        ("v16", orders.UnlockConnector(connector=1), {"status": "NotSupported"}, NOT),
        ("v201", orders.AskListVersion(), {"versionNumber": 3}, DONE),
        ("v201", orders.AskListVersion(), {"listVersion": 3}, DONE),
        ("v201", orders.AskListVersion(), {}, REFUSED),
        ("v201", WRITE, {"setVariableResult": [{"attributeStatus": "RebootRequired"}]}, DONE),
        ("v201", WRITE, {"setVariableResult": [{"attributeStatus": "Rejected"}]}, REFUSED),
        (
            "v201",
            WRITE,
            {"setVariableResult": [{"attributeStatus": "Rejected"}, {"attributeStatus": "Accepted"}]},
            DONE,
        ),
        ("v201", WRITE, {"setVariableResult": []}, REFUSED),
        ("v201", READ, {"getVariableResult": [{"attributeStatus": "UnknownVariable"}]}, REFUSED),
        ("v201", orders.ClearMonitors(ids=(1,)), {"clearMonitoringResult": [{"status": "NotFound", "id": 1}]}, REFUSED),
        ("v201", orders.ReportBase(), {"status": "EmptyResultSet"}, DONE),
        ("v201", orders.ReportBase(), {"status": "NotSupported"}, NOT),
        ("v201", orders.ReportProfiles(), {"status": "NoProfiles"}, DONE),
        ("v201", orders.ListCertificates(), {"status": "NotFound"}, DONE),
        ("v201", orders.ReportDisplays(), {"status": "Unknown"}, DONE),
        ("v201", orders.AskTransaction(), {"messagesInQueue": False}, DONE),
        ("v201", orders.ShowCost(charge_ref="t", total_minor=1), {}, DONE),
        ("v201", orders.ResetStation(), {"status": "Scheduled"}, DONE),
        ("v201", orders.FetchLog(url="u"), {"status": "AcceptedCanceled"}, DONE),
        ("v201", FIRMWARE, {"status": "InvalidCertificate"}, REFUSED),
        ("v201", orders.UnlockConnector(connector=1), {"status": "OngoingAuthorizedTransaction"}, REFUSED),
        ("v201", orders.Trigger(message="Heartbeat"), {"status": "NotImplemented"}, NOT),
        ("v201", orders.ClearCache(), [], REFUSED),
        ("v201", orders.ClearCache(), {"status": ["odd"]}, REFUSED),
        ("v201", orders.ClearCache(), {}, REFUSED),
    ],
)
def test_what_an_answer_comes_to(version: str, order: AnyOrder, body: object, state: OrderState) -> None:
    assert outcome(version, order, body) is state
