"""Our answers and orders in OCPP 1.6's words, and what a station's answer to an order comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from zaryad.link import answers, orders
from zaryad.link.orders import OrderState
from zaryad.ocpp.v16 import wire

INT_MAX = 2**31 - 1  # what every station can hold


class UnsayableError(Exception):
    """The order has no words in this version: it ends as not supported, unsent."""


# Answers to facts

TOKEN_STATUS: dict[answers.TokenStatus, wire.AuthorizationStatus] = {
    answers.TokenStatus.ACCEPTED: "Accepted",
    answers.TokenStatus.BLOCKED: "Blocked",
    answers.TokenStatus.EXPIRED: "Expired",
    answers.TokenStatus.INVALID: "Invalid",
    answers.TokenStatus.CONCURRENT: "ConcurrentTx",
    answers.TokenStatus.UNKNOWN: "Invalid",
    answers.TokenStatus.NO_CREDIT: "Blocked",
    answers.TokenStatus.NOT_HERE: "Invalid",
    answers.TokenStatus.NOT_NOW: "Invalid",
}
BOOT_STATUS: dict[answers.BootStatus, wire.RegistrationStatus] = {
    answers.BootStatus.ACCEPTED: "Accepted",
    answers.BootStatus.PENDING: "Pending",
    answers.BootStatus.REJECTED: "Rejected",
}
DATA_STATUS: dict[answers.DataStatus, wire.DataTransferStatus] = {
    answers.DataStatus.ACCEPTED: "Accepted",
    answers.DataStatus.REJECTED: "Rejected",
    answers.DataStatus.UNKNOWN_VENDOR: "UnknownVendorId",
    answers.DataStatus.UNKNOWN_MESSAGE: "UnknownMessageId",
}
NOTHING = wire.Empty()


def _time(at: dt.datetime) -> dt.datetime:
    """Return it in whole seconds: some stations cannot read the microseconds that Python would write."""
    return at.astimezone(dt.UTC).replace(microsecond=0)


def _token(verdict: answers.TokenVerdict) -> wire.IdTagInfo:
    group = verdict.group if verdict.group and len(verdict.group) <= 20 else None
    expires = None if verdict.expires_at is None else _time(verdict.expires_at)
    return wire.IdTagInfo(status=TOKEN_STATUS[verdict.status], expiry_date=expires, parent_id_tag=group)


def _began(verdict: answers.BeginVerdict) -> wire.StartAnswer:
    number = int(verdict.charge_ref)
    if not 0 < number <= INT_MAX:
        raise ValueError(f"{number} is no transaction id that stations can hold")
    return wire.StartAnswer(id_tag_info=_token(verdict.token), transaction_id=number)


ANSWERS: dict[type, Callable[[Any], wire.Wire]] = {
    answers.Noted: lambda _: NOTHING,
    answers.BootVerdict: lambda verdict: wire.BootAnswer(
        status=BOOT_STATUS[verdict.status], current_time=_time(verdict.now), interval=verdict.interval_s
    ),
    answers.TimeTold: lambda told: wire.HeartbeatAnswer(current_time=_time(told.now)),
    answers.TokenVerdict: lambda verdict: wire.AuthorizeAnswer(id_tag_info=_token(verdict)),
    answers.BeginVerdict: _began,
    answers.EndVerdict: lambda verdict: wire.StopAnswer(
        id_tag_info=None if verdict.token is None else _token(verdict.token)
    ),
    answers.DataVerdict: lambda verdict: wire.DataAnswer(status=DATA_STATUS[verdict.status], data=verdict.data),
}


# Orders


def _start(order: orders.StartCharging) -> wire.Wire:
    return wire.RemoteStartTransaction(connector_id=order.connector, id_tag=order.token)


def _stop(order: orders.StopCharging) -> wire.Wire:
    try:
        return wire.RemoteStopTransaction(transaction_id=int(order.charge_ref))
    except ValueError as error:
        raise UnsayableError("a transaction id of 1.6 is a number") from error


def _reset(order: orders.ResetStation) -> wire.Wire:
    return wire.Reset(type="Hard" if order.hard else "Soft")


def _unlock(order: orders.UnlockConnector) -> wire.Wire:
    return wire.UnlockConnector(connector_id=order.connector)


def _availability(order: orders.ChangeAvailability) -> wire.Wire:
    return wire.ChangeAvailability(connector_id=order.connector, type="Operative" if order.operative else "Inoperative")


def _read(order: orders.ReadConfiguration) -> wire.Wire:
    return wire.GetConfiguration(key=list(order.keys) or None)


def _change(order: orders.ChangeConfiguration) -> wire.Wire:
    return wire.ChangeConfiguration(key=order.key, value=order.value)


def _data(order: orders.SendData) -> wire.Wire:
    return wire.DataTransfer(vendor_id=order.vendor, message_id=order.message, data=order.data)


def _trigger(order: orders.Trigger) -> wire.Wire:
    return wire.TriggerMessage(requested_message=order.message, connector_id=order.connector)  # type: ignore[arg-type]  # `said` checks the word


# Order -> action, how it is said.
SAID: dict[type[orders.Order], tuple[str, Callable[[Any], wire.Wire]]] = {
    orders.StartCharging: ("RemoteStartTransaction", _start),
    orders.StopCharging: ("RemoteStopTransaction", _stop),
    orders.ResetStation: ("Reset", _reset),
    orders.UnlockConnector: ("UnlockConnector", _unlock),
    orders.ChangeAvailability: ("ChangeAvailability", _availability),
    orders.ReadConfiguration: ("GetConfiguration", _read),
    orders.ChangeConfiguration: ("ChangeConfiguration", _change),
    orders.ClearCache: ("ClearCache", lambda _: wire.ClearCache()),
    orders.SendData: ("DataTransfer", _data),
    orders.Trigger: ("TriggerMessage", _trigger),
}


def said(order: orders.Order) -> tuple[str, wire.Wire]:
    """Return the action and the body; UnsayableError when it would break the standard. Strict in what we send."""
    if type(order) not in SAID:
        raise UnsayableError("there is no such order in OCPP 1.6")
    action, encode = SAID[type(order)]
    body = encode(order)
    try:
        msgspec.convert(msgspec.to_builtins(body), type(body))
    except msgspec.ValidationError as error:
        raise UnsayableError(str(error)) from error
    return action, body


# Status word of an answer -> what the order comes to. A word that is missing here is a refusal.
STATES = {
    "Accepted": OrderState.DONE,
    "Unlocked": OrderState.DONE,
    "RebootRequired": OrderState.DONE,
    "Scheduled": OrderState.DONE,
    "NotSupported": OrderState.NOT_SUPPORTED,
    "NotImplemented": OrderState.NOT_SUPPORTED,
    "UnknownVendorId": OrderState.NOT_SUPPORTED,
    "UnknownMessageId": OrderState.NOT_SUPPORTED,
}


def outcome(order: orders.Order, body: dict[str, object]) -> OrderState:
    """Judge a station's answer softly: what matters is one word; GetConfiguration's has none."""
    if isinstance(order, orders.ReadConfiguration):
        return OrderState.DONE
    return STATES.get(str(body.get("status")), OrderState.REFUSED)
