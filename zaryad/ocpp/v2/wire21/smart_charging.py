"""Block K: smart charging, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, field

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, EvseNumber, Natural, OneEvse, Some, Text20, Text36, Whole, Wire
from zaryad.ocpp.v2.wire21.needs import ChargingNeeds
from zaryad.ocpp.v2.wire21.profiles import (
    ChargingProfile,
    ChargingProfilePurpose,
    ChargingSchedule,
    ChargingSchedulePeriod,
)


class ClearChargingProfile(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber | None = None
    charging_profile_purpose: ChargingProfilePurpose | None = None
    stack_level: Natural | None = None


class ChargingProfileCriterion(Wire, frozen=True, kw_only=True):
    charging_profile_purpose: ChargingProfilePurpose | None = None
    stack_level: Natural | None = None
    charging_profile_id: Some[Whole] | None = None
    charging_limit_source: Annotated[list[Text20], Meta(min_length=1, max_length=4)] | None = None


class CompositeSchedule(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    duration: Whole
    schedule_start: At
    charging_rate_unit: wire.ChargingRateUnit
    charging_schedule_period: Some[ChargingSchedulePeriod]


class ChargingLimit(Wire, frozen=True, kw_only=True):
    charging_limit_source: Text20
    is_local_generation: bool | None = None
    is_grid_critical: bool | None = None


class ChargingScheduleUpdate(Wire, frozen=True, kw_only=True):
    limit: Decimal | None = None
    limit_l2: Decimal | None = field(default=None, name="limit_L2")
    limit_l3: Decimal | None = field(default=None, name="limit_L3")
    discharge_limit: Decimal | None = None
    discharge_limit_l2: Decimal | None = field(default=None, name="dischargeLimit_L2")
    discharge_limit_l3: Decimal | None = field(default=None, name="dischargeLimit_L3")
    setpoint: Decimal | None = None
    setpoint_l2: Decimal | None = field(default=None, name="setpoint_L2")
    setpoint_l3: Decimal | None = field(default=None, name="setpoint_L3")
    setpoint_reactive: Decimal | None = None
    setpoint_reactive_l2: Decimal | None = field(default=None, name="setpointReactive_L2")
    setpoint_reactive_l3: Decimal | None = field(default=None, name="setpointReactive_L3")


class SetChargingProfileRequest(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    charging_profile: ChargingProfile


class ClearChargingProfileRequest(Wire, frozen=True, kw_only=True):
    charging_profile_id: Whole | None = None
    charging_profile_criteria: ClearChargingProfile | None = None


class GetChargingProfilesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    charging_profile: ChargingProfileCriterion
    evse_id: EvseNumber | None = None


class GetCompositeScheduleResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    status_info: wire.StatusInfo | None = None
    schedule: CompositeSchedule | None = None


class NotifyChargingLimitRequest(Wire, frozen=True, kw_only=True):
    charging_limit: ChargingLimit
    charging_schedule: Some[ChargingSchedule] | None = None
    evse_id: EvseNumber | None = None


class ClearedChargingLimitRequest(Wire, frozen=True, kw_only=True):
    charging_limit_source: Text20
    evse_id: EvseNumber | None = None


class ReportChargingProfilesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    charging_limit_source: Text20
    charging_profile: Some[ChargingProfile]
    evse_id: EvseNumber
    tbc: bool | None = None


class NotifyEVChargingNeedsRequest(Wire, frozen=True, kw_only=True):
    evse_id: OneEvse
    charging_needs: ChargingNeeds
    max_schedule_tuples: Natural | None = None
    timestamp: At | None = None


class NotifyEVChargingNeedsResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Processing", "NoChargingProfile"]
    status_info: wire.StatusInfo | None = None


class NotifyEVChargingScheduleRequest(Wire, frozen=True, kw_only=True):
    time_base: At
    charging_schedule: ChargingSchedule
    evse_id: OneEvse
    selected_charging_schedule_id: Natural | None = None
    power_tolerance_acceptance: bool | None = None


class PullDynamicScheduleUpdateRequest(Wire, frozen=True, kw_only=True):
    charging_profile_id: Whole


class PullDynamicScheduleUpdateResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    schedule_update: ChargingScheduleUpdate | None = None
    status_info: wire.StatusInfo | None = None


class UpdateDynamicScheduleRequest(Wire, frozen=True, kw_only=True):
    charging_profile_id: Whole
    schedule_update: ChargingScheduleUpdate


class UpdateDynamicScheduleResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    status_info: wire.StatusInfo | None = None


class NotifyPriorityChargingRequest(Wire, frozen=True, kw_only=True):
    transaction_id: Text36
    activated: bool


class NotifyPriorityChargingResponse(Wire, frozen=True):
    pass


class UsePriorityChargingRequest(Wire, frozen=True, kw_only=True):
    transaction_id: Text36
    activate: bool


class UsePriorityChargingResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "NoProfile"]
    status_info: wire.StatusInfo | None = None
