"""Ending a session without the station's word, by evidence: a new start, an empty connector, a long silence.

It is billed to the last trusted register. Should the station's stop come after all, it refines the end as long as
the session is not settled; hence the settlement waits a little.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum

from zaryad.charging import store
from zaryad.charging.model import EndReason, Session, Settings, State
from zaryad.charging.tell import tell
from zaryad.platform import jobs
from zaryad.platform.db import Tx

BY_EVIDENCE = "evidence"


class Evidence(Enum):
    """What shows that nothing flows any more; the event's text says so."""

    NEXT_BEGAN = "next_began"
    CONNECTOR_FREE = "connector_free"
    STATION_SILENT = "station_silent"
    TIME_OUT = "time_out"
    STATION_SAYS_OVER = "station_says_over"


_REASON = {
    Evidence.NEXT_BEGAN: EndReason.OTHER,
    Evidence.CONNECTOR_FREE: EndReason.UNPLUGGED,
    Evidence.STATION_SILENT: EndReason.STATION_FAULT,
    Evidence.TIME_OUT: EndReason.TIME_OUT,
    Evidence.STATION_SAYS_OVER: EndReason.OTHER,
}


async def close(tx: Tx, rules: Settings, session: Session, evidence: Evidence, now: dt.datetime) -> Session:
    """End a running session at its last reading. The caller has locked its row."""
    assert session.state is State.CHARGING, "only what runs is closed"
    assert session.began_at is not None, "it runs"
    last = session.last_reading_at
    ended_at = session.began_at if last is None or last < session.began_at else last
    reason = session.stop_reason or _REASON[evidence]
    transaction = await store.of_session(tx, session.id)
    if transaction is not None:
        await store.update_transaction(
            tx, transaction.id, ended_at=ended_at, end_received_at=now, cause=evidence.value, ended_by=BY_EVIDENCE
        )
        await store.await_end(tx, transaction.id, now, now + dt.timedelta(seconds=rules.missing_wait_s))
    ended = await store.update(
        tx,
        session.id,
        state=State.ENDED,
        ended_at=ended_at,
        reason=reason,
        stop_cause=BY_EVIDENCE,
        power_mw=0,
        available_since=None,
    )
    await store.note(tx, session.id, "closed", now, evidence=evidence.value, reason=reason.value)
    at = now + dt.timedelta(seconds=rules.evidence_settle_s)
    await jobs.defer(tx, "charging.settle", at=at, session_id=str(session.id))
    tell(tx, ended)
    return ended
