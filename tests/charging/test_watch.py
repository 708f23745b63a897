"""What timers find: lost jobs, silent stations, empty connectors; and the facts that must hold."""

import datetime as dt

import sqlalchemy as sa

from tests.charging.world import KWH, RULES, SOM, World, after, meter, reading, write
from zaryad import charging
from zaryad.charging import EndReason, State
from zaryad.link.facts import ConnectorState
from zaryad.platform.db import Db


async def test_lost_jobs_are_made_up_for(db: Db) -> None:
    world = await World.build(db)
    one, two = await world.driver(), await world.driver(phone="+996555000002")
    never = await world.start(one)
    ended, ref = await world.running(two, number=2)
    await world.end(ref, KWH, after(60))
    await charging.sweep(db, RULES, after(300))
    assert (await world.session(never)).state is State.STARTING
    assert (await world.session(ended)).state is State.ENDED
    await charging.sweep(db, RULES, after(700))
    assert (await world.session(never)).reason is EndReason.NEVER_STARTED
    assert (await world.session(ended)).state is State.SETTLED
    assert await world.standing(one) == (1_000 * SOM, 0)
    assert await charging.audit(db, RULES, after(hours=1)) == []


async def test_an_empty_connector_is_evidence_when_no_stop_follows(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await write(world, meter(ref, reading(after(300), 4 * KWH)))
    await world.status(1, ConnectorState.AVAILABLE, after(400))
    await charging.sweep(db, RULES, after(900))
    assert (await world.session(id)).state is State.CHARGING
    await charging.sweep(db, RULES, after(1_100))
    session = await world.session(id)
    assert (session.state, session.reason, session.ended_at) == (State.ENDED, EndReason.UNPLUGGED, after(300))
    await world.settle(id)
    assert (await world.session(id)).cost_minor == 60 * SOM


async def test_a_word_from_before_the_start_is_no_evidence(db: Db) -> None:
    world = await World.build(db)
    id, _ = await world.running(await world.driver(), at=after(60))
    await world.status(1, ConnectorState.AVAILABLE, after(30))
    assert (await world.session(id)).available_since is None


async def test_what_runs_too_long_is_stopped_and_then_closed(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await write(world, meter(ref, reading(after(hours=1), 4 * KWH)))
    await charging.sweep(db, RULES, after(hours=11))
    assert await world.orders("StopCharging") == []
    for seconds in (60, 90, 100):
        await charging.sweep(db, RULES, after(seconds, hours=12))
    [order] = await world.orders("StopCharging")
    assert order.author == "system:time_out"
    await charging.sweep(db, RULES, after(hours=12, minutes=10))
    session = await world.session(id)
    assert (session.state, session.reason, session.ended_at) == (State.ENDED, EndReason.TIME_OUT, after(hours=1))


async def test_a_long_silence_closes_and_a_late_stop_refines(db: Db) -> None:
    world = await World.build(db, charging.Settings(hours_max=168))
    driver = await world.driver()
    id, ref = await world.running(driver)
    await write(world, meter(ref, reading(after(300), 4 * KWH)))
    await charging.sweep(db, world.rules, after(hours=23))
    assert (await world.session(id)).state is State.CHARGING
    await world.alive(after(hours=20))
    await charging.sweep(db, world.rules, after(hours=25))
    assert (await world.session(id)).state is State.CHARGING  # its station is there
    await charging.sweep(db, world.rules, after(hours=45))
    assert (await world.session(id)).reason is EndReason.STATION_FAULT
    await world.end(ref, 6 * KWH, after(600), received=after(1, hours=45))
    await world.settle(id)
    assert (await world.session(id)).cost_minor == 90 * SOM
    assert await world.standing(driver) == (910 * SOM, 0)


async def test_partitions_are_made_ahead_and_readings_go_into_them(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    for _ in range(2):
        await charging.make_partitions(db, after(0))
    await write(world, meter(ref, reading(after(60), KWH)), meter(ref, reading(after(hours=24), 2 * KWH)))
    await write(world, meter(None, reading(after(hours=24), 2 * KWH), number=0))
    async with db.begin() as tx:
        rows = await tx.execute(sa.text("select tableoid::regclass::text from reading order by at"))
        names = [row[0] for row in rows]
    assert names == ["reading_20261121", "reading_20261122"]
    assert await world.count("loose_reading_20261122") == 1
    assert (await world.session(id)).energy_mwh == 2 * KWH
    assert after(0).tzinfo is dt.UTC
