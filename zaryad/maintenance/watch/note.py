"""What becomes of what stations tell of themselves. It is kept; what we cannot decide yet is declined."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from zaryad.link import orders
from zaryad.link.answers import Judged, Noted
from zaryad.link.facts import DisplaysPart, EventsTold, MonitorsPart, Notice, StationEvent, Topic
from zaryad.link.orders import ClearDisplay, ClearMonitors, OrderState, Placed, ReportMonitors, SetDisplay
from zaryad.maintenance.settings.names import KEY_MAX, key_of
from zaryad.maintenance.settings.note import CLOCK_SLACK, note_part
from zaryad.maintenance.watch import store
from zaryad.maintenance.watch.model import Settings
from zaryad.platform.bus import part
from zaryad.platform.db import Db, Tx

INT_MAX = 2**31 - 1
EVENTS_MAX = 1_000  # in one message
BODY_MAX = 20_000  # characters of a notice that are kept

# Asked for something that nobody here can give yet: a profile, a schedule, a tax office's word.
DECLINED = {Topic.CHARGING_NEEDS, Topic.SCHEDULE_PULLED, Topic.VAT_NUMBER}


async def note_events(db: Db, fact: EventsTold) -> Noted:
    """Keep events; told again, they are the same."""
    rows = [row for row in (_row(fact, event) for event in fact.events[:EVENTS_MAX]) if row is not None]
    async with db.begin() as tx:
        if await store.add_events(tx, rows):
            tx.hint(f"station.{part(fact.station_id)}", b"event")
    return Noted()


def _row(fact: EventsTold, it: StationEvent) -> dict[str, object] | None:
    key = _text(key_of(it.variable), KEY_MAX)
    if not 0 <= it.id <= INT_MAX or not key:
        return None
    return {
        "station_id": fact.station_id,
        "event_id": it.id,
        "at": it.at,
        "received_at": fact.received_at,
        "key": key,
        "value": _text(it.value, 2_500) or "",
        "trigger": it.trigger,
        "severity": it.severity if it.severity is None or 0 <= it.severity <= 9 else None,
        "cleared": it.cleared,
        "cause": _small(it.cause),
        "monitor": _small(it.monitor),
        "code": _text(it.code, 50),
        "info": _text(it.info, 500),
        "charge_ref": _text(it.charge_ref, 36),
        "kind": _text(it.kind, 50) or "",
    }


async def note_monitors(db: Db, fact: MonitorsPart) -> Noted:
    """Keep the monitors that a report names; a whole report that was asked of all ends the others."""
    rows: list[dict[str, object]] = [
        {
            "station_id": fact.station_id,
            "id": it.id,
            "key": _text(key_of(it.variable), KEY_MAX) or "",
            "kind": it.kind,
            "value": _text(it.value, 40) or "",
            "severity": min(max(it.severity, 0), 9),
            "while_transaction": it.while_transaction,
            "reported_at": fact.received_at,
        }
        for it in fact.monitors
        if 0 <= it.id <= INT_MAX
    ]
    async with db.begin() as tx:
        await store.put_monitors(tx, rows)
        began_at = await note_part(tx, fact, "monitors")
        if began_at is not None:
            await _of_all(tx, fact, began_at)
        tx.hint(f"station.{part(fact.station_id)}", b"monitors")
    return Noted()


async def _of_all(tx: Tx, fact: MonitorsPart, began_at: dt.datetime) -> None:
    placed = await orders.numbered(tx, fact.station_id, fact.request)
    asked = None if placed is None else placed.order
    if isinstance(asked, ReportMonitors) and not asked.variables and not asked.criteria:
        await store.drop_monitors(tx, fact.station_id, None, before=began_at - CLOCK_SLACK)


async def note_displays(db: Db, fact: DisplaysPart) -> Noted:
    """Keep what is on a display."""
    rows = [
        {
            "station_id": fact.station_id,
            "number": it.number,
            "body": msgspec.to_builtins(it),
            "reported_at": fact.received_at,
        }
        for it in fact.messages
        if 0 <= it.number <= INT_MAX
    ]
    async with db.begin() as tx:
        await store.put_displays(tx, rows)
        await note_part(tx, fact, "displays")
    return Noted()


async def note_notice(db: Db, fact: Notice) -> Judged:
    """Keep a message as it was told, and decline what asks for something that is not here to give."""
    body: dict[str, Any] = fact.body
    if len(msgspec.json.encode(body)) > BODY_MAX:
        body = {"too_long": True, "fields": sorted(body)[:50]}
    async with db.begin() as tx:
        await store.add_notice(
            tx,
            station_id=fact.station_id,
            topic=fact.topic.value,
            received_at=fact.received_at,
            connector=fact.connector,
            charge_ref=_text(fact.charge_ref, 40),
            request=_small(fact.request),
            body=body,
        )
        tx.hint(f"station.{part(fact.station_id)}", b"notice")
    return Judged(accepted=fact.topic not in DECLINED)


async def order_ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """Take in what an order about monitors or displays has changed."""
    if placed.state is not OrderState.DONE:
        return
    match placed.order:
        case ClearMonitors(ids):
            await store.drop_monitors(tx, placed.station_id, ids)
        case ClearDisplay(number):
            await store.drop_display(tx, placed.station_id, number)
        case SetDisplay(message):
            row = {
                "station_id": placed.station_id,
                "number": message.number,
                "body": msgspec.to_builtins(message),
                "reported_at": now,
            }
            await store.put_displays(tx, [row])
        case _:
            pass


async def sweep(db: Db, rules: Settings, now: dt.datetime) -> None:
    """Forget what is old."""
    async with db.begin() as tx:
        await store.forget(
            tx, now - dt.timedelta(days=rules.events_kept_days), now - dt.timedelta(days=rules.notices_kept_days)
        )


def _small(number: int | None) -> int | None:
    return number if number is not None and -INT_MAX <= number <= INT_MAX else None


def _text(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most].replace("\0", "")
