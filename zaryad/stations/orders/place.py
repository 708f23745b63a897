"""Orders that staff give a station by hand: checked against the limits of OCPP 1.6 before they are written down."""

from __future__ import annotations

import datetime as dt

from zaryad.kernel.errors import DomainError, Kind
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import (
    AnyOrder,
    ChangeAvailability,
    ChangeConfiguration,
    OrderId,
    Placed,
    ReadConfiguration,
    SendData,
    StartCharging,
    StopCharging,
    Trigger,
    UnlockConnector,
)
from zaryad.platform.db import Tx
from zaryad.stations import store
from zaryad.stations.model import CONNECTORS_MAX

WAIT_S_MAX = 86_400
KEYS_MAX = 100


async def order(
    tx: Tx, id: OrderId, station_id: StationId, what: AnyOrder, *, author: str, now: dt.datetime, wait_s: int = 60
) -> Placed:
    """Place the order to be answered within `wait_s` seconds, and return it as it stands.

    The same id and content again is the same order; DomainError CONFLICT for other content, NOT_FOUND for a
    station we do not have, INVALID for what no station could be told.
    """
    check(what)
    if not 1 <= wait_s <= WAIT_S_MAX:
        raise DomainError(Kind.INVALID, "order_wait_invalid", most=WAIT_S_MAX)
    if await store.at_the_door(tx, station_id) is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    await orders.place(tx, id, station_id, what, author=author, now=now, before=now + dt.timedelta(seconds=wait_s))
    placed = await orders.find(tx, id)
    assert placed is not None
    if (placed.station_id, placed.order) != (station_id, what):
        raise DomainError(Kind.CONFLICT, "order_id_taken", order_id=id)
    return placed


async def found(tx: Tx, id: OrderId) -> Placed:
    """Return the order, or DomainError NOT_FOUND."""
    placed = await orders.find(tx, id)
    if placed is None:
        raise DomainError(Kind.NOT_FOUND, "order_unknown", order_id=id)
    return placed


def check(what: AnyOrder) -> None:
    """Raise DomainError INVALID with the field that OCPP 1.6 could not carry."""
    match what:
        case StartCharging(connector, token):
            _need(1 <= connector <= CONNECTORS_MAX, "connector")
            _text(token, 1, 20, "token")
        case StopCharging(charge_ref):
            _text(charge_ref, 1, 36, "charge_ref")
        case UnlockConnector(connector):
            _need(1 <= connector <= CONNECTORS_MAX, "connector")
        case ChangeAvailability(connector, _):
            _need(0 <= connector <= CONNECTORS_MAX, "connector")
        case ReadConfiguration(keys):
            _need(len(keys) <= KEYS_MAX, "keys")
            for key in keys:
                _text(key, 1, 50, "keys")
        case ChangeConfiguration(key, value):
            _text(key, 1, 50, "key")
            _text(value, 0, 500, "value")
        case SendData(vendor, message, data):
            _text(vendor, 1, 255, "vendor")
            _text(message or "", 0, 50, "message")
            _text(data or "", 0, 100_000, "data")
        case Trigger(message, connector):
            _text(message, 1, 50, "message")
            _need(connector is None or 0 <= connector <= CONNECTORS_MAX, "connector")
        case _:
            pass  # ResetStation, ClearCache: nothing can be wrong with them


def _text(text: str, least: int, most: int, field: str) -> None:
    _need(least <= len(text) <= most and "\0" not in text, field)


def _need(right: bool, field: str) -> None:
    if not right:
        raise DomainError(Kind.INVALID, "order_field_invalid", field=field)
