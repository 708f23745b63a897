"""Numbers, money, units and times in words of three languages. Whole numbers in, text out; no float on the way.

Separators are ours (a narrow no-break space from five digits in ru and ky, a comma from four in en),
month names are Babel's, units and currency words are messages (`ui.unit.*`, `ui.currency.*`).
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from zaryad.kernel.money import Money, divide_half_up, exponent
from zaryad.ui.i18n import catalogue, t

NBSP = "\u00a0"
THIN = "\u202f"  # narrow no-break space between thousands
MINUS = "\u2212"
_DAY = {"ru": ("d MMMM", "d MMMM y"), "ky": ("d-MMMM", "y-'ж'. d-MMMM"), "en": ("d MMMM", "d MMMM y")}
_BABEL = {"ru": "ru", "ky": "ky", "en": "en_GB"}


def number(language: str, scaled: int, places: int = 0, *, trim: bool = False) -> str:
    """Return `scaled / 10**places` with exactly `places` decimals; `trim` drops a fraction of zeros."""
    whole, fraction = divmod(abs(scaled), 10**places)
    text = _grouped(language, whole)
    if places and not (trim and fraction == 0):
        text += ("." if language == "en" else ",") + str(fraction).zfill(places)
    return (MINUS if scaled < 0 else "") + text


def _grouped(language: str, whole: int) -> str:
    if language == "en":
        return f"{whole:,}"
    return f"{whole:,}".replace(",", THIN) if whole >= 10_000 else str(whole)


def currency_word(language: str, currency: str) -> str:
    """Return the word people use for it, else the ISO code."""
    key = f"ui.currency.{currency}"
    return t(language, key) if catalogue().has(language, key) else currency


def money(language: str, amount: Money, *, unit: bool = True) -> str:
    """Return "391,77 сом"; whole sums without decimals."""
    text = number(language, amount.minor, exponent(amount.currency), trim=True)
    return f"{text}{NBSP}{currency_word(language, amount.currency)}" if unit else text


def money_exact(language: str, amount: Money, *, unit: bool = False) -> str:
    """Return "474,00": always every decimal, for columns of a bill."""
    text = number(language, amount.minor, exponent(amount.currency))
    return f"{text}{NBSP}{currency_word(language, amount.currency)}" if unit else text


def rate(language: str, minor_e4: int, currency: str) -> str:
    """Return ten-thousandths of a minor unit as "13,50": the currency's decimals, and up to four more."""
    places = exponent(currency)
    extra = 4
    while extra and minor_e4 % 10 == 0:
        minor_e4 //= 10
        extra -= 1
    return number(language, minor_e4, places + extra)


def price(language: str, minor_e4: int, currency: str, per: str) -> str:
    """Return a price with its unit, "13,50 сом за кВт·ч"; `per` is "kwh" or "minute"."""
    word = currency_word(language, currency)
    return t(language, f"ui.price.{per}", price=f"{rate(language, minor_e4, currency)}{NBSP}{word}")


def energy(language: str, mwh: int) -> str:
    """Return milliwatt-hours as kWh: two decimals below 100, then one."""
    places = 2 if abs(mwh) < 100_000_000 else 1
    return _with_unit(language, number(language, divide_half_up(mwh, 10 ** (6 - places)), places), "kwh")


def energy_exact(language: str, mwh: int) -> str:
    """Return kWh with three decimals: in a bill, quantity times price has to come out at the sum."""
    return _with_unit(language, number(language, divide_half_up(mwh, 1_000), 3), "kwh")


def power(language: str, mw: int) -> str:
    """Return milliwatts as kW: one decimal below 10, then whole."""
    places = 1 if abs(mw) < 10_000_000 else 0
    return _with_unit(language, number(language, divide_half_up(mw, 10 ** (6 - places)), places, trim=mw == 0), "kw")


