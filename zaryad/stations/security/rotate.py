"""A station gets a new password, and is never without one that lets it in.

While the change is under way both passwords are good: the station may have taken the new one, or may have lost power
before it did; its answer may be lost on the way. It ends when the station comes in with the new one, or says that it
will not have it. A crash of ours at any point leaves rows that say where it stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import (
    ChangeConfiguration,
    OrderId,
    OrderState,
    Placed,
    ResetStation,
    Variable,
    VariableSet,
    WriteVariables,
)
from zaryad.platform.db import Db, Tx
from zaryad.platform.seal import Seal
from zaryad.stations import store as rows
from zaryad.stations.password import new_password, password_hash
from zaryad.stations.security import store
from zaryad.stations.security.model import Rotation, Settings, Trust

log = structlog.get_logger()

PURPOSE = "station-password"
TRIED_AGAIN_AFTER = dt.timedelta(days=1)
_REBOOT = ("RebootRequired", "reboot_required")


async def rotate(  # noqa: PLR0917  # a change's parts
    tx: Tx, rules: Settings, seal: Seal, key: bytes, station_id: StationId, author: str, now: dt.datetime
) -> Rotation:
    """Begin the change: the new password is good from now on, and its order stands.

    DomainError CONFLICT while another change is under way, or where the station has no password to change.
    """
    row = await store.lock_station(tx, station_id)
    if row is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    if row["password_hash"] is None:
        raise DomainError(Kind.CONFLICT, "station_without_password", station_id=station_id)
    if await store.open_rotation(tx, station_id) is not None:
        raise DomainError(Kind.CONFLICT, "rotation_open", station_id=station_id)
    # 40 hex digits: what 1.6 takes as AuthorizationKey (20 bytes) and 2.x as passwordString (16 to 40 characters).
    password = new_password()
    hashed = password_hash(key, station_id, password.encode())
    await rows.write_station(tx, station_id, password_hash_next=hashed)
    id, sealed = new_id(), seal.close(PURPOSE, password.encode())
    order_id = await _place(tx, rules, seal, station_id, row["protocol"], sealed, author, now)
    await store.put_rotation(
        tx,
        id=id,
        station_id=station_id,
        state="ordered",
        sealed=sealed,
        order_id=order_id,
        author=author,
        started_at=now,
    )
    return (await store.rotations(tx, station_id, 1))[0]


async def concluded(tx: Tx, placed: Placed, now: dt.datetime, trust: Trust) -> None:
    """React to the end of the order that tells a station its new password."""
    row = await store.rotation_of_order(tx, placed.id)
    if row is None:
        return
    station_id = placed.station_id
    match placed.state:
        case OrderState.DONE:
            await store.set_rotation(tx, row["id"], state="taken")
            if any(word in str(placed.detail) for word in _REBOOT):
                await orders.place(
                    tx,
                    OrderId(new_id()),
                    station_id,
                    ResetStation(),
                    author="system:rotation",
                    now=now,
                    before=now + dt.timedelta(hours=12),
                )
        case OrderState.REFUSED | OrderState.NOT_SUPPORTED | OrderState.CANCELLED:
            await rows.write_station(tx, station_id, password_hash_next=None)
            why = _why(placed)
            await store.end_rotation(tx, station_id, "kept", now, why)
            log.warning("station.password_kept", station=station_id, why=why)
            if placed.state is not OrderState.CANCELLED:
                await trust.raise_alarm(tx, "password_not_taken", station_id, why, now)
        case _:  # nobody answered: it may have it, or not
            await store.set_rotation(tx, row["id"], state="unanswered", why=_why(placed))


async def retry(db: Db, rules: Settings, seal: Seal, now: dt.datetime, trust: Trust) -> int:
    """Tell stations again whose order nobody answered, the same password; how many. A sweep."""
    told = 0
    async with db.begin() as tx:
        for row in await store.unanswered(tx, 100):
            station_id = StationId(row["station_id"])
            if row["tries"] >= rules.rotate_tries:
                # The new one stays good beside the old one: nobody knows which the station has.
                await store.set_rotation(tx, row["id"], state="stuck", ended_at=now)
                await trust.raise_alarm(tx, "password_stuck", station_id, str(row["why"]), now)
                continue
            station = await store.lock_station(tx, station_id)
            if station is None or row["sealed"] is None:
                continue
            order_id = await _place(tx, rules, seal, station_id, station["protocol"], row["sealed"], row["author"], now)
            await store.set_rotation(tx, row["id"], state="ordered", order_id=order_id, tries=row["tries"] + 1)
            told += 1
    return told


async def rotate_old(db: Db, rules: Settings, seal: Seal, key: bytes, now: dt.datetime) -> int:
    """Begin the change at stations whose password is old, so many at one time; how many. A sweep."""
    if not rules.rotate_every_days:
        return 0
    async with db.begin() as tx:
        free = rules.rotate_at_once - await store.turning(tx)
        if free <= 0:
            return 0
        before = now - dt.timedelta(days=rules.rotate_every_days)
        due = await store.oldest_passwords(tx, before, now - TRIED_AGAIN_AFTER, free)
        for station_id in due:
            await rotate(tx, rules, seal, key, StationId(station_id), "system:rotation", now)
    return len(due)


async def give_up(tx: Tx, station_id: StationId, author: str, now: dt.datetime) -> None:
    """End a change by hand: only the old password stays good. For a station that is known not to have the new one."""
    row = await store.lock_station(tx, station_id)
    if row is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    standing = await store.open_rotation(tx, station_id)
    if standing is not None and standing["order_id"] is not None:
        await orders.cancel(tx, standing["order_id"], {"why": "given up"}, now)
    await rows.write_station(tx, station_id, password_hash_next=None)
    await store.end_rotation(tx, station_id, "kept", now, f"given up by {author}")


def revealed(order: orders.AnyOrder, seal: Seal) -> orders.AnyOrder:
    """Return an order as the station is to read it: what stands sealed in the row is opened on the way out only."""
    match order:
        case ChangeConfiguration(key=key, value=value):
            return ChangeConfiguration(key=key, value=seal.open_text(value))
        case WriteVariables(variables=variables):
            return WriteVariables(tuple(_opened(each, seal) for each in variables))
        case _:
            return order


def _opened(it: VariableSet, seal: Seal) -> VariableSet:
    return VariableSet(variable=it.variable, value=seal.open_text(it.value), attribute=it.attribute)


async def _place(  # noqa: PLR0917  # an order's parts
    tx: Tx,
    rules: Settings,
    seal: Seal,
    station_id: StationId,
    protocol: str | None,
    sealed: bytes,
    author: str,
    now: dt.datetime,
) -> UUID:
    password = seal.close_text(PURPOSE, seal.open(PURPOSE, sealed).decode())
    order: orders.AnyOrder
    if (protocol or "ocpp1.6").startswith("ocpp1"):
        order = ChangeConfiguration(key="AuthorizationKey", value=password)
    else:
        variable = Variable(component="SecurityCtrlr", name="BasicAuthPassword")
        order = WriteVariables((VariableSet(variable=variable, value=password),))
    id = OrderId(new_id())
    before = now + dt.timedelta(seconds=rules.answer_within_s)
    await orders.place(tx, id, station_id, order, author=author, now=now, before=before, priority=3)
    return id


def _why(placed: Placed) -> str:
    said: Mapping[str, Any] = placed.detail
    return f"{placed.state.value}: {said.get('status') or said.get('error') or said.get('why') or ''}"[:200].strip(": ")
