"""The traps of OCPP 1.6 at the start (standards A.5): repetitions, cards, replays, wrong clocks, lost starts."""

import asyncio
import datetime as dt

from tests.charging.world import BOX, KWH, NOW, RULES, SOM, World, after, meter, reading, write
from zaryad import accounts, charging
from zaryad.accounts import IdToken
from zaryad.charging import EndReason, Origin, State, token_of
from zaryad.link.answers import TokenStatus
from zaryad.link.facts import TokenPresented
from zaryad.platform.db import Db


async def _present(world: World, token: str) -> TokenStatus:
    fact = TokenPresented(station_id=BOX, received_at=NOW, token=token)
    return (await charging.authorize(world.db, RULES, fact)).status


async def test_a_repeated_start_gets_the_same_number(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id, ref = await world.running(driver)
    assert await world.begin(token_of(id)) == await world.begin(token_of(id).lower(), received=after(hours=30))
    await world.end(ref, 5 * KWH, after(minutes=10))
    replay = await world.begin(token_of(id), received=after(hours=40))
    assert (replay.charge_ref, replay.token.status) == (ref, TokenStatus.ACCEPTED)
    await world.settle(id)
    assert (await world.begin(token_of(id))).charge_ref == ref
    assert await world.count("charging_transaction") == await world.count("session") == 1


async def test_the_same_start_at_once_is_one_transaction(db: Db) -> None:
    world = await World.build(db)
    await world.driver(card="CARD")
    answers = await asyncio.gather(*(world.begin("card") for _ in range(6)))
    assert len({answer.charge_ref for answer in answers}) == 1
    assert {answer.token.status for answer in answers} == {TokenStatus.ACCEPTED}
    assert await world.count("session") == 1


async def test_a_start_repeated_under_a_corrected_clock_is_the_same(db: Db) -> None:
    world = await World.build(db)
    id = await world.start(await world.driver())
    first = await world.begin(token_of(id), mwh=7, at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), received=after(5))
    again = await world.begin(token_of(id), mwh=7, at=after(4), received=after(65))
    assert again == first
    session = await world.session(id)
    assert (session.began_at, session.flags) == (after(5), ["clock_wrong"])


