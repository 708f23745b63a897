"""A station's security profile rises, step by step, with a way back at each.

Rows hold the step; ends of orders, connections and a sweep move it on, so that a process of ours may end anywhere. The
station's way back is its own: 1.6 keeps its setting when it refuses, 2.x has the old network profile second in its list
and returns to it by itself. Ours is to see that it did, and to put its list in order again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import (
    AnyOrder,
    ChangeConfiguration,
    InstallCertificate,
    OrderId,
    OrderState,
    Placed,
    ReadVariables,
    ResetStation,
    SetNetworkProfile,
    Variable,
    VariableAsked,
    VariableSet,
    WriteVariables,
)
from zaryad.platform.db import Db, Tx
from zaryad.stations import store as rows
from zaryad.stations.security import store
from zaryad.stations.security.model import PROFILE_MAX, ProfileChange, Settings, Step, Trust

log = structlog.get_logger()

_PRIORITY = Variable(component="OCPPCommCtrlr", name="NetworkConfigurationPriority")
_ENDS = (Step.DONE, Step.ROLLED_BACK, Step.FAILED, Step.CANCELLED)


async def begin(  # noqa: PLR0917  # a change's parts
    tx: Tx, rules: Settings, trust: Trust, station_id: StationId, to: int, author: str, now: dt.datetime
) -> ProfileChange:
    """Begin the change; DomainError says what is missing for it."""
    row = await store.lock_station(tx, station_id)
    if row is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    if await store.open_change(tx, station_id) is not None:
        raise DomainError(Kind.CONFLICT, "profile_change_open", station_id=station_id)
    protocol = row["protocol"] or "ocpp1.6"
    await _allowed(tx, rules, trust, row, protocol, to, now)
    change = ProfileChange(
        id=new_id(),
        station_id=station_id,
        from_profile=row["security_profile"],
        to_profile=to,
        protocol=protocol,
        state=Step.ROOT.value,
        why=None,
        order_id=None,
        slot=None,
        priority=None,
        back_before=None,
        author=author,
        started_at=now,
        changed_at=now,
        life=[{"at": now.isoformat(), "state": "begun"}],
    )
    await store.put_change(tx, change)
    if to >= 2 and not await trust.has_root(tx, station_id, now):
        root = await trust.root_pem(tx, now)
        return await _order(tx, rules, change, Step.ROOT, InstallCertificate("csms_root", root), now)
    return await _write(tx, rules, change, now)


async def _allowed(  # noqa: PLR0917  # what it depends on
    tx: Tx, rules: Settings, trust: Trust, row: Any, protocol: str, to: int, now: dt.datetime
) -> None:
    have, two = row["security_profile"], not protocol.startswith("ocpp1")
    if not 1 <= to <= PROFILE_MAX:
        raise DomainError(Kind.INVALID, "profile_invalid", most=PROFILE_MAX)
    if have == to:
        raise DomainError(Kind.CONFLICT, "profile_same", profile=to)
    if have is not None and to < have and not (protocol == "ocpp2.1" and (have, to) == (3, 2)):
        # A05: over OCPP only upwards; 2.1 lets 3 become 2.
        raise DomainError(Kind.REFUSED, "profile_not_downwards", have=have, to=to)
    if to < 3 and row["password_hash"] is None:
        raise DomainError(Kind.CONFLICT, "station_without_password", station_id=row["id"])
    if to == 3 and not await trust.has_certificate(tx, StationId(row["id"]), now):
        raise DomainError(Kind.CONFLICT, "profile_needs_certificate", station_id=row["id"])
    if two and not (rules.url if to >= 2 else rules.plain_url):
        raise DomainError(Kind.REFUSED, "profile_needs_url")


async def _write(tx: Tx, rules: Settings, change: ProfileChange, now: dt.datetime) -> ProfileChange:
    if change.protocol.startswith("ocpp1"):
        order: AnyOrder = ChangeConfiguration(key="SecurityProfile", value=str(change.to_profile))
        return await _order(tx, rules, change, Step.WRITING, order, now)
    return await _order(tx, rules, change, Step.READING, ReadVariables((VariableAsked(variable=_PRIORITY),)), now)


async def concluded(tx: Tx, rules: Settings, trust: Trust, placed: Placed, now: dt.datetime) -> None:
    """React to the end of the order that a change waits for: the next step, or the end."""
    change = await store.change_of_order(tx, placed.id)
    if change is None:
        return
    step = Step(change.state)
    if placed.state is not OrderState.DONE:
        if step is Step.RESETTING and placed.state is OrderState.EXPIRED:
            await _return(tx, rules, change, now)  # many a station resets before it has answered
            return
        await _undo(tx, change, now)
        await _end(tx, trust, change, Step.FAILED, f"{step.value}: {_said(placed)}", now)
        return
    match step:
        case Step.ROOT:
            await _write(tx, rules, change, now)
        case Step.READING:
            await _fill_slot(tx, rules, trust, change, placed, now)
        case Step.WRITING if change.slot is not None:
            before = [each for each in (change.priority or "").split(",") if each]
            value = ",".join([str(change.slot), *before])
            write = WriteVariables((VariableSet(variable=_PRIORITY, value=value),))
            await _order(tx, rules, change, Step.PRIORITY, write, now)
        case Step.WRITING | Step.PRIORITY:
            if change.from_profile == 3 and change.to_profile == 2:
                await rows.write_station(tx, change.station_id, profile_floor=2)
            await _order(tx, rules, change, Step.RESETTING, ResetStation(), now)
        case _:
            await _return(tx, rules, change, now)


async def _fill_slot(  # noqa: PLR0917  # a step's parts
    tx: Tx, rules: Settings, trust: Trust, change: ProfileChange, placed: Placed, now: dt.datetime
) -> None:
    """Write the new profile into a slot that is in no use."""
    used = [part.strip() for part in (_value_in(placed.detail) or "").split(",") if part.strip().isdigit()]
    free = next((slot for slot in range(1, rules.slots_max + 1) if str(slot) not in used), None)
    if not used or free is None:
        await _end(tx, trust, change, Step.FAILED, "no_slot" if used else "no_priority", now)
        return
    order = SetNetworkProfile(
        slot=free,
        url=rules.url if change.to_profile >= 2 else rules.plain_url,
        security_profile=change.to_profile,
        protocol="ocpp2.1" if change.protocol == "ocpp2.1" else "ocpp2.0.1",
    )
    await _order(tx, rules, change, Step.WRITING, order, now, slot=free, priority=",".join(used))


async def _return(tx: Tx, rules: Settings, change: ProfileChange, now: dt.datetime) -> None:
    until = now + dt.timedelta(seconds=rules.back_within_s)
    await _set(tx, change, Step.RETURNING, now, order_id=None, back_before=until)


async def look(db: Db, trust: Trust, now: dt.datetime) -> None:
    """See who has come back, and as what: the end of a change. A sweep."""
    async with db.begin() as tx:
        for change, profile, connected_at in await store.returning(tx, 500):
            back = connected_at is not None and connected_at > change.changed_at - dt.timedelta(minutes=1)
            if profile == change.to_profile and back:
                await _end(tx, trust, change, Step.DONE, None, now)
            elif change.back_before is not None and change.back_before <= now:
                await _undo(tx, change, now)
                why = f"came_back_with_{profile}" if back else "not_back"
                await _end(tx, trust, change, Step.ROLLED_BACK, why, now)


async def cancel(tx: Tx, change_id: Any, trust: Trust, author: str, now: dt.datetime) -> ProfileChange:
    """End a change by hand, with the same way back; an order of it that is on its way may still be carried out."""
    change = await store.change_by_id(tx, change_id)
    if change is None:
        raise DomainError(Kind.NOT_FOUND, "profile_change_unknown")
    if Step(change.state) in _ENDS:
        return change
    await _undo(tx, change, now)
    await _end(tx, trust, change, Step.CANCELLED, author, now)
    found = await store.change_by_id(tx, change_id)
    assert found is not None
    return found


async def _undo(tx: Tx, change: ProfileChange, now: dt.datetime) -> None:
    """Put a 2.x station's list of network profiles in order again, else it tries the new one at each start."""
    if change.priority and change.state in (Step.PRIORITY.value, Step.RESETTING.value, Step.RETURNING.value):
        order = WriteVariables((VariableSet(variable=_PRIORITY, value=change.priority),))
        before = now + dt.timedelta(days=7)
        await orders.place(
            tx, OrderId(new_id()), change.station_id, order, author="system:profile", now=now, before=before
        )


