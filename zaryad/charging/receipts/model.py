"""A receipt: what was sold, written down once. Everything it says is in it; nothing is looked up when it is shown."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from zaryad.kernel.money import Money


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[receipts]`: who sells. The defaults are the demo network's."""

    seller_name: str = "Заряд, демонстрационная сеть"
    seller_tax_id: str | None = None
    seller_address: str | None = None
    support_phone: str | None = "+996 312 00-00-00"
    pdf_at_once: int = 2  # documents set at the same time by one process; each takes a core for tens of milliseconds


class Seller(msgspec.Struct, frozen=True):
    """Who sold, as the settings said when the receipt was issued."""

    name: str
    tax_id: str | None
    address: str | None
    phone: str | None


class Place(msgspec.Struct, frozen=True):
    """Where, as it was called then."""

    location: str
    address: str
    timezone: str  # IANA
    station_id: str
    connector: int
    kind: str
    power_w: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the bill. `quantity` is milliwatt-hours or seconds by `unit`; a sum without either has none."""

    kind: str  # a key of `receipt.line.*`
    unit: Literal["kwh", "hour"] | None = None
    quantity: int | None = None
    rate_e4: int | None = None  # ten-thousandths of a minor unit per kWh or hour
    begins_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    amount_minor: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """An issued receipt. Times are UTC; they are shown in the place's zone."""

    number: str  # "2026-000123": the year of issue at the place, and a count without gaps
    session_id: UUID
    issued_at: dt.datetime
    seller: Seller
    place: Place
    customer: str | None  # a masked phone
    token: str | None  # the end of a card's number, where a card began it
    started_at: dt.datetime
    ended_at: dt.datetime
    energy_mwh: int
    tariff: dict[str, str]  # its name by language
    lines: tuple[Line, ...]
    total_minor: int
    from_balance_minor: int
    owed_minor: int  # what the balance did not cover
    currency: str
    end_reason: str  # a key of `end.*`
    form: int = 1  # of this record; old receipts are read for ever

    @property
    def total(self) -> Money:
        """The sum of the bill."""
        return Money(self.total_minor, self.currency)
