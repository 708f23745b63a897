"""Which clock to believe. A station's time is billed by, unless it cannot be true; it is always kept."""

from __future__ import annotations

import datetime as dt

from zaryad.charging.model import Settings

AHEAD_MAX = dt.timedelta(minutes=5)


def happened_at(at: dt.datetime, received_at: dt.datetime, rules: Settings) -> tuple[dt.datetime, bool]:
    """Return when it happened, and whether that is the station's word.

    An unset clock says 1970 or 2000; a broken one runs ahead. A time well in the past is history that was kept
    through an outage, and is believed for `clock_behind_max_days` (standards A.6: both clocks are kept).
    """
    if at > received_at + AHEAD_MAX or at < received_at - dt.timedelta(days=rules.clock_behind_max_days):
        return received_at, False
    return at, True
