"""A price in a sentence: what charging costs now, and when that changes."""

from __future__ import annotations

import datetime as dt

from zaryad import tariffs
from zaryad.ui import format as f
from zaryad.ui.i18n import t


def told(language: str, price: tariffs.PriceNow) -> str:
    """Return "15,00 сом за кВт·ч + 0,50 сом за минуту"; a price per hour is told per minute where that is exact."""
    parts = []
    if price.per_kwh_e4:
        parts.append(f.price(language, price.per_kwh_e4, price.currency, "kwh"))
    if price.per_hour_e4 and price.per_hour_e4 % 60 == 0:
        parts.append(f.price(language, price.per_hour_e4 // 60, price.currency, "minute"))
    elif price.per_hour_e4:
        parts.append(f.price(language, price.per_hour_e4, price.currency, "hour"))
    parts += tariffs.timed(language, price)
    if price.session_e4:
        parts.append(f.price(language, price.session_e4, price.currency, "session"))
    return " + ".join(parts) if parts else t(language, "driver.price.free")


def next_told(language: str, version: tariffs.TariffVersion, timezone: str, now: dt.datetime) -> str | None:
    """Return "с 18:00: 16,50 сом за кВт·ч", or None when nothing changes within a day."""
    ahead = tariffs.prices_ahead(version, timezone, now, hours=24)
    if len(ahead) < 2:
        return None
    change = ahead[1]
    time, price = f.clock_time(change.since, timezone), told(language, change)
    if f.local(change.since, timezone).date() == f.local(now, timezone).date():
        return t(language, "driver.price.next", time=time, price=price)
    return t(language, "driver.price.next_day", day=f.day(language, change.since, timezone), time=time, price=price)


def step_told(
    language: str, version: tariffs.TariffVersion, timezone: str, now: dt.datetime, within: dt.timedelta
) -> str | None:
    """Return the warning of a price step that comes soon, while charging."""
    ahead = tariffs.prices_ahead(version, timezone, now, hours=24)
    if len(ahead) < 2 or ahead[1].since > now + within:
        return None
    time = f.clock_time(ahead[1].since, timezone)
    return t(language, "driver.price.step", time=time, price=told(language, ahead[1]))
