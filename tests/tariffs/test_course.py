"""What must be true of every tariff that knows more than a clock: one course, however it is cut, told or stopped."""

import datetime as dt
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tariffs import naive
from tests.tariffs.samples import version
from zaryad.tariffs import (
    PRICED,
    About,
    Bound,
    Component,
    Dimension,
    Doing,
    Element,
    Point,
    Restrictions,
    Rule,
    Running,
    Tab,
    TariffVersion,
    Terms,
    advance,
    begin,
    bill,
    cost,
    highest,
    next_interval_cost,
)

ZONES = ["Asia/Bishkek", "Europe/Berlin", "Australia/Lord_Howe"]
ABOUTS = [
    About(),
    About("ccs2", 60_000, frozenset({"gold"}), "taxi", frozenset({dt.date(2026, 10, 25), dt.date(2026, 10, 26)})),
]
START = dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC)  # a day before the clocks go back

clocks = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
courses = st.fixed_dictionaries(
    {},
    optional={
        "power_min_w": st.sampled_from([5_000, 20_000]),
        "power_max_w": st.sampled_from([21_000, 50_000]),
        "min_wh": st.sampled_from([1_000, 7_777]),
        "max_wh": st.sampled_from([8_000, 30_000]),
        "min_duration_s": st.sampled_from([600, 1_801]),
        "max_duration_s": st.sampled_from([3_600, 30_000]),
    },
)
calendars = st.fixed_dictionaries(
    {},
    optional={
        "start": clocks,
        "end": clocks,
        "weekdays": st.frozensets(st.integers(1, 7), min_size=1),
        "holiday": st.booleans(),
        "connectors": st.just(frozenset({"ccs2"})),
        "plate_min_w": st.just(50_000),
        "groups": st.just(frozenset({"gold"})),
        "contracts": st.just(frozenset({"taxi"})),
    },
)
whens = st.builds(lambda a, b: Restrictions(**a, **b), courses, calendars)
by_clock = st.builds(lambda a: Restrictions(**a), calendars)


@st.composite
def components(draw: st.DrawFn, *, plain: bool = False) -> tuple[Component, ...]:
    kinds = draw(st.lists(st.sampled_from(PRICED), min_size=1, max_size=4, unique=True))
    made = []
    for kind in kinds:
        extra: dict[str, int] = {}
        if kind is Dimension.IDLE:
            extra["grace_s"] = draw(st.sampled_from([0, 600, 1_234]))
        if not plain and kind is not Dimension.SESSION:
            extra["step"] = draw(st.sampled_from([0, 0, 60, 1_000]))
        if not plain and kind not in {Dimension.SESSION, Dimension.ENERGY}:
            extra["free_s"] = draw(st.sampled_from([0, 0, 900]))
        if not plain:
            extra["vat_permille"] = draw(st.sampled_from([0, 120, 52]))
        made.append(Component(kind, draw(st.integers(0, 10**8)), **extra))
    return tuple(made)


@st.composite
def tariffs_of(draw: st.DrawFn, *, plain: bool = False, when: st.SearchStrategy[Restrictions] = whens) -> TariffVersion:
    elements = []
    for _ in range(draw(st.integers(1, 5))):
        it = Element(draw(components(plain=plain)), draw(when))
        if it.when.by_power:
            it = Element(
                tuple(c for c in it.components if c.dimension is not Dimension.SESSION)
                or (Component(Dimension.ENERGY, 1),),
                it.when,
            )
        elements.append(it)
    rules = draw(st.lists(st.builds(Rule, st.integers(-1_000, 1_000), when), max_size=2))
    bounds: dict[str, Any] = {}
    if not plain:
        least, wide = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**8))
        bounds = draw(
            st.sampled_from([{}, {"least": Bound(least)}, {"least": Bound(least), "most": Bound(least + wide)}])
        )
    return version(*elements, terms=Terms(rules=tuple(rules), tax_included=draw(st.booleans()), **bounds))


@st.composite
def timelines(draw: st.DrawFn, *, told: bool = True) -> list[Point]:
    """Readings with rests, jumps of an instant, and what the station says."""
    at = START + dt.timedelta(minutes=draw(st.integers(0, 3_000)))
    energy = draw(st.integers(0, 10**9))
    points = [Point(at, energy)]
    for _ in range(draw(st.integers(0, 8))):
        lasted = draw(st.sampled_from([0, 1, 60, 600, 1_800, 7_200, 20_000]))
        power = draw(st.sampled_from([0, 0, 50, 3_000, 20_000, 22_000, 60_000]))
        at += dt.timedelta(seconds=lasted, microseconds=draw(st.sampled_from([0, 1, 333_333])))
        energy += power * lasted * 1_000 // 3_600 + draw(st.sampled_from([0, 0, 1, 1_000_000]))
        points.append(Point(at, energy, draw(st.none() | st.sampled_from(Doing)) if told else None))
    return points


def fold(tariff: TariffVersion, zone: str, points: list[Point], about: About) -> Running:
    running = begin(tariff, zone, points[0].at, points[0].energy_mwh, about)
    for point in points[1:]:
        running = advance(tariff, running, point)
    return running


