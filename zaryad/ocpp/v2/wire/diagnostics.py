"""Block N: logs and what a station knows of a customer."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import At, Natural, Text64, Text255, Text512, Whole, Wire
from zaryad.ocpp.v2.wire.parts import CertificateHashData, IdToken, StatusInfo

UploadLogStatus = Literal[
    "BadMessage",
    "Idle",
    "NotSupportedOperation",
    "PermissionDenied",
    "Uploaded",
    "UploadFailure",
    "Uploading",
    "AcceptedCanceled",
]


class LogParameters(Wire, frozen=True, kw_only=True):
    remote_location: Text512
    oldest_timestamp: At | None = None
    latest_timestamp: At | None = None


class GetLogRequest(Wire, frozen=True, kw_only=True):
    log: LogParameters
    log_type: Literal["DiagnosticsLog", "SecurityLog"]
    request_id: Whole
    retries: Natural | None = None
    retry_interval: Whole | None = None


class GetLogResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "AcceptedCanceled"]
    status_info: StatusInfo | None = None
    filename: Text255 | None = None


class LogStatusNotificationRequest(Wire, frozen=True, kw_only=True):
    status: UploadLogStatus
    request_id: Whole | None = None


class LogStatusNotificationResponse(Wire, frozen=True):
    pass


class CustomerInformationRequest(Wire, frozen=True, kw_only=True):
    request_id: Natural
    report: bool
    clear: bool
    customer_certificate: CertificateHashData | None = None
    id_token: IdToken | None = None
    customer_identifier: Text64 | None = None


class CustomerInformationResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Invalid"]
    status_info: StatusInfo | None = None


class NotifyCustomerInformationRequest(Wire, frozen=True, kw_only=True):
    data: Text512
    seq_no: Natural
    generated_at: At
    request_id: Natural
    tbc: bool | None = None


class NotifyCustomerInformationResponse(Wire, frozen=True):
    pass
