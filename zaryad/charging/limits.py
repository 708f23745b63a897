"""When a running session is to be stopped, and for what reason. Evaluated at every reading, in whole numbers."""

from __future__ import annotations

import datetime as dt

from zaryad.charging.model import EndReason, Settings

MWH_PER_WH = 1_000


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
