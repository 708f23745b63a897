"""Charging profiles and the schedules and tariffs in them, which several blocks share."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2.wire.base import At, Natural, Phases, Text32, Text36, Whole, Wire

ChargingProfilePurpose = Literal[
    "ChargingStationExternalConstraints", "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile"
]
ChargingRateUnit = Literal["W", "A"]
CostKind = Literal["CarbonDioxideEmission", "RelativePricePercentage", "RenewableGenerationPercentage"]


class ChargingSchedulePeriod(Wire, frozen=True, kw_only=True):
    start_period: Whole
    limit: Decimal
    number_phases: Phases | None = None
    phase_to_use: Phases | None = None


class RelativeTimeInterval(Wire, frozen=True, kw_only=True):
    start: Whole
    duration: Whole | None = None


class Cost(Wire, frozen=True, kw_only=True):
    cost_kind: CostKind
    amount: Whole
    amount_multiplier: Whole | None = None


class ConsumptionCost(Wire, frozen=True, kw_only=True):
    start_value: Decimal
    cost: Annotated[list[Cost], Meta(min_length=1, max_length=3)]


class SalesTariffEntry(Wire, frozen=True, kw_only=True):
    relative_time_interval: RelativeTimeInterval
    e_price_level: Natural | None = None
    consumption_cost: Annotated[list[ConsumptionCost], Meta(min_length=1, max_length=3)] | None = None


class SalesTariff(Wire, frozen=True, kw_only=True):
    id: Natural
    sales_tariff_entry: Annotated[list[SalesTariffEntry], Meta(min_length=1, max_length=1024)]
    sales_tariff_description: Text32 | None = None
    num_e_price_levels: Natural | None = None


class ChargingSchedule(Wire, frozen=True, kw_only=True):
    id: Whole
    charging_rate_unit: ChargingRateUnit
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod], Meta(min_length=1, max_length=1024)]
    start_schedule: At | None = None
    duration: Whole | None = None
    min_charging_rate: Decimal | None = None
    sales_tariff: SalesTariff | None = None


class ChargingProfile(Wire, frozen=True, kw_only=True):
    id: Whole
    stack_level: Natural
    charging_profile_purpose: ChargingProfilePurpose
    charging_profile_kind: Literal["Absolute", "Recurring", "Relative"]
    charging_schedule: Annotated[list[ChargingSchedule], Meta(min_length=1, max_length=3)]
    recurrency_kind: Literal["Daily", "Weekly"] | None = None
    valid_from: At | None = None
    valid_to: At | None = None
    transaction_id: Text36 | None = None
