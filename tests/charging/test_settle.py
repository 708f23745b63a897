"""Settling: once, exactly, whoever asks how often; and the bill depends on what was read, not on how it came."""

import asyncio
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.charging.world import KWH, NOW, RULES, SOM, WH, World, after, meter, reading, write
from zaryad import charging, wallet
from zaryad.charging import Limit, State
from zaryad.charging.model import Flag
from zaryad.charging.timeline import Stored, clean
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.link.facts import MeterRead, Reading
from zaryad.platform.db import Db
from zaryad.tariffs import Point
from zaryad.wallet import Posting, Transfer, TransferId


async def test_settling_at_once_settles_once(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id, ref = await world.running(driver)
    assert not await world.settle(id)  # it charges
    await world.end(ref, 10 * KWH, after(600))
    assert sorted(await asyncio.gather(*(world.settle(id) for _ in range(5)))) == [False] * 4 + [True]
    assert await world.standing(driver) == (850 * SOM, 0)
    assert [name for name, _ in await world.jobs()].count("receipts.issue") == 1
    assert await charging.audit(db, RULES, after(hours=6)) == []
    await world.sound()


async def test_nothing_charged_costs_nothing_and_frees_the_hold(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id, ref = await world.running(driver, mwh=77 * KWH)
    await world.end(ref, 77 * KWH, after(600))
    await world.settle(id)
    assert (await world.session(id)).cost_minor == 0
    assert await world.standing(driver) == (1_000 * SOM, 0)


async def test_what_the_hold_and_the_balance_do_not_cover_is_owed(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver(100)
    id, ref = await world.running(driver)
    await world.end(ref, 10 * KWH, after(600))
    await world.settle(id)
    session = await world.session(id)
    assert (session.captured_minor, session.from_balance_minor, session.receivable_minor) == (
        90 * SOM,
        10 * SOM,
        50 * SOM,
    )
    assert await world.standing(driver) == (0, 0)
    with pytest.raises(DomainError, match="debt_first"):
        await world.start(driver, number=2)
    await world.sound()


async def test_a_settlement_that_broke_off_is_done_again_in_full(db: Db) -> None:
    """The crash between any two statements of it is the same as never having begun: one transaction."""
    world = await World.build(db)
    driver = await world.driver()
    id, ref = await world.running(driver)
    await world.end(ref, 10 * KWH, after(600))
    async with db.begin() as tx:  # somebody used the session's own transfer id: the use case breaks in its midst
        bank = await wallet.system_account(tx, "clearing", "test", "KGS", NOW)
        other = await wallet.system_account(tx, "revenue", "other", "KGS", NOW)
        transfer = Transfer(TransferId(id), "x", (Posting(bank, other, Money(1, "KGS")),))
        await wallet.post(tx, transfer, NOW)
    with pytest.raises(DomainError):
        await world.settle(id)
    assert (await world.session(id)).state is State.ENDED
    assert await world.standing(driver) == (1_000 * SOM, 900 * SOM)
    assert "receipts.issue" not in [name for name, _ in await world.jobs()]
    assert [v.rule for v in await charging.audit(db, RULES, after(hours=1))] == ["session_not_settled"]


async def test_the_bill_says_why(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(), at=after(hours=10))  # 16:00 UTC, 22:00 in Bishkek
    await write(world, meter(ref, reading(after(hours=10, minutes=30), 5 * KWH)))
    async with db.begin() as tx:
        draft = await charging.bill_view(tx, await world.session(id))
    assert (draft.total_minor, draft.final, draft.energy_mwh) == (75 * SOM, False, 5 * KWH)
    await world.end(ref, 25 * KWH, after(hours=12))
    await world.settle(id)
    async with db.begin() as tx:
        bill = await charging.bill_view(tx, await world.session(id))
    assert [(line.amount_minor, line.price_e4) for line in bill.lines] == [
        (17_500, 15_000_000),
        (16_000, 12_000_000),
    ]
    assert (bill.total_minor, bill.final, bill.energy_mwh) == (335 * SOM, True, 25 * KWH)


async def test_any_order_number_and_grouping_of_the_facts_gives_the_same_bill(db: Db) -> None:
    """The same session told in eight ways: in order, shuffled, doubled, in groups, late and with the stop."""
    world = await World.build(db)
    truth = [(after(hours=10, minutes=5 * n), 3 * KWH * n // 2 + n * 137 * WH) for n in range(1, 24)]
    end_at, stop_mwh = after(hours=12), truth[-1][1] + 400 * WH
    costs = set()
    for way in range(8):
        draw = random.Random(way)
        box_driver = await world.driver(10_000, phone=f"+99655500010{way}")
        id, ref = await world.running(
            box_driver, Limit(), number=1 + way % 4, at=after(hours=10), received=after(way, hours=10)
        )
        number = 1 + way % 4
        facts: list[MeterRead] = [meter(ref, reading(at, mwh), number=number, received=end_at) for at, mwh in truth]
        with_stop: tuple[Reading, ...] = ()
        if way:
            facts += draw.sample(facts, 9)
            draw.shuffle(facts)
        if way >= 4:
            with_stop = tuple(reading(at, mwh) for at, mwh in truth[::3])
        cut = len(facts) if way < 2 else draw.randrange(len(facts))
        while facts[:cut]:
            size = draw.randint(1, 5)
            await write(world, *facts[:cut][:size])
            facts, cut = facts[size:], max(cut - size, 0)
        for _ in range(draw.randint(1, 3)):
            await world.end(ref, stop_mwh, end_at, readings=with_stop)
        for fact in facts:  # what was in the queue when the stop came
            await write(world, fact)
        await world.settle(id)
        session = await world.session(id)
        costs.add((session.cost_minor, session.energy_mwh, str(session.bill)))
    assert len(costs) == 1
    await world.sound()


registers = st.one_of(st.integers(49 * KWH, 54 * KWH), st.integers(0, 400 * KWH))
points = st.lists(st.tuples(st.integers(-300, 9_000), registers), max_size=30)


@given(points, st.integers(0, 7_200), st.one_of(st.none(), st.integers(0, 400 * KWH)), st.randoms())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_timeline_is_a_function_of_what_was_read(
    read: list[tuple[int, int]], lasted: int, stop: int | None, draw: random.Random
) -> None:
    start = Point(NOW, 50 * KWH)
    stored = [Stored(after(at), mwh) for at, mwh in read]
    again = stored + [s for s in stored if draw.random() < 0.5]
    draw.shuffle(again)
    first = clean(start, stored, after(lasted), stop, 120_000)
    assert clean(start, again, after(lasted), stop, 120_000) == first
    assert first.points[0].energy_mwh == start.energy_mwh or first.points[0].at >= start.at
    ats, mwhs = [p.at for p in first.points], [p.energy_mwh for p in first.points]
    assert ats == sorted(ats)
    assert mwhs == sorted(mwhs)
    assert first.points[-1].at == after(lasted)
    # Never more than the connector can give in that time, but for the slack of each trusted step.
    assert first.energy_mwh <= lasted * 125_000_000 * 1_250 // 1_000 // 3_600 + (len(read) + 2) * KWH


def test_a_repetition_under_an_unset_clock_is_no_later_reading() -> None:
    zero = NOW.replace(year=1970)
    once = [Stored(after(60), 5 * KWH // 2, zero)]
    twice = [*once, Stored(after(3_000), 5 * KWH // 2, zero)]
    ends = [clean(Point(NOW, 0), stored, after(3_600), 3 * KWH, 120_000) for stored in (once, twice)]
    assert ends[0] == ends[1]
    assert ends[0].flags == frozenset()
    assert clean(Point(NOW, 0), once, after(90), None, 120_000).energy_mwh == 5 * KWH // 2
    assert Flag.METER_IMPLAUSIBLE in clean(Point(NOW, 0), once, after(90), 900 * KWH, 120_000).flags
    assert new_id() != new_id()
