"""Profile Smart Charging: charging profiles and schedules."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from zaryad.ocpp.v16.wire.base import AcceptedRejected, At, Connector, Wire

ChargingProfilePurpose = Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]
ChargingRateUnit = Literal["A", "W"]


class ChargingSchedulePeriod(Wire, frozen=True, kw_only=True):
    start_period: int
    limit: Decimal  # to one decimal
    number_phases: int | None = None


class ChargingSchedule(Wire, frozen=True, kw_only=True):
    duration: int | None = None
    start_schedule: At | None = None
    charging_rate_unit: ChargingRateUnit
    charging_schedule_period: list[ChargingSchedulePeriod]
    min_charging_rate: Decimal | None = None


class ChargingProfile(Wire, frozen=True, kw_only=True):
    charging_profile_id: int
    transaction_id: int | None = None
    stack_level: int
    charging_profile_purpose: ChargingProfilePurpose
    charging_profile_kind: Literal["Absolute", "Recurring", "Relative"]
    recurrency_kind: Literal["Daily", "Weekly"] | None = None
    valid_from: At | None = None
    valid_to: At | None = None
    charging_schedule: ChargingSchedule


class SetChargingProfile(Wire, frozen=True, kw_only=True):
    connector_id: Connector
    cs_charging_profiles: ChargingProfile


class SetProfileAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Rejected", "NotSupported"]


class ClearChargingProfile(Wire, frozen=True, kw_only=True):
    id: int | None = None
    connector_id: Connector | None = None
    charging_profile_purpose: ChargingProfilePurpose | None = None
    stack_level: int | None = None


class ClearProfileAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Unknown"]


class GetCompositeSchedule(Wire, frozen=True, kw_only=True):
    connector_id: Connector
    duration: int
    charging_rate_unit: ChargingRateUnit | None = None


class CompositeSchedule(Wire, frozen=True, kw_only=True):
    status: AcceptedRejected
    connector_id: Connector | None = None
    schedule_start: At | None = None
    charging_schedule: ChargingSchedule | None = None
