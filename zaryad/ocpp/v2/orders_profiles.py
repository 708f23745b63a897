"""Orders about charging profiles in 2.x's words."""

from __future__ import annotations

from decimal import Decimal

from zaryad.link import orders
from zaryad.link.station import evse_of
from zaryad.ocpp.strict import whole_seconds_if
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import KINDS, PURPOSES, UNITS


def rate(tenths: int) -> Decimal:
    """Return a limit as 2.x writes it, with one digit after the point at most."""
    whole, rest = divmod(tenths, 10)
    return Decimal(tenths).scaleb(-1) if rest else Decimal(whole)


def profile_said(profile: orders.Profile) -> wire21.ChargingProfile:
    """Say a profile; its schedule has the profile's number."""
    kind, again = KINDS[profile.kind]
    schedule = profile.schedule
    return wire21.ChargingProfile(
        id=profile.number,
        stack_level=profile.stack_level,
        charging_profile_purpose=PURPOSES[profile.purpose],  # type: ignore[arg-type]  # the tables hold its words
        charging_profile_kind=kind,  # type: ignore[arg-type]  # as above
        recurrency_kind=again,  # type: ignore[arg-type]  # as above
        valid_from=whole_seconds_if(profile.valid_from),
        valid_to=whole_seconds_if(profile.valid_to),
        transaction_id=profile.charge_ref,
        charging_schedule=[
            wire21.ChargingSchedule(
                id=profile.number,
                charging_rate_unit=UNITS[schedule.unit],  # type: ignore[arg-type]  # as above
                start_schedule=whole_seconds_if(schedule.start_at),
                duration=schedule.duration_s,
                min_charging_rate=None if schedule.min_rate_tenths is None else rate(schedule.min_rate_tenths),
                charging_schedule_period=[
                    wire21.ChargingSchedulePeriod(
                        start_period=period.start_s,
                        limit=rate(period.limit_tenths),
                        number_phases=period.phases,
                        phase_to_use=period.phase_to_use,
                    )
                    for period in schedule.periods
                ],
            )
        ],
    )


def set_profile(order: orders.SetProfile, _number: int) -> wire.Wire:
    """Say SetChargingProfile."""
    return wire21.SetChargingProfileRequest(
        evse_id=evse_of(order.connector)[0], charging_profile=profile_said(order.profile)
    )


def clear_profiles(order: orders.ClearProfiles, _number: int) -> wire.Wire:
    """Say ClearChargingProfile: one by its number, else all that meet every criterion, which may be none."""
    if order.number is not None:
        return wire21.ClearChargingProfileRequest(charging_profile_id=order.number)
    return wire21.ClearChargingProfileRequest(
        charging_profile_criteria=wire21.ClearChargingProfile(
            evse_id=None if order.connector is None else evse_of(order.connector)[0],
            charging_profile_purpose=None if order.purpose is None else PURPOSES[order.purpose],  # type: ignore[arg-type]  # its words
            stack_level=order.stack_level,
        )
    )


def report_profiles(order: orders.ReportProfiles, number: int) -> wire.Wire:
    """Say GetChargingProfiles."""
    return wire21.GetChargingProfilesRequest(
        request_id=number,
        evse_id=None if order.connector is None else evse_of(order.connector)[0],
        charging_profile=wire21.ChargingProfileCriterion(
            charging_profile_purpose=None if order.purpose is None else PURPOSES[order.purpose],  # type: ignore[arg-type]  # its words
            stack_level=order.stack_level,
            charging_profile_id=list(order.numbers) or None,
        ),
    )


def compose(order: orders.ComposeSchedule, _number: int) -> wire.Wire:
    """Say GetCompositeSchedule."""
    return wire.GetCompositeScheduleRequest(
        duration=order.duration_s,
        evse_id=evse_of(order.connector)[0],
        charging_rate_unit=None if order.unit is None else UNITS[order.unit],  # type: ignore[arg-type]  # its words
    )
