"""Routes of orders: one for each kind, made of the table of kinds; and one order's life, whatever its kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, put
from litestar.openapi.spec import Example
from litestar.params import Body, Dependency, Parameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from zaryad.auth import Caller, Role, needs
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, OrderId, Placed
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db, Tx
from zaryad.stations.orders import cancel as cancelling
from zaryad.stations.orders import follow
from zaryad.stations.orders.cursor import moment_cursor, read_moment
from zaryad.stations.orders.kinds import KINDS, OrderKind
from zaryad.stations.orders.model import (
    AWAIT_S_MAX,
    PRIORITY,
    PRIORITY_MAX,
    PRIORITY_MIN,
    WAIT_S_MAX,
    Life,
    OrderView,
    Outcome,
    Sayable,
    states_of,
    view,
)
from zaryad.stations.orders.place import found, order
from zaryad.stations.orders.profiles.limits import LimitsOf

STAFF = needs(Role.OPERATOR, Role.TECHNICIAN)
TAGS = ["orders"]

WaitS = Annotated[
    int, Parameter(ge=1, le=WAIT_S_MAX, description="seconds until it expires, if the station has not answered it")
]
AwaitS = Annotated[
    int, Parameter(ge=0, le=AWAIT_S_MAX, description="seconds that this request waits for the order to end")
]
Priority = Annotated[int, Parameter(ge=PRIORITY_MIN, le=PRIORITY_MAX, description="lower goes first")]
Limit = Annotated[int, Parameter(ge=1, le=500)]
Words = Annotated[str | None, Parameter(max_length=100)]
TheBus = Annotated[Bus, Dependency(skip_validation=True)]
TheWords = Annotated[Sayable, Dependency(skip_validation=True)]
TheLimits = Annotated[LimitsOf, Dependency(skip_validation=True)]
Reaction = Annotated[cancelling.OrderEnded, Dependency(skip_validation=True)]

# What else is to be written in the transaction that places the order: the body -> the order to place.
Prepare = Callable[[Tx, StationId, OrderId, Any, str, dt.datetime], Awaitable[AnyOrder]]


class OrderPage(msgspec.Struct, frozen=True):
    """Orders, the newest first, and what to ask for next."""

    items: list[OrderView]
    next: str | None


def answer(placed: Placed) -> Response[OrderView]:
    """Answer with the order: 200 when it has ended, 202 while it goes on."""
    return Response(view(placed), status_code=200 if placed.state.ended else 202)


def order_route(kind: OrderKind, prepare: Prepare | None = None) -> Any:
    """Make the route that gives an order of this kind; `prepare` makes the order of the body where that is more."""

    async def give(
        *,
        station_id: str,
        order_id: UUID,
        data: Any,
        db: Db,
        bus: TheBus,
        sayable: TheWords,
        profile_limits: TheLimits,
        now: dt.datetime,
        caller: Caller,
        wait_s: WaitS = 60,
        priority: Priority = PRIORITY,
        await_s: AwaitS = 0,
    ) -> Response[OrderView]:
        station, id, author = StationId(station_id), OrderId(order_id), f"staff:{caller.person_id}"
        async with db.begin() as tx:
            what = kind.read(data) if prepare is None else await prepare(tx, station, id, data, author, now)
            placed = await order(
                tx,
                id,
                station,
                what,
                author=author,
                now=now,
                wait_s=wait_s,
                priority=priority,
                sayable=sayable,
                limits=profile_limits,
            )
        return answer(await follow.until_ended(db, bus, id, await_s) if await_s else placed)

    give.__name__ = give.__qualname__ = f"order_{kind.tag}"
    give.__doc__ = f"{kind.about}\n\nThe id is the client's: asking twice is asking once."
    give.__annotations__["data"] = Annotated[kind.body, Body(examples=[Example(value=kind.example)])]
    return put(
        f"/stations/{{station_id:str}}/orders/{{order_id:uuid}}/{kind.path}",
        opt=STAFF,
        status_code=202,
        tags=TAGS,
        operation_id=f"order_{kind.tag}",
        summary=kind.about.rstrip("."),
    )(give)


@get("/orders", opt=STAFF, tags=TAGS)
async def list_orders(
    *,
    db: Db,
    station: Words = None,
    kind: Annotated[list[str] | None, Parameter(max_items=50)] = None,
    life: Annotated[list[Life] | None, Parameter(query="state")] = None,
    outcome: Outcome | None = None,
    author: Words = None,
    since: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None,
    after: Words = None,
    limit: Limit = 50,
) -> OrderPage:
    """List orders, the newest first: of a station, of kinds, in states, by an author, since a moment."""
    async with db.begin() as tx:
        items = await orders.page(
            tx,
            station_id=None if station is None else StationId(station),
            kinds=[word.replace("-", "_") for word in kind or ()],
            states=states_of(life or [], outcome),
            author=author,
            since=since,
            after=None if after is None else read_moment(after),
            limit=limit,
        )
    last = items[-1] if len(items) == limit else None
    return OrderPage([view(each) for each in items], None if last is None else moment_cursor(last.placed_at, last.id))


@get("/stations/{station_id:str}/orders", opt=STAFF, tags=TAGS)
async def list_station_orders(station_id: str, db: Db, after: Words = None, limit: Limit = 50) -> OrderPage:
    """List one station's orders, the newest first."""
    return await list_orders.fn(db=db, station=station_id, after=after, limit=limit)  # type: ignore[no-any-return]  # the same list


@get("/orders/{id:uuid}", opt=STAFF, tags=TAGS)
async def get_order(id: UUID, db: Db, bus: TheBus, await_s: AwaitS = 0) -> OrderView:
    """Return an order as it stands, or with `await_s` as soon as it has ended."""
    if await_s:
        return view(await follow.until_ended(db, bus, OrderId(id), await_s))
    async with db.begin() as tx:
        return view(await found(tx, OrderId(id)))


@get("/orders/{id:uuid}/events", opt=STAFF, tags=TAGS)
async def follow_order(id: UUID, db: Db, bus: TheBus) -> ServerSentEvent:
    """Follow an order as server-sent events: as it stands, and at every change, until it has ended."""
    async with db.begin() as tx:
        await found(tx, OrderId(id))  # 404 is told before the stream begins

    async def events() -> AsyncIterator[ServerSentEventMessage]:
        async for placed in follow.changes(db, bus, OrderId(id)):
            shown = view(placed)
            yield ServerSentEventMessage(data=msgspec.json.encode(shown).decode(), event=shown.state)

    return ServerSentEvent(events())


@delete("/orders/{id:uuid}", opt=STAFF, tags=TAGS, status_code=200)
async def cancel_order(id: UUID, db: Db, now: dt.datetime, caller: Caller, order_ended: Reaction) -> OrderView:
    """Take an order back that has not gone out; 409 when the station has it, or it has ended."""
    return view(await cancelling.cancel(db, order_ended, OrderId(id), f"staff:{caller.person_id}", now))


routes: list[Any] = [
    list_orders,
    list_station_orders,
    get_order,
    follow_order,
    cancel_order,
    *(order_route(kind) for kind in KINDS),
]
