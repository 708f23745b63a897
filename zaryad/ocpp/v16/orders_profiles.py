"""Orders about charging profiles, the local list and reservations in 1.6's words."""

from __future__ import annotations

from decimal import Decimal

from zaryad.link import orders
from zaryad.ocpp.strict import UnsayableError, whole_seconds, whole_seconds_if
from zaryad.ocpp.v16 import wire
from zaryad.ocpp.v16.answers import TOKEN_STATUS

Said = tuple[str, wire.Wire]

PURPOSES: dict[orders.Purpose, wire.ChargingProfilePurpose] = {
    "station_max": "ChargePointMaxProfile",
    "transaction_default": "TxDefaultProfile",
    "transaction": "TxProfile",
}
_UNITS: dict[orders.RateUnit, wire.ChargingRateUnit] = {"watts": "W", "amperes": "A"}


def purpose_said(purpose: orders.Purpose) -> wire.ChargingProfilePurpose:
    """Say what a profile is for."""
    try:
        return PURPOSES[purpose]
    except KeyError as error:
        raise UnsayableError(f"1.6 has no profiles for {purpose}") from error


def rate(tenths: int) -> Decimal:
    """Return a limit with one digit after the point at most."""
    whole, rest = divmod(tenths, 10)
    return Decimal(tenths).scaleb(-1) if rest else Decimal(whole)


def profile_said(profile: orders.Profile) -> wire.ChargingProfile:
    """Say a profile."""
    schedule = profile.schedule
    if any(period.phase_to_use is not None for period in schedule.periods):
        raise UnsayableError("1.6 cannot say which phase is used")
    try:
        transaction = None if profile.charge_ref is None else int(profile.charge_ref)
    except ValueError as error:
        raise UnsayableError("a transaction id of 1.6 is a number") from error
    return wire.ChargingProfile(
        charging_profile_id=profile.number,
        transaction_id=transaction,
        stack_level=profile.stack_level,
        charging_profile_purpose=purpose_said(profile.purpose),
        charging_profile_kind="Absolute"
        if profile.kind == "absolute"
        else "Relative"
        if profile.kind == "relative"
        else "Recurring",
        recurrency_kind="Daily"
        if profile.kind == "recurring_daily"
        else "Weekly"
        if profile.kind == "recurring_weekly"
        else None,
        valid_from=whole_seconds_if(profile.valid_from),
        valid_to=whole_seconds_if(profile.valid_to),
        charging_schedule=wire.ChargingSchedule(
            duration=schedule.duration_s,
            start_schedule=whole_seconds_if(schedule.start_at),
            charging_rate_unit=_UNITS[schedule.unit],
            charging_schedule_period=[
                wire.ChargingSchedulePeriod(
                    start_period=period.start_s, limit=rate(period.limit_tenths), number_phases=period.phases
                )
                for period in schedule.periods
            ],
            min_charging_rate=None if schedule.min_rate_tenths is None else rate(schedule.min_rate_tenths),
        ),
    )


def set_profile(order: orders.SetProfile, _number: int) -> Said:
    """Say SetChargingProfile."""
    return "SetChargingProfile", wire.SetChargingProfile(
        connector_id=order.connector, cs_charging_profiles=profile_said(order.profile)
    )


def clear_profiles(order: orders.ClearProfiles, _number: int) -> Said:
    """Say ClearChargingProfile: one by its number, else all that meet every criterion."""
    if order.number is not None:
        return "ClearChargingProfile", wire.ClearChargingProfile(id=order.number)
    return "ClearChargingProfile", wire.ClearChargingProfile(
        connector_id=order.connector,
        charging_profile_purpose=None if order.purpose is None else purpose_said(order.purpose),
        stack_level=order.stack_level,
    )


def compose(order: orders.ComposeSchedule, _number: int) -> Said:
    """Say GetCompositeSchedule."""
    return "GetCompositeSchedule", wire.GetCompositeSchedule(
        connector_id=order.connector,
        duration=order.duration_s,
        charging_rate_unit=None if order.unit is None else _UNITS[order.unit],
    )


def local_list(order: orders.SendLocalList, _number: int) -> Said:
    """Say SendLocalList; an entry without a status leaves the list."""
    return "SendLocalList", wire.SendLocalList(
        list_version=order.version,
        local_authorization_list=[_entry(entry) for entry in order.entries] or None,
        update_type="Full" if order.full else "Differential",
    )


def _entry(entry: orders.ListEntry) -> wire.AuthorizationData:
    info = None
    if entry.status is not None:
        info = wire.IdTagInfo(
            expiry_date=whole_seconds_if(entry.expires_at),
            parent_id_tag=entry.group,
            status=TOKEN_STATUS[entry.status],
        )
    return wire.AuthorizationData(id_tag=entry.token, id_tag_info=info)


def list_version(_order: orders.AskListVersion, _number: int) -> Said:
    """Say GetLocalListVersion."""
    return "GetLocalListVersion", wire.GetLocalListVersion()


def reserve(order: orders.Reserve, _number: int) -> Said:
    """Say ReserveNow."""
    return "ReserveNow", wire.ReserveNow(
        connector_id=order.connector,
        expiry_date=whole_seconds(order.expires_at),
        id_tag=order.token,
        parent_id_tag=order.group,
        reservation_id=order.reservation,
    )


def cancel_reservation(order: orders.CancelReservation, _number: int) -> Said:
    """Say CancelReservation."""
    return "CancelReservation", wire.CancelReservation(reservation_id=order.reservation)
