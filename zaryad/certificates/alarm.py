"""What a person has to see about security: one row stands for each kind and key until it is cleared."""

from __future__ import annotations

import datetime as dt

import structlog
from prometheus_client import Gauge

from zaryad.certificates import store
from zaryad.kernel.ids import new_id
from zaryad.link.facts import StationId
from zaryad.platform.db import Db, Tx

log = structlog.get_logger()

STANDING = Gauge("zaryad_security_alarms", "Security alarms that stand", ["kind"])
KIND_MAX, KEY_MAX, FACT_MAX = 60, 120, 300


async def raise_alarm(
    tx: Tx, kind: str, key: str, now: dt.datetime, *, station_id: StationId | None = None, **facts: str
) -> None:
    """Raise it; where it stands already it is counted once more. Whoever watches hears of a new one."""
    shown = {name: "".join(c for c in text[:FACT_MAX] if c.isprintable()) for name, text in facts.items()}
    new = await store.raise_alarm(
        tx, id=new_id(), kind=kind[:KIND_MAX], key=key[:KEY_MAX], station_id=station_id, facts=shown, raised_at=now
    )
    if new:
        log.warning("security.alarm", kind=kind, key=key, station=station_id, facts=shown)
        tx.hint("security.alarm", kind[:KIND_MAX].encode())


async def clear_alarm(tx: Tx, kind: str, key: str, now: dt.datetime, *, by: str = "system") -> None:
    """End it, when its cause is gone."""
    if await store.clear_alarm(tx, kind[:KIND_MAX], key[:KEY_MAX], by, now):
        tx.hint("security.alarm", kind[:KIND_MAX].encode())


async def count_alarms(db: Db) -> None:
    """Bring the metric up to date; kinds are few because stations cannot make up new ones."""
    async with db.begin() as tx:
        found = await store.standing(tx)
    for labels in list(STANDING._metrics):  # noqa: SLF001  # the library has no other way to see them
        if labels[0] not in found:
            STANDING.labels(*labels).set(0)
    for kind, many in found.items():
        STANDING.labels(kind).set(many)
