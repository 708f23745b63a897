"""SQL of virtual stations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.platform.db import Tx
from zaryad.sandbox.tables import sandbox_station as t


class StationRow(Protocol):
    """The columns of `sandbox_station` as read."""

    id: str
    model: dict[str, Any]
    memory: dict[str, Any] | None


async def put(tx: Tx, id: str, model: dict[str, Any]) -> None:
    """Insert, or replace what it is built of; its memory stays."""
    statement = insert(t).values(id=id, model=model)
    await tx.execute(statement.on_conflict_do_update(index_elements=[t.c.id], set_={"model": statement.excluded.model}))


async def every(tx: Tx, *, but: Sequence[str] = ()) -> list[StationRow]:
    """Read all stations except these, in order."""
    statement = sa.select(t.c.id, t.c.model, t.c.memory).order_by(t.c.id)
    return list(await tx.execute(statement.where(t.c.id.not_in(but)) if but else statement))


async def keep(tx: Tx, id: str, memory: dict[str, Any], now: dt.datetime) -> None:
    """Write a station's memory."""
    await tx.execute(sa.update(t).where(t.c.id == id).values(memory=memory, kept_at=now))
