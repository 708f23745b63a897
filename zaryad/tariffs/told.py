"""A bill's lines and a place's prices in sentences: for receipts, for pages, and for small station displays."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from zaryad.kernel.money import Money
from zaryad.tariffs.model import Line, PriceNow
from zaryad.tariffs.terms import TIMES, Dimension
from zaryad.tariffs.words import decimal
from zaryad.ui import format as f
from zaryad.ui.i18n import t

DISPLAY_MAX = 160


def explain_line(language: str, line: Line, timezone: str, currency: str) -> str:
    """Return "18:00–19:12, 21,4 кВт·ч × 18,00": what was used when, and at what price."""
    name = t(language, f"bill.{line.kind.value}")
    if line.kind in {Dimension.SESSION, Dimension.MINIMUM, Dimension.MAXIMUM}:
        return name
    zone = zoneinfo.ZoneInfo(timezone)
    started, ended = line.started_at.astimezone(zone), line.ended_at.astimezone(zone)
    facts = {
        "name": name,
        "from": _clock(started, started.date() != ended.date()),
        "until": _clock(ended, started.date() != ended.date()),
        "quantity": _quantity(language, line),
        "price": _price(language, line, currency),
    }
    if line.free is not None:
        return t(language, f"bill.line.{line.free}", **facts)
    if line.rounded_up:
        added = f.energy_exact(language, line.rounded_up) if line.kind is Dimension.ENERGY else None
        facts["added"] = added or f.duration_exact(language, line.rounded_up)
        return t(language, "bill.line.rounded", **facts)
    return t(language, "bill.line", **facts)


def _clock(local: dt.datetime, dated: bool) -> str:  # with its day or without
    return f"{local:%d.%m %H:%M}" if dated else f"{local:%H:%M}"


def _quantity(language: str, line: Line) -> str:
    if line.kind is Dimension.ENERGY:
        return f.energy_exact(language, line.energy_mwh)
    return f.duration_exact(language, line.seconds)


def _price(language: str, line: Line, currency: str) -> str:
    per = line.price_e4
    unit = "kwh"
    if line.kind in TIMES:
        unit = "hour" if per % 60 else "minute"
        per = per if per % 60 else per // 60
    return f.price(language, per, currency, unit)


def sentence(language: str, price: PriceNow, timezone: str) -> str:
    """Return the prices in force as a sentence, with what bounds and what changes them."""
    parts = [f.price(language, each, price.currency, unit) for each, unit in _plain_parts(price)]
    parts += timed(language, price)
    said = " + ".join(parts) if parts else t(language, "price.free")
    for key, minor in (("price.least", price.least_minor), ("price.most", price.most_minor)):
        if minor is not None:
            said += ", " + t(language, key, amount=f.money(language, Money(minor, price.currency)))
    if price.tax_on_top:
        said += ", " + t(language, "price.tax_on_top")
    if price.next_change_at is not None:
        local = price.next_change_at.astimezone(zoneinfo.ZoneInfo(timezone))
        said = t(language, "price.until", price=said, until=f"{local:%H:%M}")
    return said


def timed(language: str, price: PriceNow) -> list[str]:
    """Return the prices of charging and idle time as they are told, "5,00 сом за минуту простоя"."""
    parts = []
    if price.per_charging_hour_e4:
        parts.append(t(language, "price.charging", price=_hourly(language, price.per_charging_hour_e4, price.currency)))
    if price.per_idle_hour_e4:
        told = _hourly(language, price.per_idle_hour_e4, price.currency)
        key = "price.idle_after" if price.idle_grace_s else "price.idle"
        parts.append(t(language, key, price=told, grace=f.duration(language, price.idle_grace_s)))
    return parts


def display(price: PriceNow, timezone: str, limit: int = DISPLAY_MAX) -> str:
    """Return the prices in ASCII for a display without letters of ours: "15.00 KGS/kWh + 5.00 KGS/min idle >10min".

    What does not fit is left out from the end, part by part; the first part always stays.
    """
    currency = price.currency
    parts = [f"{decimal(each, currency)} {currency}/{_ASCII[unit]}" for each, unit in _plain_parts(price)]
    for hourly, word in ((price.per_charging_hour_e4, " charging"), (price.per_idle_hour_e4, " idle")):
        if hourly:
            unit, each = ("h", hourly) if hourly % 60 else ("min", hourly // 60)
            parts.append(f"{decimal(each, currency)} {currency}/{unit}{word}")
    if price.per_idle_hour_e4 and price.idle_grace_s:
        parts[-1] += f" >{-(-price.idle_grace_s // 60)}min"
    said = [" + ".join(parts[:count]) for count in range(1, len(parts) + 1)] or ["FREE"]
    more = []
    if price.tax_on_top:
        more.append("+VAT")
    if price.least_minor is not None:
        more.append(f"min {decimal(price.least_minor * 10_000, currency)}")
    if price.most_minor is not None:
        more.append(f"max {decimal(price.most_minor * 10_000, currency)}")
    if price.next_change_at is not None:
        more.append(f"until {price.next_change_at.astimezone(zoneinfo.ZoneInfo(timezone)):%H:%M}")
    said += [", ".join([said[-1], *more[:count]]) for count in range(1, len(more) + 1)]
    return max((each for each in said if len(each) <= limit), key=len, default=said[0][:limit])


_ASCII = {"kwh": "kWh", "minute": "min", "hour": "h", "session": "session"}


def _plain_parts(price: PriceNow) -> list[tuple[int, str]]:
    per_hour = price.per_hour_e4 or 0
    time = (per_hour, "hour") if per_hour % 60 else (per_hour // 60, "minute")
    parts = [(price.per_kwh_e4 or 0, "kwh"), time, (price.session_e4 or 0, "session")]
    return [part for part in parts if part[0]]


def _hourly(language: str, per_hour_e4: int, currency: str) -> str:
    if per_hour_e4 % 60:
        return f.price(language, per_hour_e4, currency, "hour")
    return f.price(language, per_hour_e4 // 60, currency, "minute")
