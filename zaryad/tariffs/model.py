"""Words of prices. A tariff is a name; what is charged by is one of its versions, which never changes.

A price is a whole number of ten-thousandths of the currency's minor unit ("e4"): 13.50 som a kWh is
13_500_000, 0.2543 euro is 254_300. Energy is priced per kWh, time per hour (so that a price per minute
and OCPI's price per hour are both exact), a session per session. Nothing is rounded but the total, once.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import NewType
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money

TariffId = NewType("TariffId", UUID)
TariffVersionId = NewType("TariffVersionId", UUID)

E4 = 10_000
ELEMENTS_MAX = 64
PRICE_E4_MAX = 10**12  # a million of a currency of two decimals


class Dimension(Enum):
    """What is paid for; each is priced by at most one component at a time."""

    ENERGY = "energy"  # price per kWh
    TIME = "time"  # price per hour of charging
    SESSION = "session"  # once, when the first element that has it is in force


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price of one dimension, in ten-thousandths of a minor unit per kWh, hour or session."""

    dimension: Dimension
    price_e4: int


class Restrictions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When an element applies: all that is given must hold, on the location's clock (OCPI 2.2.1, TariffRestrictions).

    `start` is inclusive and `end` exclusive; `end` <= `start` goes over midnight. The weekdays (ISO, 1 is Monday)
    and dates are those of the local moment itself: 02:00 on Saturday is Saturday, also in a night that began on
    Friday. `start_date` is inclusive, `end_date` exclusive.
    """

    start: dt.time | None = None
    end: dt.time | None = None
    weekdays: frozenset[int] | None = None
    start_date: dt.date | None = None
    end_date: dt.date | None = None

    def hold(self, local: dt.datetime) -> bool:
        """Whether they hold at a local moment."""
        if self.weekdays is not None and local.isoweekday() not in self.weekdays:
            return False
        if self.start_date is not None and local.date() < self.start_date:
            return False
        if self.end_date is not None and local.date() >= self.end_date:
            return False
        if self.start is None and self.end is None:
            return True
        start, end, clock = self.start or dt.time(), self.end or dt.time(), local.time()
        return start <= clock < end if start < end else clock >= start or clock < end


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices that hold together under the same restrictions."""

    components: tuple[Component, ...]
    when: Restrictions = Restrictions()


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """What people choose by name; its prices are its versions'."""

    id: TariffId
    names: dict[str, str]  # language -> name
    currency: str
    network_default: bool = False  # for connectors without a tariff of their own
    archived: bool = False


class TariffVersion(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a session is charged by, frozen at its start. Per dimension, the first element that applies counts.

    (`dict`: the plan made of it is kept beside the fields.)
    """

    id: TariffVersionId
    tariff_id: TariffId
    number: int
    currency: str
    elements: tuple[Element, ...]
    names: dict[str, str] = {}  # language -> the tariff's name, to show


class Point(msgspec.Struct, frozen=True):
    """A reading of the meter that counts what is sold."""

    at: dt.datetime
    energy_mwh: int


class Running(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """How far a session's bill has come: all that is needed to go on from its last point.

    `used` counts, per component of the version in order, milliwatt-hours, microseconds or sessions: whole
    numbers that only grow. `until` is when `active` has to be looked up again.

    Written as an array: it is kept with every reading, and its names would be more than half of it.
    """

    timezone: str
    began_at: dt.datetime
    began_mwh: int
    at: dt.datetime
    energy_mwh: int
    until: dt.datetime | None
    active: tuple[int, ...]
    used: tuple[int, ...]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a bill: from when to when, how much, at what price. The rows' amounts add up to the total."""

    kind: Dimension
    started_at: dt.datetime
    ended_at: dt.datetime
    energy_mwh: int = 0
    seconds: int = 0
    price_e4: int
    amount_minor: int


class Bill(msgspec.Struct, frozen=True):
    """A session's price and why."""

    lines: tuple[Line, ...]
    total: Money


class PriceNow(msgspec.Struct, frozen=True, kw_only=True):
    """The prices in force from `since` on; None is free. `next_change_at`: when any of them becomes another."""

    currency: str
    since: dt.datetime
    per_kwh_e4: int | None
    per_hour_e4: int | None
    session_e4: int | None
    next_change_at: dt.datetime | None


def check(elements: tuple[Element, ...]) -> None:
    """Raise DomainError INVALID unless a version can be made of these elements."""
    if not 0 < len(elements) <= ELEMENTS_MAX:
        raise DomainError(Kind.INVALID, "tariff_elements_count", most=ELEMENTS_MAX)
    for place, element in enumerate(elements, start=1):
        kinds = [component.dimension for component in element.components]
        if not kinds or len(set(kinds)) < len(kinds):
            raise DomainError(Kind.INVALID, "tariff_components_invalid", element=place)
        if not all(0 <= component.price_e4 <= PRICE_E4_MAX for component in element.components):
            raise DomainError(Kind.INVALID, "tariff_price_invalid", element=place)
        when = element.when
        if when.weekdays is not None and not (when.weekdays and when.weekdays <= set(range(1, 8))):
            raise DomainError(Kind.INVALID, "tariff_weekdays_invalid", element=place)
        if when.start_date is not None and when.end_date is not None and when.end_date <= when.start_date:
            raise DomainError(Kind.INVALID, "tariff_dates_invalid", element=place)
        if any(clock is not None and clock.tzinfo is not None for clock in (when.start, when.end)):
            raise DomainError(Kind.INVALID, "tariff_time_with_zone", element=place)
