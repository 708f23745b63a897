"""Words of reservations."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any, Final
from uuid import UUID

import msgspec

from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, Reserve, TokenKind

LIFE_MAX: Final = dt.timedelta(days=7)
ANSWER_WITHIN: Final = dt.timedelta(minutes=2)
PRIORITY: Final = 4  # a driver may be on his way: before what staff ask in passing


class ReservationStatus(Enum):
    """Where a reservation is in its life; the last five are ends."""

    REQUESTED = "requested"  # the station has not answered yet
    ACTIVE = "active"
    REFUSED = "refused"  # by the station, or it did not answer
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REMOVED = "removed"  # by the station: it or the connector went out of service

    @property
    def live(self) -> bool:
        """Whether a connector is kept, or may be."""
        return self in (ReservationStatus.REQUESTED, ReservationStatus.ACTIVE)


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation as its row stands. `number` is what the station knows it by; connector 0 keeps any one free.

    `order_id` is the order that is to make or change it; `detail` says how it came to its status.
    """

    id: UUID
    number: int
    station_id: StationId
    connector: int
    token: str
    token_kind: TokenKind
    group: str | None
    expires_at: dt.datetime
    status: ReservationStatus
    detail: dict[str, Any]
    author: str
    order_id: OrderId
    revision: int
    charge_ref: str | None
    created_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def asked(self) -> Reserve:
        """Return the order that asks for just this."""
        return Reserve(self.number, self.connector, self.token, self.expires_at, self.token_kind, self.group)
