"""Which local dates are holidays at a place: those of its country, and the network's own, which have the last word."""

from __future__ import annotations

import datetime as dt

from babel.core import get_global

from zaryad.platform.db import Tx
from zaryad.tariffs.assigned import store

NETWORK = "network"


def country_of(timezone: str) -> str | None:
    """Return the country (ISO 3166) that a time zone is of, None for zones of none."""
    found: str | None = get_global("zone_territories").get(timezone)
    return found


async def holidays_of(tx: Tx, timezone: str, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """Return the holidays between two dates, both included."""
    country = country_of(timezone)
    calendars = [NETWORK] if country is None else [country, NETWORK]
    found: dict[dt.date, bool] = {}
    rows = await store.days(tx, calendars, first, last)
    for calendar in calendars:
        found |= {row.day: row.holiday for row in rows if row.calendar == calendar}
    return frozenset(day for day, holiday in found.items() if holiday)
