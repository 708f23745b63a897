"""The meter book: committed before it answers, many in one commit, one bad row alone, honest without a database."""

import asyncio

import psycopg
import pytest

from tests.charging.world import KWH, RULES, World, after, meter, reading
from zaryad import charging
from zaryad.charging import MeterBook
from zaryad.kernel.ids import derived_id
from zaryad.link import orders
from zaryad.link.answers import Noted
from zaryad.link.facts import MeterRead, Reading
from zaryad.link.orders import OrderId, StopCharging
from zaryad.platform.db import Db


async def test_an_answer_means_committed(db: Db, database_url: str) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    book = MeterBook(database_url, RULES)
    for n in range(1, 6):
        assert await book.record(meter(ref, reading(after(60 * n), n * KWH))) == Noted()
        assert (await world.session(id)).energy_mwh == n * KWH
    await book.close()


async def test_many_at_once_share_commits_and_none_is_lost(db: Db, database_url: str) -> None:
    world = await World.build(db)
    sessions = [await world.running(await world.driver(phone=f"+99655500000{n}"), number=n + 1) for n in range(4)]
    book = MeterBook(database_url, RULES)
    facts = [
        meter(ref, reading(after(10 * n), n * KWH // 10), number=number)
        for n in range(1, 251)
        for number, (_, ref) in enumerate(sessions, 1)
    ]
    await asyncio.gather(*(book.record(fact) for fact in facts))
    await book.close()
    assert await world.count("reading") == 1_000
    for id, _ in sessions:
        assert (await world.session(id)).energy_mwh == 25 * KWH


async def test_closing_writes_what_waits(db: Db, database_url: str) -> None:
    world = await World.build(db)
    _, ref = await world.running(await world.driver())
    book = MeterBook(database_url, RULES)
    waiting = [asyncio.create_task(book.record(meter(ref, reading(after(n), n)))) for n in range(1, 20)]
    await asyncio.sleep(0)
    await book.close()
    assert await asyncio.gather(*waiting) == [Noted()] * 19
    assert await world.count("reading") == 19
    with pytest.raises(ConnectionError):
        await book.record(meter(ref, reading(after(99), 1)))


async def test_one_bad_fact_fails_alone(db: Db, database_url: str) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    # Somebody has written down another order under the id of this session's next stop: that is an error of ours.
    bad_id, bad_ref = await world.running(await world.driver(phone="+996555000002"), number=2)
    async with db.begin() as tx:
        order = OrderId(derived_id("stop", bad_id, 1))
        await orders.place(
            tx,
            order,
            (await world.session(id)).station_id,
            StopCharging("x"),
            author="system:x",
            now=after(0),
            before=after(1),
        )
    book = MeterBook(database_url, RULES)
    huge = MeterRead(
        station_id=(await world.session(id)).station_id,
        received_at=after(60),
        connector=2**40,
        charge_ref=None,
        readings=(Reading(at=after(60), energy_mwh=1),),
    )
    good = [book.record(meter(ref, reading(after(n), n))) for n in range(1, 30)]
    results = await asyncio.gather(*good, book.record(huge), return_exceptions=True)
    await book.close()
    assert results[:-1] == [Noted()] * 29
    assert isinstance(results[-1], Exception)
    assert await world.count("reading") == 29
    assert bad_ref != ref


async def test_without_the_database_everybody_is_told_and_later_all_is_well(db: Db, database_url: str) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    book = MeterBook(database_url, RULES)
    await book.record(meter(ref, reading(after(60), KWH)))
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(database_url.replace(f"/{name}?", "/postgres?"), autocommit=True) as admin:
        admin.execute(f'alter database "{name}" allow_connections false')
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        failed = await asyncio.gather(
            *(book.record(meter(ref, reading(after(60 + n), KWH + n))) for n in range(1, 4)), return_exceptions=True
        )
        assert all(isinstance(result, Exception) for result in failed)
        admin.execute(f'alter database "{name}" allow_connections true')
    assert await book.record(meter(ref, reading(after(70), KWH + 10))) == Noted()
    await book.close()
    await db.close()
    assert (await world.session(id)).energy_mwh == KWH + 10
    assert charging.DEFAULTS == RULES
