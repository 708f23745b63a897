"""What must be true of every tariff and every timeline."""

import datetime as dt
import zoneinfo
from itertools import pairwise

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.tariffs.samples import version
from zaryad.kernel.money import divide_half_up
from zaryad.tariffs import (
    Component,
    Dimension,
    Element,
    Point,
    Restrictions,
    Running,
    Tab,
    TariffVersion,
    advance,
    begin,
    bill,
    cost,
    next_interval_cost,
    price_now,
)
from zaryad.tariffs.plan import DENOMINATOR, plan_of

# Bishkek has no DST; Berlin jumps at night, Lord Howe by half an hour, Havana at midnight, Apia skipped a day.
ZONES = ["Asia/Bishkek", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia"]
START = dt.datetime(2011, 12, 1, tzinfo=dt.UTC)

clocks = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
restrictions = st.builds(
    Restrictions,
    start=st.none() | clocks,
    end=st.none() | clocks,
    weekdays=st.none() | st.frozensets(st.integers(1, 7), min_size=1),
    start_date=st.none() | st.dates(dt.date(2011, 12, 1), dt.date(2012, 12, 1)),
)
components = st.lists(
    st.builds(Component, st.sampled_from([Dimension.ENERGY, Dimension.TIME, Dimension.SESSION]), st.integers(0, 10**8)),
    min_size=1,
    max_size=3,
    unique_by=lambda component: component.dimension,
).map(tuple)
versions = st.lists(st.builds(Element, components, restrictions), min_size=1, max_size=5).map(lambda e: version(*e))


@st.composite
def timelines(draw: st.DrawFn) -> list[Point]:
    at = START + dt.timedelta(minutes=draw(st.integers(0, 500_000)))
    energy = draw(st.integers(0, 10**12))
    points = [Point(at, energy)]
    for _ in range(draw(st.integers(0, 8))):
        at += dt.timedelta(microseconds=draw(st.integers(0, 6 * 3_600_000_000)))
        energy += draw(st.integers(0, 10**9))
        points.append(Point(at, energy))
    return points


def fold(tariff: TariffVersion, zone: str, points: list[Point]) -> Running:
    running = begin(tariff, zone, points[0].at, points[0].energy_mwh)
    for point in points[1:]:
        running = advance(tariff, running, point)
    return running


def exact(tariff: TariffVersion, running: Running) -> int:
    return sum(q * w for q, w in zip(running.used, plan_of(tariff).weights, strict=True))


@given(versions, st.sampled_from(ZONES), timelines())
@settings(deadline=None, max_examples=150)
def test_the_bill_is_the_fold_and_its_lines_add_up(tariff: TariffVersion, zone: str, points: list[Point]) -> None:
    it, running = bill(tariff, zone, points), fold(tariff, zone, points)
    assert it.total == cost(tariff, running)
    assert sum(line.amount_minor for line in it.lines) == it.total.minor
    assert all(line.amount_minor >= 0 for line in it.lines)
    assert all(line.amount_minor == 0 for line in it.lines if line.price_e4 == 0)
    energy = sum(line.energy_mwh for line in it.lines if line.kind is Dimension.ENERGY)
    assert energy == points[-1].energy_mwh - points[0].energy_mwh
    for kind in (Dimension.ENERGY, Dimension.TIME):
        lines = [line for line in it.lines if line.kind is kind]
        assert all(first.ended_at <= second.started_at for first, second in pairwise(lines))


@given(versions, st.sampled_from(ZONES), timelines(), st.data())
@settings(deadline=None, max_examples=100)
def test_to_stop_and_go_on_at_any_point_changes_nothing(
    tariff: TariffVersion, zone: str, points: list[Point], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(points) - 1))
    half = fold(tariff, zone, points[: place + 1])
    revived = msgspec.json.decode(msgspec.json.encode(half), type=Running)
    assert revived == half
    copy = msgspec.json.decode(msgspec.json.encode(tariff), type=TariffVersion)
    for point in points[place + 1 :]:
        revived = advance(copy, revived, point)
    assert revived == fold(tariff, zone, points)


@given(versions, st.sampled_from(ZONES), timelines(), st.data())
@settings(deadline=None, max_examples=150)
def test_a_bill_moved_in_place_is_the_fold(
    tariff: TariffVersion, zone: str, points: list[Point], data: st.DataObject
) -> None:
    running = begin(tariff, zone, points[0].at, points[0].energy_mwh)
    if data.draw(st.booleans()):  # a bill from before its session fee was counted
        running = msgspec.structs.replace(running, used=tuple(0 for _ in running.used))
    tab = Tab(tariff, running)
    for point in [*points[1:], points[0]]:  # the last one is too early
        running = advance(tariff, running, point)
        tab.move(point.at, point.energy_mwh)
        assert tab.running == running
        assert tab.cost_minor == cost(tariff, running).minor
        assert msgspec.json.encode(tab.parts()) == msgspec.json.encode(running)


