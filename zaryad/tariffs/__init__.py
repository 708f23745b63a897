"""What charging costs and why: immutable versions of tariffs, and one pure evaluation of them over a meter's points."""

from zaryad.tariffs.ahead import Highest, highest, next_interval_cost, price_now, prices_ahead
from zaryad.tariffs.bill import bill
from zaryad.tariffs.booking import booking_bill
from zaryad.tariffs.choose import find_tariff, quote, tariff, version, versions
from zaryad.tariffs.model import (
    Bill,
    Doing,
    Line,
    Point,
    PriceNow,
    Running,
    Tariff,
    TariffId,
    TariffVersion,
    TariffVersionId,
    Tax,
)
from zaryad.tariffs.price import advance, begin, cost
from zaryad.tariffs.publish import name_tariff, publish
from zaryad.tariffs.tab import Tab
from zaryad.tariffs.terms import (
    E4,
    NOTHING,
    PRICED,
    About,
    Bound,
    Component,
    Dimension,
    Element,
    Restrictions,
    Rule,
    Terms,
)
from zaryad.tariffs.words import PricePart, PriceSaid, decimal, read_price, say

__all__ = [
    "E4",
    "NOTHING",
    "PRICED",
    "About",
    "Bill",
    "Bound",
    "Component",
    "Dimension",
    "Doing",
    "Element",
    "Highest",
    "Line",
    "Point",
    "PriceNow",
    "PricePart",
    "PriceSaid",
    "Restrictions",
    "Rule",
    "Running",
    "Tab",
    "Tariff",
    "TariffId",
    "TariffVersion",
    "TariffVersionId",
    "Tax",
    "Terms",
    "advance",
    "begin",
    "bill",
    "booking_bill",
    "cost",
    "decimal",
    "find_tariff",
    "highest",
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
