"""The examination of one identity: what is known of it, what came of its tries, what to do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from zaryad.link.door import Attempt
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations.doctor import store
from zaryad.stations.doctor.diagnose import diagnose
from zaryad.stations.doctor.model import Chart, Seen, Severity
from zaryad.stations.model import Ban, Knock, Settings, speakable
from zaryad.stations.onboarding import store as strangers
from zaryad.stations.views import reason_text
from zaryad.ui.i18n import t


class FindingView(msgspec.Struct, frozen=True):
    """What was found, and the remedy, in words; `facts` are the same as values."""

    code: str
    severity: Severity
    text: str
    remedy: str
    facts: dict[str, Any]


class AttemptView(Attempt, kw_only=True):
    """A try to connect, with its outcome in words."""

    reason_text: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an identity. `station` is null for a stranger; `attempts` are newest first."""

    station_id: StationId
    known: bool
    examined_at: dt.datetime
    findings: list[FindingView]
    station: Chart | None
    knock: Knock | None
    ban: Ban | None
    alike: list[StationId]
    attempts: list[AttemptView]


async def examine(tx: Tx, station_id: StationId, rules: Settings, now: dt.datetime, language: str) -> Report:
    """Examine an identity, known or not. What could be no identity is simply never seen."""
    seen = await _seen(tx, station_id, rules, now)
    return Report(
        station_id=station_id,
        known=seen.chart is not None,
        examined_at=now,
        findings=[
            FindingView(
                each.code,
                each.severity,
                t(language, f"doctor.{each.code}", **_words(each.facts, station_id)),
                t(language, f"doctor.{each.code}.remedy", **_words(each.facts, station_id)),
                each.facts,
            )
            for each in diagnose(seen)
        ],
        station=seen.chart,
        knock=seen.knock,
        ban=seen.ban,
        alike=seen.alike,
        attempts=[
            AttemptView(**msgspec.structs.asdict(each), reason_text=reason_text(language, each.reason))
            for each in seen.attempts
        ],
    )


async def _seen(tx: Tx, station_id: StationId, rules: Settings, now: dt.datetime) -> Seen:
    if not speakable(station_id):
        return Seen(station_id=station_id, now=now, rules=rules)
    row = await store.chart(tx, station_id)
    chart = None
    if row is not None:
        chart = msgspec.convert(
            {**row, "has_password": row["password_hash"] is not None, "protocol": row["spoken"] or row["protocol"]},
            Chart,
        )
    return Seen(
        station_id=station_id,
        now=now,
        rules=rules,
        chart=chart,
        attempts=await store.attempts_of(tx, station_id, store.KEPT),
        knock=await strangers.one_knock(tx, station_id),
        ban=await strangers.one_ban(tx, station_id),
        alike=await store.alike(tx, station_id),
    )


def _words(facts: dict[str, Any], station_id: str) -> dict[str, Any]:
    """Return the facts as they stand in a sentence: times to the second, in UTC."""
    shown = {
        name: f"{fact:%Y-%m-%d %H:%M:%S} UTC" if isinstance(fact, dt.datetime) else fact for name, fact in facts.items()
    }
    return shown | {"station_id": station_id}
