"""Words and types that several blocks share."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from msgspec import field

from zaryad.ocpp.v2.wire.base import (
    At,
    EvseNumber,
    Some,
    Text8,
    Text20,
    Text36,
    Text40,
    Text50,
    Text128,
    Text512,
    Text1024,
    Whole,
    Wire,
)

AcceptedOrUnknown = Literal["Accepted", "Unknown"]
AuthorizationStatus = Literal[
    "Accepted",
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
]
GenericDeviceModelStatus = Literal["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]
GenericStatus = Literal["Accepted", "Rejected"]
HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]
IdTokenKind = Literal["Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization"]
MessageFormat = Literal["ASCII", "HTML", "URI", "UTF8"]


class AdditionalInfo(Wire, frozen=True, kw_only=True):
    additional_id_token: Text36
    type: Text50


class IdToken(Wire, frozen=True, kw_only=True):
    id_token: Text36
    type: IdTokenKind
    additional_info: Some[AdditionalInfo] | None = None


class OCSPRequestData(Wire, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithm
    issuer_name_hash: Text128
    issuer_key_hash: Text128
    serial_number: Text40
    responder_url: Text512 = field(name="responderURL")


class MessageContent(Wire, frozen=True, kw_only=True):
    format: MessageFormat
    content: Text512
    language: Text8 | None = None


class IdTokenInfo(Wire, frozen=True, kw_only=True):
    status: AuthorizationStatus
    cache_expiry_date_time: At | None = None
    charging_priority: Whole | None = None
    language1: Text8 | None = None
    evse_id: Some[EvseNumber] | None = None
    group_id_token: IdToken | None = None
    language2: Text8 | None = None
    personal_message: MessageContent | None = None


class StatusInfo(Wire, frozen=True, kw_only=True):
    reason_code: Text20
    additional_info: Text1024 | None = None


class EVSE(Wire, frozen=True, kw_only=True):
    id: EvseNumber
    connector_id: EvseNumber | None = None


class CertificateHashData(Wire, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithm
    issuer_name_hash: Text128
    issuer_key_hash: Text128
    serial_number: Text40


class Component(Wire, frozen=True, kw_only=True):
    name: Text50
    evse: EVSE | None = None
    instance: Text50 | None = None


class Variable(Wire, frozen=True, kw_only=True):
    name: Text50
    instance: Text50 | None = None


class ComponentVariable(Wire, frozen=True, kw_only=True):
    component: Component
    variable: Variable | None = None
