"""SQL of the OCPP log's writing and forgetting. Its reading is in `zaryad/ocpp/log/store.py`."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Awaitable, Callable, Sequence

import sqlalchemy as sa

from zaryad.ocpp.log.model import Frame
from zaryad.ocpp.tables import ocpp_frame as t
from zaryad.platform.db import Tx

COLUMNS = Frame.__struct_fields__
_DAY = re.compile(rf"{t.name}_(\d{{8}})")
_BULK = re.compile(rf"{t.name}_(\d{{8}})_bulk")
_LOCK = 4_071_996_001  # an arbitrary number: makers of partitions queue up
_SLICE = 50  # rows made into text in one go
_PATIENCE = "2s"  # for the lock that dropping takes: whoever writes waits behind it

Drop = Callable[[Tx, dt.date], Awaitable[None]]


async def copy_frames(tx: Tx, rows: Sequence[tuple[object, ...]], table: str = t.name) -> None:
    """Append rows given in the order of COLUMNS; `table`: to another of the same shape, for measuring."""
    driver = await tx.driver()
    async with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for at in range(0, len(rows), _SLICE):
            lines = "".join("\t".join(_field(value) for value in row) + "\n" for row in rows[at : at + _SLICE])
            await copy.write(lines.encode("utf-8", "replace"))
            await asyncio.sleep(0)  # writing into a buffer does not wait, and would keep everybody waiting


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if not text.isprintable():
        text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t").replace("\0", "")
    return text


async def ensure_partition(tx: Tx, day: dt.date) -> None:
    """Make the tables of a day (UTC) unless they are there. Nobody who reads or writes the log waits for it."""
    name, after = _partition(day), day + dt.timedelta(days=1)
    if await _kind(tx, name) == "r":
        return  # of an older release: one table for everything
    if await _kind(tx, f"{name}_bulk") is not None and await _kind(tx, f"{name}_rest") is not None:
        return
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    is_new = await _kind(tx, name) is None
    if is_new:
        await tx.execute(sa.text(f"create table {name} (like {t.name} including defaults) partition by list (bulk)"))
    for suffix, value in (("bulk", "true"), ("rest", "false")):
        await tx.execute(
            sa.text(f"create table if not exists {name}_{suffix} partition of {name} for values in ({value})")
        )
    if is_new:  # attaching lets others go on, creating in place would not
        await tx.execute(
            sa.text(
                f"alter table {t.name} attach partition {name} "
                f"for values from ('{day.isoformat()} 00:00+00') to ('{after.isoformat()} 00:00+00')"
            )
        )


async def _kind(tx: Tx, name: str) -> str | None:
    """Return whether it is a table ("r"), a partitioned one ("p"), or not there."""
    found: str | None = await tx.scalar(
        sa.text("select cast(relkind as text) from pg_class where oid = to_regclass(:name)"), {"name": name}
    )
    return found


async def partitions(tx: Tx) -> list[dt.date]:
    """Return the days that have a partition, oldest first."""
    return await _days(tx, _DAY)


async def bulk_partitions(tx: Tx) -> list[dt.date]:
    """Return the days whose heartbeats and readings are still there, oldest first."""
    return await _days(tx, _BULK)


async def _days(tx: Tx, pattern: re.Pattern[str]) -> list[dt.date]:
    names = await tx.execute(
        sa.text("select cast(cast(relid as regclass) as text) from pg_partition_tree(:parent)"), {"parent": t.name}
    )
    found = (pattern.fullmatch(name) for name in names.scalars())
    return sorted(dt.datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=dt.UTC).date() for match in found if match)


async def drop_partition(tx: Tx, day: dt.date) -> None:
    """Forget a day. Gives up when somebody reads or writes the log for longer than two seconds."""
    await _drop(tx, _partition(day))


async def drop_bulk(tx: Tx, day: dt.date) -> None:
    """Forget a day's heartbeats and readings."""
    await _drop(tx, f"{_partition(day)}_bulk")


async def _drop(tx: Tx, name: str) -> None:
    await tx.execute(sa.text(f"set local lock_timeout = '{_PATIENCE}'"))
    await tx.execute(sa.text(f"drop table if exists {name}"))


def _partition(day: dt.date) -> str:
    return f"{t.name}_{day:%Y%m%d}"
