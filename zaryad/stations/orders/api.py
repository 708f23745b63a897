"""Routes of orders."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, OrderId, Placed
from zaryad.platform.db import Db
from zaryad.stations.orders.place import found, order

Limit = Annotated[int, Parameter(ge=1, le=500)]
STAFF = needs(Role.OPERATOR, Role.TECHNICIAN)


class OrderPut(msgspec.Struct, frozen=True, kw_only=True):
    """An order to a station, to be answered within `wait_s`."""

    station_id: str
    order: AnyOrder
    wait_s: int = 60


@get("/stations/{id:str}/orders", opt=STAFF)
async def list_orders(id: str, db: Db, limit: Limit = 50) -> list[Placed]:
    """List the station's newest orders."""
    async with db.begin() as tx:
        return await orders.of_station(tx, StationId(id), limit=limit)


@put("/orders/{id:uuid}", opt=STAFF, status_code=202)
async def put_order(id: UUID, data: OrderPut, db: Db, now: dt.datetime, caller: Caller) -> Placed:
    """Give a station an order; the id is the client's, so that asking twice is asking once."""
    async with db.begin() as tx:
        return await order(
            tx,
            OrderId(id),
            StationId(data.station_id),
            data.order,
            author=f"staff:{caller.person_id}",
            now=now,
            wait_s=data.wait_s,
        )


@get("/orders/{id:uuid}", opt=STAFF)
async def get_order(id: UUID, db: Db) -> Placed:
    """Return an order as it stands."""
    async with db.begin() as tx:
        return await found(tx, OrderId(id))


routes: list[Any] = [list_orders, put_order, get_order]
