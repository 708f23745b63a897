"""Block O: messages on a station's display, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, Natural, Some, Text36, Whole, Wire
from zaryad.ocpp.v2.wire21.parts import MessageContent

DisplayMessageStatus = Literal[
    "Accepted",
    "NotSupportedMessageFormat",
    "Rejected",
    "NotSupportedPriority",
    "NotSupportedState",
    "UnknownTransaction",
    "LanguageNotSupported",
]
MessageState = Literal["Charging", "Faulted", "Idle", "Unavailable", "Suspended", "Discharging"]


class MessageInfo(Wire, frozen=True, kw_only=True):
    id: Natural
    priority: wire.MessagePriority
    message: MessageContent
    display: wire.Component | None = None
    state: MessageState | None = None
    start_date_time: At | None = None
    end_date_time: At | None = None
    transaction_id: Text36 | None = None
    message_extra: Annotated[list[MessageContent], Meta(min_length=1, max_length=4)] | None = None


class SetDisplayMessageRequest(Wire, frozen=True, kw_only=True):
    message: MessageInfo


class SetDisplayMessageResponse(Wire, frozen=True, kw_only=True):
    status: DisplayMessageStatus
    status_info: wire.StatusInfo | None = None


class GetDisplayMessagesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    id: Some[Natural] | None = None
    priority: wire.MessagePriority | None = None
    state: MessageState | None = None


class ClearDisplayMessageResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Unknown", "Rejected"]
    status_info: wire.StatusInfo | None = None


class NotifyDisplayMessagesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    message_info: Some[MessageInfo] | None = None
    tbc: bool | None = None
