"""Charging profiles in 1.6's words (3.13, 5.16): taken, thrown away, told as one schedule."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.ocpp.v16 import wire
from zaryad.sandbox import limits
from zaryad.sandbox.kept import Period, Profile
from zaryad.sandbox.line import encode
from zaryad.sandbox.refusal import Refusal
from zaryad.sandbox.timekeeping import read, stamp

if TYPE_CHECKING:
    from zaryad.sandbox.station16 import Station16

PURPOSES = {"ChargePointMaxProfile": "max", "TxDefaultProfile": "default", "TxProfile": "tx"}
Body = dict[str, Any]


def profile_of(said: wire.ChargingProfile, scope: int, transaction: str | None) -> Profile:
    """Return a profile as the station keeps it."""
    schedule = said.charging_schedule
    periods = [
        Period(it.start_period, limits.milliwatts(it.limit, schedule.charging_rate_unit, it.number_phases))
        for it in schedule.charging_schedule_period
    ]
    return Profile(
        id=said.charging_profile_id,
        scope=scope,
        purpose=PURPOSES[said.charging_profile_purpose],  # type: ignore[arg-type]  # the table has our words
        stack=said.stack_level,
        kind=said.charging_profile_kind,
        periods=tuple(periods),
        recurrence=said.recurrency_kind,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        start=schedule.start_schedule,
        duration_s=schedule.duration,
        transaction=transaction,
        raw=msgspec.json.decode(encode(said)),
    )


def take(station: Station16, asked: wire.SetChargingProfile, now: dt.datetime) -> Body:
    """Answer SetChargingProfile; a connector that does not exist is an error (errata)."""
    said, number = asked.cs_charging_profiles, asked.connector_id
    if number and number not in station.outlets:
        raise Refusal("PropertyConstraintViolation", f"no connector {number}")
    purpose, starts = said.charging_profile_purpose, said.charging_schedule.charging_schedule_period
    ascending = [it.start_period for it in starts]
    bad = not starts or starts[0].start_period != 0 or ascending != sorted(set(ascending))
    bad |= said.stack_level > station.configuration.number("ChargeProfileMaxStackLevel")
    bad |= len(starts) > station.configuration.number("ChargingScheduleMaxPeriods")
    bad |= purpose == "ChargePointMaxProfile" and (number != 0 or said.charging_profile_kind == "Relative")
    transaction = None
    if purpose == "TxProfile":
        running = station.charges.at(station.outlets[number]) if number else None
        bad |= running is None or said.transaction_id not in (None, running.id)
        transaction = None if running is None else str(running.number)
    if bad or len(station.memory.profiles) >= station.configuration.number("MaxChargingProfilesInstalled"):
        return {"status": "Rejected"}
    station.memory.profiles = limits.placed(
        station.memory.profiles, profile_of(said, number, transaction), read(station.memory, now)
    )
    return {"status": "Accepted"}


def clear(station: Station16, asked: wire.ClearChargingProfile, _now: dt.datetime) -> Body:
    """Answer ClearChargingProfile: by id, or by everything else that is told."""
    purpose = None if asked.charging_profile_purpose is None else PURPOSES[asked.charging_profile_purpose]
    wanted: dict[str, object] = {"scope": asked.connector_id, "purpose": purpose, "stack": asked.stack_level}
    found = limits.matching(station.memory.profiles, **({"id": asked.id} if asked.id is not None else wanted))
    station.memory.profiles = [it for it in station.memory.profiles if it not in found]
    return {"status": "Accepted" if found else "Unknown"}


def composite(station: Station16, asked: wire.GetCompositeSchedule, now: dt.datetime) -> Body:
    """Answer GetCompositeSchedule."""
    number = asked.connector_id
    if number and number not in station.outlets:
        return {"status": "Rejected"}
    at = read(station.memory, now)
    transaction, began = station.transaction_at(number)
    outlets = [o for n, o in station.outlets.items() if number in (0, n)]
    most = sum(o.model.power_w for o in outlets) * limits.MW_PER_W
    window = (at, min(max(asked.duration, 0), 86_400))
    periods = limits.schedule(station.memory.profiles, number, transaction, began, window, most)
    unit = asked.charging_rate_unit or "W"
    return {
        "status": "Accepted",
        "connectorId": number,
        "scheduleStart": stamp(at),
        "chargingSchedule": {
            "duration": asked.duration,
            "startSchedule": stamp(at),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": it.start_s, "limit": limits.in_unit(it.limit_mw, unit)} for it in periods
            ],
        },
    }