anything = (tariffs_of(), st.sampled_from(ZONES), timelines(), st.sampled_from(ABOUTS))


@given(*anything)
@settings(deadline=None, max_examples=250)
def test_the_bill_is_the_fold_and_its_lines_add_up(
    tariff: TariffVersion, zone: str, points: list[Point], about: About
) -> None:
    it, running = bill(tariff, zone, points, about), fold(tariff, zone, points, about)
    assert it.total == cost(tariff, running)
    assert sum(line.amount_minor for line in it.lines) == it.total.minor
    bounds = {Dimension.MINIMUM, Dimension.MAXIMUM}
    assert all(line.amount_minor >= 0 for line in it.lines if line.kind not in bounds)
    assert all(line.amount_minor == 0 for line in it.lines if line.free is not None)
    energy = [line for line in it.lines if line.kind is Dimension.ENERGY]
    assert sum(line.energy_mwh - line.rounded_up for line in energy) == running.energy_mwh - running.began_mwh
    assert sum(tax.before_tax_minor + tax.tax_minor for tax in it.taxes) in {0, it.total.minor}
    assert 0 <= it.before_tax.minor <= it.total.minor


@given(*anything, st.data())
@settings(deadline=None, max_examples=150)
def test_to_stop_and_go_on_at_any_point_changes_nothing(
    tariff: TariffVersion, zone: str, points: list[Point], about: About, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(points) - 1))
    half = fold(tariff, zone, points[: place + 1], about)
    revived = msgspec.convert(msgspec.to_builtins(half), Running)
    assert revived == half
    assert msgspec.json.decode(msgspec.json.encode(half), type=Running) == half
    copy = msgspec.json.decode(msgspec.json.encode(tariff), type=TariffVersion)
    for point in points[place + 1 :]:
        revived = advance(copy, revived, point)
    assert revived == fold(tariff, zone, points, about)


@given(*anything)
@settings(deadline=None, max_examples=150)
def test_a_bill_moved_in_place_is_the_fold(tariff: TariffVersion, zone: str, points: list[Point], about: About) -> None:
    untold = [Point(point.at, point.energy_mwh) for point in points]
    running = begin(tariff, zone, points[0].at, points[0].energy_mwh, about)
    tab = Tab(tariff, running)
    for point in [*untold[1:], untold[0]]:
        running = advance(tariff, running, point)
        tab.move(point.at, point.energy_mwh)
        assert tab.running == running
        assert tab.cost_minor == cost(tariff, running).minor
        assert msgspec.json.encode(tab.parts()) == msgspec.json.encode(running)


@given(*anything, st.integers(1, 10**5), st.lists(st.integers(1, 999), max_size=4))
@settings(deadline=None, max_examples=200)
def test_readings_on_the_straight_line_change_nothing(  # what a line is made of
    tariff: TariffVersion, zone: str, points: list[Point], about: About, rate: int, parts: list[int]
) -> None:
    def at(part: int) -> Point:  # a whole rate of mWh in each step
        return Point(points[-1].at + part * dt.timedelta(seconds=40), points[-1].energy_mwh + part * rate)

    whole = [*points, at(1_000)]
    cut = [*points, *(at(part) for part in sorted(set(parts))), at(1_000)]
    assert bill(tariff, zone, cut, about) == bill(tariff, zone, whole, about)
    assert cost(tariff, fold(tariff, zone, cut, about)) == cost(tariff, fold(tariff, zone, whole, about))


