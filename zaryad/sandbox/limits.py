"""How much power charging profiles leave (OCPP 1.6, 3.13; 2.x, block K). Own arithmetic, kept simple on purpose.

At each moment, of each purpose the valid profile with the highest stack level counts; one for the transaction replaces
the default; what the station as a whole may take is the upper bound of all. Amperes are per phase, of three at 230 V
where nothing else is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from zaryad.sandbox.kept import Period, Profile

MAINS_V = 230
PHASES = 3
MW_PER_W = 1_000
DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
FAR = dt.timedelta(days=3_650)

Limit = tuple[int | None, dt.datetime | None]  # power, and until when that surely holds


def milliwatts(value: Decimal, unit: str, phases: int | None) -> int:
    """Return a limit of a schedule as power in all."""
    watts = value if unit == "W" else value * MAINS_V * (phases or PHASES)
    return int((watts * MW_PER_W).to_integral_value(ROUND_HALF_UP))


def in_unit(limit_mw: int, unit: str) -> Decimal:
    """Return a limit as a schedule says it, to one decimal."""
    watts = Decimal(limit_mw) / MW_PER_W
    return (watts if unit == "W" else watts / (MAINS_V * PHASES)).quantize(Decimal("0.1"))


def placed(profiles: Iterable[Profile], new: Profile, at: dt.datetime) -> list[Profile]:
    """Return the profiles with a new one: it replaces its namesake, and whoever stands on its place.

    An absolute one that does not say when it starts does so at once.
    """
    if new.kind == "Absolute" and new.start is None:
        new = msgspec.structs.replace(new, start=at)

    def place(it: Profile) -> tuple[object, ...]:
        return it.scope, it.purpose, it.stack, it.transaction if it.purpose == "tx" else None

    return [*(it for it in profiles if it.id != new.id and place(it) != place(new)), new]


def of_station(profiles: Sequence[Profile], at: dt.datetime) -> Limit:
    """Return what all outlets may take together."""
    return _least(_highest([it for it in profiles if it.purpose == p], at, None) for p in ("max", "external"))


def of_outlet(
    profiles: Sequence[Profile], scope: int, transaction: str | None, began: dt.datetime | None, at: dt.datetime
) -> Limit:
    """Return what one outlet may take, whatever the others do."""
    own = [it for it in profiles if it.purpose == "tx" and it.scope == scope and it.transaction in (None, transaction)]
    found = _highest(own, at, began) if transaction is not None else (None, None)
    if found[0] is not None:
        return found
    until = found[1]
    for place in (scope, 0):
        default = [it for it in profiles if it.purpose == "default" and it.scope == place]
        limit, change = _highest(default, at, began)
        until = _sooner(until, change)
        if limit is not None:
            return limit, until
    return None, until


def schedule(  # noqa: PLR0917  # all of them decide
    profiles: Sequence[Profile],
    scope: int,
    transaction: str | None,
    began: dt.datetime | None,
    window: tuple[dt.datetime, int],
    most_mw: int,
) -> list[Period]:
    """Return the composite schedule of an outlet (0: the station) for so many seconds."""
    at, seconds = window
    end = at + dt.timedelta(seconds=seconds)
    periods: list[Period] = []
    moment = at
    while moment < end and len(periods) < 1_000:
        limits = [of_station(profiles, moment)]
        if scope:
            limits.append(of_outlet(profiles, scope, transaction, began, moment))
        limit, until = _least(limits)
        limit = most_mw if limit is None else min(limit, most_mw)
        if not periods or periods[-1].limit_mw != limit:
            periods.append(Period(int((moment - at).total_seconds()), limit))
        moment = end if until is None else max(until, moment + dt.timedelta(seconds=1))
    return periods or [Period(0, most_mw)]


def _highest(profiles: Sequence[Profile], at: dt.datetime, began: dt.datetime | None) -> Limit:
    until: dt.datetime | None = None
    for profile in sorted(profiles, key=lambda it: -it.stack):
        limit, change = _at(profile, at, began)
        until = _sooner(until, change)
        if limit is not None:
            return limit, until
    return None, until


def _at(profile: Profile, at: dt.datetime, began: dt.datetime | None) -> Limit:  # noqa: PLR0911  # each a rule
    if profile.valid_from is not None and at < profile.valid_from:
        return None, profile.valid_from
    if profile.valid_to is not None and at >= profile.valid_to:
        return None, None
    zero, end = _window(profile, at, began)
    if zero is None:
        return None, None
    if at < zero:
        return None, zero
    end = _sooner(end, profile.valid_to)
    if end is not None and at >= end:
        return None, _next_window(profile, zero)
    since = int((at - zero).total_seconds())
    found: int | None = None
    for period in profile.periods:
        if period.start_s > since:
            return found, _sooner(end, zero + dt.timedelta(seconds=period.start_s))
        found = period.limit_mw
    return found, end


def _window(
    profile: Profile, at: dt.datetime, began: dt.datetime | None
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return when its schedule begins and ends, as seen from this moment."""
    zero = profile.start
    if profile.kind == "Relative":
        zero = began
    elif profile.kind == "Recurring" and zero is not None:
        turn = WEEK if profile.recurrence == "Weekly" else DAY
        zero += (at - zero) // turn * turn if at >= zero else dt.timedelta()
    elif zero is None:
        zero = began or profile.valid_from
    if zero is None:
        return None, None
    end = None if profile.duration_s is None else zero + dt.timedelta(seconds=profile.duration_s)
    if profile.kind == "Recurring":
        end = _sooner(end, _next_window(profile, zero))
    return zero, end


def _next_window(profile: Profile, zero: dt.datetime) -> dt.datetime | None:
    if profile.kind != "Recurring":
        return None
    return zero + (WEEK if profile.recurrence == "Weekly" else DAY)


def _least(limits: Iterable[Limit]) -> Limit:
    least: int | None = None
    until: dt.datetime | None = None
    for limit, change in limits:
        least = limit if least is None else least if limit is None else min(least, limit)
        until = _sooner(until, change)
    return least, until


def _sooner(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    return other if one is None else one if other is None else min(one, other)


def matching(profiles: Iterable[Profile], **wanted: object) -> list[Profile]:
    """Return the profiles that have all these values; what is None is not asked for."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    return [it for it in profiles if all(getattr(it, name) == value for name, value in asked.items())]


def without_transaction(profiles: Iterable[Profile], uid: str) -> list[Profile]:
    """Return what is left when a transaction has ended."""
    return [it for it in profiles if not (it.purpose == "tx" and it.transaction == uid)]


def for_transaction(profile: Profile, uid: str) -> Profile:
    """Bind a profile that came with a remote start."""
    return msgspec.structs.replace(profile, transaction=uid)
