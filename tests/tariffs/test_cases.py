"""Worked bills, one file each in cases/: what is on file is what is charged."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.tariffs.samples import clock, element, version
from zaryad.tariffs import Point, bill, decimal

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))


def _element(row: dict[str, Any], currency: str) -> Any:
    row = dict(row)
    for name in ("start", "end"):
        if name in row:
            row[name] = clock(row[name])
    if "weekdays" in row:
        row["weekdays"] = frozenset(row["weekdays"])
    return element(currency=currency, **row)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = tomllib.loads(path.read_text())
    currency = case.get("currency", "KGS")
    tariff = version(*(_element(row, currency) for row in case["element"]), currency=currency)
    points = [Point(dt.datetime.fromisoformat(row["at"]), row["wh"] * 1_000) for row in case["point"]]
    it = bill(tariff, case["timezone"], points)
    assert decimal(it.total.minor * 10_000, currency) == case["total"], it
    if "line" in case:
        told = [
            {
                "kind": line.kind.value,
                "price": decimal(line.price_e4, currency),
                "amount": decimal(line.amount_minor * 10_000, currency),
                **({"wh": line.energy_mwh // 1_000} if line.energy_mwh else {}),
                **({"seconds": line.seconds} if line.seconds else {}),
            }
            for line in it.lines
        ]
        assert told == case["line"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 15
