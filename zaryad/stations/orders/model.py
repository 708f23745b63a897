"""Words of orders given by hand: how far one has come, and what a version of OCPP cannot say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, OrderId, OrderState, Placed
from zaryad.stations.orders.mask import hidden, masked

WAIT_S_MAX: Final = 86_400
AWAIT_S_MAX: Final = 60
PRIORITY: Final = 5
PRIORITY_MIN: Final = 2  # 1 is for what ends a charge: nothing given by hand goes before it
PRIORITY_MAX: Final = 9

Life = Literal["created", "sent", "answered", "expired", "not_supported", "cancelled"]
Outcome = Literal["accepted", "refused"]

LIVES: Final[dict[OrderState, tuple[Life, Outcome | None]]] = {
    OrderState.CREATED: ("created", None),
    OrderState.SENT: ("sent", None),
    OrderState.DONE: ("answered", "accepted"),
    OrderState.REFUSED: ("answered", "refused"),
    OrderState.NOT_SUPPORTED: ("not_supported", None),
    OrderState.EXPIRED: ("expired", None),
    OrderState.CANCELLED: ("cancelled", None),
}


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order and how far it has come.

    `created`: waits for the station to be connected and free. `sent`: waits for its answer. `answered`: `outcome` is
    its promise, `detail` its own words. `not_supported`: the station, or its version, has no such order. `expired`: no
    answer by `before`. Passwords are shown as `***`, and are not kept once the order has ended.
    """

    id: OrderId
    station_id: StationId
    kind: str
    order: dict[str, Any]
    author: str
    state: Life
    outcome: Outcome | None
    detail: dict[str, Any]
    priority: int
    placed_at: dt.datetime
    before: dt.datetime
    sent_at: dt.datetime | None
    ended_at: dt.datetime | None
    number: int


class Unsayable(msgspec.Struct, frozen=True):
    """Why a version cannot say an order. With a field: it could with another value; without: it has no such order."""

    why: str
    field: str | None = None


# A protocol's name and an order -> why it cannot be said. None: it can, or nobody knows the protocol.
Sayable = Callable[[str, AnyOrder], Unsayable | None]


def view(placed: Placed) -> OrderView:
    """Show an order."""
    body = msgspec.to_builtins(masked(placed.order))
    kind = body.pop("kind")
    state, outcome = LIVES[placed.state]
    return OrderView(
        id=placed.id,
        station_id=placed.station_id,
        kind=kind,
        order=body,
        author=placed.author,
        state=state,
        outcome=outcome,
        detail=hidden(placed.detail),
        priority=placed.priority,
        placed_at=placed.placed_at,
        before=placed.before,
        sent_at=placed.sent_at,
        ended_at=placed.ended_at,
        number=placed.number,
    )


def states_of(lives: list[Life], outcome: Outcome | None = None) -> list[OrderState]:
    """Return the states that are told by these words."""
    wanted = lives or ([] if outcome is None else ["answered"])
    return [
        state
        for state, (life, came_to) in LIVES.items()
        if life in wanted and (outcome is None or came_to in {None, outcome})
    ]
