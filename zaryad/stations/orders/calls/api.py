"""The route of technicians' calls."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.openapi.spec import Example
from litestar.params import Body

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.ids import new_id
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, RawCall
from zaryad.platform.db import Db
from zaryad.stations.orders.api import Reaction, TheBus, TheWords
from zaryad.stations.orders.calls.call import TIMEOUT_S, TIMEOUT_S_MAX, CallAnswer, call

_EXAMPLE = {"action": "TriggerMessage", "payload": {"requestedMessage": "StatusNotification", "connectorId": 1}}


class CallPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OCPP request of the station's version. `id` is optional: with one of yours, asking twice is asking once."""

    action: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    payload: dict[str, Any] = {}
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=TIMEOUT_S_MAX)] = TIMEOUT_S
    id: UUID | None = None


@post("/stations/{station_id:str}/calls", opt=needs(Role.TECHNICIAN), tags=["orders"], status_code=200)
async def post_call(
    *,
    station_id: str,
    data: Annotated[CallPost, Body(examples=[Example(value=_EXAMPLE)])],
    db: Db,
    bus: TheBus,
    now: dt.datetime,
    caller: Caller,
    sayable: TheWords,
    order_ended: Reaction,
) -> CallAnswer:
    """Send any OCPP request of the station's version as it stands on the wire, and wait for what comes of it.

    It is checked against the version's schema first (422 with the field), and waits behind the orders in flight.
    """
    return await call(
        db,
        bus,
        OrderId(data.id or new_id()),
        StationId(station_id),
        RawCall(data.action, data.payload),
        author=f"staff:{caller.person_id}",
        now=now,
        sayable=sayable,
        order_ended=order_ended,
        timeout_s=data.timeout_s,
    )


routes: list[Any] = [post_call]
