"""Block A: keys and security events, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import Text5500, Text10000, Whole, Wire

CertificateSigningUse = Literal["ChargingStationCertificate", "V2GCertificate", "V2G20Certificate"]


class SignCertificateRequest(Wire, frozen=True, kw_only=True):
    csr: Text5500
    certificate_type: CertificateSigningUse | None = None
    hash_root_certificate: wire.CertificateHashData | None = None
    request_id: Whole | None = None


class CertificateSignedRequest(Wire, frozen=True, kw_only=True):
    certificate_chain: Text10000
    certificate_type: CertificateSigningUse | None = None
    request_id: Whole | None = None
