"""What charging costs and why: immutable versions of tariffs, and one pure evaluation of them over a meter's points."""

from zaryad.tariffs.ahead import Highest, highest, next_interval_cost, price_now, prices_ahead
from zaryad.tariffs.assigned import about_for, country_of
from zaryad.tariffs.bill import bill
from zaryad.tariffs.booking import booking_bill
from zaryad.tariffs.choose import Where, explain, find_tariff, quote, quotes, tariff, version, versions
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
from zaryad.tariffs.precedence import Assignment, Candidate, Choice, Scope, Why, pick
from zaryad.tariffs.price import advance, begin, cost
from zaryad.tariffs.publish import name_tariff, planned, publish
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
from zaryad.tariffs.told import display, explain_line, sentence, timed
from zaryad.tariffs.words import PricePart, PriceSaid, decimal, read_price, say

__all__ = [
    "E4",
    "NOTHING",
    "PRICED",
    "About",
    "Assignment",
    "Bill",
    "Bound",
    "Candidate",
    "Choice",
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
    "Scope",
    "Tab",
    "Tariff",
    "TariffId",
    "TariffVersion",
    "TariffVersionId",
    "Tax",
    "Terms",
    "Where",
    "Why",
    "about_for",
    "advance",
    "begin",
    "bill",
    "booking_bill",
    "cost",
    "country_of",
    "decimal",
    "display",
    "explain",
    "explain_line",
    "find_tariff",
    "highest",
    "name_tariff",
    "next_interval_cost",
    "pick",
    "planned",
    "price_now",
    "prices_ahead",
    "publish",
    "quote",
    "quotes",
    "read_price",
    "say",
    "sentence",
    "tariff",
    "timed",
    "version",
    "versions",
]
