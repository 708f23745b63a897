"""What we ask of a station, in our own words. An order is a row before it is a frame.

Life: `created` -> `sent` -> `done` | `refused` | `not_supported`; or `expired` when its deadline
passes unsent or unanswered, or `cancelled` before it was sent. "Done" is the station's promise,
not the effect: the effect is a fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import Enum
from typing import NewType
from uuid import UUID

import msgspec

from zaryad.link import store
from zaryad.link.facts import StationId
from zaryad.link.kinds.base import Order
from zaryad.link.kinds.certificates import (
    CertificateUse,
    DeleteCertificate,
    GiveCertificate,
    InstallCertificate,
    ListCertificates,
    RootUse,
)
from zaryad.link.kinds.control import (
    AskTransaction,
    ChangeAvailability,
    ClearCache,
    RawCall,
    ResetStation,
    SendData,
    ShowCost,
    StartCharging,
    StopCharging,
    TokenKind,
    Trigger,
    UnlockConnector,
)
from zaryad.link.kinds.every import AnyOrder
from zaryad.link.kinds.files import FetchLog, PublishFirmware, UnpublishFirmware, UpdateFirmware
from zaryad.link.kinds.profiles import (
    ClearProfiles,
    ComposeSchedule,
    Period,
    Profile,
    ProfileKind,
    Purpose,
    RateUnit,
    ReportProfiles,
    Schedule,
    SetProfile,
)
from zaryad.link.kinds.settings import (
    Attribute,
    ChangeConfiguration,
    ClearMonitors,
    MonitorKind,
    MonitorSet,
    ReadConfiguration,
    ReadVariables,
    ReportBase,
    ReportMonitors,
    ReportVariables,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetMonitors,
    SetNetworkProfile,
    Variable,
    VariableAsked,
    VariableSet,
    WriteVariables,
)
from zaryad.link.kinds.tokens import (
    AskListVersion,
    CancelReservation,
    CertificateHash,
    ClearDisplay,
    CustomerData,
    DisplayMessage,
    ListEntry,
    ReportDisplays,
    Reserve,
    SendLocalList,
    SetDisplay,
)
from zaryad.platform.bus import part
from zaryad.platform.db import Tx

__all__ = [
    "AnyOrder",
    "AskListVersion",
    "AskTransaction",
    "Attribute",
    "CancelReservation",
    "CertificateHash",
    "CertificateUse",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "ClearDisplay",
    "ClearMonitors",
    "ClearProfiles",
    "ComposeSchedule",
    "CustomerData",
    "DeleteCertificate",
    "DisplayMessage",
    "FetchLog",
    "GiveCertificate",
    "InstallCertificate",
    "ListCertificates",
    "ListEntry",
    "MonitorKind",
    "MonitorSet",
    "Order",
    "OrderId",
    "OrderState",
    "Period",
    "Placed",
    "Profile",
    "ProfileKind",
    "PublishFirmware",
    "Purpose",
    "RateUnit",
    "RawCall",
    "ReadConfiguration",
    "ReadVariables",
    "ReportBase",
    "ReportDisplays",
    "ReportMonitors",
    "ReportProfiles",
    "ReportVariables",
    "Reserve",
    "ResetStation",
    "RootUse",
    "Schedule",
    "SendData",
    "SendLocalList",
    "SetDisplay",
    "SetMonitoringBase",
    "SetMonitoringLevel",
    "SetMonitors",
    "SetNetworkProfile",
    "SetProfile",
    "ShowCost",
    "StartCharging",
    "StopCharging",
    "TokenKind",
    "Trigger",
    "UnlockConnector",
    "UnpublishFirmware",
    "UpdateFirmware",
    "Variable",
    "VariableAsked",
    "VariableSet",
    "WriteVariables",
    "cancel",
    "conclude",
    "find",
    "forget",
    "numbered",
    "of_station",
    "overdue",
    "page",
    "place",
    "rewrite",
    "take_next",
    "waiting",
]

OrderId = NewType("OrderId", UUID)


class OrderState(Enum):
    """Where an order is in its life; the last five are ends."""

    CREATED = "created"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    NOT_SUPPORTED = "not_supported"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self not in (OrderState.CREATED, OrderState.SENT)


class Placed(msgspec.Struct, frozen=True):
    """An order as it stands in its row."""

    id: OrderId
    station_id: StationId
    order: AnyOrder
    author: str  # "driver:{id}", "staff:{id}", "system:{reason}"
    state: OrderState
    detail: dict[str, object]
    placed_at: dt.datetime
    before: dt.datetime
    sent_at: dt.datetime | None
    ended_at: dt.datetime | None
    number: int = 0  # positive and its own: what 2.x knows the order's reports by
    priority: int = 5  # lower goes first


async def place(
    tx: Tx,
    id: OrderId,
    station_id: StationId,
    order: AnyOrder,
    *,
    author: str,
    now: dt.datetime,
    before: dt.datetime,
    priority: int = 5,
) -> None:
    """Write the order down; the gateway that holds the station's connection sends it after commit.

    The same `id` again changes nothing. Expired orders are never sent.
    """
    body = msgspec.to_builtins(order)
    new = await store.insert_order(
        tx,
        id=id,
        station_id=station_id,
        kind=body.pop("kind"),
        body=body,
        author=author,
        placed_at=now,
        before=before,
        priority=priority,
    )
    if new:
        tx.hint(f"orders.{part(station_id)}", str(id).encode())


async def find(tx: Tx, id: OrderId) -> Placed | None:
    """Return the order with this id."""
    row = await store.find_order(tx, id)
    return None if row is None else _placed(row)


async def numbered(tx: Tx, station_id: StationId, number: int) -> Placed | None:
    """Return the station's order that went out under this number: whose report a part belongs to."""
    row = await store.numbered(tx, station_id, number)
    return None if row is None else _placed(row)


