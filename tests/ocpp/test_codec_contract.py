"""Plug & Charge of a 1.6 station: 2.0.1's messages inside DataTransfer, the same facts and orders."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.ocpp.said import HASH
from tests.ocpp.schemas import published
from tests.ocpp.test_codec_heard import ANSWERS, KINDS, answered, heard, spoken
from tests.ocpp.test_codec_orders import say
from tests.ocpp.test_schema_samples import full
from zaryad.link import answers, facts, orders
from zaryad.link.orders import OrderState
from zaryad.ocpp.rpc import Answered, Call

VENDOR = "org.openchargealliance.iso15118pnc"
HEARD = ("Authorize", "GetCertificateStatus", "Get15118EVCertificate", "SignCertificate")


def wrapped(action: str, body: object) -> dict[str, Any]:
    return {"vendorId": VENDOR, "messageId": action, "data": json.dumps(body)}


@pytest.mark.parametrize("action", HEARD)
def test_what_is_inside_is_the_same_fact_and_is_answered_inside(action: str) -> None:
    body = full("v201", f"{action}Request")
    inside, outside = heard("v16", "DataTransfer", wrapped(action, body)), heard("v201", action, body)
    assert inside.fact == outside.fact
    for answer in ANSWERS[KINDS[action]]:
        said = answered("v16", inside, answer)
        jsonschema.validate(said, published("v16")["DataTransferResponse"])
        assert said["status"] == "Accepted"
        assert json.loads(said["data"]) == answered("v201", outside, answer)


@pytest.mark.parametrize("data", ["{", "[]", "7", '{"idToken":7}', "{}"])
def test_what_cannot_be_read_inside_is_rejected(data: str) -> None:
    understood = heard("v16", "DataTransfer", {"vendorId": VENDOR, "messageId": "Authorize", "data": data})
    assert isinstance(understood.fact, facts.DataReceived)
    assert answered("v16", understood, answers.DataVerdict(answers.DataStatus.UNKNOWN_VENDOR)) == {"status": "Rejected"}


@pytest.mark.parametrize(
    "body",
    [
        {"vendorId": VENDOR, "messageId": "Reset", "data": "{}"},
        {"vendorId": VENDOR, "messageId": "Authorize"},
        {"vendorId": VENDOR},
        {"vendorId": "V", "messageId": "Authorize", "data": "{}"},
    ],
)
def test_what_is_not_of_it_is_a_vendors_own(body: dict[str, Any]) -> None:
    understood = heard("v16", "DataTransfer", body)
    assert isinstance(understood.fact, facts.DataReceived)
    verdict = answers.DataVerdict(answers.DataStatus.UNKNOWN_MESSAGE)
    assert answered("v16", understood, verdict) == {"status": "UnknownMessageId"}


ORDERS: list[tuple[orders.AnyOrder, str]] = [
    (orders.InstallCertificate(use="v2g_root", certificate="PEM"), "InstallCertificate"),
    (orders.DeleteCertificate(hash=HASH, use="mo_root"), "DeleteCertificate"),
    (orders.ListCertificates(uses=("v2g_root", "v2g_chain")), "GetInstalledCertificateIds"),
    (orders.GiveCertificate(chain="PEM", use="v2g"), "CertificateSigned"),
    (orders.Trigger(message="SignV2GCertificate"), "TriggerMessage"),
]


@pytest.mark.parametrize(("order", "action"), ORDERS, ids=[action for _, action in ORDERS])
def test_an_order_about_v2g_goes_inside(order: orders.AnyOrder, action: str) -> None:
    assert say("v201", order)[0] == action
    assert say("v16", order) == (
        "DataTransfer",
        {
            "vendorId": VENDOR,
            "messageId": action,
            "data": json.dumps(say("v201", order)[1], separators=(",", ":")),
        },
    )


@pytest.mark.parametrize(("order", "action"), ORDERS, ids=[action for _, action in ORDERS])
def test_the_answer_inside_is_what_counts(order: orders.AnyOrder, action: str) -> None:
    call = Call("1", "DataTransfer", msgspec.Raw(b"{}"))
    for inner, state in (
        ({"status": "Accepted"}, OrderState.DONE),
        ({"status": "Rejected"}, OrderState.REFUSED),
        ({"status": "Rejected", "statusInfo": {"reasonCode": "X"}}, OrderState.REFUSED),
    ):
        for data in (json.dumps(inner), inner):
            body = msgspec.Raw(json.dumps({"status": "Accepted", "data": data}).encode())
            outcome = spoken("v16").outcome(order, Answered(call, body))
            assert (outcome.state, outcome.detail) == (state, inner)
    for status, state in (("UnknownVendorId", OrderState.NOT_SUPPORTED), ("Rejected", OrderState.REFUSED)):
        body = msgspec.Raw(json.dumps({"status": status}).encode())
        assert spoken("v16").outcome(order, Answered(call, body)).state is state
    odd = Answered(call, msgspec.Raw(b'{"status":"Accepted","data":"["}'))
    assert spoken("v16").outcome(order, odd).state is OrderState.DONE
    assert action in spoken("v201").asked


def test_a_vendors_own_answer_is_not_looked_into() -> None:
    order = orders.SendData(vendor="V")
    body = msgspec.Raw(b'{"status":"Accepted","data":"{\\"status\\":\\"Rejected\\"}"}')
    outcome = spoken("v16").outcome(order, Answered(Call("1", "DataTransfer", msgspec.Raw(b"{}")), body))
    assert outcome.state is OrderState.DONE
    assert outcome.detail["data"] == '{"status":"Rejected"}'
