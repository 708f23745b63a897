"""Blocks I, N, O and P of a 2.x station: what the screen says, what it knows of customers, and DataTransfer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.ocpp.v2 import wire
from zaryad.sandbox.kept import Display
from zaryad.sandbox.line import encode

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

Body = dict[str, Any]
After = Callable[[dt.datetime], None]
MESSAGES_MAX = 20
CHUNK = 512  # NotifyCustomerInformation.data
ECHO = "Echo"


def _show(station: Station2, asked: wire.SetDisplayMessageRequest, _now: dt.datetime) -> Body:
    it = asked.message
    if it.message.format not in station.device.words("DisplayMessageCtrlr/SupportedFormats"):
        return {"status": "NotSupportedMessageFormat"}
    if it.transaction_id is not None and station.charges.with_uid(it.transaction_id) is None:
        return {"status": "UnknownTransaction"}
    shown = station.memory.displays
    if it.id not in shown and len(shown) >= MESSAGES_MAX:
        return {"status": "Rejected"}
    if it.priority == "AlwaysFront":  # O01.FR.07: there is one such message
        for other in [d for d in shown.values() if d.raw["priority"] == "AlwaysFront"]:
            del shown[other.id]
    shown[it.id] = Display(it.id, msgspec.json.decode(encode(it)))
    return {"status": "Accepted"}


def _shown(station: Station2, asked: wire.GetDisplayMessagesRequest, _now: dt.datetime) -> Body | tuple[Body, After]:
    found = [
        it.raw
        for it in station.memory.displays.values()
        if (asked.id is None or it.id in asked.id)
        and asked.priority in (None, it.raw["priority"])
        and asked.state in (None, it.raw.get("state"))
    ]
    if not found:
        return {"status": "Unknown"}

    def tell(_at: dt.datetime) -> None:
        for number, it in enumerate(found):
            body: Body = {"requestId": asked.request_id, "messageInfo": [it]}
            station.ask("NotifyDisplayMessages", body | ({"tbc": True} if number < len(found) - 1 else {}))

    return {"status": "Accepted"}, tell


def _hide(station: Station2, asked: wire.ClearDisplayMessageRequest, _now: dt.datetime) -> Body:
    found = station.memory.displays.pop(asked.id, None)
    return {"status": "Unknown" if found is None else "Accepted"}


def _customer(
    station: Station2, asked: wire.CustomerInformationRequest, _now: dt.datetime
) -> Body | tuple[Body, After]:
    named = [it for it in (asked.id_token, asked.customer_identifier, asked.customer_certificate) if it is not None]
    if len(named) != 1:
        return {"status": "Invalid"}
    if not (asked.report or asked.clear):
        return {"status": "Rejected"}
    token = asked.id_token.id_token.upper() if asked.id_token is not None else None
    known = station.memory.cache.get(token) if token is not None else None
    listed = station.memory.local_list.get(token) if token is not None else None
    lines = [
        f"cache: {known.status}" if known is not None else "",
        f"list: {listed.status}" if listed is not None else "",
    ]
    data = "\n".join(line for line in lines if line)
    if asked.clear and token is not None:
        station.memory.cache.pop(token, None)

    def tell(at: dt.datetime) -> None:
        text = data if asked.report else ""
        parts = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)] or [""]
        for number, part in enumerate(parts):
            body: Body = {"requestId": asked.request_id, "seqNo": number, "data": part}
            body |= {"generatedAt": station.time_shown(at)} | ({"tbc": True} if number < len(parts) - 1 else {})
            station.ask("NotifyCustomerInformation", body)

    return {"status": "Accepted"}, tell


def _cost(station: Station2, asked: wire.CostUpdatedRequest, _now: dt.datetime) -> Body:
    charge = station.charges.with_uid(asked.transaction_id)
    if charge is not None:
        charge.cost = str(asked.total_cost)
    return {}


def _transfer(station: Station2, asked: wire.DataTransferRequest, _now: dt.datetime) -> Body:
    if asked.vendor_id != station.model.vendor:
        return {"status": "UnknownVendorId"}
    if asked.message_id != ECHO:
        return {"status": "UnknownMessageId"}
    return {"status": "Accepted"} | ({"data": asked.data} if asked.data is not None else {})


ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    "ClearDisplayMessage": _hide,
    "CostUpdated": _cost,
    "CustomerInformation": _customer,
    "DataTransfer": _transfer,
    "GetDisplayMessages": _shown,
    "SetDisplayMessage": _show,
}
