"""Tariffs for the tests, and how to write one shortly."""

import datetime as dt
from typing import Any

from zaryad.kernel.ids import derived_id
from zaryad.tariffs import (
    About,
    Bound,
    Component,
    Dimension,
    Element,
    Restrictions,
    Rule,
    TariffId,
    TariffVersion,
    TariffVersionId,
    Terms,
    read_price,
)

BISHKEK = "Asia/Bishkek"
_PRICES = {  # shorthand: dimension, factor
    "per_kwh": (Dimension.ENERGY, 1),
    "per_minute": (Dimension.TIME, 60),
    "per_hour": (Dimension.TIME, 1),
    "session": (Dimension.SESSION, 1),
    "charging_minute": (Dimension.CHARGING, 60),
    "charging_hour": (Dimension.CHARGING, 1),
    "idle_minute": (Dimension.IDLE, 60),
    "idle_hour": (Dimension.IDLE, 1),
}
_EXTRA = {"step", "grace_s", "free_s", "vat_permille"}
_SETS = {"weekdays", "connectors", "groups", "contracts"}


def version(*elements: Element, currency: str = "KGS", terms: Terms | None = None) -> TariffVersion:
    return TariffVersion(
        id=TariffVersionId(derived_id("version", *elements, terms)),
        tariff_id=TariffId(derived_id("tariff", "test")),
        number=1,
        currency=currency,
        elements=elements,
        terms=terms or Terms(),
    )


def element(*, currency: str = "KGS", **row: Any) -> Element:
    """Write an element: its prices, what all its components have, and the rest is when it applies."""
    extra = {name: row.pop(name) for name in list(row) if name in _EXTRA}
    prices = {name: row.pop(name) for name in list(row) if name in _PRICES}
    components = []
    for name, price in prices.items():
        dimension, factor = _PRICES[name]
        fitting = extra if dimension is not Dimension.SESSION else {k: v for k, v in extra.items() if k != "step"}
        components.append(Component(dimension, read_price(price, currency) * factor, **fitting))
    return Element(tuple(components), restrictions(row))


def restrictions(row: dict[str, Any]) -> Restrictions:
    """Write restrictions as a file has them: times as text, sets as lists."""
    row = dict(row)
    for name in ("start", "end"):
        if isinstance(row.get(name), str):
            row[name] = clock(row[name])
    for name in _SETS & row.keys():
        row[name] = frozenset(row[name])
    return Restrictions(**row)


def terms_of(case: dict[str, Any]) -> Terms:
    """Read the terms of a case: rules, bounds in minor units, whether prices contain tax."""
    rules = []
    for row in map(dict, case.get("rule", [])):
        names = row.pop("dimensions", None)
        kinds = None if names is None else frozenset(Dimension(name) for name in names)
        rules.append(Rule(row.pop("permille"), restrictions(row), kinds))
    bounds: dict[str, Any] = {name: Bound(**case[name]) for name in ("least", "most") if name in case}
    named = {name: case[name] for name in ("tax_included", "idle_below_w") if name in case}
    return Terms(rules=tuple(rules), **bounds, **named)


def about_of(case: dict[str, Any]) -> About:
    row = dict(case.get("about", {}))
    for name in {"groups", "holidays"} & row.keys():
        row[name] = frozenset(row[name])
    return About(**row)


def clock(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


# The reference plan: day 15, peak 18 from 18:00 to 23:00, night 12 from 23:00 to 06:00 (20 % off).
REFERENCE = version(
    element(per_kwh="12.00", start=clock("23:00"), end=clock("06:00")),
    element(per_kwh="18.00", start=clock("18:00"), end=clock("23:00")),
    element(per_kwh="15.00"),
)
