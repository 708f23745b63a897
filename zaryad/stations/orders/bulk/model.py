"""Words of orders to many stations."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, OrderId, OrderState
from zaryad.stations.model import AdminState

STATIONS_MAX: Final = 10_000
PARALLEL_MAX: Final = 200
DEADLINE_S_MAX: Final = 7 * 86_400
PLAN_ITEMS_MAX: Final = 1_000

# Kinds that are about one charge, one station's certificate or one driver: never to many at once.
NEVER: Final = frozenset(
    {"start_charging", "stop_charging", "show_cost", "ask_transaction", "give_certificate", "reserve",
     "cancel_reservation"}
)  # fmt: skip

Word = Annotated[str, Meta(min_length=1, max_length=100)]
BulkState = Literal["running", "done", "cancelled"]
ItemState = Literal[
    "waiting",  # not placed yet: others go first, or the station is not connected
    "placed",  # an order is on its way
    "accepted",
    "refused",
    "not_supported",  # by the station, or by its version
    "invalid",  # this station could not be told: it has no such connector, or a text is too long for its version
    "expired",  # it was connected and did not answer
    "unreached",  # it was not connected before the deadline
    "cancelled",
]
CAME_TO: Final[dict[OrderState, ItemState]] = {
    OrderState.DONE: "accepted",
    OrderState.REFUSED: "refused",
    OrderState.NOT_SUPPORTED: "not_supported",
    OrderState.EXPIRED: "expired",
    OrderState.CANCELLED: "cancelled",
}


class StationFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which stations: those that meet all that is said. Nothing said is nobody, unless `everyone` says so."""

    ids: Annotated[tuple[str, ...], Meta(max_length=STATIONS_MAX)] = ()
    location_id: UUID | None = None
    vendor: Word | None = None
    model: Word | None = None
    firmware: Word | None = None
    protocol: Word | None = None
    online: bool | None = None
    admin_state: AdminState | None = None
    everyone: bool = False

    @property
    def says_something(self) -> bool:
        """Whether anything narrows it down, or all are meant."""
        return self != StationFilter()


class Candidate(msgspec.Struct, frozen=True):
    """A station that the filter finds."""

    id: StationId
    connected: bool
    protocol: str | None
    connectors: frozenset[int]


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """A bulk order as its row stands."""

    id: UUID
    order: AnyOrder
    filter: StationFilter
    author: str
    state: BulkState
    parallelism: int
    wait_s: int
    deadline: dt.datetime
    placed_at: dt.datetime
    ended_at: dt.datetime | None


class BulkItem(msgspec.Struct, frozen=True, kw_only=True):
    """One station of a bulk order; in a plan, `waiting` is what would be reached."""

    station_id: StationId
    state: ItemState
    order_id: OrderId | None = None
    detail: dict[str, Any] = {}
    ended_at: dt.datetime | None = None
    connected: bool | None = None  # at the time of a plan


class BulkView(msgspec.Struct, frozen=True, kw_only=True):
    """A bulk order and how far it has come; `counts` by the items' states. `items`: only in the answer to a dry run."""

    id: UUID | None
    state: Literal["planned", "running", "done", "cancelled"]
    kind: str
    order: dict[str, Any]
    filter: StationFilter
    author: str
    parallelism: int
    wait_s: int
    deadline: dt.datetime
    placed_at: dt.datetime
    ended_at: dt.datetime | None
    total: int
    connected: int | None  # of those that would be reached, how many are there now
    counts: dict[str, int]
    items: list[BulkItem] | None = None
