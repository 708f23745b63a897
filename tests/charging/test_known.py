"""The shorter way of a session's next readings comes to what the longer one does."""

import asyncio
import random

import pytest
from sqlalchemy import text

from tests.charging.world import KWH, RULES, WH, World, after, meter, reading, write
from zaryad.charging import EndReason, Limit, MeterBook
from zaryad.link.facts import MeterRead, Reading
from zaryad.platform.db import Db

SHOWN = [
    "meter_mwh",
    "energy_mwh",
    "power_mw",
    "soc_percent",
    "cost_minor",
    "running",
    "last_reading_at",
    "last_received_at",
    "flags",
]


def _day(seed: int, ref: str, number: int) -> list[MeterRead]:
    """Readings as stations send them: late, repeated, without a register, backwards, several at once."""
    dice = random.Random(seed)
    facts: list[MeterRead] = []
    for n in range(1, 60):
        many = tuple(
            Reading(
                at=after(30 * n + nth - (dice.randrange(120) if dice.random() < 0.2 else 0)),
                energy_mwh=None if dice.random() < 0.1 else n * KWH // 4 - (KWH if dice.random() < 0.03 else 0),
                power_mw=dice.choice((None, 60_000_000)),
                soc_percent=dice.choice((None, n)),
                context=dice.choice(("Sample.Periodic", "Trigger")),
                extra=dice.choice((None, {"Temperature": f'{n} "C" \\ {dice.random()}'})),
            )
            for nth in range(dice.choice((1, 1, 1, 2)))
        )
        facts.append(meter(ref, *many, number=number, received=after(30 * n + 2)))
        if dice.random() < 0.1:
            facts.append(dice.choice(facts))
    return facts


async def test_both_ways_come_to_the_same(db: Db, database_url: str) -> None:
    world = await World.build(db)
    short, short_ref = await world.running(await world.driver(), number=1)
    long, long_ref = await world.running(await world.driver(phone="+996555000002"), number=2)
    book = MeterBook(database_url, RULES)
    for fact in _day(7, short_ref, 1):
        await book.record(fact)
    await book.close()
    for fact in _day(7, long_ref, 2):
        await write(world, fact)
    one, other = await world.session(short), await world.session(long)
    assert {name: getattr(one, name) for name in SHOWN} == {name: getattr(other, name) for name in SHOWN}
    assert one.flags == ["meter_backwards"]
    async with db.begin() as tx:
        rows = "select at, received_at, energy_mwh, power_mw, soc_percent, context, extra from reading where session_id"
        kept = [(await tx.execute(text(f"{rows} = :id order by at"), {"id": id})).all() for id in (short, long)]
    assert kept[0] == kept[1]
    assert len(kept[0]) > 59


async def test_a_limit_stops_a_session_that_is_known(db: Db, database_url: str) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(), Limit(energy_wh=10_000))
    book = MeterBook(database_url, RULES)
    for n in range(1, 14):
        await book.record(meter(ref, reading(after(60 * n), n * KWH)))
    await book.close()
    assert (await world.session(id)).stop_reason is EndReason.LIMIT_ENERGY
    assert len(await world.orders("StopCharging")) == 2  # again after `stop_again_s`
    assert await world.count("reading") == 13


@pytest.mark.parametrize(("som", "limit"), [(100, Limit()), (300, Limit()), (1_000, Limit(amount_minor=10_000))])
async def test_both_ways_stop_at_the_same_reading(db: Db, database_url: str, som: int, limit: Limit) -> None:
    """The power leaps about, so that bounds made for one interval do not hold for the next."""
    world = await World.build(db)
    short, short_ref = await world.running(await world.driver(som), limit, number=1)
    long, long_ref = await world.running(await world.driver(som, phone="+996555000002"), limit, number=2)
    book = MeterBook(database_url, RULES)
    dice, mwh, second, stopped = random.Random(som), 0, 0, []
    for _ in range(60):
        lasted, power_mw = dice.choice((10, 30, 60)), dice.choice((7, 60, 120)) * 1_000_000
        second, mwh = second + lasted, mwh + power_mw * lasted // 3_600
        one = reading(after(second), mwh, power_mw=dice.choice((None, power_mw)))
        await book.record(meter(short_ref, one, number=1))
        await write(world, meter(long_ref, one, number=2))
        stopped.append(((await world.session(short)).stop_reason, (await world.session(long)).stop_reason))
    await book.close()
    assert all(one is other for one, other in stopped)
    assert stopped[0] == (None, None)
    assert stopped[-1][0] is not None


async def test_a_changed_row_costs_its_neighbours_nothing(db: Db, database_url: str) -> None:
    world = await World.build(db)
    sessions = [await world.running(await world.driver(phone=f"+99655500000{n}"), number=n + 1) for n in range(4)]
    book = MeterBook(database_url, RULES)
    for round_ in range(1, 6):
        facts = [
            meter(ref, reading(after(60 * round_), round_ * 100 * WH), number=n)
            for n, (_, ref) in enumerate(sessions, 1)
        ]
        await asyncio.gather(*(book.record(fact) for fact in facts))
        assert await world.count("reading") == 4 * round_
        async with db.begin() as tx:
            changed = sessions[round_ % 4][0]
            await tx.execute(text("update session set paused_by = 'ev' where id = :id"), {"id": changed})
    await book.close()
    for id, _ in sessions:
        session = await world.session(id)
        assert (session.energy_mwh, session.cost_minor) == (500 * WH, 750)


async def test_a_session_that_ended_beside_is_not_moved(db: Db, database_url: str) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    book = MeterBook(database_url, RULES)
    await book.record(meter(ref, reading(after(60), KWH)))
    await book.record(meter(ref, reading(after(120), 2 * KWH)))
    await world.end(ref, 3 * KWH, after(180))
    ended = await world.session(id)
    await book.record(meter(ref, reading(after(150), 5 * KWH // 2), received=after(200)))
    await book.close()
    assert await world.session(id) == ended
    assert await world.count("reading") == 3
