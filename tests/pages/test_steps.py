"""The honest steps of a start: what waits, since when, and what is said about it."""

import datetime as dt
from uuid import UUID

import pytest

from zaryad.charging.model import Origin, Session, SessionId, State
from zaryad.charging.pages.steps import steps_of
from zaryad.link.facts import ConnectorState, StationId
from zaryad.stations import Connector, LocationId

NOW = dt.datetime(2026, 11, 21, 9, 5, tzinfo=dt.UTC)
ASKED = NOW - dt.timedelta(seconds=30)
ID = UUID("01934d5c-7d1e-7a90-b0a1-7d4d3c2b1a09")


def session() -> Session:
    return Session(
        id=SessionId(ID),
        state=State.STARTING,
        origin=Origin.APP,
        station_id=StationId("KG-1"),
        connector=1,
        token="S",
        currency="KGS",
        timezone="Asia/Bishkek",
        requested_at=ASKED,
    )


def connector(*, online: bool = True, state: ConnectorState | None = ConnectorState.AVAILABLE) -> Connector:
    return Connector(
        station_id=StationId("KG-1"),
        number=1,
        kind="ccs2",
        power_w=60_000,
        state=state,
        state_at=NOW - dt.timedelta(seconds=5),
        error_code=None,
        admin_state="active",
        online=online,
        last_seen_at=NOW,
        station_state=None,
        location_id=LocationId(ID),
        location_name="x",
        address="y",
        timezone="Asia/Bishkek",
        tariff_id=None,
        currency="KGS",
    )


@pytest.mark.parametrize(
    ("place", "waits_for", "states"),
    [
        (connector(online=False), "link", ["done", "now", "later", "later", "later"]),
        (connector(), "plug", ["done", "done", "now", "later", "later"]),
        (connector(state=ConnectorState.PREPARING), "agree", ["done", "done", "done", "now", "later"]),
        (None, "link", ["done", "now", "later", "later", "later"]),
    ],
)
def test_the_first_step_not_done_is_waited_for(place: Connector | None, waits_for: str, states: list[str]) -> None:
    steps, name = steps_of("ru", session(), None, place, NOW)
    assert name == waits_for
    assert [step.state for step in steps] == states


def test_waiting_is_counted_from_when_it_began() -> None:
    steps, _ = steps_of("ru", session(), None, connector(), NOW)
    assert steps[2].seconds == 30
    steps, _ = steps_of("ru", session(), None, connector(state=ConnectorState.PREPARING), NOW)
    assert steps[3].seconds == 5


def test_a_silent_station_hangs_but_a_person_with_a_cable_does_not() -> None:
    later = NOW + dt.timedelta(minutes=5)
    assert steps_of("ru", session(), None, connector(online=False), later)[0][1].state == "hung"
    assert steps_of("ru", session(), None, connector(), later)[0][2].state == "now"
