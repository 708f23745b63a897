"""What stations tell of their settings: reports in parts, and the answers to what they were asked and told.

Parts may come late, doubled and out of order: each is stored when it comes, and the report is whole when all are here.
"""

from __future__ import annotations

import datetime as dt
from typing import cast

from zaryad.link import orders
from zaryad.link.answers import Noted
from zaryad.link.facts import CustomerPart, Part, StationId, VariablesPart, VariableValue
from zaryad.link.orders import (
    ChangeConfiguration,
    OrderState,
    Placed,
    ReadConfiguration,
    ReadVariables,
    ReportBase,
    WriteVariables,
)
from zaryad.maintenance.settings import store
from zaryad.maintenance.settings.model import VALUE_MAX, VARIABLES_MAX, Reported
from zaryad.maintenance.settings.names import KEY_MAX, folded, key_of, secret
from zaryad.maintenance.settings.words import Answer, read_answers, set_answers
from zaryad.platform import jobs
from zaryad.platform.bus import part
from zaryad.platform.db import Db, Tx

PARTS_MAX = 10_000  # of one report
CLOCK_SLACK = dt.timedelta(seconds=1)


async def note_variables(db: Db, fact: VariablesPart) -> Noted:
    """Store a part of a report of variables; a full report that is whole ends what it does not name."""
    told = [it for it in (_of_variable(value, fact.received_at) for value in fact.variables) if it is not None]
    async with db.begin() as tx:
        await store.write_reported(tx, fact.station_id, told, most=VARIABLES_MAX, whole=True)
        began_at = await note_part(tx, fact, "variables")
        if began_at is not None:
            await _whole(tx, fact, began_at)
        tx.hint(f"station.{part(fact.station_id)}", b"settings")
    return Noted()


async def note_customer(db: Db, fact: CustomerPart) -> Noted:
    """Store a part of what a station tells about a customer; it is forgotten with its report."""
    async with db.begin() as tx:
        await note_part(tx, fact, "customer", text=fact.text[:10_000].replace("\0", ""))
    return Noted()


async def note_part(tx: Tx, fact: Part, kind: str, *, text: str | None = None) -> dt.datetime | None:
    """Note that a part is here; returns when the report began once this part has made it whole, else None."""
    if not 0 <= fact.seq_no < PARTS_MAX:
        return None
    values: dict[str, object] = {
        "station_id": fact.station_id,
        "request": fact.request,
        "kind": kind,
        "began_at": fact.received_at,
    }
    report = await store.add_part(tx, values, fact.seq_no, last=fact.last, text=text)
    last = report["last_part"]
    if last is None or report["complete_at"] is not None or len(set(report["parts"])) < last + 1:
        return None
    await store.complete(tx, fact.station_id, fact.request, kind, fact.received_at)
    return cast("dt.datetime", report["began_at"])


async def _whole(tx: Tx, fact: VariablesPart, began_at: dt.datetime) -> None:
    placed = await orders.numbered(tx, fact.station_id, fact.request)
    if placed is None or not isinstance(placed.order, ReportBase):
        return
    if placed.order.base == "full":
        # The first part to come began the report; none of its values is older.
        await store.forget_unreported(tx, fact.station_id, began_at - CLOCK_SLACK)
    await store.write_model(tx, fact.station_id, complete_at=fact.received_at)
    await jobs.defer(tx, "maintenance.bring_settings", station_id=fact.station_id)


async def order_ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """Take in what the answer to an order about settings says; on the transaction that ends the order."""
    match placed.order:
        case ReadConfiguration(keys) if placed.state is OrderState.DONE:
            await _read(tx, placed, now, all_of_them=not keys)
        case ReadVariables() if placed.state is OrderState.DONE:
            await _read(tx, placed, now, all_of_them=False)
        case ChangeConfiguration() | WriteVariables():
            await _set(tx, placed, now)
        case _:
            pass


async def _read(tx: Tx, placed: Placed, now: dt.datetime, *, all_of_them: bool) -> None:
    told = [
        Reported(
            key=answer.key,
            value=None if secret(answer.key) else answer.value,
            mutability="read_only" if answer.read_only else "read_write",
            reported_at=now,
        )
        for answer in read_answers(placed.detail)
        if answer.outcome == "accepted"
    ]
    whole = isinstance(placed.order, ReadConfiguration)
    await store.write_reported(tx, placed.station_id, told, most=VARIABLES_MAX, whole=whole)
    if all_of_them and told:
        await store.forget_unreported(tx, placed.station_id, now)
        await store.write_model(tx, placed.station_id, complete_at=now)
        await jobs.defer(tx, "maintenance.bring_settings", station_id=placed.station_id)
    tx.hint(f"station.{part(placed.station_id)}", b"settings")


async def _set(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """Note what each setting of the order came to; one set by hand counts as well, if it is known."""
    answers = {folded(answer.key): answer for answer in set_answers(placed)}
    asked = await store.of_order(tx, placed.id)
    for name, answer in answers.items():
        if name in asked:
            await store.end_attempt(tx, placed.station_id, name, placed.id, answer.outcome, answer.why, now)
    for name in sorted(asked.keys() - answers.keys()):  # a mixed answer that leaves some out
        await store.end_attempt(tx, placed.station_id, name, placed.id, "unanswered", None, now)
    await _believe(tx, placed.station_id, answers, now)
    tx.hint(f"station.{part(placed.station_id)}", b"settings")


async def _believe(tx: Tx, station_id: StationId, answers: dict[str, Answer], now: dt.datetime) -> None:
    """Take an accepted value for the one that holds: what is read after the next boot corrects it."""
    accepted = [it for it in answers.values() if it.outcome == "accepted" and not secret(it.key)]
    told = [Reported(key=it.key, value=it.value, reported_at=now) for it in accepted]
    await store.write_reported(tx, station_id, told, most=VARIABLES_MAX, whole=False)


def _of_variable(it: VariableValue, received_at: dt.datetime) -> Reported | None:
    key = key_of(it.variable, it.attribute)
    if not 0 < len(key) <= KEY_MAX or "\0" in key:
        return None
    hidden = secret(key) or it.mutability == "write_only"
    return Reported(
        key=key,
        value=None if hidden or it.value is None else _text(it.value, VALUE_MAX),
        mutability=it.mutability,
        persistent=it.persistent,
        constant=it.constant,
        unit=_text(it.unit, 20),
        data_type=_text(it.data_type, 20),
        minimum=_text(it.minimum, 40),
        maximum=_text(it.maximum, 40),
        allowed=_text(it.values, 1_000),
        monitored=it.monitored,
        reported_at=received_at,
    )


def _text(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most].replace("\0", "")
