"""Block E: transactions."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from zaryad.ocpp.v2.wire.base import At, Natural, Phases, Some, Text36, Whole, Wire
from zaryad.ocpp.v2.wire.meter import MeterValue
from zaryad.ocpp.v2.wire.parts import EVSE, IdToken, IdTokenInfo, MessageContent

ChargingState = Literal["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]
Reason = Literal[
    "DeAuthorized",
    "EmergencyStop",
    "EnergyLimitReached",
    "EVDisconnected",
    "GroundFault",
    "ImmediateReset",
    "Local",
    "LocalOutOfCredit",
    "MasterPass",
    "Other",
    "OvercurrentFault",
    "PowerLoss",
    "PowerQuality",
    "Reboot",
    "Remote",
    "SOCLimitReached",
    "StoppedByEV",
    "TimeLimitReached",
    "Timeout",
]
TransactionEventType = Literal["Ended", "Started", "Updated"]
TriggerReason = Literal[
    "Authorized",
    "CablePluggedIn",
    "ChargingRateChanged",
    "ChargingStateChanged",
    "Deauthorized",
    "EnergyLimitReached",
    "EVCommunicationLost",
    "EVConnectTimeout",
    "MeterValueClock",
    "MeterValuePeriodic",
    "TimeLimitReached",
    "Trigger",
    "UnlockCommand",
    "StopAuthorized",
    "EVDeparted",
    "EVDetected",
    "RemoteStop",
    "RemoteStart",
    "AbnormalCondition",
    "SignedDataReceived",
    "ResetCommand",
]


class Transaction(Wire, frozen=True, kw_only=True):
    transaction_id: Text36
    charging_state: ChargingState | None = None
    time_spent_charging: Whole | None = None
    stopped_reason: Reason | None = None
    remote_start_id: Whole | None = None


class TransactionEventRequest(Wire, frozen=True, kw_only=True):
    event_type: TransactionEventType
    timestamp: At
    trigger_reason: TriggerReason
    seq_no: Natural
    transaction_info: Transaction
    meter_value: Some[MeterValue] | None = None
    offline: bool | None = None
    number_of_phases_used: Phases | None = None
    cable_max_current: Whole | None = None
    reservation_id: Natural | None = None
    evse: EVSE | None = None
    id_token: IdToken | None = None


class TransactionEventResponse(Wire, frozen=True, kw_only=True):
    total_cost: Decimal | None = None
    charging_priority: Whole | None = None
    id_token_info: IdTokenInfo | None = None
    updated_personal_message: MessageContent | None = None


class GetTransactionStatusRequest(Wire, frozen=True, kw_only=True):
    transaction_id: Text36 | None = None


class GetTransactionStatusResponse(Wire, frozen=True, kw_only=True):
    messages_in_queue: bool
    ongoing_indicator: bool | None = None
