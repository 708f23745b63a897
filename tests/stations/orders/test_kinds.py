"""The table of kinds: every order has its row, and every example is one that a station could be told."""

from __future__ import annotations

import typing

import msgspec
import pytest

from zaryad.app.order_words import sayable
from zaryad.kernel.errors import DomainError
from zaryad.link import orders as o
from zaryad.ocpp.codec import PROTOCOLS
from zaryad.stations.orders import check
from zaryad.stations.orders.bulk.model import CAME_TO, NEVER
from zaryad.stations.orders.kinds import KINDS, OrderKind
from zaryad.stations.orders.mask import hidden, masked
from zaryad.stations.orders.model import LIVES

ALL = typing.get_args(o.AnyOrder)


def example(kind: OrderKind) -> o.AnyOrder:
    return kind.read(msgspec.convert(kind.example, kind.body))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_an_example_is_one_that_some_version_can_say(kind: OrderKind) -> None:
    what = example(kind)
    check(what)
    assert msgspec.convert(msgspec.to_builtins(what), o.AnyOrder) == what
    said = {name: sayable(name, what) for name in PROTOCOLS}
    assert None in said.values(), said


def test_each_kind_is_named_once() -> None:
    assert len({kind.path for kind in KINDS}) == len(KINDS)
    assert {kind.order for kind in KINDS} == set(ALL) - {o.RawCall, o.SetProfile}
    assert {kind.__struct_config__.tag for kind in ALL} >= NEVER


def test_every_state_is_told_and_every_end_comes_to_something() -> None:
    assert set(LIVES) == set(o.OrderState)
    assert set(CAME_TO) == {state for state in o.OrderState if state.ended}


VARIABLE = o.Variable(component="SecurityCtrlr", name="BasicAuthPassword")


@pytest.mark.parametrize(
    "what",
    [
        o.ChangeConfiguration("AuthorizationKey", "s3cret"),
        o.WriteVariables((o.VariableSet(variable=VARIABLE, value="s3cret"),)),
        o.SetNetworkProfile(1, "wss://x", 2, password="s3cret" * 4),
        o.FetchLog("ftp://user:s3cret@files/logs"),
        o.RawCall("ChangeConfiguration", {"key": "AuthorizationKey", "value": "s3cret"}),
        o.RawCall(
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                        "attributeValue": "s3cret",
                    }
                ]
            },
        ),
        o.RawCall("SetNetworkProfile", {"connectionData": {"basicAuthPassword": "s3cret"}}),
        o.RawCall("GetLog", {"log": {"remoteLocation": "https://u:s3cret@files/"}}),
    ],
    ids=lambda what: type(what).__name__,
)
def test_what_is_secret_is_masked_and_still_an_order(what: o.AnyOrder) -> None:
    shown = msgspec.to_builtins(masked(what))
    assert "s3cret" not in str(shown)
    assert "***" in str(shown)
    assert masked(masked(what)) == masked(what)
    assert type(msgspec.convert(shown, o.AnyOrder)) is type(what)


def test_what_is_not_secret_stays() -> None:
    for what in (o.ChangeConfiguration("HeartbeatInterval", "60"), o.StartCharging(1, "CARD"), o.ClearCache()):
        assert masked(what) == what
    said = {"configurationKey": [{"key": "HeartbeatInterval", "value": "60", "readonly": False}], "status": "Accepted"}
    assert hidden(said) == said


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (o.StartCharging(1, "T\0"), "token"),
        (o.StartCharging(2**31, "T"), "connector"),
        (o.RawCall("Reset Soft", {}), "action"),
        (o.RawCall("Reset", {"x": "y" * 70_000}), "payload"),
        (o.RawCall("Reset", {"x": "\0"}), "payload"),
        (o.StopCharging("abc"), "charge_ref"),
        (o.CustomerData(True, False, token="T", customer="C"), "customer"),
        (o.CustomerData(False, False, token="T"), "report"),
        (o.SetMonitors((o.MonitorSet(variable=VARIABLE, kind="delta", value="1e", severity=5),)), "monitors[0].value"),
        (o.SetMonitors((o.MonitorSet(variable=VARIABLE, kind="delta", value="1", severity=10),)),
         "monitors[0].severity"),
        (o.SendLocalList(1, True, (o.ListEntry(token="A"),)), "entries[0].status"),
        (o.DeleteCertificate(o.CertificateHash(algorithm="sha256", issuer_name_hash="xx", issuer_key_hash="aa",
                                               serial="1")), "hash.issuer_name_hash"),
        (o.ComposeSchedule(1, 0), "duration_s"),
        (o.PublishFirmware("http://x/y", "abc"), "checksum"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_1_6_could_not_be_told_is_named_by_its_field(what: o.AnyOrder, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        check(what, "ocpp1.6")
    assert refused.value.facts["field"] == field
