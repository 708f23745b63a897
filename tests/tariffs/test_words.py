"""A price as it is told: exact digits, the local time of the next change."""

import datetime as dt

import pytest

from tests.tariffs.samples import BISHKEK, REFERENCE, element, version
from zaryad.tariffs import PriceSaid, begin, decimal, next_interval_cost, price_now, prices_ahead, read_price, say

EVENING = dt.datetime(2026, 11, 21, 13, 0, tzinfo=dt.UTC)  # 19:00 in Bishkek


def _said(said: PriceSaid) -> tuple[list[tuple[str, str]], str | None]:
    return [(part.unit, part.amount) for part in said.parts], said.until


def test_the_peak_price_is_told_until_its_end() -> None:
    assert _said(say(price_now(REFERENCE, BISHKEK, EVENING), BISHKEK)) == ([("kwh", "18.00")], "23:00")


def test_a_day_of_the_reference_plan() -> None:
    ahead = [_said(say(price, BISHKEK)) for price in prices_ahead(REFERENCE, BISHKEK, EVENING)]
    assert ahead == [
        ([("kwh", "18.00")], "23:00"),
        ([("kwh", "12.00")], "06:00"),
        ([("kwh", "15.00")], "18:00"),
        ([("kwh", "18.00")], "23:00"),
    ]


def test_time_is_told_per_minute_where_that_is_exact() -> None:
    def said(tariff: object) -> tuple[list[tuple[str, str]], str | None]:
        return _said(say(price_now(tariff, BISHKEK, EVENING), BISHKEK))  # type: ignore[arg-type]  # a version

    assert said(version(element(per_minute="1.50", session="20"))) == ([("minute", "1.50"), ("session", "20.00")], None)
    assert said(version(element(per_hour="2.00"))) == ([("hour", "2.00")], None)
    assert said(version(element(per_kwh="0"))) == ([], None)


@pytest.mark.parametrize(
    ("text", "currency", "e4", "told"),
    [
        ("13.5", "KGS", 13_500_000, "13.50"),
        ("0.2543", "EUR", 254_300, "0.2543"),
        ("48", "JPY", 480_000, "48"),
        ("0.0125", "KWD", 125_000, "0.0125"),
        ("0.000001", "KGS", 1, "0.000001"),
    ],
)
def test_prices_are_read_and_written_exactly(text: str, currency: str, e4: int, told: str) -> None:
    assert read_price(text, currency) == e4
    assert decimal(e4, currency) == told


@pytest.mark.parametrize("text", ["", "-1", "1.0000001", "1,5", "1e3", "١", "1.-2"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a price"):
        read_price(text, "KGS")


@pytest.mark.parametrize(
    ("local", "minor"),
    [("20:00", 1_800), ("22:50", 1_800), ("17:50", 1_800), ("17:40", 1_500), ("05:50", 1_500), ("03:00", 1_200)],
)
def test_the_next_quarter_of_an_hour_is_foreseen_at_the_dearest_price_within_it(local: str, minor: int) -> None:
    at = dt.datetime.fromisoformat(f"2026-11-21T{local}:00+06:00")
    running = begin(REFERENCE, BISHKEK, at, 0)
    assert next_interval_cost(REFERENCE, running, 4_000_000, 900).minor == minor


def test_a_fee_is_foreseen_until_it_is_owed() -> None:
    tariff = version(element(session="20", start=dt.time(19, 5)))
    for minute, minor in ((0, 2_000), (4, 2_000), (6, 0)):
        running = begin(tariff, BISHKEK, EVENING + dt.timedelta(minutes=minute), 0)
        assert next_interval_cost(tariff, running, 0, 300).minor == minor
