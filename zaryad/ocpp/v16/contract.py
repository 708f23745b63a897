"""Plug & Charge for 1.6 (OCA application note): 2.0.1's messages as JSON text inside DataTransfer, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from zaryad.link import orders
from zaryad.link.facts import Fact
from zaryad.ocpp.rows import Row, ToAnswer, row
from zaryad.ocpp.v2 import answers as answers2
from zaryad.ocpp.v2 import facts as facts2
from zaryad.ocpp.v2 import orders as orders2
from zaryad.ocpp.v2 import wire as wire2
from zaryad.ocpp.v16 import wire

VENDOR = "org.openchargealliance.iso15118pnc"
TRIGGERS = frozenset({"SignV2GCertificate", "SignCombinedCertificate"})
_HEARD = ("Authorize", "GetCertificateStatus", "Get15118EVCertificate", "SignCertificate")
_NATIVE = frozenset({"csms_root", "manufacturer_root"})

_encode = msgspec.json.Encoder(decimal_format="number").encode
_say = orders2.sayer(wire2.TO_STATION, newer=False)


def _wrapped(say: ToAnswer) -> ToAnswer:
    def wrapped(fact: Fact, answer: object) -> wire.DataAnswer:
        return wire.DataAnswer(status="Accepted", data=_encode(say(fact, answer)).decode())

    return wrapped


def _rows() -> Mapping[str, Row]:
    to_fact, to_answer = facts2.to_fact("ocpp1.6"), answers2.to_answer(newer=False)
    return {
        action: row(wire2.FROM_STATION[action][0], to_fact[action], _wrapped(to_answer[action])) for action in _HEARD
    }


_ROWS = _rows()


def inside(said: wire.DataTransfer) -> tuple[Row, bytes] | None:
    """Return what a DataTransfer carries, and how it is read; None for a vendor's own."""
    if said.vendor_id.lower() != VENDOR or said.message_id is None or said.data is None:
        return None
    found = _ROWS.get(said.message_id)
    return None if found is None else (found, said.data.encode())


def rejected(_fact: Fact, _answer: object) -> wire.DataAnswer:
    """Answer what could not be read inside of a DataTransfer."""
    return wire.DataAnswer(status="Rejected")


def said(order: orders.Order, number: int) -> tuple[str, wire.Wire]:
    """Say an order inside DataTransfer."""
    action, body = _say(order, number)
    return "DataTransfer", wire.DataTransfer(vendor_id=VENDOR, message_id=action, data=_encode(body).decode())


def opened(order: orders.Order, body: dict[str, object]) -> dict[str, object]:
    """Return an answer out of its DataTransfer; as it is when it does not carry one."""
    if body.get("status") != "Accepted" or not _is_inside(order):
        return body
    inner: Any = body.get("data")
    if isinstance(inner, str):
        try:
            inner = msgspec.json.decode(inner)
        except (ValueError, RecursionError):
            return body
    return inner if isinstance(inner, dict) else body


def _is_inside(order: orders.Order) -> bool:
    match order:
        case orders.InstallCertificate(use=use):
            return use not in _NATIVE
        case orders.DeleteCertificate(use=use):
            return use is not None and use not in _NATIVE
        case orders.ListCertificates(uses=uses):
            return bool(uses) and not _NATIVE.intersection(uses)
        case orders.GiveCertificate(use=use):
            return use != "station"
        case orders.Trigger(message=message):
            return message in TRIGGERS
    return False
