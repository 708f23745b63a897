"""The rules that a charging profile keeps whatever the version (OCPP 1.6 3.13 and 7; 2.x K01)."""

from __future__ import annotations

from typing import Final

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.orders import Profile, Schedule

PERIODS_MAX: Final = 1_024
_RELATIVE_NEVER = ("station_max", "local_generation")


def check_profile(it: Profile, connector: int | None = None, path: str = "profile", *, bound: bool = True) -> None:
    """Raise DomainError INVALID `order_field_invalid` with the path of what breaks a rule.

    `connector`: where it is to be set; None when that is not known yet. `bound`: a profile of a transaction names it.
    """
    _need(it.number >= 0, f"{path}.number")
    _need(it.stack_level >= 0, f"{path}.stack_level")
    _need(it.purpose != "external", f"{path}.purpose")  # the site's own limits, never ours (K01.FR.05)
    if it.purpose in _RELATIVE_NEVER:
        _need(it.kind != "relative", f"{path}.kind")  # K01.FR.38
    if it.purpose == "station_max":
        _need(connector in {None, 0}, "connector")
    elif it.purpose == "transaction":
        _need(connector is None or connector > 0, "connector")  # K01.FR.16
        _need(it.charge_ref is not None or not bound, f"{path}.charge_ref")  # K01.FR.03
    _need(it.charge_ref is None or it.purpose == "transaction", f"{path}.charge_ref")
    _need(it.charge_ref is None or 1 <= len(it.charge_ref) <= 36, f"{path}.charge_ref")
    backwards = it.valid_from is not None and it.valid_to is not None and it.valid_from >= it.valid_to
    _need(not backwards, f"{path}.valid_to")
    starts = it.schedule.start_at is not None  # K01.FR.40, .41
    _need(starts is (it.kind != "relative"), f"{path}.schedule.start_at")
    _check_schedule(it.schedule, f"{path}.schedule")


def _check_schedule(it: Schedule, path: str) -> None:
    _need(1 <= len(it.periods) <= PERIODS_MAX, f"{path}.periods")
    _need(it.duration_s is None or it.duration_s >= 1, f"{path}.duration_s")
    _need(it.min_rate_tenths is None or it.min_rate_tenths >= 0, f"{path}.min_rate_tenths")
    before = -1
    for at, period in enumerate(it.periods):
        here = f"{path}.periods[{at}]"
        _need(period.start_s == 0 if at == 0 else period.start_s > before, f"{here}.start_s")  # K01.FR.31, .35
        before = period.start_s
        _need(period.limit_tenths >= 0, f"{here}.limit_tenths")
        _need(period.phases is None or 1 <= period.phases <= 3, f"{here}.phases")
        if period.phase_to_use is not None:  # K01.FR.19, .48
            _need(period.phases == 1 and 1 <= period.phase_to_use <= 3, f"{here}.phase_to_use")


def _need(right: bool, field: str) -> None:
    if not right:
        raise DomainError(Kind.INVALID, "order_field_invalid", field=field)
