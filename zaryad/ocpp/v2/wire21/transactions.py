"""Block E: transactions, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, field

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, Natural, Percent, Phases, Some, Text3, Text36, Text60, Text500, Whole, Wire
from zaryad.ocpp.v2.wire21.cost import Price
from zaryad.ocpp.v2.wire21.meter import MeterValue
from zaryad.ocpp.v2.wire21.parts import IdToken, IdTokenInfo, MessageContent
from zaryad.ocpp.v2.wire21.profiles import OperationMode

CostDimensionKind = Literal["Energy", "MaxCurrent", "MinCurrent", "MaxPower", "MinPower", "IdleTIme", "ChargingTime"]
Reason = Literal[
    "DeAuthorized",
    "EmergencyStop",
    "EnergyLimitReached",
    "EVDisconnected",
    "GroundFault",
    "ImmediateReset",
    "MasterPass",
    "Local",
    "LocalOutOfCredit",
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
    "ReqEnergyTransferRejected",
]
TriggerReason = Literal[
    "AbnormalCondition",
    "Authorized",
    "CablePluggedIn",
    "ChargingRateChanged",
    "ChargingStateChanged",
    "CostLimitReached",
    "Deauthorized",
    "EnergyLimitReached",
    "EVCommunicationLost",
    "EVConnectTimeout",
    "EVDeparted",
    "EVDetected",
    "LimitSet",
    "MeterValueClock",
    "MeterValuePeriodic",
    "OperationModeChanged",
    "RemoteStart",
    "RemoteStop",
    "ResetCommand",
    "RunningCost",
    "SignedDataReceived",
    "SoCLimitReached",
    "StopAuthorized",
    "TariffChanged",
    "TariffNotAccepted",
    "TimeLimitReached",
    "Trigger",
    "TxResumed",
    "UnlockCommand",
]


class CostDimension(Wire, frozen=True, kw_only=True):
    type: CostDimensionKind
    volume: Decimal


class ChargingPeriod(Wire, frozen=True, kw_only=True):
    start_period: At
    dimensions: Some[CostDimension] | None = None
    tariff_id: Text60 | None = None


class TotalPrice(Wire, frozen=True, kw_only=True):
    excl_tax: Decimal | None = None
    incl_tax: Decimal | None = None


class TotalCost(Wire, frozen=True, kw_only=True):
    currency: Text3
    type_of_cost: Literal["NormalCost", "MinCost", "MaxCost"]
    total: TotalPrice
    fixed: Price | None = None
    energy: Price | None = None
    charging_time: Price | None = None
    idle_time: Price | None = None
    reservation_time: Price | None = None
    reservation_fixed: Price | None = None


class TotalUsage(Wire, frozen=True, kw_only=True):
    energy: Decimal
    charging_time: Whole
    idle_time: Whole
    reservation_time: Whole | None = None


class CostDetails(Wire, frozen=True, kw_only=True):
    total_cost: TotalCost
    total_usage: TotalUsage
    charging_periods: Some[ChargingPeriod] | None = None
    failure_to_calculate: bool | None = None
    failure_reason: Text500 | None = None


class TransactionLimit(Wire, frozen=True, kw_only=True):
    max_cost: Decimal | None = None
    max_energy: Decimal | None = None
    max_time: Whole | None = None
    max_soc: Percent | None = field(default=None, name="maxSoC")


class Transaction(Wire, frozen=True, kw_only=True):
    transaction_id: Text36
    charging_state: wire.ChargingState | None = None
    time_spent_charging: Whole | None = None
    stopped_reason: Reason | None = None
    remote_start_id: Whole | None = None
    operation_mode: OperationMode | None = None
    tariff_id: Text60 | None = None
    transaction_limit: TransactionLimit | None = None


class TransactionEventRequest(Wire, frozen=True, kw_only=True):
    event_type: wire.TransactionEventType
    timestamp: At
    trigger_reason: TriggerReason
    seq_no: Natural
    transaction_info: Transaction
    cost_details: CostDetails | None = None
    meter_value: Some[MeterValue] | None = None
    offline: bool | None = None
    number_of_phases_used: Phases | None = None
    cable_max_current: Whole | None = None
    reservation_id: Natural | None = None
    preconditioning_status: Literal["Unknown", "Ready", "NotReady", "Preconditioning"] | None = None
    evse_sleep: bool | None = None
    evse: wire.EVSE | None = None
    id_token: IdToken | None = None


class TransactionEventResponse(Wire, frozen=True, kw_only=True):
    total_cost: Decimal | None = None
    charging_priority: Whole | None = None
    id_token_info: IdTokenInfo | None = None
    transaction_limit: TransactionLimit | None = None
    updated_personal_message: MessageContent | None = None
    updated_personal_message_extra: Annotated[list[MessageContent], Meta(min_length=1, max_length=4)] | None = None
