"""Block A: keys and security events."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import At, Text50, Text255, Text5500, Text10000, Wire
from zaryad.ocpp.v2.wire.parts import GenericStatus, StatusInfo


class SecurityEventNotificationRequest(Wire, frozen=True, kw_only=True):
    type: Text50
    timestamp: At
    tech_info: Text255 | None = None


class SecurityEventNotificationResponse(Wire, frozen=True):
    pass


class SignCertificateRequest(Wire, frozen=True, kw_only=True):
    csr: Text5500
    certificate_type: Literal["ChargingStationCertificate", "V2GCertificate"] | None = None


class SignCertificateResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None


class CertificateSignedRequest(Wire, frozen=True, kw_only=True):
    certificate_chain: Text10000
    certificate_type: Literal["ChargingStationCertificate", "V2GCertificate"] | None = None


class CertificateSignedResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None
