"""Block M: certificates."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2.wire.base import Some, Text50, Text5500, Text5600, Text7500, Wire
from zaryad.ocpp.v2.wire.parts import CertificateHashData, OCSPRequestData, StatusInfo

GetCertificateIdUse = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "V2GCertificateChain",
    "ManufacturerRootCertificate",
]
InstallCertificateUse = Literal[
    "V2GRootCertificate", "MORootCertificate", "CSMSRootCertificate", "ManufacturerRootCertificate"
]


class CertificateHashDataChain(Wire, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData
    certificate_type: GetCertificateIdUse
    child_certificate_hash_data: Annotated[list[CertificateHashData], Meta(min_length=1, max_length=4)] | None = None


class InstallCertificateRequest(Wire, frozen=True, kw_only=True):
    certificate_type: InstallCertificateUse
    certificate: Text5500


class InstallCertificateResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Failed"]
    status_info: StatusInfo | None = None


class DeleteCertificateRequest(Wire, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData


class DeleteCertificateResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Failed", "NotFound"]
    status_info: StatusInfo | None = None


class GetInstalledCertificateIdsRequest(Wire, frozen=True, kw_only=True):
    certificate_type: Some[GetCertificateIdUse] | None = None


class GetInstalledCertificateIdsResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "NotFound"]
    status_info: StatusInfo | None = None
    certificate_hash_data_chain: Some[CertificateHashDataChain] | None = None


class GetCertificateStatusRequest(Wire, frozen=True, kw_only=True):
    ocsp_request_data: OCSPRequestData


class GetCertificateStatusResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Failed"]
    status_info: StatusInfo | None = None
    ocsp_result: Text5500 | None = None


class Get15118EVCertificateRequest(Wire, frozen=True, kw_only=True):
    iso15118_schema_version: Text50
    action: Literal["Install", "Update"]
    exi_request: Text5600


class Get15118EVCertificateResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Failed"]
    exi_response: Text7500
    status_info: StatusInfo | None = None