@given(versions, st.sampled_from(ZONES), timelines(), st.integers(1, 10**6), st.integers(1, 999))
@settings(deadline=None, max_examples=100)
def test_a_reading_on_the_straight_line_changes_nothing(
    tariff: TariffVersion, zone: str, points: list[Point], rate: int, part: int
) -> None:
    first = points[0]
    step = dt.timedelta(minutes=2)  # a whole rate of mWh in each
    middle = Point(first.at + part * step, first.energy_mwh + part * rate)
    last = Point(first.at + 1_000 * step, first.energy_mwh + 1_000 * rate)
    assert fold(tariff, zone, [first, middle, last]).used == fold(tariff, zone, [first, last]).used


@given(versions, st.sampled_from(ZONES), timelines(), st.integers(0, 10**9))
@settings(deadline=None, max_examples=100)
def test_more_energy_or_time_never_costs_less(tariff: TariffVersion, zone: str, points: list[Point], more: int) -> None:
    running = fold(tariff, zone, points)
    last = points[-1]
    dearer = fold(tariff, zone, [*points[:-1], Point(last.at, last.energy_mwh + more)])
    assert cost(tariff, dearer) >= cost(tariff, running)
    later = advance(tariff, running, Point(last.at + dt.timedelta(hours=5), last.energy_mwh))
    assert cost(tariff, later) >= cost(tariff, running)


@given(versions, st.sampled_from(ZONES), timelines(), st.integers(0, 360 * 10**6), st.integers(1, 100_000))
@settings(deadline=None, max_examples=100)
def test_the_next_interval_never_costs_more_than_was_foreseen(
    tariff: TariffVersion, zone: str, points: list[Point], power_mw: int, seconds: int
) -> None:
    running = fold(tariff, zone, points)
    foreseen = cost(tariff, running) + next_interval_cost(tariff, running, power_mw, seconds)
    end = Point(running.at + dt.timedelta(seconds=seconds), running.energy_mwh + power_mw * seconds // 3_600)
    assert cost(tariff, advance(tariff, running, end)) <= foreseen


@given(versions, st.sampled_from(ZONES), timelines())
@example(
    version(Element((Component(Dimension.ENERGY, 10**7),), Restrictions(start=dt.time(2, 30), end=dt.time(3, 0)))),
    "Europe/Berlin",
    [Point(dt.datetime(2012, 3, 24, 20, tzinfo=dt.UTC), 0), Point(dt.datetime(2012, 3, 25, 20, tzinfo=dt.UTC), 10**7)],
)
@settings(deadline=None, max_examples=60)
def test_between_two_look_ups_nothing_changes(tariff: TariffVersion, zone: str, points: list[Point]) -> None:
    """Against a naive reading of the local clock every quarter of an hour, on days with a jump too."""
    plan = plan_of(tariff)
    for day in (
        points[0].at,
        dt.datetime(2012, 3, 24, 11, tzinfo=dt.UTC),
        dt.datetime(2012, 10, 27, 11, tzinfo=dt.UTC),
    ):
        at, until, active = day, plan.until(zone, day), plan.active(zone, day)
        for quarter in range(192):
            now = day + dt.timedelta(minutes=15 * quarter)
            while until is not None and until <= now:
                at, until = until, plan.until(zone, until)
                active = plan.active(zone, at)
            local = now.astimezone(zoneinfo.ZoneInfo(zone))
            assert active == plan.active(zone, now), local


@given(versions, st.sampled_from(ZONES), timelines())
@settings(deadline=None, max_examples=60)
def test_a_price_holds_until_its_next_change(tariff: TariffVersion, zone: str, points: list[Point]) -> None:
    price = price_now(tariff, zone, points[0].at)
    change = price.next_change_at
    if change is None:
        return
    before = price_now(tariff, zone, max(points[0].at, change - dt.timedelta(seconds=1)))
    after = price_now(tariff, zone, change)
    prices = [(p.per_kwh_e4, p.per_hour_e4, p.session_e4) for p in (price, before, after)]
    assert prices[0] == prices[1] != prices[2]


def test_the_total_is_rounded_once_and_half_up() -> None:
    assert divide_half_up(DENOMINATOR, 2 * DENOMINATOR) == 1
    tariff = version(Element((Component(Dimension.ENERGY, 5_000),)))  # half a tyiyn a kWh
    start = Point(START, 0)
    assert bill(tariff, ZONES[0], [start, Point(START, 999_999)]).total.minor == 0
    assert bill(tariff, ZONES[0], [start, Point(START, 1_000_000)]).total.minor == 1