async def of_station(tx: Tx, station_id: StationId, *, limit: int = 50) -> list[Placed]:
    """Return the station's newest orders first."""
    return [_placed(row) for row in await store.station_orders(tx, station_id, limit)]


async def page(
    tx: Tx,
    *,
    station_id: StationId | None = None,
    kinds: Sequence[str] = (),
    states: Sequence[OrderState] = (),
    author: str | None = None,
    since: dt.datetime | None = None,
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Placed]:
    """Return orders, the newest first; `after` is the moment and the id of the last one seen."""
    rows = await store.page(
        tx,
        station_id=station_id,
        kinds=kinds,
        states=[state.value for state in states],
        author=author,
        since=since,
        after=after,
        limit=limit,
    )
    return [_placed(row) for row in rows]


async def take_next(tx: Tx, station_id: StationId, *, epoch: int, now: dt.datetime) -> Placed | None:
    """Mark the station's next order as sent on the connection `epoch` and return it; the gateway sends it after commit.

    An order sent on an earlier connection and never answered is taken again while its deadline
    allows: the frame or its answer was lost with that socket. But for a reset, which ends sockets itself.
    """
    row = await store.take_next(tx, station_id, epoch, now)
    if row is None:
        return None
    tx.hint(f"order.{row.id}", OrderState.SENT.value.encode())
    return _placed(row)


async def waiting(
    tx: Tx, now: dt.datetime, *, arrived: Sequence[StationId] = (), limit: int = 5_000
) -> list[StationId]:
    """Return the stations that have orders to be sent: for gateways, since a hint may be lost.

    Of those that `arrived` on a new connection, orders sent on an earlier one count as well.
    """
    return [StationId(id) for id in await store.waiting(tx, now, arrived, limit)]


async def conclude(
    tx: Tx, id: OrderId, state: OrderState, detail: dict[str, object], now: dt.datetime
) -> Placed | None:
    """End the order; None when it had ended already. The caller runs the business reaction on the same `tx`."""
    return _ended(tx, await store.conclude(tx, id, state.value, detail, now))


async def cancel(tx: Tx, id: OrderId, detail: dict[str, object], now: dt.datetime) -> Placed | None:
    """Take the order back; None when it was sent or had ended. The reaction is the caller's, as with `conclude`."""
    return _ended(tx, await store.conclude(tx, id, OrderState.CANCELLED.value, detail, now, unsent=True))


async def rewrite(tx: Tx, id: OrderId, order: AnyOrder) -> None:
    """Write the order's body anew, less what may not be kept: a password that has been told."""
    body = msgspec.to_builtins(order)
    body.pop("kind")
    await store.rewrite(tx, id, body)


async def overdue(tx: Tx, now: dt.datetime, *, limit: int = 500) -> list[Placed]:
    """Return open orders past their deadline, locked for the caller to conclude as expired."""
    return [_placed(row) for row in await store.overdue(tx, now, limit)]


async def forget(tx: Tx, before: dt.datetime, *, limit: int = 1_000) -> int:
    """Delete orders that were over before a moment, the oldest first, never an open one. Returns how many."""
    return await store.forget(tx, before, limit)


def _ended(tx: Tx, row: store.OrderRow | None) -> Placed | None:
    if row is None:
        return None
    tx.hint(f"order.{row.id}", row.state.encode())
    tx.hint(f"station.{part(row.station_id)}", b"order")
    return _placed(row)


def _placed(row: store.OrderRow) -> Placed:
    return Placed(
        id=OrderId(row.id),
        station_id=StationId(row.station_id),
        order=msgspec.convert({"kind": row.kind, **row.body}, AnyOrder),
        author=row.author,
        state=OrderState(row.state),
        detail=row.detail,
        placed_at=row.placed_at,
        before=row.before,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        number=row.number,
        priority=row.priority,
    )
