"""A security event is kept whatever its kind; some raise an alarm. Told twice, it is one."""

from __future__ import annotations

import datetime as dt

import structlog
from prometheus_client import Counter

from zaryad.certificates.alarm import raise_alarm
from zaryad.certificates.events import store
from zaryad.certificates.events.store import Event
from zaryad.certificates.model import Settings
from zaryad.certificates.words import CRITICAL
from zaryad.kernel.ids import derived_id
from zaryad.link.answers import Noted
from zaryad.link.facts import SecurityEvent
from zaryad.platform.db import Db

log = structlog.get_logger()

EVENTS = Counter("zaryad_security_events_total", "Security events told by stations", ["critical"])
KIND_MAX, INFO_MAX = 50, 255  # OCPP 2.0.1, SecurityEventNotificationRequest
PER_HOUR_MAX = 600  # of one station; what comes above is counted, not kept


async def note_event(db: Db, rules: Settings, fact: SecurityEvent) -> Noted:
    """Keep an event; the alarm of its kind, if it has one, stands in the same transaction."""
    kind = _clean(fact.kind, KIND_MAX) or "?"
    info = None if fact.info is None else _clean(fact.info, INFO_MAX)
    at = fact.at or fact.received_at
    event = Event(
        id=derived_id("security-event", fact.station_id, kind, at.isoformat(), info),
        station_id=fact.station_id,
        kind=kind,
        at=at,
        received_at=fact.received_at,
        info=info,
        critical=kind in CRITICAL,
    )
    async with db.begin() as tx:
        hour = fact.received_at - dt.timedelta(hours=1)
        many = await store.count_since(tx, fact.station_id, hour)
        if many >= PER_HOUR_MAX and not event.critical:
            log.warning("security.events_too_many", station=fact.station_id)
        elif await store.put_event(tx, event) and kind in rules.alarm_kinds:
            await raise_alarm(
                tx,
                "station_told",
                f"{fact.station_id}:{kind}",
                fact.received_at,
                station_id=fact.station_id,
                event=kind,
                info=info or "",
            )
    EVENTS.labels(str(event.critical).lower()).inc()
    return Noted()


async def tidy_events(db: Db, rules: Settings, now: dt.datetime) -> None:
    """Forget what is older than the setting."""
    async with db.begin() as tx:
        await store.drop_events(tx, now - dt.timedelta(days=rules.events_keep_days))


def _clean(text: str, most: int) -> str:
    return "".join(letter for letter in text[:most] if letter.isprintable())
