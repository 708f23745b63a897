"""What a station's answer means for its local list: go on, begin anew with a full one, or stop and say why."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from zaryad.link.orders import AskListVersion, OrderState, Placed, ReadConfiguration, ReadVariables, SendLocalList
from zaryad.platform.db import Tx
from zaryad.stations.orders.local_list import store
from zaryad.stations.orders.local_list.model import LocalList
from zaryad.stations.orders.local_list.sync import send, sync
from zaryad.stations.orders.place import reach

# Who says how much it takes: the key of 1.6, or the variable of 2.x's LocalAuthListCtrlr -> our column.
_LIMITS = {
    "SendLocalListMaxLength": "per_message_max",
    "LocalAuthListMaxLength": "entries_max",
    "LocalAuthListCtrlr.ItemsPerMessage": "per_message_max",
}

_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


async def list_concluded(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    """Note what an order's end says about the station's list; other orders say nothing."""
    match ended.order:
        case SendLocalList():
            await _sent(tx, ended, ended.order, now)
        case AskListVersion() if ended.state is OrderState.DONE:
            await _told_version(tx, ended, now)
        case ReadConfiguration() | ReadVariables() if ended.state is OrderState.DONE:
            await _told_limits(tx, ended, now)
        case _:
            pass


async def _sent(tx: Tx, ended: Placed, what: SendLocalList, now: dt.datetime) -> None:
    it = await store.locked(tx, ended.station_id, now)
    if it is None:
        return
    done = ended.state is OrderState.DONE
    if it.order_id != ended.id:  # a list that somebody sent by hand: ours begins anew after it
        if done:
            await store.write(tx, it.station_id, version=max(it.version, what.version), certain=False, changed_at=now)
        return
    if done:
        await store.apply(tx, it.station_id, what.entries, full=what.full)
        certain = what.full or it.certain
        if it.rest:
            await store.write(tx, it.station_id, certain=certain)
            await send(tx, it.station_id, list(it.rest), full=False, now=now)
        else:
            await _end(tx, it, "synced", now, certain=certain, synced_at=now)
    elif ended.state is OrderState.NOT_SUPPORTED:
        await _end(tx, it, "not_supported", now, certain=False, detail=ended.detail)
    elif ended.state is OrderState.REFUSED and not it.was_full and it.filter is not None:
        await _end(tx, it, "failed", now, certain=False, detail=ended.detail)
        old = (await reach(tx, it.station_id)).old
        await sync(tx, it.station_id, it.filter, full=True, author=it.author, now=now, old=old)
    else:
        detail = {"order": ended.state.value, **ended.detail}
        await _end(tx, it, "failed", now, certain=False, detail=detail)


async def _end(tx: Tx, it: LocalList, status: str, now: dt.datetime, **more: object) -> None:
    await store.write(tx, it.station_id, status=status, order_id=None, rest=[], changed_at=now, **more)


async def _told_version(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    """Take the station's own version: ours rises from the higher of both, and a stranger's list is replaced whole."""
    told = ended.detail.get("listVersion", ended.detail.get("versionNumber"))
    it = await store.locked(tx, ended.station_id, now)
    if it is None or not isinstance(told, int) or isinstance(told, bool):
        return
    if told < 0:
        await _end(tx, it, "not_supported", now, certain=False)
    elif told != it.version:
        await store.write(tx, it.station_id, version=max(told, it.version), certain=False, changed_at=now)


async def _told_limits(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    found = {_LIMITS[name]: int(value) for name, value in _values(ended.detail) if name in _LIMITS}
    if found and await store.locked(tx, ended.station_id, now) is not None:
        await store.write(tx, ended.station_id, **found)


def _values(said: dict[str, Any]) -> list[tuple[str, str]]:
    """Return names and whole numbers, of both versions' answers; what is odd is left out."""
    found = [(str(each.get("key")), each.get("value")) for each in _list(said.get("configurationKey"))]
    for each in _list(said.get("getVariableResult")):
        component, variable = each.get("component"), each.get("variable")
        if isinstance(component, dict) and isinstance(variable, dict):
            found.append((f"{component.get('name')}.{variable.get('name')}", each.get("attributeValue")))
    return [(name, value) for name, value in found if isinstance(value, str) and _NUMBER.fullmatch(value)]


def _list(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
