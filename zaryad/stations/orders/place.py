"""Orders that staff give a station by hand: checked against what it is and speaks before they are written down."""

from __future__ import annotations

import datetime as dt

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, OrderId, Placed
from zaryad.platform.db import Tx
from zaryad.stations.orders import store
from zaryad.stations.orders.check import check
from zaryad.stations.orders.mask import masked
from zaryad.stations.orders.model import PRIORITY, WAIT_S_MAX, Sayable
from zaryad.stations.orders.profiles.limits import LimitsOf, check_installed, check_limits, profile_in
from zaryad.stations.orders.store import Reached


async def order(
    tx: Tx,
    id: OrderId,
    station_id: StationId,
    what: AnyOrder,
    *,
    author: str,
    now: dt.datetime,
    wait_s: int = 60,
    priority: int = PRIORITY,
    sayable: Sayable | None = None,
    limits: LimitsOf | None = None,
) -> Placed:
    """Place the order to be answered within `wait_s` seconds, and return it as it stands.

    The same id and content again is the same order; DomainError CONFLICT for other content, NOT_FOUND for a
    station we do not have, INVALID with the field for what this station could not be told, REFUSED
    `profile_beyond_station` for a charging profile beyond what the station itself says it takes (`limits`).
    """
    if not 1 <= wait_s <= WAIT_S_MAX:
        raise DomainError(Kind.INVALID, "order_wait_invalid", most=WAIT_S_MAX)
    known = await orders.find(tx, id)
    if known is None:
        fits(await reach(tx, station_id), what, sayable)
        await _taken(tx, station_id, what, limits)
        before = now + dt.timedelta(seconds=wait_s)
        await orders.place(tx, id, station_id, what, author=author, now=now, before=before, priority=priority)
        known = await orders.find(tx, id)
    assert known is not None
    # An order that has ended is kept without its passwords.
    if known.station_id != station_id or known.order not in (what, masked(what)):
        raise DomainError(Kind.CONFLICT, "order_id_taken", order_id=id)
    return known


async def reach(tx: Tx, station_id: StationId) -> Reached:
    """Return the station as orders see it; DomainError NOT_FOUND."""
    found = await store.reached(tx, station_id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    return found


def fits(station: Reached, what: AnyOrder, sayable: Sayable | None = None) -> None:
    """Raise DomainError INVALID `order_field_invalid` for what this station could not be told.

    An order that its version does not have at all is no error: it is placed, and ends as `not_supported`.
    """
    check(what, station.protocol)
    number = getattr(what, "connector", None)
    if number and station.connectors - {0} and number not in station.connectors:
        raise DomainError(Kind.INVALID, "order_field_invalid", field="connector")
    if sayable is not None and station.protocol is not None:
        trouble = sayable(station.protocol, what)
        if trouble is not None and trouble.field is not None:
            raise DomainError(Kind.INVALID, "order_field_invalid", field=trouble.field, why=trouble.why)


async def _taken(tx: Tx, station_id: StationId, what: AnyOrder, limits: LimitsOf | None) -> None:
    profile = profile_in(what)
    if profile is None or limits is None:
        return
    known = (await limits(tx, [station_id])).get(station_id)
    if known is not None:
        check_limits(profile, known)
        await check_installed(tx, station_id, profile, getattr(what, "connector", 0), known)


async def found(tx: Tx, id: OrderId) -> Placed:
    """Return the order, or DomainError NOT_FOUND."""
    placed = await orders.find(tx, id)
    if placed is None:
        raise DomainError(Kind.NOT_FOUND, "order_unknown", order_id=id)
    return placed