@given(*anything, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_the_order_of_points_of_one_moment_does_not_matter(
    tariff: TariffVersion, zone: str, points: list[Point], about: About, random: object
) -> None:
    more = [Point(point.at, point.energy_mwh + extra, point.doing) for point in points for extra in (0, 5, 1_000_000)]
    shuffled = list(more)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    shuffled.sort(key=lambda point: point.at)
    assert bill(tariff, zone, shuffled, about) == bill(tariff, zone, more, about)


@given(tariffs_of(plain=True), st.sampled_from(ZONES), timelines(told=False), st.sampled_from(ABOUTS))
@settings(deadline=None, max_examples=150)
def test_another_reckoning_comes_to_the_same(
    tariff: TariffVersion, zone: str, points: list[Point], about: About
) -> None:
    """Apart from session fees and energy of an instant, which the other does not know."""
    steady = [points[0]]
    for point in points[1:]:
        if point.at - steady[-1].at >= dt.timedelta(seconds=60):
            steady.append(point)
    elements = tuple(
        Element(kept, element.when)
        for element in tariff.elements
        if (kept := tuple(c for c in element.components if c.dimension is not Dimension.SESSION))
    )
    alone = msgspec.structs.replace(tariff, elements=elements)
    ours = bill(alone, zone, steady, about).total.minor
    assert abs(ours - naive.cost(alone, zone, steady, about)) <= 1


@given(tariffs_of(), st.sampled_from(ZONES), timelines(), st.sampled_from(ABOUTS), st.integers(0, 10**9))
@settings(deadline=None, max_examples=100)
def test_more_energy_never_costs_less_where_the_course_decides_nothing(
    tariff: TariffVersion, zone: str, points: list[Point], about: About, more: int
) -> None:
    """A price that falls with power or energy, and idle time, can make more energy cheaper: that is their aim."""
    kinds = {Dimension.ENERGY, Dimension.TIME, Dimension.SESSION}
    elements = tuple(
        Element(kept, _by_clock(element.when))
        for element in tariff.elements
        if (kept := tuple(c for c in element.components if c.dimension in kinds))
    ) or (Element((Component(Dimension.ENERGY, 10**7, step=1_000),)),)
    rules = tuple(Rule(rule.permille, _by_clock(rule.when)) for rule in tariff.terms.rules)
    by_clock_alone = version(*elements, terms=msgspec.structs.replace(tariff.terms, rules=rules))
    if len({c.step for e in elements for c in e.components if c.dimension is Dimension.ENERGY}) > 1:
        return  # a step that is smaller at the end of the session
    last = points[-1]
    dearer = [*points[:-1], Point(last.at, last.energy_mwh + more, last.doing)]
    assert bill(by_clock_alone, zone, dearer, about).total >= bill(by_clock_alone, zone, points, about).total


def _by_clock(when: Restrictions) -> Restrictions:
    names = ("power_min_w", "power_max_w", "min_wh", "max_wh", "min_duration_s", "max_duration_s")
    return msgspec.structs.replace(when, **dict.fromkeys(names))


@given(*anything, st.sampled_from([0, 5_000_000, 60_000_000]), st.integers(1, 20_000))
@settings(deadline=None, max_examples=150)
def test_the_next_interval_never_costs_more_than_was_foreseen(  # what it depends on
    tariff: TariffVersion, zone: str, points: list[Point], about: About, power_mw: int, seconds: int
) -> None:
    running = fold(tariff, zone, points, about)
    now = cost(tariff, running)
    end = Point(running.at + dt.timedelta(seconds=seconds), running.energy_mwh + power_mw * seconds // 3_600)
    later = cost(tariff, advance(tariff, running, end))
    assert later <= now + next_interval_cost(tariff, running, power_mw, seconds)
    per_kwh, per_hour, once = highest(tariff)
    energy = (end.energy_mwh - running.energy_mwh) * per_kwh
    bound = energy // 10**10 + seconds * per_hour // (3_600 * 10**4) + once // 10**4 + 3
    assert later.minor <= now.minor + bound


@given(*anything)
@settings(deadline=None, max_examples=100)
def test_steps_and_bounds_of_a_total(tariff: TariffVersion, zone: str, points: list[Point], about: About) -> None:
    it = bill(tariff, zone, points, about)
    for bound, beyond in ((tariff.terms.least, it.total.minor), (tariff.terms.most, it.total.minor)):
        if bound is not None:
            assert beyond >= bound.after_tax if bound is tariff.terms.least else beyond <= bound.after_tax
    free = msgspec.structs.replace(tariff, terms=msgspec.structs.replace(tariff.terms, least=None, most=None))
    natural = bill(free, zone, points, about)
    least, most = tariff.terms.least, tariff.terms.most
    low = 0 if least is None else least.after_tax
    high = 10**18 if most is None else most.after_tax
    assert it.total.minor == min(max(natural.total.minor, low), high)
    unstepped = version(
        *(
            Element(tuple(msgspec.structs.replace(c, step=0) for c in element.components), element.when)
            for element in tariff.elements
        ),
        terms=free.terms,
    )
    exact = bill(unstepped, zone, points, about)
    assert natural.total >= exact.total
    assert [(line.kind, line.started_at) for line in natural.lines] == [
        (line.kind, line.started_at) for line in exact.lines
    ]


def test_a_version_published_before_decodes_and_means_the_same() -> None:
    body = (
        b'{"id":"018f3b1e-0000-7000-8000-000000000001","tariff_id":"018f3b1e-0000-7000-8000-000000000002","number":1,'
        b'"currency":"KGS","names":{"ru":"\xd0\x94"},"elements":[{"components":[{"dimension":"energy","price_e4":12000000}],'
        b'"when":{"start":"23:00:00","end":"06:00:00"}},{"components":[{"dimension":"energy","price_e4":15000000},'
        b'{"dimension":"time","price_e4":1},{"dimension":"session","price_e4":0}],"when":{}}]}'
    )
    old = msgspec.json.decode(body, type=TariffVersion)
    again = msgspec.json.decode(msgspec.json.encode(old))
    assert again.pop("terms") == {}
    assert again == msgspec.json.decode(body)
    at = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
    running = begin(old, "Asia/Bishkek", at, 0)
    as_written_before = msgspec.to_builtins(running)[:8]
    assert msgspec.convert(as_written_before, Running) == running
    it = bill(old, "Asia/Bishkek", [Point(at, 0), Point(at + dt.timedelta(hours=1), 2_000_000)])
    assert (it.total.minor, it.taxes) == (3_000, ())
