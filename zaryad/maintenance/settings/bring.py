"""Brings a station's settings to what is wanted: the orders that are needed, and none that would be in vain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TypeVar
from uuid import UUID

from zaryad import stations
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import (
    AnyOrder,
    ChangeConfiguration,
    OrderId,
    ReadConfiguration,
    ReadVariables,
    ReportBase,
    VariableAsked,
    VariableSet,
    WriteVariables,
)
from zaryad.maintenance.settings import store
from zaryad.maintenance.settings.compare import settings_of, wanted_of
from zaryad.maintenance.settings.model import VALUE_MAX_16, Reported, Setting, Settings, Target, Wanted
from zaryad.maintenance.settings.names import folded, old, variable_of
from zaryad.platform.db import Tx
from zaryad.stations import Station

T = TypeVar("T")

PRIORITY = 7  # after what people wait for
ITEMS_DEFAULT = 10  # variables in a message where the station has not told its limit
ITEMS_MAX = 100
BYTES_DEFAULT = 60_000
BYTES_AROUND = 250  # a variable's frame around its value: names, braces, quotes
KEYS_DEFAULT = 50


async def target_of(tx: Tx, station_id: StationId, now: dt.datetime) -> Target:
    """Return the station as templates see it, or DomainError NOT_FOUND."""
    return as_target(await stations.station(tx, station_id, now))


def as_target(it: Station) -> Target:
    """Return a station as templates see it; one that never connected counts as 1.6."""
    return Target(
        id=it.id,
        vendor=it.vendor,
        model=it.model,
        firmware=it.firmware,
        protocol=it.protocol or "ocpp1.6",
        location_id=it.location_id,
        online=it.online,
    )


async def wanted(tx: Tx, it: Target, *, automatic_only: bool = False) -> dict[str, Wanted]:
    """Return what is wanted of a station by folded key; `automatic_only` leaves templates applied by hand out."""
    templates = await store.templates(tx, active_only=True)
    if automatic_only:
        templates = [template for template in templates if template.automatic]
    return wanted_of(it, templates, await store.wishes(tx, it.id))


async def configuration(tx: Tx, it: Target) -> list[Setting]:
    """Return all settings of a station, with the state of each."""
    return settings_of(it, await store.reported(tx, it.id), await wanted(tx, it), await store.attempts(tx, it.id))


async def bring(  # whom, by which rules, for whom
    tx: Tx,
    it: Target,
    rules: Settings,
    author: str,
    now: dt.datetime,
    *,
    wishes: Mapping[str, Wanted] | None = None,
    again: bool = False,
) -> list[OrderId]:
    """Place the orders that bring the station to what is wanted of it, or to `wishes` alone, and return their ids.

    What was refused is not asked again for the same value, unless `again`: a person insists.
    """
    every = await wanted(tx, it, automatic_only=author.startswith("system:"))
    asked = every if wishes is None else {name: every[name] for name in wishes if name in every}
    found = settings_of(it, await store.reported(tx, it.id), asked, await store.attempts(tx, it.id))
    states = ("off", "unknown") if not again else ("off", "unknown", "refused", "not_supported", "reboot_needed")
    due = {setting.key: asked[folded(setting.key)].value for setting in found if setting.state in states}
    due = {key: value for key, value in due.items() if len(value) <= VALUE_MAX_16 or not old(it.protocol)}
    limits = await store.reported(tx, it.id, [name.lower() for name in _LIMITS])
    ids = []
    for order, keys in _orders(it, due, limits):
        id = OrderId(new_id())
        before = now + dt.timedelta(seconds=rules.order_within_s)
        await orders.place(tx, id, StationId(it.id), order, author=author, now=now, before=before, priority=PRIORITY)
        await store.write_attempts(tx, it.id, id, keys, now)
        ids.append(id)
    return ids


async def read_all(tx: Tx, it: Target, rules: Settings, author: str, now: dt.datetime) -> OrderId:
    """Order the station to tell all its settings."""
    order: AnyOrder = ReadConfiguration() if old(it.protocol) else ReportBase("full")
    id = await _place(tx, it, rules, author, now, order)
    await store.write_model(tx, it.id, asked_at=now, firmware=it.firmware, protocol=it.protocol)
    return id


async def read_some(  # noqa: PLR0917  # whom, by which rules, for whom
    tx: Tx, it: Target, rules: Settings, keys: list[str], author: str, now: dt.datetime
) -> list[OrderId]:
    """Order the station to tell these settings, in as many messages as it needs."""
    limits = await store.reported(tx, it.id, [name.lower() for name in _LIMITS])
    asked: list[AnyOrder]
    if old(it.protocol):
        most = _limit(limits, "GetConfigurationMaxKeys", KEYS_DEFAULT)
        asked = [ReadConfiguration(tuple(some)) for some in _cut(keys, most)]
    else:
        most = _limit(limits, "DeviceDataCtrlr/ItemsPerMessage(GetVariables)", ITEMS_DEFAULT)
        named = [VariableAsked(variable=it[0], attribute=it[1]) for it in map(variable_of, keys) if it is not None]
        asked = [ReadVariables(tuple(some)) for some in _cut(named, most)]
    return [await _place(tx, it, rules, author, now, order) for order in asked]


async def _place(  # noqa: PLR0917  # as above
    tx: Tx, it: Target, rules: Settings, author: str, now: dt.datetime, order: AnyOrder
) -> OrderId:
    id = OrderId(new_id())
    before = now + dt.timedelta(seconds=rules.order_within_s)
    await orders.place(tx, id, StationId(it.id), order, author=author, now=now, before=before, priority=PRIORITY)
    return id


_LIMITS = (
    "GetConfigurationMaxKeys",
    "DeviceDataCtrlr/ItemsPerMessage(GetVariables)",
    "DeviceDataCtrlr/ItemsPerMessage(SetVariables)",
    "DeviceDataCtrlr/BytesPerMessage(SetVariables)",
)


def _orders(
    it: Target, due: Mapping[str, str], limits: Mapping[str, Reported]
) -> Iterator[tuple[AnyOrder, dict[str, str]]]:
    """Return the orders, each with what it sets by folded key."""
    if old(it.protocol):
        for key, value in due.items():
            yield ChangeConfiguration(key, value), {folded(key): value}
        return
    items = _limit(limits, "DeviceDataCtrlr/ItemsPerMessage(SetVariables)", ITEMS_DEFAULT)
    room = _limit(limits, "DeviceDataCtrlr/BytesPerMessage(SetVariables)", BYTES_DEFAULT, most=BYTES_DEFAULT)
    batch: list[VariableSet] = []
    keys: dict[str, str] = {}
    used = 0
    for key, value in due.items():
        named = variable_of(key)
        if named is None:
            continue
        size = len(key.encode()) + len(value.encode()) + BYTES_AROUND
        if batch and (len(batch) >= items or used + size > room):
            yield WriteVariables(tuple(batch)), keys
            batch, keys, used = [], {}, 0
        batch.append(VariableSet(variable=named[0], attribute=named[1], value=value))
        keys[folded(key)] = value
        used += size
    if batch:
        yield WriteVariables(tuple(batch)), keys


def _limit(limits: Mapping[str, Reported], key: str, default: int, *, most: int = ITEMS_MAX) -> int:
    """Return a limit that the station told of itself, within reason."""
    told = limits.get(key.lower())
    if told is None or told.value is None or not told.value.strip().isdecimal():
        return default
    return min(max(int(told.value), 1), most)


def _cut(items: list[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def attempted(ids: list[OrderId]) -> list[UUID]:
    """Return ids as plain ones, for answers."""
    return [UUID(str(id)) for id in ids]
