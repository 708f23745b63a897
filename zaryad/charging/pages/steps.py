"""The honest steps of a start: what is done, what we wait for and since when, and what to do about it."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.link.facts import ConnectorState
from zaryad.stations import Connector
from zaryad.ui.i18n import t

STEPS = ("payer", "link", "plug", "agree", "current")
HUNG_AFTER_S = 60  # a step that should take a second and has not is shown as hanging

_PLUGGED = frozenset(
    {
        ConnectorState.PREPARING,
        ConnectorState.CHARGING,
        ConnectorState.SUSPENDED_EV,
        ConnectorState.SUSPENDED_EVSE,
        ConnectorState.FINISHING,
    }
)


class Step(msgspec.Struct, frozen=True):
    """One step. `state`: done, now, hung or later; `since`: when the waiting for it began."""

    state: str
    words: str
    since: dt.datetime | None = None
    seconds: int = 0


def is_plugged(connector: Connector | None) -> bool:
    """Whether the connector says that a car is there."""
    return connector is not None and connector.state in _PLUGGED


def steps_of(
    language: str, waits_for: str, requested_at: dt.datetime, connector: Connector | None, now: dt.datetime
) -> list[Step]:
    """Return the five steps; `waits_for` is the session view's: link, plug, agree or current."""
    plugged = is_plugged(connector)
    since = requested_at
    if waits_for == "agree" and connector is not None and connector.state_at is not None:
        since = max(since, connector.state_at)
    seconds = max(int((now - since).total_seconds()), 0)
    steps = []
    for place, name in enumerate(STEPS):
        is_done = place < STEPS.index(waits_for) or (name == "plug" and plugged)
        words = t(language, f"driver.starting.step.{'plugged' if name == 'plug' and is_done else name}")
        if is_done:
            steps.append(Step("done", words))
        elif name == waits_for:
            hung = seconds > HUNG_AFTER_S and name != "plug"  # people take the time they need with a cable
            steps.append(Step("hung" if hung else "now", words, since, seconds))
        else:
            steps.append(Step("later", words))
    return steps
