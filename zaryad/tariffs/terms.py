"""What a tariff is made of: prices, when each applies, percent rules, bounds of the total, tax.

A price is a whole number of ten-thousandths of the currency's minor unit ("e4"). Every field that came after the
first published versions has a default and is left out when it has it: what was published keeps its body, its
digest and its meaning.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Literal

import msgspec

E4 = 10_000
PERMILLE = 1_000


class Dimension(Enum):
    """What a line of a bill is for. The last two are the bounds of the total: no component prices them."""

    ENERGY = "energy"  # price per kWh
    TIME = "time"  # price per hour of the session, charging or not
    SESSION = "session"  # once, when the first element that has it is in force
    CHARGING = "charging"  # price per hour in which the vehicle takes energy, or would if it were given any
    IDLE = "idle"  # price per hour in which the vehicle is plugged and takes none, after the grace
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


PRICED = (Dimension.ENERGY, Dimension.TIME, Dimension.SESSION, Dimension.CHARGING, Dimension.IDLE)
TIMES = frozenset({Dimension.TIME, Dimension.CHARGING, Dimension.IDLE})


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A price of one dimension, in ten-thousandths of a minor unit per kWh, hour or session.

    `step`: what is billed is the session's total rounded up to whole steps, in Wh or seconds (OCPI `step_size`); 0
    is exact. `grace_s` (idle): so long each idle spell is free. `free_s` (times): so much of the session is free.
    `vat_permille`: the rate of its tax, None where none is stated.
    """

    dimension: Dimension
    price_e4: int
    step: int = 0
    grace_s: int = 0
    free_s: int = 0
    vat_permille: int | None = None


class Restrictions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When an element applies: all that is given must hold (OCPI 2.2.1, TariffRestrictions).

    `start` is inclusive and `end` exclusive; `end` <= `start` goes over midnight. The weekdays (ISO, 1 is Monday),
    dates and holidays are those of the local moment itself: 02:00 on Saturday is Saturday, also in a night that
    began on Friday. `start_date` is inclusive, `end_date` exclusive; so are every `min` and `max`.

    `connectors`, `plate_*`, `groups` and `contracts` are fixed when the session begins. `power` is that of the
    moment, `wh` and `duration` count from the session's start. `booking` makes it a price of a booking, not of a
    session: one that was used, or one that expired.
    """

    start: dt.time | None = None
    end: dt.time | None = None
    weekdays: frozenset[int] | None = None
    start_date: dt.date | None = None
    end_date: dt.date | None = None
    holiday: bool | None = None
    connectors: frozenset[str] | None = None
    plate_min_w: int | None = None
    plate_max_w: int | None = None
    groups: frozenset[str] | None = None
    contracts: frozenset[str] | None = None
    power_min_w: int | None = None
    power_max_w: int | None = None
    min_wh: int | None = None
    max_wh: int | None = None
    min_duration_s: int | None = None
    max_duration_s: int | None = None
    booking: Literal["used", "expired"] | None = None

    def hold(self, local: dt.datetime, holidays: frozenset[dt.date] = frozenset()) -> bool:
        """Whether those of the clock and the calendar hold at a local moment."""
        if self.weekdays is not None and local.isoweekday() not in self.weekdays:
            return False
        if self.start_date is not None and local.date() < self.start_date:
            return False
        if self.end_date is not None and local.date() >= self.end_date:
            return False
        if self.holiday is not None and (local.date() in holidays) is not self.holiday:
            return False
        if self.start is None and self.end is None:
            return True
        start, end, clock = self.start or dt.time(), self.end or dt.time(), local.time()
        return start <= clock < end if start < end else clock >= start or clock < end

    def fit(self, about: About) -> bool:
        """Whether those hold that are fixed for the whole session."""
        if self.connectors is not None and about.connector not in self.connectors:
            return False
        if not _within(about.plate_w, self.plate_min_w, self.plate_max_w):
            return False
        if self.groups is not None and self.groups.isdisjoint(about.groups):
            return False
        return self.contracts is None or about.contract in self.contracts

    def reached(self, energy_mwh: int, lasted_us: int, power_mw: int | None) -> bool:
        """Whether those hold that a session's own course decides; an unknown power is in no range."""
        if not _within(energy_mwh, _times(self.min_wh, 1_000), _times(self.max_wh, 1_000)):
            return False
        if not _within(lasted_us, _times(self.min_duration_s, 1_000_000), _times(self.max_duration_s, 1_000_000)):
            return False
        if not self.by_power:
            return True
        least, most = _times(self.power_min_w, 1_000), _times(self.power_max_w, 1_000)
        return power_mw is not None and _within(power_mw, least, most)

    @property
    def by_power(self) -> bool:
        """Whether the power of the moment decides."""
        return self.power_min_w is not None or self.power_max_w is not None

    @property
    def by_course(self) -> bool:
        """Whether the session's own course decides: power, energy or duration."""
        ranges = (self.min_wh, self.max_wh, self.min_duration_s, self.max_duration_s)
        return self.by_power or any(bound is not None for bound in ranges)

    @property
    def plain(self) -> bool:
        """Whether the clock alone decides."""
        fixed = (self.connectors, self.plate_min_w, self.plate_max_w, self.groups, self.contracts, self.booking)
        return not self.by_course and self.holiday is None and all(each is None for each in fixed)


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices that hold together under the same restrictions."""

    components: tuple[Component, ...]
    when: Restrictions = Restrictions()


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A percent rule: while it applies, the prices of its dimensions (of all, if None) are changed by `permille`.

    All rules that hold are multiplied; the price that comes out is rounded once, halves up, to a ten-thousandth of
    a minor unit.
    """

    permille: int  # -200 is 20 % less
    when: Restrictions = Restrictions()
    dimensions: frozenset[Dimension] | None = None


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A bound of the total in minor units, after and before tax: each acts on its own total (OCPI `min_price`).

    Without one before tax, that total follows what is paid in proportion.
    """

    after_tax: int
    before_tax: int | None = None


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What holds for a whole version beside its elements.

    `tax_included`: prices contain the tax of their component; else it comes on top. `idle_below_w`: less mean power
    than that between two readings is a vehicle that takes nothing.
    """

    rules: tuple[Rule, ...] = ()
    least: Bound | None = None
    most: Bound | None = None
    tax_included: bool = True
    idle_below_w: int = 100


class About(msgspec.Struct, frozen=True, array_like=True):
    """What a session's restrictions are judged by beside clock and meter; fixed at its start and kept with its bill."""

    connector: str = "unknown"
    plate_w: int = 0
    groups: frozenset[str] = frozenset()
    contract: str | None = None
    holidays: frozenset[dt.date] = frozenset()  # local dates around the session


NOTHING = About()


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value < most)


def _times(value: int | None, factor: int) -> int | None:
    return None if value is None else value * factor
