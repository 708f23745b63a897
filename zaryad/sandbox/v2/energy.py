"""Block K of a 2.x station: charging profiles taken, thrown away, reported, told as one schedule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.link.station import evse_of
from zaryad.ocpp.v2 import wire
from zaryad.sandbox import limits
from zaryad.sandbox.kept import Period, Profile
from zaryad.sandbox.line import encode
from zaryad.sandbox.timekeeping import read, stamp

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

Body = dict[str, Any]
After = Callable[[dt.datetime], None]
PURPOSES = {
    "ChargingStationMaxProfile": "max",
    "ChargingStationExternalConstraints": "external",
    "TxDefaultProfile": "default",
    "TxProfile": "tx",
}
DAY_S = 86_400


def profile_of(said: wire.ChargingProfile, scope: int, uid: str | None) -> Profile:
    """Return a profile as the station keeps it: the first of its schedules counts."""
    schedule = said.charging_schedule[0]
    unit = schedule.charging_rate_unit
    periods = []
    for it in schedule.charging_schedule_period:
        # 2.1: a period may have a setpoint in place of a limit, or neither
        told: Decimal | None = it.limit
        limit = told if told is not None else getattr(it, "setpoint", None)
        mw = limits.milliwatts(Decimal(10**6) if limit is None else limit, unit, it.number_phases)
        periods.append(Period(it.start_period, max(0, mw)))
    return Profile(
        id=said.id,
        scope=scope,
        purpose=PURPOSES.get(said.charging_profile_purpose, "other"),  # type: ignore[arg-type]  # the table has our words
        stack=said.stack_level,
        kind=said.charging_profile_kind,
        periods=tuple(periods),
        recurrence=said.recurrency_kind,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        start=schedule.start_schedule,
        duration_s=schedule.duration,
        transaction=uid,
        raw=msgspec.json.decode(encode(said)),
    )


def _take(station: Station2, asked: wire.SetChargingProfileRequest, now: dt.datetime) -> Body:
    said, evse = asked.charging_profile, asked.evse_id
    why = _wrong(station, said, evse)
    if why is not None:
        return {"status": "Rejected", "statusInfo": {"reasonCode": why}}
    kept = profile_of(said, evse, said.transaction_id)
    station.memory.profiles = limits.placed(station.memory.profiles, kept, read(station.memory, now))
    return {"status": "Accepted"}


def _wrong(station: Station2, said: wire.ChargingProfile, evse: int) -> str | None:
    """Return the reason code of what is wrong with a profile (K01.FR.*)."""
    device, purpose, kind = station.device, said.charging_profile_purpose, said.charging_profile_kind
    periods = said.charging_schedule[0].charging_schedule_period
    starts = [it.start_period for it in periods]
    start = said.charging_schedule[0].start_schedule
    running = station.charges.with_uid(said.transaction_id) if said.transaction_id is not None else None
    checks = (
        ("UnsupportedRequest", not device.on("SmartChargingCtrlr/Enabled")),
        ("UnknownEvse", evse != 0 and evse not in {evse_of(n)[0] for n in station.outlets}),
        ("InvalidSchedule", starts[0] != 0 or starts != sorted(set(starts))),
        ("TooManyElements", len(periods) > device.number("SmartChargingCtrlr/PeriodsPerSchedule")),
        ("InvalidStackLevel", said.stack_level > device.number("SmartChargingCtrlr/ProfileStackLevel")),
        ("InvalidProfile", purpose == "ChargingStationExternalConstraints"),
        ("InvalidProfile", purpose == "ChargingStationMaxProfile" and (evse != 0 or kind == "Relative")),
        ("InvalidSchedule", kind in ("Absolute", "Recurring") and start is None),
        ("InvalidSchedule", kind == "Relative" and start is not None),
        ("TxNotFound", purpose == "TxProfile" and (running is None or evse_of(running.connector)[0] != evse)),
        ("InvalidProfile", purpose != "TxProfile" and said.transaction_id is not None),
        ("TooManyElements", len(station.memory.profiles) >= 50),
    )
    return next((code for code, wrong in checks if wrong), None)


def _clear(station: Station2, asked: wire.ClearChargingProfileRequest, _now: dt.datetime) -> Body:
    criteria = asked.charging_profile_criteria
    wanted: dict[str, object] = {}
    if asked.charging_profile_id is not None:
        wanted = {"id": asked.charging_profile_id}
    elif criteria is not None:
        purpose = criteria.charging_profile_purpose
        told = None if purpose is None else PURPOSES.get(purpose, "other")
        wanted = {"scope": criteria.evse_id, "purpose": told, "stack": criteria.stack_level}
    found = [it for it in limits.matching(station.memory.profiles, **wanted) if it.purpose != "external"]
    station.memory.profiles = [it for it in station.memory.profiles if it not in found]
    return {"status": "Accepted" if found else "Unknown"}


def _report(station: Station2, asked: wire.GetChargingProfilesRequest, _now: dt.datetime) -> Body | tuple[Body, After]:
    criteria = asked.charging_profile
    purpose = criteria.charging_profile_purpose
    told = None if purpose is None else PURPOSES.get(purpose, "other")
    found = limits.matching(station.memory.profiles, scope=asked.evse_id, purpose=told, stack=criteria.stack_level)
    ids = set(criteria.charging_profile_id or [it.id for it in found])
    sources = criteria.charging_limit_source
    found = [it for it in found if it.id in ids and (sources is None or "CSO" in sources)]
    if not found:
        return {"status": "NoProfiles"}

    def tell(_at: dt.datetime) -> None:
        for number, it in enumerate(found):
            body: Body = {"requestId": asked.request_id, "chargingLimitSource": "CSO", "evseId": it.scope}
            body |= {"tbc": True} if number < len(found) - 1 else {}
            station.ask("ReportChargingProfiles", body | {"chargingProfile": [it.raw]})

    return {"status": "Accepted"}, tell


def _composite(station: Station2, asked: wire.GetCompositeScheduleRequest, now: dt.datetime) -> Body:
    evse = asked.evse_id
    outlets = [o for n, o in station.outlets.items() if evse in (0, evse_of(n)[0])]
    if not outlets:
        return {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEvse"}}
    at = read(station.memory, now)
    charge = next((c for o in outlets if (c := station.charges.at(o)) is not None), None) if evse else None
    uid, began = (None, None) if charge is None else (charge.uid, charge.began_at)
    most = sum(o.model.power_w for o in outlets if evse or evse_of(o.model.number)[1] == 1) * limits.MW_PER_W
    window = (at, min(max(asked.duration, 0), DAY_S))
    periods = limits.schedule(station.memory.profiles, evse, uid, began, window, most)
    unit = asked.charging_rate_unit or "W"
    schedule = {
        "evseId": evse,
        "duration": asked.duration,
        "scheduleStart": stamp(at),
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [
            {"startPeriod": it.start_s, "limit": limits.in_unit(it.limit_mw, unit)} for it in periods
        ],
    }
    return {"status": "Accepted", "schedule": schedule}


ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    "ClearChargingProfile": _clear,
    "GetChargingProfiles": _report,
    "GetCompositeSchedule": _composite,
    "SetChargingProfile": _take,
}
