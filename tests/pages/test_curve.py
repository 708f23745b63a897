"""The curve of power on a phone."""

import datetime as dt

from zaryad.charging.pages.curve import HEIGHT, POINTS_MAX, WIDTH, power_curve

START = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def readings(*powers: int) -> list[tuple[dt.datetime, int]]:
    return [(START + dt.timedelta(seconds=10 * place), power) for place, power in enumerate(powers)]


def test_fills_its_box() -> None:
    assert power_curve(readings(0, 50, 100)) == [(0, 0), (WIDTH // 2, HEIGHT // 2), (WIDTH, HEIGHT)]


def test_nothing_to_draw() -> None:
    assert power_curve([]) == power_curve(readings(5)) == power_curve(readings(0, 0)) == []
    assert power_curve([(START, 1), (START, 2)]) == []


def test_many_readings_become_few_points_and_keep_the_peak() -> None:
    powers = [1] * 2_999
    powers[1_234] = 1_000
    points = power_curve(readings(*powers))
    assert len(points) <= POINTS_MAX
    assert max(y for _, y in points) == HEIGHT
