"""A tariff that knows more than a clock, from the choice to the settlement: one price all the way, and why."""

import datetime as dt

import msgspec

from tests.charging.world import BOX, KWH, NOW, SOM, TARIFF, World, after, meter, reading, write
from zaryad import stations, tariffs
from zaryad.charging import Session, SessionId
from zaryad.charging.place import about_kept
from zaryad.charging.pricing.explain import Other, by_other, why_here, why_session
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db
from zaryad.tariffs import (
    Assignment,
    Component,
    Dimension,
    Element,
    Restrictions,
    Running,
    Scope,
    Tariff,
    TariffId,
    Why,
    advance,
    cost,
)
from zaryad.tariffs.assigned import store
from zaryad.tariffs.assigned.store import Day, Member

E4 = SOM * 10_000
RICH = (
    Element((Component(Dimension.ENERGY, 8 * E4),), Restrictions(holiday=True, groups=frozenset({"staff"}))),
    Element((Component(Dimension.ENERGY, 10 * E4),), Restrictions(groups=frozenset({"staff"}), plate_min_w=100_000)),
    Element((Component(Dimension.ENERGY, 99 * E4),)),
    Element((Component(Dimension.IDLE, 300 * E4, grace_s=600),)),
)


async def test_a_session_of_a_group_is_chosen_shown_and_settled_by_one_price(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id = TariffId(new_id())
    async with db.begin() as tx:
        await tariffs.name_tariff(tx, Tariff(id=id, names={"en": "Staff"}, currency="KGS"))
        version = await tariffs.publish(tx, id, 1, RICH, valid_from=NOW - dt.timedelta(days=1), now=NOW)
        since = NOW - dt.timedelta(hours=1)
        row = Assignment(kind=Scope.GROUP, scope="staff", tariff_id=id, id=new_id(), valid_from=since)
        await store.put(tx, row, "staff:test")
        await store.put_member(tx, Member(person_id=driver, kind="group", name="staff", valid_from=since))
    session_id, ref = await world.running(driver)
    async with db.begin() as tx:  # after the start: what was true then stays
        await store.put_day(tx, Day(calendar="KG", day=NOW.date()))
        await store.remove(tx, row.id or new_id())
        place = await stations.find_connector(tx, BOX, 1, NOW)
        assert place is not None
        here = await why_here(tx, place, driver, NOW, "en")
        there = await why_session(tx, await _session(world, session_id), place, NOW, "en")
    assert [(each.why, each.tariff_id) for each in here.candidates] == [(Why.CHOSEN, TARIFF)]
    assert there.tariff_version_id == version.id
    assert there.display == "10.00 KGS/kWh + 5.00 KGS/min idle >10min"
    for seconds in (1_200, 1_500, 2_100):
        await write(world, meter(ref, reading(after(seconds), 5 * KWH)))
    live = await _session(world, session_id)
    assert about_kept(live) == tariffs.About("ccs2", 120_000, frozenset({"staff"}))
    assert live.cost_minor == (50 + 25) * SOM
    running = msgspec.convert(live.running, Running)
    end = tariffs.Point(after(2_400), 5 * KWH)
    foreseen = cost(version, advance(version, running, end)).minor
    await world.end(ref, 5 * KWH, after(2_400))
    await world.settle(session_id)
    settled = await _session(world, session_id)
    assert settled.cost_minor == foreseen == (50 + 50) * SOM
    async with db.begin() as tx:
        tried = await by_other(tx, settled, Other(tariff_id=TARIFF), "en")
    assert (tried.own_minor, tried.amount_minor) == (100 * SOM, 75 * SOM)
    await world.sound()


async def _session(world: World, id: SessionId) -> Session:
    return await world.session(id)
