"""What a station itself allows of charging profiles, asked before one is written down (OCPP 1.6, 9.4; 2.x, 2.16).

What it has not told is not known, and allows everything: the station has the last word.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, Profile, RateUnit, SetProfile, StartCharging
from zaryad.platform.db import Tx
from zaryad.stations.orders.profiles import store

_UNCOUNTED = ("transaction", "external")
PHASES: Final = 3  # of a period that does not say


class ProfileLimit(msgspec.Struct, frozen=True):
    """A number that is not to be exceeded, by the name that the station has for it."""

    name: str
    most: int


class ProfileLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a station says of itself; None: it has not said. `*_name`: what it calls that."""

    units: frozenset[RateUnit] | None = None
    units_name: str = ""
    level: ProfileLimit | None = None
    periods: ProfileLimit | None = None
    installed: ProfileLimit | None = None
    switches_phases: bool | None = None  # from three to one and back within one schedule
    switches_name: str = ""
    chooses_phase: bool | None = None  # which of them (2.x)
    chooses_name: str = ""


# Brought in by the wiring: whoever keeps stations' settings is above.
LimitsOf = Callable[[Tx, Sequence[StationId]], Awaitable[Mapping[StationId, ProfileLimits]]]


def profile_in(what: AnyOrder) -> Profile | None:
    """Return the profile that an order gives a station."""
    return what.profile if isinstance(what, SetProfile | StartCharging) else None


def check_limits(it: Profile, limits: ProfileLimits) -> None:
    """Raise DomainError REFUSED `profile_beyond_station` with the limit's name, what it allows and what was asked."""
    schedule = it.schedule
    if limits.units is not None:
        _need(schedule.unit in limits.units, limits.units_name, ", ".join(sorted(limits.units)), schedule.unit)
    for limit, asked in ((limits.level, it.stack_level), (limits.periods, len(schedule.periods))):
        if limit is not None:
            _need(asked <= limit.most, limit.name, limit.most, asked)
    phases = sorted({PHASES if period.phases is None else period.phases for period in schedule.periods})
    if limits.switches_phases is False:
        _need(not {1, PHASES} <= set(phases), limits.switches_name, "false", ", ".join(map(str, phases)))
    if limits.chooses_phase is False:
        chosen = next((period.phase_to_use for period in schedule.periods if period.phase_to_use is not None), None)
        _need(chosen is None, limits.chooses_name, "false", f"phase {chosen}")


async def check_installed(tx: Tx, station_id: StationId, it: Profile, connector: int, limits: ProfileLimits) -> None:
    """Raise the same where the station has as many as it takes. One that replaces another takes no room.

    Not counted are those of transactions, which go by themselves, and the site's own limits, which we did not set.
    """
    if limits.installed is None:
        return
    there = [each for each in await store.profiles_of(tx, station_id) if each.profile.purpose not in _UNCOUNTED]
    same = (connector, it.purpose, it.stack_level)
    others = [
        each
        for each in there
        if each.profile.number != it.number and (each.connector, each.profile.purpose, each.profile.stack_level) != same
    ]
    _need(len(others) < limits.installed.most, limits.installed.name, limits.installed.most, len(others) + 1)


def _need(right: bool, limit: str, most: object, asked: object) -> None:
    if not right:
        raise DomainError(Kind.REFUSED, "profile_beyond_station", limit=limit, most=str(most), asked=str(asked))
