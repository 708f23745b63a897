"""One whole life of a session: money, order, energy, limit, stop, bill; the books are exact at every step."""

from tests.charging.world import BOX, KWH, SOM, World, after, meter, reading, write
from zaryad import charging
from zaryad.charging import EndReason, Limit, State
from zaryad.link.answers import TokenStatus
from zaryad.link.facts import StopCause
from zaryad.link.orders import OrderState, StartCharging, StopCharging
from zaryad.platform.db import Db


async def test_a_whole_life_to_a_limit_by_amount(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver(1_000)
    id = await world.start(driver, Limit(amount_minor=500 * SOM))
    assert await world.standing(driver) == (1_000 * SOM, 475 * SOM)
    assert ("charging.give_up_start", str(id)) in await world.jobs()

    [order] = await world.orders("StartCharging")
    assert order.order == StartCharging(1, charging.token_of(id))
    assert len(order.order.token) == 20
    await world.conclude(order.id, OrderState.DONE)
    verdict = await world.begin(charging.token_of(id).lower(), mwh=7_000 * KWH, at=after(20))
    assert verdict.token.status is TokenStatus.ACCEPTED
    ref = verdict.charge_ref
    assert 0 < int(ref) < 2**31

    for minute in range(1, 31):  # 1 kWh a minute
        await write(world, meter(ref, reading(after(20, minutes=minute), (7_000 + minute) * KWH, soc=20 + minute)))
    session = await world.session(id)
    assert (session.energy_mwh, session.cost_minor, session.stop_reason) == (30 * KWH, 450 * SOM, None)
    assert (session.power_mw, session.soc_percent) == (60_000_000, 50)
    await write(world, meter(ref, reading(after(20, minutes=32), 7_032 * KWH)))
    session = await world.session(id)
    assert (session.cost_minor, session.stop_reason) == (480 * SOM, EndReason.LIMIT_AMOUNT)
    [stop] = await world.orders("StopCharging")
    assert (stop.order, stop.author) == (StopCharging(ref), "system:limit_amount")

    verdict_end = await world.end(ref, 7_032_400_000, after(20, minutes=33), cause=StopCause.REMOTE)
    assert verdict_end.token is None
    session = await world.session(id)
    assert (session.state, session.reason, session.cost_minor) == (State.ENDED, EndReason.LIMIT_AMOUNT, 486 * SOM)
    assert ("charging.settle", str(id)) in await world.jobs()

    assert await world.settle(id)
    session = await world.session(id)
    assert (session.state, session.cost_minor, session.energy_mwh) == (State.SETTLED, 486 * SOM, 32_400_000)
    assert (session.captured_minor, session.from_balance_minor, session.receivable_minor) == (475 * SOM, 11 * SOM, 0)
    assert await world.standing(driver) == (514 * SOM, 0)
    assert await world.revenue() == 486 * SOM
    assert ("receipts.issue", str(id)) in await world.jobs()
    assert await charging.audit(db, world.rules, after(hours=9)) == []
    await world.sound()
    told = await world.events(id)
    assert told == ["requested", "station_accepted", "began", "stop_ordered", "ended", "settled"]
    assert (await world.orders("StopCharging"))[0].station_id == BOX
