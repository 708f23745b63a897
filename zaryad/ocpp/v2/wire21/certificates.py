"""Block M: certificates, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import (
    At,
    Natural,
    Some,
    Text255,
    Text2000,
    Text10000,
    Text11000,
    Text17000,
    Text18000,
    Wire,
)
from zaryad.ocpp.v2.wire21.parts import OCSPRequestData

GetCertificateIdUse = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "V2GCertificateChain",
    "ManufacturerRootCertificate",
    "OEMRootCertificate",
]
InstallCertificateUse = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "ManufacturerRootCertificate",
    "CSMSRootCertificate",
    "OEMRootCertificate",
]


class CertificateStatusRequestInfo(Wire, frozen=True, kw_only=True):
    certificate_hash_data: wire.CertificateHashData
    source: Literal["CRL", "OCSP"]
    urls: Annotated[list[Text2000], Meta(min_length=1, max_length=5)]


class CertificateStatus(Wire, frozen=True, kw_only=True):
    certificate_hash_data: wire.CertificateHashData
    source: Literal["CRL", "OCSP"]
    status: Literal["Good", "Revoked", "Unknown", "Failed"]
    next_update: At


class CertificateHashDataChain(Wire, frozen=True, kw_only=True):
    certificate_hash_data: wire.CertificateHashData
    certificate_type: GetCertificateIdUse
    child_certificate_hash_data: Annotated[list[wire.CertificateHashData], Meta(min_length=1, max_length=4)] | None = (
        None
    )


class InstallCertificateRequest(Wire, frozen=True, kw_only=True):
    certificate_type: InstallCertificateUse
    certificate: Text10000


class GetInstalledCertificateIdsRequest(Wire, frozen=True, kw_only=True):
    certificate_type: Some[GetCertificateIdUse] | None = None


class GetInstalledCertificateIdsResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "NotFound"]
    status_info: wire.StatusInfo | None = None
    certificate_hash_data_chain: Some[CertificateHashDataChain] | None = None


class GetCertificateStatusRequest(wire.GetCertificateStatusRequest, frozen=True, kw_only=True):
    ocsp_request_data: OCSPRequestData


class GetCertificateStatusResponse(wire.GetCertificateStatusResponse, frozen=True, kw_only=True):
    ocsp_result: Text18000 | None = None


class Get15118EVCertificateRequest(wire.Get15118EVCertificateRequest, frozen=True, kw_only=True):
    exi_request: Text11000
    maximum_contract_certificate_chains: Natural | None = None
    prioritized_emaids: Annotated[list[Text255], Meta(min_length=1, max_length=8)] | None = field(
        default=None, name="prioritizedEMAIDs"
    )


class Get15118EVCertificateResponse(wire.Get15118EVCertificateResponse, frozen=True, kw_only=True):
    exi_response: Text17000
    remaining_contracts: Natural | None = None


class GetCertificateChainStatusRequest(Wire, frozen=True, kw_only=True):
    certificate_status_requests: Annotated[list[CertificateStatusRequestInfo], Meta(min_length=1, max_length=4)]


class GetCertificateChainStatusResponse(Wire, frozen=True, kw_only=True):
    certificate_status: Annotated[list[CertificateStatus], Meta(min_length=1, max_length=4)]
