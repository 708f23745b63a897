"""When a running session is to be stopped, and for what reason. Evaluated at every reading, in whole numbers."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from zaryad import tariffs
from zaryad.charging.model import EndReason, Settings
from zaryad.tariffs import TariffVersion

MWH_PER_WH = 1_000
_E4_PER_KWH = 10_000 * 1_000_000  # e4 of a minor unit per kWh, in milliwatt-hours
_E4_PER_HOUR = 10_000 * 3_600
_MW_SECONDS_PER_MWH = 3_600


def reached(
    rules: Settings,
    *,
    cost_minor: int,
    energy_mwh: int,
    limit_amount_minor: int | None,
    limit_energy_wh: int | None,
    lasted: dt.timedelta,
) -> EndReason | None:
    """Return the limit that is reached, the driver's own first."""
    percent = rules.stop_percent
    if limit_amount_minor is not None and cost_minor * 100 >= limit_amount_minor * percent:
        return EndReason.LIMIT_AMOUNT
    if limit_energy_wh is not None and energy_mwh * 100 >= limit_energy_wh * MWH_PER_WH * percent:
        return EndReason.LIMIT_ENERGY
    if energy_mwh >= rules.energy_max_wh * MWH_PER_WH:
        return EndReason.LIMIT_ENERGY
    if lasted >= dt.timedelta(hours=rules.hours_max):
        return EndReason.TIME_OUT
    return None


class Dearest(NamedTuple):
    """The highest prices anywhere in a tariff version, in e4: what the next interval surely does not exceed."""

    per_kwh: int
    per_hour: int
    session: int

    def ahead(self, power_mw: int, seconds: int) -> int:
        """Return minor units that so many seconds cannot exceed: coarse, and ten times cheaper than the exact sum."""
        energy_mwh = power_mw * seconds // _MW_SECONDS_PER_MWH + 1
        energy = energy_mwh * self.per_kwh // _E4_PER_KWH
        return energy + seconds * self.per_hour // _E4_PER_HOUR + self.session // 10_000 + 3


def dearest(version: TariffVersion) -> Dearest:
    """Return the highest prices of a version, tax, percent rules and steps and all."""
    return Dearest(*tariffs.highest(version))
