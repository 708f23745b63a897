"""Worked bills, one file each in cases/: what is on file is what is charged."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.tariffs.samples import about_of, element, restrictions, terms_of, version
from zaryad.tariffs import (
    About,
    Doing,
    Element,
    Line,
    Point,
    TariffVersion,
    advance,
    begin,
    bill,
    booking_bill,
    cost,
    decimal,
)

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.toml"))
MATRIX = tomllib.loads((HERE / "matrix.toml").read_text())


def _points(case: dict[str, Any]) -> list[Point]:
    return [
        Point(dt.datetime.fromisoformat(row["at"]), row["wh"] * 1_000, Doing(row["doing"]) if "doing" in row else None)
        for row in case["point"]
    ]


def _folded(tariff: TariffVersion, timezone: str, points: list[Point], about: About) -> int:
    first = points[0]
    running = begin(tariff, timezone, first.at, first.energy_mwh, about)
    running = advance(tariff, running, first)
    for point in points[1:]:
        running = advance(tariff, running, point)
    return cost(tariff, running).minor


def _told(line: Line, currency: str) -> dict[str, Any]:
    """Return a line as a file writes it: what is nothing is left out."""
    told = {
        "kind": line.kind.value,
        "price": decimal(line.price_e4, currency),
        "amount": ("-" if line.amount_minor < 0 else "") + decimal(abs(line.amount_minor) * 10_000, currency),
        "wh": line.energy_mwh // 1_000,
        "seconds": line.seconds,
        "rounded_up": line.rounded_up,
        "free": line.free,
    }
    return {name: value for name, value in told.items() if value}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = tomllib.loads(path.read_text())
    currency = case.get("currency", "KGS")
    elements = [element(currency=currency, **row) for row in case["element"]]
    tariff = version(*elements, currency=currency, terms=terms_of(case))
    about, timezone = about_of(case), case["timezone"]
    after = before = 0
    lines: tuple[Line, ...] = ()
    if "point" in case:
        points = _points(case)
        it = bill(tariff, timezone, points, about)
        lines, after, before = it.lines, it.total.minor, it.before_tax.minor
        assert _folded(tariff, timezone, points, about) == after
    if "booking" in case:
        row = case["booking"]
        started, ended = dt.datetime.fromisoformat(row["at"]), dt.datetime.fromisoformat(row["until"])
        booked = booking_bill(tariff, timezone, started, ended, row["expired"], about)
        lines, after, before = (*lines, *booked.lines), after + booked.total.minor, before + booked.before_tax.minor
    assert decimal(after * 10_000, currency) == case["total"], lines
    if "before_tax" in case:
        assert decimal(before * 10_000, currency) == case["before_tax"], lines
    assert sum(line.amount_minor for line in lines) == after
    if "line" in case:
        assert [_told(line, currency) for line in lines] == case["line"]


@pytest.mark.parametrize("row", MATRIX["case"], ids=lambda row: "+".join(row["when"]))
def test_each_restriction_alone_and_with_each_other(row: dict[str, Any]) -> None:
    """One session; energy costs 10.00 where all of these hold and 1.00 elsewhere, and the dearer part is on file."""
    when: dict[str, Any] = {}
    for name in row["when"]:
        when |= MATRIX["restriction"][name]
    dear = Element(element(per_kwh="10.00").components, restrictions(when))
    points, about = _points(MATRIX), about_of(MATRIX)
    it = bill(version(dear, element(per_kwh="1.00")), MATRIX["timezone"], points, about)
    assert sum(line.energy_mwh for line in it.lines if line.price_e4 == 10_000_000) == row["wh"] * 1_000
    assert decimal(it.total.minor * 10_000, "KGS") == row["total"]


def test_there_are_cases() -> None:
    assert len(CASES) + len(MATRIX["case"]) >= 100
