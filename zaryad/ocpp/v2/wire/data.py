"""Block P: data transfer."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Any, Literal

from zaryad.ocpp.v2.wire.base import Text50, Text255, Wire
from zaryad.ocpp.v2.wire.parts import StatusInfo

DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]


class DataTransferRequest(Wire, frozen=True, kw_only=True):
    vendor_id: Text255
    message_id: Text50 | None = None
    data: Any = None


class DataTransferResponse(Wire, frozen=True, kw_only=True):
    status: DataTransferStatus
    status_info: StatusInfo | None = None
    data: Any = None
