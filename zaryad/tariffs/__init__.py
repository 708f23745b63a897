"""What charging costs and why: immutable versions of tariffs, and one pure evaluation of them over a meter's points."""

from zaryad.tariffs.bill import bill
from zaryad.tariffs.choose import find_tariff, quote, tariff, version, versions
from zaryad.tariffs.model import (
    E4,
    Bill,
    Component,
    Dimension,
    Element,
    Line,
    Point,
    PriceNow,
    Restrictions,
    Running,
    Tariff,
    TariffId,
    TariffVersion,
    TariffVersionId,
)
from zaryad.tariffs.price import advance, begin, cost, next_interval_cost, price_now, prices_ahead
from zaryad.tariffs.publish import name_tariff, publish
from zaryad.tariffs.tab import Tab
from zaryad.tariffs.words import PricePart, PriceSaid, decimal, read_price, say

__all__ = [
    "E4",
    "Bill",
    "Component",
    "Dimension",
    "Element",
    "Line",
    "Point",
    "PriceNow",
    "PricePart",
    "PriceSaid",
    "Restrictions",
    "Running",
    "Tab",
    "Tariff",
    "TariffId",
    "TariffVersion",
    "TariffVersionId",
    "advance",
    "begin",
    "bill",
    "cost",
    "decimal",
    "find_tariff",
    "name_tariff",
    "next_interval_cost",
    "price_now",
    "prices_ahead",
    "publish",
    "quote",
    "read_price",
    "say",
    "tariff",
    "version",
    "versions",
]
