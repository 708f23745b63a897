"""Block K: smart charging."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2.wire.base import At, EvseNumber, Natural, OneEvse, Some, Whole, Wire
from zaryad.ocpp.v2.wire.needs import ChargingNeeds
from zaryad.ocpp.v2.wire.parts import AcceptedOrUnknown, GenericStatus, StatusInfo
from zaryad.ocpp.v2.wire.profiles import (
    ChargingProfile,
    ChargingProfilePurpose,
    ChargingRateUnit,
    ChargingSchedule,
    ChargingSchedulePeriod,
)

ChargingLimitSource = Literal["EMS", "Other", "SO", "CSO"]


class ClearChargingProfile(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber | None = None
    charging_profile_purpose: ChargingProfilePurpose | None = None
    stack_level: Natural | None = None


class ChargingProfileCriterion(Wire, frozen=True, kw_only=True):
    charging_profile_purpose: ChargingProfilePurpose | None = None
    stack_level: Natural | None = None
    charging_profile_id: Some[Whole] | None = None
    charging_limit_source: Annotated[list[ChargingLimitSource], Meta(min_length=1, max_length=4)] | None = None


class CompositeSchedule(Wire, frozen=True, kw_only=True):
    charging_schedule_period: Some[ChargingSchedulePeriod]
    evse_id: EvseNumber
    duration: Whole
    schedule_start: At
    charging_rate_unit: ChargingRateUnit


class ChargingLimit(Wire, frozen=True, kw_only=True):
    charging_limit_source: ChargingLimitSource
    is_grid_critical: bool | None = None


class SetChargingProfileRequest(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    charging_profile: ChargingProfile


class SetChargingProfileResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None


class ClearChargingProfileRequest(Wire, frozen=True, kw_only=True):
    charging_profile_id: Whole | None = None
    charging_profile_criteria: ClearChargingProfile | None = None


class ClearChargingProfileResponse(Wire, frozen=True, kw_only=True):
    status: AcceptedOrUnknown
    status_info: StatusInfo | None = None


class GetChargingProfilesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    charging_profile: ChargingProfileCriterion
    evse_id: EvseNumber | None = None


class GetChargingProfilesResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "NoProfiles"]
    status_info: StatusInfo | None = None


class GetCompositeScheduleRequest(Wire, frozen=True, kw_only=True):
    duration: Whole
    evse_id: EvseNumber
    charging_rate_unit: ChargingRateUnit | None = None


class GetCompositeScheduleResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None
    schedule: CompositeSchedule | None = None


class NotifyChargingLimitRequest(Wire, frozen=True, kw_only=True):
    charging_limit: ChargingLimit
    charging_schedule: Some[ChargingSchedule] | None = None
    evse_id: EvseNumber | None = None


class NotifyChargingLimitResponse(Wire, frozen=True):
    pass


class ClearedChargingLimitRequest(Wire, frozen=True, kw_only=True):
    charging_limit_source: ChargingLimitSource
    evse_id: EvseNumber | None = None


class ClearedChargingLimitResponse(Wire, frozen=True):
    pass


class ReportChargingProfilesRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    charging_limit_source: ChargingLimitSource
    charging_profile: Some[ChargingProfile]
    evse_id: EvseNumber
    tbc: bool | None = None


class ReportChargingProfilesResponse(Wire, frozen=True):
    pass


class NotifyEVChargingNeedsRequest(Wire, frozen=True, kw_only=True):
    charging_needs: ChargingNeeds
    evse_id: OneEvse
    max_schedule_tuples: Natural | None = None


class NotifyEVChargingNeedsResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Processing"]
    status_info: StatusInfo | None = None


class NotifyEVChargingScheduleRequest(Wire, frozen=True, kw_only=True):
    time_base: At
    charging_schedule: ChargingSchedule
    evse_id: OneEvse


class NotifyEVChargingScheduleResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None
