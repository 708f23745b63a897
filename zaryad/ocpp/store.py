"""SQL of the OCPP log."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import sqlalchemy as sa

from zaryad.ocpp.tables import ocpp_frame as t
from zaryad.platform.db import Tx

COLUMNS = tuple(t.columns.keys())
_NAME = re.compile(rf"{t.name}_(\d{{8}})")
_LOCK = 4_071_996_001  # an arbitrary number: makers of partitions queue up


async def copy_frames(tx: Tx, rows: Iterable[tuple[object, ...]]) -> None:
    """Append rows given in the order of COLUMNS."""
    driver = await tx.driver()
    lines = "".join("\t".join(_field(value) for value in row) + "\n" for row in rows)
    async with driver.cursor() as cursor, cursor.copy(f"COPY {t.name} ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        await copy.write(lines.encode("utf-8", "replace"))


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
    """Make the partition of a day (UTC) unless it is there."""
    name, after = _partition(day), day + dt.timedelta(days=1)
    await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    await tx.execute(
        sa.text(
            f"create table if not exists {name} partition of {t.name} "
            f"for values from ('{day.isoformat()} 00:00+00') to ('{after.isoformat()} 00:00+00')"
        )
    )


async def partitions(tx: Tx) -> list[dt.date]:
    """Return the days that have a partition, oldest first."""
    names = await tx.execute(
        sa.text(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
            "where i.inhparent = cast(:parent as regclass)"
        ),
        {"parent": t.name},
    )
    found = (_NAME.fullmatch(name) for name in names.scalars())
    return sorted(dt.datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=dt.UTC).date() for match in found if match)


async def drop_partition(tx: Tx, day: dt.date) -> None:
    """Forget a day."""
    await tx.execute(sa.text(f"drop table if exists {_partition(day)}"))


def _partition(day: dt.date) -> str:
    return f"{t.name}_{day:%Y%m%d}"
