"""Reactions that must happen: a procrastinate job is inserted on the caller's transaction and commits with it.

Jobs are known by name, so that a lower module can defer what a higher one does. `app/wiring.py`
binds names to functions. A job may run twice and at any later time: each begins by moving a state
under its row lock, or returns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import procrastinate

from zaryad.platform.db import Tx

# Never opened: it only writes job rows on connections that callers bring.
_writer = procrastinate.App(connector=procrastinate.PsycopgConnector())

Argument = str | int | bool | None


async def defer(
    tx: Tx, name: str, *, at: dt.datetime | None = None, queue: str = "default", **arguments: Argument
) -> None:
    """Insert the job `name` on the transaction's own connection, to run at `at` or as soon as it commits."""
    task = _writer.configure_task(name, queue=queue, schedule_at=at, connection=await tx.driver(), allow_unknown=True)
    await task.defer_async(**_plain(arguments))


def _plain(arguments: Mapping[str, Argument]) -> dict[str, str | int | bool | None]:
    return dict(arguments)
