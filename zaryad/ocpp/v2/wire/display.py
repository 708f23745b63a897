"""Block O: messages on a station's display."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import At, Natural, Some, Text36, Whole, Wire
from zaryad.ocpp.v2.wire.parts import AcceptedOrUnknown, Component, MessageContent, StatusInfo

DisplayMessageStatus = Literal[
    "Accepted",
    "NotSupportedMessageFormat",
    "Rejected",
    "NotSupportedPriority",
    "NotSupportedState",
    "UnknownTransaction",
]
MessagePriority = Literal["AlwaysFront", "InFront", "NormalCycle"]


class MessageInfo(Wire, frozen=True, kw_only=True):
    id: Natural
    priority: MessagePriority
    message: MessageContent
    display: Component | None = None
    state: Literal["Charging", "Faulted", "Idle", "Unavailable"] | None = None
    start_date_time: At | None = None
    end_date_time: At | None = None
    transaction_id: Text36 | None = None


class SetDisplayMessageRequest(Wire, frozen=True, kw_only=True):
    message: MessageInfo


class SetDisplayMessageResponse(Wire, frozen=True, kw_only=True):
    status: DisplayMessageStatus
    status_info: StatusInfo | None = None


class GetDisplayMessagesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    id: Some[Natural] | None = None
    priority: MessagePriority | None = None
    state: Literal["Charging", "Faulted", "Idle", "Unavailable"] | None = None


class GetDisplayMessagesResponse(Wire, frozen=True, kw_only=True):
    status: AcceptedOrUnknown
    status_info: StatusInfo | None = None


class ClearDisplayMessageRequest(Wire, frozen=True, kw_only=True):
    id: Natural


class ClearDisplayMessageResponse(Wire, frozen=True, kw_only=True):
    status: AcceptedOrUnknown
    status_info: StatusInfo | None = None


class NotifyDisplayMessagesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    message_info: Some[MessageInfo] | None = None
    tbc: bool | None = None


class NotifyDisplayMessagesResponse(Wire, frozen=True):
    pass
