"""Words of prices. A tariff is a name; what is charged by is one of its versions, which never changes.

A price is a whole number of ten-thousandths of the currency's minor unit ("e4"): 13.50 som a kWh is
13_500_000, 0.2543 euro is 254_300. Energy is priced per kWh, time per hour (so that a price per minute
and OCPI's price per hour are both exact), a session per session. Nothing is rounded but the total, once.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Literal, NewType
from uuid import UUID

import msgspec

from zaryad.kernel.money import Money
from zaryad.tariffs.terms import About, Dimension, Element, Terms

TariffId = NewType("TariffId", UUID)
TariffVersionId = NewType("TariffVersionId", UUID)


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
    terms: Terms = Terms()


class Doing(Enum):
    """What a station says of a vehicle; where it says nothing, the meter tells."""

    CHARGING = "charging"
    IDLE = "idle"  # the vehicle asks for no energy (SuspendedEV, Finishing)
    HELD = "held"  # the station gives none (SuspendedEVSE): that is not the driver's fault
    GONE = "gone"  # nobody is plugged in, or nobody knows: no time is billed


class Point(msgspec.Struct, frozen=True):
    """A reading of the meter that counts what is sold. `doing` holds from it on; None: as before."""

    at: dt.datetime
    energy_mwh: int
    doing: Doing | None = None


class Part(msgspec.Struct, frozen=True, array_like=True):
    """How much has been used at one price of one component: milliwatt-hours, microseconds or sessions."""

    component: int  # its place among all of the version
    price_e4: int
    used: int


class InForce(msgspec.Struct, frozen=True, array_like=True):
    """A component in force, -1 for energy that nothing prices, at its price, or free for now."""

    component: int
    price_e4: int
    free: Literal["grace", "free"] | None = None


class More(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a bill needs beside `Running` where more than the clock decides.

    `last`: the places among `parts` of what was priced last, of energy, of charging or idle time, of the whole
    time; -1 for nothing yet.
    """

    about: About
    parts: tuple[Part, ...]
    last: tuple[int, int, int]
    spent_us: tuple[int, int, int]  # whole time, charging, idle: what counts against free minutes
    idle_us: int  # how long the present idle spell lasts
    flow: tuple[int, int] | None  # of the last stretch: the range its mean power is in, and what the vehicle did
    active: tuple[InForce, ...]
    until_mwh: int | None  # the register at which what is in force has to be looked up again
    doing: Doing | None


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
    more: More | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a bill: from when to when, how much, at what price. The rows' amounts add up to the total."""

    kind: Dimension
    started_at: dt.datetime
    ended_at: dt.datetime
    energy_mwh: int = 0
    seconds: int = 0
    price_e4: int
    amount_minor: int
    rounded_up: int = 0  # how much of the quantity a step has added, in milliwatt-hours or seconds
    free: Literal["grace", "free"] | None = None  # why it costs nothing
    vat_permille: int | None = None


class Tax(msgspec.Struct, frozen=True):
    """The tax of one rate in a bill: both sums in minor units."""

    vat_permille: int
    before_tax_minor: int
    tax_minor: int


class Bill(msgspec.Struct, frozen=True):
    """A session's price and why. `total` is what is paid, tax and all; the lines add up to it."""

    lines: tuple[Line, ...]
    total: Money
    taxes: tuple[Tax, ...] = ()

    @property
    def before_tax(self) -> Money:
        """What it costs without tax."""
        return Money(self.total.minor - sum(tax.tax_minor for tax in self.taxes), self.total.currency)


class PriceNow(msgspec.Struct, frozen=True, kw_only=True):
    """The prices in force from `since` on; None is free. `next_change_at`: when any of them becomes another."""

    currency: str
    since: dt.datetime
    per_kwh_e4: int | None
    per_hour_e4: int | None
    session_e4: int | None
    next_change_at: dt.datetime | None
    per_charging_hour_e4: int | None = None
    per_idle_hour_e4: int | None = None
    idle_grace_s: int = 0
    conditional: bool = False  # energy, duration or power of the session can change a price as well
    tax_on_top: bool = False
    least_minor: int | None = None
    most_minor: int | None = None
