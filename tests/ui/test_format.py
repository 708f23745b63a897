"""Numbers, money and times as people of three languages write them."""

import datetime as dt

import pytest

from zaryad.kernel.money import Money
from zaryad.ui import format as f

NBSP, THIN = "\u00a0", "\u202f"
AT = dt.datetime(2026, 11, 21, 9, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("language", "minor", "told"),
    [
        ("ru", 39_177, f"391,77{NBSP}сом"),
        ("en", 39_177, f"391.77{NBSP}som"),
        ("ru", 50_000, f"500{NBSP}сом"),
        ("ru", -10_823, f"−108,23{NBSP}сом"),
        ("ky", 1_000_000, f"10{THIN}000{NBSP}сом"),
        ("ru", 999_900, f"9999{NBSP}сом"),
        ("en", 123_456_750, f"1,234,567.50{NBSP}som"),
        ("ru", 5, f"0,05{NBSP}сом"),
        ("ru", 0, f"0{NBSP}сом"),
    ],
)
def test_money(language: str, minor: int, told: str) -> None:
    assert f.money(language, Money(minor, "KGS")) == told


def test_money_follows_the_currencys_exponent() -> None:
    assert f.money("en", Money(1234, "JPY")) == f"1,234{NBSP}JPY"
    assert f.money("ru", Money(1234, "KWD")) == f"1,234{NBSP}KWD"
    assert f.money_exact("ru", Money(47_400, "KGS")) == "474,00"


@pytest.mark.parametrize(
    ("mwh", "told"),
    [
        (29_024_999, "29,02"),
        (29_025_000, "29,03"),
        (99_990_000, "99,99"),
        (123_456_789, "123,5"),
        (0, "0,00"),
        (9_000, "0,01"),
    ],
)
def test_energy(mwh: int, told: str) -> None:
    assert f.energy("ru", mwh) == f"{told}{NBSP}кВт·ч"
    assert f.energy("ky", mwh) == f"{told}{NBSP}кВт·саат"


@pytest.mark.parametrize(
    ("mw", "told"), [(7_350_000, "7.4"), (98_400_000, "98"), (9_949_999, "9.9"), (0, "0"), (11_500_000, "12")]
)
def test_power(mw: int, told: str) -> None:
    assert f.power("en", mw) == f"{told}{NBSP}kW"


def test_prices_show_as_many_decimals_as_they_have() -> None:
    assert f.price("ru", 13_500_000, "KGS", "kwh") == f"13,50{NBSP}сом за кВт·ч"
    assert f.price("en", 3_333_000, "KGS", "minute") == f"3.333{NBSP}som per minute"
    assert f.rate("ru", 12_345_678, "KGS") == "12,345678"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(48, "48 с"), (60, "1 мин"), (3_599, "59 мин"), (3_600, "1 ч"), (11_520, "3 ч 12 мин"), (-5, "0 с")],
)
def test_durations(seconds: int, told: str) -> None:
    assert f.duration("ru", seconds).replace(NBSP, " ") == told


def test_a_bill_is_exact() -> None:
    told = [f.duration_exact("ru", seconds).replace(NBSP, " ") for seconds in (0, 38, 60, 98, 3_605, 11_525)]
    assert told == ["0 с", "38 с", "1 мин", "1 мин 38 с", "1 ч 5 с", "3 ч 12 мин 5 с"]
    assert f.energy_exact("ru", 44_376_000) == f"44,376{NBSP}кВт·ч"


def test_a_stopwatch() -> None:
    assert [f.stopwatch(s) for s in (9, 920, 3_920)] == ["0:09", "15:20", "1:05:20"]


def test_times_are_the_places() -> None:
    assert f.moment("ru", AT, "Asia/Bishkek") == "21 ноября, 15:05"
    assert f.moment("ky", AT, "Asia/Bishkek") == "21-ноябрь, 15:05"
    assert f.moment("en", AT, "Europe/Moscow", year=True) == "21 November 2026, 12:05"
    assert f.day("ky", AT, "Asia/Bishkek", year=True) == "2026-ж. 21-ноябрь"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (2, "2 с назад"),
        (300, "5 мин назад"),
        (7_200, "в 15:05"),
        (86_400, "21 ноября"),
        (-3, "0 с назад"),
        (86_400 * 60, "21 ноября 2026"),
    ],
)
def test_ages(seconds: int, told: str) -> None:
    told_so = f.age("ru", AT, AT + dt.timedelta(seconds=seconds), "Asia/Bishkek")
    assert told_so.replace(NBSP, " ") == told


@pytest.mark.parametrize(
    ("e164", "told", "masked"),
    [
        ("+996555123456", "+996 555 12-34-56", "+996 *** **-34-56"),
        ("+79001234567", "+7 900 123-45-67", "+7 *** ***-45-67"),
        ("+4915112345678", "+4915112345678", "+*********5678"),
    ],
)
def test_phones(e164: str, told: str, masked: str) -> None:
    assert f.phone(e164) == told
    assert f.phone(e164, masked=True) == masked
