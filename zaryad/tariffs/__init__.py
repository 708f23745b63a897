"""What charging costs and why: immutable versions of tariffs, and one pure evaluation of them over a meter's points."""

from zaryad.tariffs.bill import bill
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
    TariffId,
    TariffVersion,
    TariffVersionId,
)
from zaryad.tariffs.price import advance, begin, cost, next_interval_cost, price_now, prices_ahead
from zaryad.tariffs.words import PricePart, PriceSaid, decimal, price_e4, say

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
    "TariffId",
    "TariffVersion",
    "TariffVersionId",
    "advance",
    "begin",
    "bill",
    "cost",
    "decimal",
    "next_interval_cost",
    "price_e4",
    "price_now",
    "prices_ahead",
    "say",
]
