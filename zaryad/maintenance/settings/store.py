"""SQL of configuration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.link.facts import StationId
from zaryad.maintenance.settings.model import Attempt, Reported, Template, TemplateId, Wanted
from zaryad.maintenance.settings.names import folded
from zaryad.maintenance.settings.tables import (
    device_model,
    device_report,
    device_variable,
    setting_attempt,
    setting_template,
    wanted_setting,
)
from zaryad.platform.db import Tx

_FIELDS = tuple(field.name for field in msgspec.structs.fields(Reported))


async def write_reported(tx: Tx, station_id: str, told: Sequence[Reported], *, most: int, whole: bool) -> int:
    """Upsert what a station told of its settings, in key order; nothing new beyond `most` rows. Returns how many.

    `whole`: all that a report says of each is told; else only the value is, and the rest stays as it was.
    """
    if not told:
        return 0
    rows = {folded(it.key): {"station_id": station_id, "folded": folded(it.key)} | _asdict(it) for it in told}
    t = device_variable
    room = most - (await tx.scalar(sa.select(sa.func.count()).where(t.c.station_id == station_id)) or 0)
    known = set(
        (await tx.execute(sa.select(t.c.folded).where(t.c.station_id == station_id, t.c.folded.in_(rows)))).scalars()
    )
    new = sorted(rows.keys() - known)[: max(room, 0)]
    kept = [rows[name] for name in sorted(known | set(new))]
    if not kept:
        return 0
    statement = insert(t).values(kept)
    moved = (*_FIELDS,) if whole else ("value", "reported_at")
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[t.c.station_id, t.c.folded],
            set_={name: statement.excluded[name] for name in moved},
            where=t.c.reported_at <= statement.excluded.reported_at,
        )
    )
    return len(kept)


async def forget_unreported(tx: Tx, station_id: str, before: dt.datetime) -> int:
    """Delete what a complete report no longer names."""
    t = device_variable
    done = await tx.execute(sa.delete(t).where(t.c.station_id == station_id, t.c.reported_at < before))
    return done.rowcount


async def reported(tx: Tx, station_id: str, keys: Sequence[str] | None = None) -> dict[str, Reported]:
    """Read a station's settings by folded key; only of these, when given."""
    t = device_variable
    statement = sa.select(t).where(t.c.station_id == station_id)
    if keys is not None:
        statement = statement.where(t.c.folded.in_(list(keys)))
    return {row.folded: _reported(row) for row in await tx.execute(statement)}


async def reported_by(tx: Tx, ids: Sequence[StationId], keys: Sequence[str]) -> dict[StationId, dict[str, Reported]]:
    """Read these settings of many stations, by folded key."""
    t = device_variable
    which = t.c.station_id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.Text)))
    found: dict[StationId, dict[str, Reported]] = {}
    for row in await tx.execute(sa.select(t).where(which, t.c.folded.in_(list(keys)))):
        found.setdefault(StationId(row.station_id), {})[row.folded] = _reported(row)
    return found


async def model(tx: Tx, station_id: str, *, lock: bool = False) -> sa.RowMapping | None:
    """Read when its settings were last read."""
    statement = sa.select(device_model).where(device_model.c.station_id == station_id)
    if lock:
        statement = statement.with_for_update()
    return (await tx.execute(statement)).mappings().one_or_none()


async def write_model(tx: Tx, station_id: str, **values: object) -> None:
    """Note when its settings were asked for, or were complete."""
    statement = insert(device_model).values(station_id=station_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[device_model.c.station_id], set_=values))


async def add_part(tx: Tx, values: Mapping[str, object], seq_no: int, *, last: bool, text: str | None) -> sa.RowMapping:
    """Note a part of a report and return the report as it stands; a part that came before changes nothing."""
    t = device_report
    fresh: dict[str, object] = dict(values) | {
        "parts": [seq_no],
        "last_part": seq_no if last else None,
        "texts": {} if text is None else {str(seq_no): text},
    }
    statement = insert(t).values(**fresh)
    parts = sa.case(
        (t.c.parts.contains([seq_no]), t.c.parts), else_=sa.func.array_append(t.c.parts, sa.literal(seq_no, sa.Integer))
    )
    row = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[t.c.station_id, t.c.request, t.c.kind],
            set_={
                "parts": parts,
                "last_part": sa.func.coalesce(t.c.last_part, statement.excluded.last_part),
                "texts": t.c.texts.op("||")(statement.excluded.texts),
            },
        ).returning(t)
    )
    found: sa.RowMapping = row.mappings().one()
    return found


async def complete(tx: Tx, station_id: str, request: int, kind: str, at: dt.datetime) -> None:
    """Note that all parts of a report are here."""
    t = device_report
    key = sa.and_(t.c.station_id == station_id, t.c.request == request, t.c.kind == kind)
    await tx.execute(sa.update(t).where(key, t.c.complete_at.is_(None)).values(complete_at=at))


async def report(tx: Tx, station_id: str, request: int) -> sa.RowMapping | None:
    """Read how far a report has come."""
    t = device_report
    statement = sa.select(t).where(t.c.station_id == station_id, t.c.request == request)
    return (await tx.execute(statement.order_by(t.c.began_at.desc()).limit(1))).mappings().one_or_none()