async def test_a_card_is_judged(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver(card="GOOD")
    poor = await world.driver(0, phone="+996555000002", card="POOR")
    async with db.begin() as tx:
        await accounts.put_token(tx, IdToken(token="OLD", person_id=driver, expires_at=after(-1)), NOW)
        await accounts.put_token(tx, IdToken(token="BAD", person_id=driver, status="blocked"), NOW)
        await accounts.put_token(tx, IdToken(token="NOBODY"), NOW)
    said = {token: await _present(world, token) for token in ("good", "poor", "old", "bad", "nobody", "unknown")}
    assert [status.value for status in said.values()] == [
        "accepted",
        "no_credit",
        "expired",
        "blocked",
        "invalid",
        "invalid",
    ]
    assert await world.count("session") == 0
    assert await world.standing(poor) == (0, 0)


async def test_the_token_of_an_order_may_charge(db: Db) -> None:
    world = await World.build(db)
    id = await world.start(await world.driver())
    assert await _present(world, token_of(id).lower()) is TokenStatus.ACCEPTED
    await charging.give_up_start(db, RULES, id, after(700))
    assert await _present(world, token_of(id)) is TokenStatus.INVALID


async def test_a_start_by_card_holds_and_is_billed(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver(card="CARD")
    verdict = await world.begin("card", mwh=KWH, at=after(3))
    assert verdict.token.status is TokenStatus.ACCEPTED
    assert await world.standing(driver) == (1_000 * SOM, 900 * SOM)
    session = await world.of_ref(verdict.charge_ref)
    assert (session.origin, session.driver_id, session.state) == (Origin.RFID, driver, State.CHARGING)
    assert await _present(world, "CARD") is TokenStatus.ACCEPTED  # the tap that stops it
    await world.end(verdict.charge_ref, 11 * KWH, after(minutes=20), token="card")
    await world.settle(session.id)
    assert await world.standing(driver) == (850 * SOM, 0)


async def test_a_second_start_of_the_same_person_is_concurrent_and_a_replay_is_not(db: Db) -> None:
    world = await World.build(db)
    await world.driver(card="CARD")
    first = await world.begin("CARD", number=1)
    second = await world.begin("CARD", number=2, at=after(60))
    assert second.token.status is TokenStatus.CONCURRENT
    assert (await world.of_ref(second.charge_ref)).payer_id is None
    assert (await world.begin("CARD", number=1, received=after(99))) == first


async def test_energy_that_nobody_may_take_is_recorded_and_stopped(db: Db) -> None:
    world = await World.build(db)
    verdict = await world.begin("STRANGER", mwh=0)
    assert verdict.token.status is TokenStatus.INVALID
    assert int(verdict.charge_ref) > 0
    session = await world.of_ref(verdict.charge_ref)
    assert (session.payer_id, session.driver_id) == (None, None)
    await write(world, meter(verdict.charge_ref, reading(after(60), KWH)))
    [order] = await world.orders("StopCharging")
    assert order.author == "system:token_refused"
    await world.end(verdict.charge_ref, KWH, after(70))
    await world.settle(session.id)
    settled = await world.session(session.id)
    assert (settled.state, settled.cost_minor, settled.unpaid_minor) == (State.SETTLED, 15 * SOM, 15 * SOM)
    assert "receipts.issue" not in [name for name, _ in await world.jobs()]
    assert await world.revenue() == 0


async def test_a_session_without_a_link_is_billed_at_the_time_of_its_events(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver(card="CARD")
    night = dt.datetime(2026, 11, 20, 20, 0, tzinfo=dt.UTC)  # 02:00 in Bishkek: 12 som
    verdict = await world.begin("CARD", at=night, received=NOW)
    assert verdict.token.status is TokenStatus.ACCEPTED
    await world.end(verdict.charge_ref, 10 * KWH, night + dt.timedelta(hours=1), received=after(1))
    session = await world.of_ref(verdict.charge_ref)
    assert (session.origin, session.began_at) == (Origin.OFFLINE, night)
    await world.settle(session.id)
    assert (await world.session(session.id)).cost_minor == 120 * SOM
    assert await world.standing(driver) == (880 * SOM, 0)


async def test_what_was_charged_without_a_link_is_owed_even_without_money(db: Db) -> None:
    world = await World.build(db)
    await world.driver(0, card="CARD")
    verdict = await world.begin("CARD", at=after(hours=-5), received=NOW)
    assert verdict.token.status is TokenStatus.NO_CREDIT
    await world.end(verdict.charge_ref, 10 * KWH, after(hours=-4), received=NOW)
    session = await world.of_ref(verdict.charge_ref)
    await world.settle(session.id)
    assert (await world.session(session.id)).receivable_minor == 150 * SOM
    await world.sound()


async def test_history_does_not_disturb_who_charges_now(db: Db) -> None:
    world = await World.build(db)
    await world.driver(card="CARD")
    id, ref = await world.running(await world.driver(phone="+996555000002"))
    old = await world.begin("CARD", at=after(hours=-5), received=after(60))
    assert (await world.session(id)).state is State.CHARGING
    session = await world.of_ref(old.charge_ref)
    assert (session.state, session.on_connector) == (State.CHARGING, False)
    await world.end(old.charge_ref, KWH, after(hours=-4), received=after(60))
    await world.end(ref, KWH, after(120))
    assert (await world.session(id)).state is State.ENDED


async def test_a_new_start_closes_what_was_open_on_its_connector(db: Db) -> None:
    world = await World.build(db)
    await world.driver(card="CARD")
    id, ref = await world.running(await world.driver(phone="+996555000002"))
    await write(world, meter(ref, reading(after(minutes=5), 4 * KWH)))
    await world.begin("CARD", mwh=5 * KWH, at=after(minutes=30))
    closed = await world.session(id)
    assert (closed.state, closed.ended_at, closed.stop_cause) == (State.ENDED, after(minutes=5), "evidence")
    # Its own stop comes after all, before the settlement: the end is refined.
    await world.end(ref, 5 * KWH, after(minutes=20), received=after(minutes=31))
    await world.settle(id)
    session = await world.session(id)
    assert (session.energy_mwh, session.ended_at) == (5 * KWH, after(minutes=20))
    assert (session.reason, session.cost_minor) == (EndReason.DRIVER, 75 * SOM)


async def test_a_card_at_a_connector_that_waits_for_an_order_takes_it(db: Db) -> None:
    world = await World.build(db)
    waiting = await world.driver()
    id = await world.start(waiting)
    await world.driver(phone="+996555000002", card="CARD")
    await world.begin("CARD", at=after(9))
    assert (await world.session(id)).state is State.FAILED
    assert await world.standing(waiting) == (1_000 * SOM, 0)


async def test_an_order_that_begins_after_it_was_given_up_is_judged_anew(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id = await world.start(driver)
    await charging.give_up_start(db, RULES, id, after(700))
    verdict = await world.begin(token_of(id), at=after(710))
    late = await world.of_ref(verdict.charge_ref)
    assert verdict.token.status is TokenStatus.ACCEPTED
    assert (late.origin, late.driver_id, late.hold_minor) == (Origin.LATE, driver, 900 * SOM)
    assert (await world.session(id)).state is State.FAILED
    await world.end(verdict.charge_ref, 10 * KWH, after(minutes=30))
    await world.settle(late.id)
    assert await world.standing(driver) == (850 * SOM, 0)


async def test_the_station_may_take_another_connector(db: Db) -> None:
    world = await World.build(db)
    id = await world.start(await world.driver(), number=1)
    await world.begin(token_of(id), number=2)
    session = await world.session(id)
    assert (session.state, session.connector) == (State.CHARGING, 2)
    await world.start(await world.driver(phone="+996555000002"), number=1)


async def test_a_connector_that_nobody_described_is_recorded_too(db: Db) -> None:
    world = await World.build(db)
    await world.driver(card="CARD")
    for number in (7, 900, 100_000):
        verdict = await world.begin("CARD", number=number)
        session = await world.of_ref(verdict.charge_ref)
        assert (verdict.token.status, session.payer_id) == (TokenStatus.BLOCKED, None)
        await world.end(verdict.charge_ref, KWH, after(60))
        assert await world.settle(session.id)


async def test_numbers_are_positive_and_of_32_bits(db: Db) -> None:
    world = await World.build(db)
    refs = [int((await world.begin(f"X{n}", number=1 + n % 4, at=after(n))).charge_ref) for n in range(8)]
    assert refs == sorted(set(refs))
    assert 0 < refs[0] < refs[-1] < 2**31
