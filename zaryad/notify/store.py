"""SQL of messages."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.notify.model import Message
from zaryad.notify.tables import sms_message as t
from zaryad.platform.db import Tx

_MESSAGE = (t.c.id, t.c.phone, t.c.key, t.c.language, t.c.text, t.c.state, t.c.at, t.c.sent_at, t.c.segments, t.c.error)


async def add(tx: Tx, **values: object) -> None:
    """Write a message."""
    await tx.execute(insert(t).values(**values))


async def lock(tx: Tx, id: UUID) -> sa.Row[Any] | None:
    """Lock and read a message."""
    return (await tx.execute(sa.select(t).where(t.c.id == id).with_for_update())).one_or_none()


async def end(tx: Tx, id: UUID, **values: object) -> None:
    """Write what became of a message, unless that is known already."""
    await tx.execute(sa.update(t).where(t.c.id == id, t.c.state == "queued").values(**values))


async def latest(tx: Tx, limit: int) -> list[Message]:
    """Read the newest messages that still have their text."""
    statement = sa.select(*_MESSAGE).where(t.c.text.is_not(None)).order_by(t.c.at.desc(), t.c.id.desc()).limit(limit)
    return [msgspec.convert(row, Message) for row in (await tx.execute(statement)).mappings()]


async def forget(tx: Tx, before: dt.datetime) -> None:
    """Delete old messages."""
    await tx.execute(sa.delete(t).where(t.c.at < before))
