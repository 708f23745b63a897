"""Words and types that several blocks share, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from msgspec import field

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, EvseNumber, Some, Text8, Text20, Text255, Text1024, Text2000, Whole, Wire

DERControl = Literal[
    "EnterService",
    "FreqDroop",
    "FreqWatt",
    "FixedPFAbsorb",
    "FixedPFInject",
    "FixedVar",
    "Gradients",
    "HFMustTrip",
    "HFMayTrip",
    "HVMustTrip",
    "HVMomCess",
    "HVMayTrip",
    "LimitMaxDischarge",
    "LFMustTrip",
    "LVMustTrip",
    "LVMomCess",
    "LVMayTrip",
    "PowerMonitoringMustTrip",
    "VoltVar",
    "VoltWatt",
    "WattPF",
    "WattVar",
]
MessageFormat = Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"]


class AdditionalInfo(wire.AdditionalInfo, frozen=True, kw_only=True):
    additional_id_token: Text255


class IdToken(Wire, frozen=True, kw_only=True):
    id_token: Text255
    type: Text20
    additional_info: Some[AdditionalInfo] | None = None


class OCSPRequestData(wire.OCSPRequestData, frozen=True, kw_only=True):
    responder_url: Text2000 = field(name="responderURL")


class MessageContent(Wire, frozen=True, kw_only=True):
    format: MessageFormat
    content: Text1024
    language: Text8 | None = None


class IdTokenInfo(Wire, frozen=True, kw_only=True):
    status: wire.AuthorizationStatus
    cache_expiry_date_time: At | None = None
    charging_priority: Whole | None = None
    group_id_token: IdToken | None = None
    language1: Text8 | None = None
    language2: Text8 | None = None
    evse_id: Some[EvseNumber] | None = None
    personal_message: MessageContent | None = None