def rated_power(language: str, watts: int) -> str:
    """Return what a connector can give: "120 кВт", "7,4 кВт"."""
    return _with_unit(language, number(language, divide_half_up(watts, 100), 1, trim=True), "kw")


def percent(language: str, value: int) -> str:
    """Return "69 %" (in English without the space)."""
    return f"{number(language, value)}{'' if language == 'en' else NBSP}%"


def duration(language: str, seconds: int) -> str:
    """Return a time at rest in words: "3 ч 12 мин", "12 мин", "48 с"."""
    if seconds < 60:
        return _with_unit(language, str(max(seconds, 0)), "second")
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return _with_unit(language, str(minutes), "minute")
    told = _with_unit(language, _grouped(language, hours), "hour")
    return f"{told} {_with_unit(language, str(minutes), 'minute')}" if minutes else told


def duration_exact(language: str, seconds: int) -> str:
    """Return "1 мин 38 с": to the second, for a bill."""
    minutes, rest = divmod(max(seconds, 0), 60)
    told = [duration(language, minutes * 60)] if minutes else []
    if rest or not minutes:
        told.append(_with_unit(language, str(rest), "second"))
    return " ".join(told)


def stopwatch(seconds: int) -> str:
    """Return a time under way: "15:20", "1:05:20"."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(at: dt.datetime, timezone: str) -> dt.datetime:
    """Return the moment on the clock of an IANA zone."""
    return at.astimezone(_zone(timezone))


def clock_time(at: dt.datetime, timezone: str) -> str:
    """Return "15:05" on that zone's clock; 24 hours in every language."""
    return f"{local(at, timezone):%H:%M}"


def day(language: str, at: dt.datetime, timezone: str, *, year: bool = False) -> str:
    """Return "21 ноября", "21-ноябрь", "21 November"; with the year where asked."""
    pattern = _DAY[language][1 if year else 0]
    return format_date(local(at, timezone).date(), pattern, locale=_BABEL[language])


def moment(language: str, at: dt.datetime, timezone: str, *, year: bool = False) -> str:
    """Return "21 ноября, 15:05" in that zone."""
    return f"{day(language, at, timezone, year=year)}, {clock_time(at, timezone)}"


def age(language: str, at: dt.datetime, now: dt.datetime, timezone: str) -> str:
    """Return how old a fact is, for a sentence: "2 с назад", "5 мин назад", "в 14:05", "21 ноября"."""
    seconds = max(int((now - at).total_seconds()), 0)
    if seconds < 3600:
        return t(language, "ui.ago", age=duration(language, seconds))
    if local(at, timezone).date() == local(now, timezone).date():
        return t(language, "ui.at_time", time=clock_time(at, timezone))
    return day(language, at, timezone, year=local(at, timezone).year != local(now, timezone).year)


def _with_unit(language: str, text: str, unit: str) -> str:
    return f"{text}{NBSP}{t(language, f'ui.unit.{unit}')}"


# Digits of the national number by groups; the last groups are joined by hyphens as they are written at home.
_PHONES = {"996": (3, 2, 2, 2), "7": (3, 3, 2, 2), "998": (2, 3, 2, 2), "992": (3, 2, 2, 2)}


def phone(number_e164: str, *, masked: bool = False) -> str:
    """Return "+996 555 12-34-56", or "+996 *** **-34-56" for those who need not know it."""
    digits = number_e164.lstrip("+")
    for code in sorted(_PHONES, key=len, reverse=True):
        groups = _PHONES[code]
        if digits.startswith(code) and len(digits) == len(code) + sum(groups):
            national = digits[len(code) :]
            if masked:
                national = "*" * (len(national) - 4) + national[-4:]
            parts = []
            for size in groups:
                parts.append(national[:size])
                national = national[size:]
            return f"+{code} {parts[0]} {'-'.join(parts[1:])}"
    return "+" + ("*" * max(len(digits) - 4, 0) + digits[-4:] if masked else digits)
