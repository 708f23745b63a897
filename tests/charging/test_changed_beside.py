"""A session's row is changed by others between two readings: what is answered is committed all the same."""

from tests.charging.world import KWH, RULES, World, after, meter, reading
from zaryad.charging import MeterBook
from zaryad.link.facts import ConnectorState
from zaryad.platform.db import Db


async def test_readings_go_on_after_a_pause(db: Db, database_url: str) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    book = MeterBook(database_url, RULES)
    await book.record(meter(ref, reading(after(60), KWH)))
    await world.status(1, ConnectorState.SUSPENDED_EV, at=after(90))
    for minute in (2, 3, 4):
        await book.record(meter(ref, reading(after(minutes=minute), KWH, power_mw=0)))
        assert await world.count("reading") == minute
    await book.close()
    session = await world.session(id)
    assert session.paused_by == "ev"
    assert session.last_reading_at == after(minutes=4)
