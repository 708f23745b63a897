"""Block F: what we ask of a station from afar."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import EvseNumber, OneEvse, Text36, Whole, Wire
from zaryad.ocpp.v2.wire.parts import EVSE, GenericStatus, IdToken, StatusInfo
from zaryad.ocpp.v2.wire.profiles import ChargingProfile

MessageTrigger = Literal[
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargingStationCertificate",
    "SignV2GCertificate",
    "StatusNotification",
    "TransactionEvent",
    "SignCombinedCertificate",
    "PublishFirmwareStatusNotification",
]
UnlockStatus = Literal["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"]


class RequestStartTransactionRequest(Wire, frozen=True, kw_only=True):
    id_token: IdToken
    remote_start_id: Whole
    evse_id: OneEvse | None = None
    group_id_token: IdToken | None = None
    charging_profile: ChargingProfile | None = None


class RequestStartTransactionResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None
    transaction_id: Text36 | None = None


class RequestStopTransactionRequest(Wire, frozen=True, kw_only=True):
    transaction_id: Text36


class RequestStopTransactionResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None


class UnlockConnectorRequest(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    connector_id: EvseNumber


class UnlockConnectorResponse(Wire, frozen=True, kw_only=True):
    status: UnlockStatus
    status_info: StatusInfo | None = None


class TriggerMessageRequest(Wire, frozen=True, kw_only=True):
    requested_message: MessageTrigger
    evse: EVSE | None = None


class TriggerMessageResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "NotImplemented"]
    status_info: StatusInfo | None = None
