"""The honest steps of a start: what waits, since when, and what is said about it."""

import datetime as dt
from uuid import UUID

import pytest

from zaryad.charging.pages.steps import steps_of
from zaryad.link.facts import ConnectorState, StationId
from zaryad.stations import Connector, LocationId

NOW = dt.datetime(2026, 11, 21, 9, 5, tzinfo=dt.UTC)
ASKED = NOW - dt.timedelta(seconds=30)
ID = UUID("01934d5c-7d1e-7a90-b0a1-7d4d3c2b1a09")


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
        (connector(state=ConnectorState.PREPARING), "link", ["done", "now", "done", "later", "later"]),
        (connector(), "plug", ["done", "done", "now", "later", "later"]),
        (connector(state=ConnectorState.PREPARING), "agree", ["done", "done", "done", "now", "later"]),
        (None, "link", ["done", "now", "later", "later", "later"]),
    ],
)
def test_what_is_done_what_waits_and_what_comes(place: Connector | None, waits_for: str, states: list[str]) -> None:
    assert [step.state for step in steps_of("ru", waits_for, ASKED, place, NOW)] == states


def test_waiting_is_counted_from_when_it_began() -> None:
    assert steps_of("ru", "plug", ASKED, connector(), NOW)[2].seconds == 30
    assert steps_of("ru", "agree", ASKED, connector(state=ConnectorState.PREPARING), NOW)[3].seconds == 5


def test_a_silent_station_hangs_but_a_person_with_a_cable_does_not() -> None:
    later = NOW + dt.timedelta(minutes=5)
    assert steps_of("ru", "link", ASKED, connector(online=False), later)[1].state == "hung"
    assert steps_of("ru", "plug", ASKED, connector(), later)[2].state == "now"
