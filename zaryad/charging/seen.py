"""What a connector's state says about the session on it.

The state is no proof of a transaction (standards A.5): it explains a pause, and an empty connector is evidence
when no stop follows.
"""

from __future__ import annotations

import datetime as dt

from zaryad.charging import store
from zaryad.charging.model import Session, Settings, State
from zaryad.charging.tell import tell
from zaryad.charging.when import happened_at
from zaryad.link.answers import Noted
from zaryad.link.facts import ConnectorChanged, ConnectorState
from zaryad.platform.db import Db, Tx

_PAUSED = {ConnectorState.SUSPENDED_EV: "ev", ConnectorState.SUSPENDED_EVSE: "evse"}


async def connector_seen(db: Db, rules: Settings, fact: ConnectorChanged) -> Noted:
    """Store what a state means for a running session. The state itself is stored by `stations`, before.

    Called for states that were news. Called again for the same one it changes nothing.
    """
    if fact.connector <= 0:
        return Noted()
    async with db.begin() as tx:
        session = await store.live_on(tx, fact.station_id, fact.connector)
        if session is not None:
            await state_told(tx, rules, session, fact)
    return Noted()


async def state_told(tx: Tx, rules: Settings, session: Session, fact: ConnectorChanged) -> Session:
    """Store what a state means for the session on the connector. The caller has locked its row."""
    values = _meaning(rules, session, fact)
    if values:
        session = await store.update(tx, session.id, **values)
        if "paused_by" in values:
            key = "resumed" if session.paused_by is None else f"paused_{session.paused_by}"
            await store.note(tx, session.id, key, fact.received_at)
    tell(tx, session)
    return session


def _meaning(rules: Settings, session: Session, fact: ConnectorChanged) -> dict[str, object]:
    if session.state is not State.CHARGING or session.began_at is None:
        return {}
    at, _ = happened_at(fact.at or fact.received_at, fact.received_at, rules)
    if at < session.began_at - dt.timedelta(seconds=1):
        return {}  # a word from before it began, told late
    values: dict[str, object] = {}
    if fact.state is ConnectorState.AVAILABLE:
        if session.available_since is None:
            values["available_since"] = fact.received_at
    elif session.available_since is not None:
        values["available_since"] = None
    paused = _PAUSED.get(fact.state)
    if paused is None and fact.state is not ConnectorState.CHARGING:
        paused = session.paused_by  # finishing, faulted: how it got there is remembered
    if paused != session.paused_by:
        values["paused_by"] = paused
    return values
