"""Charging profiles and the schedules and tariffs in them, which several blocks share, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, field

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, Natural, Percent, Phases, Text36, Text88, Text256, Whole, Wire
from zaryad.ocpp.v2.wire21.prices import AbsolutePriceSchedule, PriceLevelSchedule

ChargingProfilePurpose = Literal[
    "ChargingStationExternalConstraints",
    "ChargingStationMaxProfile",
    "TxDefaultProfile",
    "TxProfile",
    "PriorityCharging",
    "LocalGeneration",
]
OperationMode = Literal[
    "Idle",
    "ChargingOnly",
    "CentralSetpoint",
    "ExternalSetpoint",
    "ExternalLimits",
    "CentralFrequency",
    "LocalFrequency",
    "LocalLoadBalancing",
]


class V2XFreqWattPoint(Wire, frozen=True, kw_only=True):
    frequency: Decimal
    power: Decimal


class V2XSignalWattPoint(Wire, frozen=True, kw_only=True):
    signal: Whole
    power: Decimal


class ChargingSchedulePeriod(Wire, frozen=True, kw_only=True):
    start_period: Whole
    limit: Decimal | None = None
    limit_l2: Decimal | None = field(default=None, name="limit_L2")
    limit_l3: Decimal | None = field(default=None, name="limit_L3")
    number_phases: Phases | None = None
    phase_to_use: Phases | None = None
    discharge_limit: Decimal | None = None
    discharge_limit_l2: Decimal | None = field(default=None, name="dischargeLimit_L2")
    discharge_limit_l3: Decimal | None = field(default=None, name="dischargeLimit_L3")
    setpoint: Decimal | None = None
    setpoint_l2: Decimal | None = field(default=None, name="setpoint_L2")
    setpoint_l3: Decimal | None = field(default=None, name="setpoint_L3")
    setpoint_reactive: Decimal | None = None
    setpoint_reactive_l2: Decimal | None = field(default=None, name="setpointReactive_L2")
    setpoint_reactive_l3: Decimal | None = field(default=None, name="setpointReactive_L3")
    preconditioning_request: bool | None = None
    evse_sleep: bool | None = None
    v2x_baseline: Decimal | None = None
    operation_mode: OperationMode | None = None
    v2x_freq_watt_curve: Annotated[list[V2XFreqWattPoint], Meta(min_length=1, max_length=20)] | None = None
    v2x_signal_watt_curve: Annotated[list[V2XSignalWattPoint], Meta(min_length=1, max_length=20)] | None = None


class LimitAtSoC(Wire, frozen=True, kw_only=True):
    soc: Percent
    limit: Decimal


class ChargingSchedule(Wire, frozen=True, kw_only=True):
    id: Whole
    charging_rate_unit: wire.ChargingRateUnit
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod], Meta(min_length=1, max_length=1024)]
    limit_at_soc: LimitAtSoC | None = field(default=None, name="limitAtSoC")
    start_schedule: At | None = None
    duration: Whole | None = None
    min_charging_rate: Decimal | None = None
    power_tolerance: Decimal | None = None
    signature_id: Natural | None = None
    digest_value: Text88 | None = None
    use_local_time: bool | None = None
    randomized_delay: Natural | None = None
    sales_tariff: wire.SalesTariff | None = None
    absolute_price_schedule: AbsolutePriceSchedule | None = None
    price_level_schedule: PriceLevelSchedule | None = None


class ChargingProfile(Wire, frozen=True, kw_only=True):
    id: Whole
    stack_level: Natural
    charging_profile_purpose: ChargingProfilePurpose
    charging_profile_kind: Literal["Absolute", "Recurring", "Relative", "Dynamic"]
    charging_schedule: Annotated[list[ChargingSchedule], Meta(min_length=1, max_length=3)]
    recurrency_kind: Literal["Daily", "Weekly"] | None = None
    valid_from: At | None = None
    valid_to: At | None = None
    transaction_id: Text36 | None = None
    max_offline_duration: Whole | None = None
    invalid_after_offline_duration: bool | None = None
    dyn_update_interval: Whole | None = None
    dyn_update_time: At | None = None
    price_schedule_signature: Text256 | None = None
