"""Readings: priced as they come, kept once, never mixed, and stopped in time."""

import datetime as dt

import pytest
from sqlalchemy import text

from tests.charging.world import BOX, KWH, NOW, RULES, SOM, WH, World, after, meter, reading, write
from zaryad import charging
from zaryad.charging import EndReason, Limit, State
from zaryad.link.facts import Reading
from zaryad.platform.db import Db


async def test_live_values_follow_the_meter(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(), mwh=50 * KWH)
    await write(world, meter(ref, reading(after(60), 51 * KWH, soc=40)))
    await write(world, meter(ref, reading(after(90), None, power_mw=7_000_000, soc=41)))
    session = await world.session(id)
    assert (session.energy_mwh, session.cost_minor, session.power_mw, session.soc_percent) == (
        KWH,
        15 * SOM,
        7_000_000,
        41,
    )
    assert session.last_reading_at == after(90)


async def test_a_repeated_reading_writes_nothing_and_fills_what_was_missing(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    one = meter(ref, Reading(at=after(60), energy_mwh=KWH, extra={"Temperature": 'a "b" \\ c\0'}))
    two = meter(ref, Reading(at=after(60), power_mw=5_000_000, context="Trigger"))
    await write(world, one, two, one)
    await write(world, one)
    await write(world, meter(ref, Reading(at=after(60), energy_mwh=KWH - 1, soc_percent=7)))
    async with db.begin() as tx:
        [row] = await charging.store.readings(tx, id, None, 10)
    assert (row["energy_mwh"], row["power_mw"], row["soc_percent"], row["context"]) == (KWH, 5_000_000, 7, "Trigger")
    assert row["extra"] == {"Temperature": 'a "b" \\ c'}
    assert (await world.session(id)).cost_minor == 15 * SOM


async def test_readings_are_found_by_connector_when_they_name_no_transaction(db: Db) -> None:
    world = await World.build(db)
    one, _ = await world.running(await world.driver(), number=1)
    two, _ = await world.running(await world.driver(phone="+996555000002"), number=2)
    for ref in (None, "-1", "0", "-57", "99999"):
        await write(
            world, meter(ref, reading(after(60), KWH), number=1), meter(ref, reading(after(60), 2 * KWH), number=2)
        )
    assert (await world.session(one)).energy_mwh == KWH
    assert (await world.session(two)).energy_mwh == 2 * KWH
    assert await world.count("reading") == 2
    assert await world.count("loose_reading") == 0


async def test_one_connectors_energy_is_never_anothers(db: Db) -> None:
    world = await World.build(db)
    one, ref = await world.running(await world.driver(), number=1)
    await write(world, meter(ref, reading(after(60), 2 * KWH), number=2))
    assert (await world.session(one)).energy_mwh == 0
    assert await world.count("loose_reading") == 1
    await write(world, meter(ref, reading(after(60), 2 * KWH), number=0))  # careless, but it names the transaction
    assert (await world.session(one)).energy_mwh == 2 * KWH


async def test_readings_between_transactions_and_of_the_site_are_kept_loose(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await world.end(ref, KWH, after(600))
    facts = [meter(None, reading(after(60 * n), n * KWH), number=n % 2) for n in range(20, 24)]
    await write(world, *facts)
    await write(world, *facts)
    assert await world.count("loose_reading") == 4
    assert await world.count("reading") == 0
    await write(world, meter(None, reading(after(300), KWH // 2), received=after(700)))  # sampled while it ran
    assert await world.count("reading") == 1
    assert (await world.session(id)).state is State.ENDED


async def test_a_clock_that_was_never_set_is_kept_and_not_believed(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    zero = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    for n in range(3):
        await write(world, meter(ref, reading(zero, n * KWH), received=after(60 * n + 60)))
    session = await world.session(id)
    assert (session.energy_mwh, session.last_reading_at) == (2 * KWH, after(180))
    async with db.begin() as tx:
        rows = await charging.store.readings(tx, id, None, 10)
    assert [(row["at"], row["station_at"]) for row in rows] == [(after(60 * n + 60), zero) for n in range(3)]


async def test_a_meter_going_backwards_is_told_once_and_not_billed(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(), mwh=10 * KWH)
    for n, mwh in enumerate((12 * KWH, 11 * KWH, 0, 13 * KWH), 1):
        await write(world, meter(ref, reading(after(60 * n), mwh)))
    session = await world.session(id)
    assert (session.energy_mwh, session.cost_minor, session.flags) == (3 * KWH, 45 * SOM, ["meter_backwards"])
    assert (await world.events(id)).count("meter_backwards") == 1
    assert await world.count("reading") == 4


async def test_a_leap_faster_than_the_connector_is_not_billed(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(), mwh=10 * KWH)
    await write(world, meter(ref, reading(after(60), 9_999 * KWH)))
    await write(world, meter(ref, reading(after(120), 12 * KWH)))
    session = await world.session(id)
    assert (session.energy_mwh, session.stop_reason, session.flags) == (2 * KWH, None, ["meter_implausible"])


async def test_impossible_numbers_fail_nobody(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    bad = Reading(at=after(60), energy_mwh=-5, power_mw=2**70, current_ma=-(2**70), voltage_mv=2**64, soc_percent=300)
    await write(
        world, meter(ref, bad), meter(ref, reading(after(61), KWH)), meter("\0x", reading(after(62), 1), number=3)
    )
    assert (await world.session(id)).energy_mwh == KWH


@pytest.mark.parametrize(
    ("limit", "below", "at", "reason"),
    [
        (Limit(amount_minor=100 * SOM), 6_332 * WH, 6_334 * WH, EndReason.LIMIT_AMOUNT),
        (Limit(energy_wh=10_000), 9_499 * WH, 9_500 * WH, EndReason.LIMIT_ENERGY),
        (Limit(), 54 * KWH, 57 * KWH, EndReason.BALANCE_LOW),
    ],
)
async def test_limits(db: Db, limit: Limit, below: int, at: int, reason: EndReason) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(1_000), limit)
    await write(world, meter(ref, reading(after(minutes=58), below)))
    assert (await world.session(id)).stop_reason is None
    await write(world, meter(ref, reading(after(minutes=59), at)))
    assert (await world.session(id)).stop_reason is reason
    assert len(await world.orders("StopCharging")) == 1


async def test_the_next_interval_has_to_fit_into_the_hold(db: Db) -> None:
    """120 kW at 15 som is 30 som a minute; of 90 som held, 61 leave no room for another minute."""
    world = await World.build(db)
    id, ref = await world.running(await world.driver(100))
    await write(world, meter(ref, reading(after(60), 2 * KWH, power_mw=120_000_000)))
    assert (await world.session(id)).stop_reason is None
    await write(world, meter(ref, reading(after(120), 4_070_000, power_mw=120_000_000)))
    assert (await world.session(id)).stop_reason is EndReason.BALANCE_LOW


async def test_bounds_without_a_limit(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(50_000))
    await write(world, meter(ref, reading(after(hours=3), 200 * KWH)))
    assert (await world.session(id)).stop_reason is EndReason.LIMIT_ENERGY
    id, ref = await world.running(await world.driver(50_000, phone="+996555000002"), number=2)
    await write(world, meter(ref, reading(after(hours=12), KWH), number=2))
    assert (await world.session(id)).stop_reason is EndReason.TIME_OUT


async def test_a_stop_is_ordered_again_only_when_energy_still_flows_long_after(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(), Limit(energy_wh=1_000))
    for n in range(1, 7):
        await write(world, meter(ref, reading(after(30 * n), KWH + n * WH)))
    assert [order.author for order in await world.orders("StopCharging")] == ["system:limit_energy"] * 2
    session = await world.session(id)
    assert (session.stop_orders, session.stop_reason) == (2, EndReason.LIMIT_ENERGY)


async def test_readings_after_the_settlement_are_kept_and_told(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await world.end(ref, KWH, after(600))
    await write(world, meter(ref, reading(after(300), KWH // 2), received=after(700)))
    await world.settle(id)
    settled = await world.session(id)
    await write(world, meter(ref, reading(after(400), KWH // 2), received=after(800)))
    assert await world.session(id) == settled
    await write(world, meter(ref, reading(after(650), 3 * KWH), received=after(900)))
    assert (await world.session(id)).flags == ["readings_late"]
    assert (await world.session(id)).cost_minor == settled.cost_minor
    assert (await world.session(id)).driver_id is not None
    assert settled.station_id == BOX
    assert settled.began_at == NOW


async def test_hints_carry_the_numbers(db: Db, database_url: str) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    heard: list[tuple[str, bytes]] = []
    book = charging.MeterBook(database_url, RULES, lambda subject, payload: heard.append((subject, payload)))
    await book.record(meter(ref, reading(after(60), KWH)))
    await book.close()
    assert heard == [(f"session.{id}", b'{"state":"charging","energy_mwh":1000000,"cost_minor":1500}')]


async def test_a_text_that_only_looks_like_nul_is_kept(db: Db) -> None:
    world = await World.build(db)
    _, ref = await world.running(await world.driver())
    extra = {"Temper\0ature": "4\x001 \\u0000"}
    await write(world, meter(ref, Reading(at=after(60), energy_mwh=KWH, extra=extra)))
    async with db.begin() as tx:
        assert await tx.scalar(text("select extra from reading")) == {"Temperature": "41 \\u0000"}


async def test_a_bill_that_cannot_be_read_is_told_and_left_alone(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    async with db.begin() as tx:
        await tx.execute(text("update session set running = '[1]'"))
    await write(world, meter(ref, reading(after(60), KWH)))
    session = await world.session(id)
    assert (session.flags, session.energy_mwh, session.running) == (["unpriced"], KWH, [1])
    assert await world.count("reading") == 1
