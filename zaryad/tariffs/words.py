"""A price as people are told it: amounts as decimals, clock times of the place, nothing left to compute."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Literal

import msgspec

from zaryad.kernel.money import exponent
from zaryad.tariffs.model import PriceNow
from zaryad.tariffs.terms import E4

Unit = Literal["kwh", "minute", "hour", "session"]


class PricePart(msgspec.Struct, frozen=True):
    """One price, as in "18.00 som per kWh"; `ui.format.price` writes it in a language."""

    unit: Unit
    price_e4: int
    amount: str  # decimal, at least with the currency's digits
    currency: str


class PriceSaid(msgspec.Struct, frozen=True, kw_only=True):
    """The prices in force; no parts is free. `until` is the local clock time of the next change, with its date."""

    parts: tuple[PricePart, ...]
    until: str | None
    until_date: dt.date | None
    until_at: dt.datetime | None


def say(price: PriceNow, timezone: str) -> PriceSaid:
    """Put a price into words' parts; a price per hour is told per minute where that is exact."""
    per_hour = price.per_hour_e4 or 0
    time: tuple[Unit, int] = ("hour", per_hour) if per_hour % 60 else ("minute", per_hour // 60)
    priced: list[tuple[Unit, int]] = [("kwh", price.per_kwh_e4 or 0), time, ("session", price.session_e4 or 0)]
    parts = [
        PricePart(unit, price_e4, decimal(price_e4, price.currency), price.currency)
        for unit, price_e4 in priced
        if price_e4
    ]
    change = price.next_change_at
    local = None if change is None else change.astimezone(zoneinfo.ZoneInfo(timezone))
    return PriceSaid(
        parts=tuple(parts),
        until=None if local is None else f"{local:%H:%M}",
        until_date=None if local is None else local.date(),
        until_at=change,
    )


def decimal(price_e4: int, currency: str) -> str:
    """Write a price in the currency's major unit: all its digits, and more only where they say something."""
    digits = exponent(currency)
    whole, rest = divmod(price_e4, E4 * 10**digits)
    fraction = f"{rest:0{digits + 4}d}"
    kept = fraction[:digits] + fraction[digits:].rstrip("0")
    return f"{whole}.{kept}" if kept else str(whole)


def read_price(text: str, currency: str) -> int:
    """Read a price in the major unit ("13.50"); ValueError when it has more digits than a price can hold."""
    whole, _, fraction = text.strip().partition(".")
    digits = exponent(currency) + 4
    if not (whole.isascii() and whole.isdigit() and len(fraction) <= digits):
        raise ValueError(f"not a price: {text!r}")
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise ValueError(f"not a price: {text!r}")
    return int(whole + fraction.ljust(digits, "0"))
