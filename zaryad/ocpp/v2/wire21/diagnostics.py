"""Block N: logs and what a station knows of a customer, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import Natural, Text64, Text2000, Whole, Wire
from zaryad.ocpp.v2.wire21.parts import IdToken


class LogParameters(wire.LogParameters, frozen=True, kw_only=True):
    remote_location: Text2000


class GetLogRequest(Wire, frozen=True, kw_only=True):
    log: LogParameters
    log_type: Literal["DiagnosticsLog", "SecurityLog", "DataCollectorLog"]
    request_id: Whole
    retries: Natural | None = None
    retry_interval: Whole | None = None


class LogStatusNotificationRequest(wire.LogStatusNotificationRequest, frozen=True, kw_only=True):
    status_info: wire.StatusInfo | None = None


class CustomerInformationRequest(Wire, frozen=True, kw_only=True):
    request_id: Natural
    report: bool
    clear: bool
    customer_certificate: wire.CertificateHashData | None = None
    id_token: IdToken | None = None
    customer_identifier: Text64 | None = None
