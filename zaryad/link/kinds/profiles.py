"""Orders about charging profiles: how much power, when. Limits are integers: watts times 10, or amperes times 10."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from zaryad.link.kinds.base import Order

Purpose = Literal[
    "station_max", "transaction_default", "transaction", "external", "priority", "local_generation"
]  # the last two: 2.1
ProfileKind = Literal["absolute", "recurring_daily", "recurring_weekly", "relative"]
RateUnit = Literal["watts", "amperes"]  # watts are of all phases together, amperes of each


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """From `start_s` seconds after the schedule's start, this much; one digit after the point (OCPP 1.6, 7.14)."""

    start_s: int
    limit_tenths: int
    phases: int | None = None
    phase_to_use: int | None = None


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Periods in ascending order, the first from 0."""

    unit: RateUnit
    periods: tuple[Period, ...]
    duration_s: int | None = None
    start_at: dt.datetime | None = None
    min_rate_tenths: int | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A charging profile; `number` is its id at the station."""

    number: int
    stack_level: int
    purpose: Purpose
    kind: ProfileKind
    schedule: Schedule
    charge_ref: str | None = None
    valid_from: dt.datetime | None = None
    valid_to: dt.datetime | None = None


class SetProfile(Order, frozen=True, tag="set_profile"):
    """SetChargingProfile; connector 0 is the whole station."""

    connector: int
    profile: Profile


class ClearProfiles(Order, frozen=True, tag="clear_profiles"):
    """ClearChargingProfile: by number, or by all of the others that are given together; nothing given: all."""

    number: int | None = None
    connector: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None


class ReportProfiles(Order, frozen=True, tag="report_profiles"):
    """GetChargingProfiles (2.x); they come as parts of a report."""

    connector: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None
    numbers: tuple[int, ...] = ()


class ComposeSchedule(Order, frozen=True, tag="compose_schedule"):
    """GetCompositeSchedule: what all profiles together come to in the next seconds."""

    connector: int
    duration_s: int
    unit: RateUnit | None = None