async def _order(  # noqa: PLR0917  # a step's parts
    tx: Tx, rules: Settings, change: ProfileChange, step: Step, order: AnyOrder, now: dt.datetime, **more: Any
) -> ProfileChange:
    id, before = OrderId(new_id()), now + dt.timedelta(seconds=rules.answer_within_s)
    await orders.place(tx, id, change.station_id, order, author=change.author, now=now, before=before)
    return await _set(tx, change, step, now, order_id=id, **more)


async def _set(tx: Tx, change: ProfileChange, step: Step, now: dt.datetime, **more: Any) -> ProfileChange:
    told = {"at": now.isoformat(), "state": step.value, **({"why": more["why"]} if more.get("why") else {})}
    await store.set_change(tx, change.id, state=step.value, changed_at=now, life=[*change.life, told], **more)
    found = await store.change_by_id(tx, change.id)
    assert found is not None
    return found


async def _end(  # noqa: PLR0917  # an end's parts
    tx: Tx, trust: Trust, change: ProfileChange, step: Step, why: str | None, now: dt.datetime
) -> None:
    await _set(tx, change, step, now, why=why, order_id=None)
    log.info("station.profile_change", station=change.station_id, to=change.to_profile, state=step.value, why=why)
    if step in (Step.ROLLED_BACK, Step.FAILED):
        await trust.raise_alarm(tx, "profile_change", change.station_id, f"{step.value}: {why}", now)


def _said(placed: Placed) -> str:
    said = placed.detail
    return f"{placed.state.value} {said.get('status') or said.get('error') or said.get('why') or ''}".strip()[:150]


def _value_in(said: object) -> str | None:
    """Return the value that an answer to a reading carries, however deep it lies."""
    if isinstance(said, dict):
        for name in ("attributeValue", "attribute_value", "value"):
            if isinstance(said.get(name), str):
                return str(said[name])
        return next((found for each in said.values() if (found := _value_in(each)) is not None), None)
    if isinstance(said, list):
        return next((found for each in said if (found := _value_in(each)) is not None), None)
    return None