async def forget_reports(tx: Tx, before: dt.datetime) -> int:
    """Delete what is known of old reports; their settings stay."""
    done = await tx.execute(sa.delete(device_report).where(device_report.c.began_at < before))
    return done.rowcount


async def wishes(tx: Tx, station_id: str) -> list[Wanted]:
    """Read what people want of one station."""
    t = wanted_setting
    statement = sa.select(t.c.key, t.c.value, t.c.author).where(t.c.station_id == station_id).order_by(t.c.folded)
    return [Wanted(key=row.key, value=row.value, source=row.author) for row in await tx.execute(statement)]


async def wish(tx: Tx, station_id: str, it: Wanted, now: dt.datetime) -> None:
    """Write what people want of a setting."""
    values = {"key": it.key, "value": it.value, "author": it.source, "wanted_at": now}
    statement = insert(wanted_setting).values(station_id=station_id, folded=folded(it.key), **values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[wanted_setting.c.station_id, wanted_setting.c.folded], set_=values
        )
    )


async def wish_no_more(tx: Tx, station_id: str, keys: Sequence[str]) -> None:
    """Take wishes back; what templates say holds again."""
    t = wanted_setting
    await tx.execute(sa.delete(t).where(t.c.station_id == station_id, t.c.folded.in_([folded(key) for key in keys])))


async def attempts(tx: Tx, station_id: str) -> dict[str, Attempt]:
    """Read the last tries of a station by folded key."""
    t = setting_attempt
    rows = (await tx.execute(sa.select(t).where(t.c.station_id == station_id))).mappings()
    return {row["folded"]: msgspec.convert(row, Attempt) for row in rows}


async def write_attempts(
    tx: Tx, station_id: str, order_id: UUID, settings: Mapping[str, str], now: dt.datetime
) -> None:
    """Note that these are being set; keys are folded."""
    t = setting_attempt
    rows = [
        {"station_id": station_id, "folded": name, "value": value, "order_id": order_id, "asked_at": now}
        for name, value in sorted(settings.items())
    ]
    statement = insert(t).values(rows)
    fresh = {"value", "order_id", "asked_at"}
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[t.c.station_id, t.c.folded],
            set_={name: statement.excluded[name] for name in fresh} | {"outcome": None, "why": None, "ended_at": None},
        )
    )


async def of_order(tx: Tx, order_id: UUID) -> dict[str, str]:
    """Read what an order was to set, by folded key."""
    t = setting_attempt
    rows = await tx.execute(sa.select(t.c.folded, t.c.value).where(t.c.order_id == order_id))
    return {row.folded: row.value for row in rows}


async def end_attempt(  # noqa: PLR0917  # what it was, and what came of it
    tx: Tx, station_id: str, name: str, order_id: UUID, outcome: str, why: str | None, now: dt.datetime
) -> None:
    """Note what a try came to."""
    t = setting_attempt
    key = sa.and_(t.c.station_id == station_id, t.c.folded == name, t.c.order_id == order_id)
    await tx.execute(sa.update(t).where(key).values(outcome=outcome, why=why, ended_at=now))


async def rebooted(tx: Tx, station_id: str) -> list[str]:
    """Take what waited for a reboot as set; returns the folded keys, to be read again."""
    t = setting_attempt
    where = sa.and_(t.c.station_id == station_id, t.c.outcome == "reboot_needed")
    done = await tx.execute(sa.update(t).where(where).values(outcome="accepted").returning(t.c.folded))
    return sorted(done.scalars())


async def templates(tx: Tx, *, active_only: bool = False) -> list[Template]:
    """Read all templates by name."""
    statement = sa.select(setting_template).order_by(setting_template.c.name)
    if active_only:
        statement = statement.where(setting_template.c.active)
    return [msgspec.convert(row, Template) for row in (await tx.execute(statement)).mappings()]


async def template(tx: Tx, id: TemplateId, *, lock: bool = False) -> Template | None:
    """Read one template."""
    statement = sa.select(setting_template).where(setting_template.c.id == id)
    if lock:
        statement = statement.with_for_update()
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Template)


async def put_template(tx: Tx, it: Template) -> bool:
    """Write a template; False when its name is another's."""
    values = msgspec.structs.asdict(it)
    taken = sa.select(setting_template.c.id).where(setting_template.c.name == it.name, setting_template.c.id != it.id)
    if await tx.scalar(taken) is not None:
        return False
    statement = insert(setting_template).values(**values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[setting_template.c.id], set_={name: value for name, value in values.items() if name != "id"}
        )
    )
    return True


async def drop_template(tx: Tx, id: TemplateId) -> None:
    """Delete a template; what it has set stays set."""
    await tx.execute(sa.delete(setting_template).where(setting_template.c.id == id))


async def unread(tx: Tx, stations: Sequence[str], asked_before: dt.datetime) -> list[str]:
    """Return those of the stations whose settings were not asked for since."""
    t = device_model
    fresh = sa.select(t.c.station_id).where(t.c.station_id.in_(list(stations)), t.c.asked_at >= asked_before)
    known = set((await tx.execute(fresh)).scalars())
    return [id for id in stations if id not in known]


def _asdict(it: Reported) -> dict[str, Any]:
    return msgspec.structs.asdict(it)


def _reported(row: sa.Row[Any]) -> Reported:
    return Reported(**{name: getattr(row, name) for name in _FIELDS})
