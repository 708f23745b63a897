"""How a clock is judged by what a station tells."""

import datetime as dt

from zaryad.link.facts import ConnectorChanged, ConnectorState, MeterRead, Reading, StationId
from zaryad.ocpp.gateway.skew import Skew

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
BOX = StationId("BOX")


def status(received_s: float, at_s: float | None) -> ConnectorChanged:
    at = None if at_s is None else NOW + dt.timedelta(seconds=at_s)
    received = NOW + dt.timedelta(seconds=received_s)
    return ConnectorChanged(station_id=BOX, received_at=received, connector=1, state=ConnectorState.AVAILABLE, at=at)


def told(*facts: ConnectorChanged | MeterRead) -> list[int]:
    skew = Skew()
    return [found for fact in facts if (found := skew.hear(fact)) is not None]


def test_live_messages_agree_on_the_difference() -> None:
    assert told(*(status(60 * n, 60 * n + 300) for n in range(5))) == [300_000]


def test_a_right_clock_is_told_too() -> None:
    assert told(*(status(60 * n, 60 * n) for n in range(5))) == [0]


def test_messages_kept_while_offline_do_not_agree() -> None:
    assert told(*(status(6 * n, 60 * n - 7_200) for n in range(20))) == []


def test_a_burst_is_one_message() -> None:
    assert told(*(status(n / 10, -7_200) for n in range(20))) == []


def test_without_a_time_nothing_is_said() -> None:
    assert told(*(status(60 * n, None) for n in range(5))) == []


def test_a_correction_is_told() -> None:
    before = [status(60 * n, 60 * n + 300) for n in range(4)]
    after = [status(60 * n, 60 * n) for n in range(4, 9)]
    assert told(*before, *after) == [300_000, 0]


def test_small_changes_are_not_told_and_readings_count_by_their_last() -> None:
    facts = [
        MeterRead(
            station_id=BOX,
            received_at=NOW + dt.timedelta(seconds=60 * n),
            connector=1,
            charge_ref=None,
            readings=(Reading(at=NOW), Reading(at=NOW + dt.timedelta(seconds=60 * n + n % 2))),
        )
        for n in range(8)
    ]
    assert len(told(*facts)) == 1
