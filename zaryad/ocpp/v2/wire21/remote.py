"""Block F: what we ask of a station from afar, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import OneEvse, Text50, Whole, Wire
from zaryad.ocpp.v2.wire21.parts import IdToken
from zaryad.ocpp.v2.wire21.profiles import ChargingProfile

MessageTrigger = Literal[
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargingStationCertificate",
    "SignV2GCertificate",
    "SignV2G20Certificate",
    "StatusNotification",
    "TransactionEvent",
    "SignCombinedCertificate",
    "PublishFirmwareStatusNotification",
    "CustomTrigger",
]


class RequestStartTransactionRequest(Wire, frozen=True, kw_only=True):
    id_token: IdToken
    remote_start_id: Whole
    evse_id: OneEvse | None = None
    group_id_token: IdToken | None = None
    charging_profile: ChargingProfile | None = None


class TriggerMessageRequest(Wire, frozen=True, kw_only=True):
    requested_message: MessageTrigger
    evse: wire.EVSE | None = None
    custom_trigger: Text50 | None = None
