"""Bills and prices in words: lines that explain themselves, sentences, and ASCII for small displays."""

import datetime as dt

import pytest

from tests.tariffs.samples import BISHKEK, REFERENCE, element, version
from zaryad.tariffs import (
    Bound,
    Dimension,
    Line,
    Point,
    Terms,
    bill,
    display,
    explain_line,
    price_now,
    sentence,
)

EVENING = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)  # 18:00 in Bishkek
RICH = version(
    element(per_kwh="15.00", vat_permille=120),
    element(idle_minute="5.00", grace_s=600),
    terms=Terms(tax_included=False, least=Bound(5_000), most=Bound(100_000)),
)


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_line_tells_when_how_much_and_at_what_price() -> None:
    end = Point(EVENING + dt.timedelta(minutes=72), 21_400_000)
    line = bill(REFERENCE, BISHKEK, [Point(EVENING, 0), end]).lines[0]
    told = {language: _plain(explain_line(language, line, BISHKEK, "KGS")) for language in ("ru", "ky", "en")}
    assert told["en"] == "Energy: 18:00–19:12, 21.400 kWh × 18.00 som per kWh"
    assert told["ru"] == "Энергия: 18:00–19:12, 21,400 кВт·ч × 18,00 сом за кВт·ч"
    assert told["ky"].startswith("Энергия: 18:00–19:12, 21,400 кВт·с")


def test_grace_steps_and_bounds_are_told() -> None:
    def line(**more: object) -> Line:
        values = {"kind": Dimension.IDLE, "started_at": EVENING, "ended_at": EVENING + dt.timedelta(minutes=45)}
        return Line(**(values | {"price_e4": 300_000_000, "amount_minor": 1, "seconds": 2_700} | more))  # type: ignore[arg-type]  # shorthand

    told = [_plain(explain_line("en", it, BISHKEK, "KGS")) for it in (line(rounded_up=300), line(free="grace"))]
    assert told == [
        "Idle time: 18:00–18:45, 45 min × 5.00 som per minute (rounded up by 5 min)",
        "Idle time: 18:00–18:45, 45 min free before idle time is charged",
    ]
    assert explain_line("en", line(kind=Dimension.MINIMUM), BISHKEK, "KGS") == "Up to the minimum"


@pytest.mark.parametrize("language", ["ru", "ky", "en"])
def test_a_sentence_has_all_that_is_paid(language: str) -> None:
    said = _plain(sentence(language, price_now(RICH, BISHKEK, EVENING), BISHKEK))
    for number in ("15", "5", "10", "50", "1000" if language != "en" else "1,000"):
        assert number in said, said


def test_a_display_gets_ascii_that_fits() -> None:
    price = price_now(RICH, BISHKEK, EVENING)
    whole = display(price, BISHKEK)
    assert whole == "15.00 KGS/kWh + 5.00 KGS/min idle >10min, +VAT, min 50.00, max 1000.00"
    assert display(price_now(REFERENCE, BISHKEK, EVENING), BISHKEK) == "18.00 KGS/kWh, until 23:00"
    for limit in range(13, 80):
        said = display(price, BISHKEK, limit)
        assert said.isascii()
        assert len(said) <= limit
        assert whole.startswith(said)
    free = version(element(per_kwh="0"))
    assert display(price_now(free, BISHKEK, EVENING), BISHKEK) == "FREE"
