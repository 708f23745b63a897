"""Blocks C and D: who may charge, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import Some, Text10000, Whole, Wire
from zaryad.ocpp.v2.wire21.cost import Tariff
from zaryad.ocpp.v2.wire21.needs import EnergyTransferMode
from zaryad.ocpp.v2.wire21.parts import IdToken, IdTokenInfo, OCSPRequestData


class Authorization(Wire, frozen=True, kw_only=True):
    id_token: IdToken
    id_token_info: IdTokenInfo | None = None


class AuthorizeRequest(Wire, frozen=True, kw_only=True):
    id_token: IdToken
    certificate: Text10000 | None = None
    iso15118_certificate_hash_data: Annotated[list[OCSPRequestData], Meta(min_length=1, max_length=4)] | None = None


class AuthorizeResponse(Wire, frozen=True, kw_only=True):
    id_token_info: IdTokenInfo
    certificate_status: wire.AuthorizeCertificateStatus | None = None
    allowed_energy_transfer: Some[EnergyTransferMode] | None = None
    tariff: Tariff | None = None


class SendLocalListRequest(Wire, frozen=True, kw_only=True):
    version_number: Whole
    update_type: Literal["Differential", "Full"]
    local_authorization_list: Some[Authorization] | None = None
