"""Tariffs for the tests, and how to write one shortly."""

import datetime as dt

from zaryad.kernel.ids import derived_id
from zaryad.tariffs import (
    Component,
    Dimension,
    Element,
    Restrictions,
    TariffId,
    TariffVersion,
    TariffVersionId,
    read_price,
)

BISHKEK = "Asia/Bishkek"


def version(*elements: Element, currency: str = "KGS") -> TariffVersion:
    return TariffVersion(
        id=TariffVersionId(derived_id("version", *elements)),
        tariff_id=TariffId(derived_id("tariff", "test")),
        number=1,
        currency=currency,
        elements=elements,
    )


def element(
    *,
    per_kwh: str | None = None,
    per_minute: str | None = None,
    per_hour: str | None = None,
    session: str | None = None,
    currency: str = "KGS",
    **when: object,
) -> Element:
    prices = []
    if per_kwh is not None:
        prices.append(Component(Dimension.ENERGY, read_price(per_kwh, currency)))
    if per_minute is not None:
        prices.append(Component(Dimension.TIME, read_price(per_minute, currency) * 60))
    if per_hour is not None:
        prices.append(Component(Dimension.TIME, read_price(per_hour, currency)))
    if session is not None:
        prices.append(Component(Dimension.SESSION, read_price(session, currency)))
    return Element(tuple(prices), Restrictions(**when))  # type: ignore[arg-type]  # a test's shorthand


def clock(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


# The reference plan: day 15, peak 18 from 18:00 to 23:00, night 12 from 23:00 to 06:00 (20 % off).
REFERENCE = version(
    element(per_kwh="12.00", start=clock("23:00"), end=clock("06:00")),
    element(per_kwh="18.00", start=clock("18:00"), end=clock("23:00")),
    element(per_kwh="15.00"),
)
