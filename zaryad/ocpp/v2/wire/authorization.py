"""Blocks C and D: who may charge."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2.wire.base import Some, Text5500, Whole, Wire
from zaryad.ocpp.v2.wire.parts import GenericStatus, IdToken, IdTokenInfo, OCSPRequestData, StatusInfo

AuthorizeCertificateStatus = Literal[
    "Accepted",
    "SignatureError",
    "CertificateExpired",
    "CertificateRevoked",
    "NoCertificateAvailable",
    "CertChainError",
    "ContractCancelled",
]


class Authorization(Wire, frozen=True, kw_only=True):
    id_token: IdToken
    id_token_info: IdTokenInfo | None = None


class AuthorizeRequest(Wire, frozen=True, kw_only=True):
    id_token: IdToken
    certificate: Text5500 | None = None
    iso15118_certificate_hash_data: Annotated[list[OCSPRequestData], Meta(min_length=1, max_length=4)] | None = None


class AuthorizeResponse(Wire, frozen=True, kw_only=True):
    id_token_info: IdTokenInfo
    certificate_status: AuthorizeCertificateStatus | None = None


class ClearCacheRequest(Wire, frozen=True):
    pass


class ClearCacheResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None


class GetLocalListVersionRequest(Wire, frozen=True):
    pass


class GetLocalListVersionResponse(Wire, frozen=True, kw_only=True):
    version_number: Whole


class SendLocalListRequest(Wire, frozen=True, kw_only=True):
    version_number: Whole
    update_type: Literal["Differential", "Full"]
    local_authorization_list: Some[Authorization] | None = None


class SendLocalListResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Failed", "VersionMismatch"]
    status_info: StatusInfo | None = None
