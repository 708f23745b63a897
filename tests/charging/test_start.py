"""Starting: what is refused, what is held, what happens when the same thing is asked twice or at once."""

import asyncio

import pytest

from tests.charging.world import BOX, NOW, RULES, SOM, World, after
from zaryad import charging, stations, wallet
from zaryad.charging import EndReason, Limit, SessionId, State
from zaryad.charging.model import DEFAULTS, token_of
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.link.facts import ConnectorState, StationId
from zaryad.link.orders import OrderState
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan
from zaryad.wallet import Posting, Transfer, TransferId


async def _refused(world: World, *args: object, **how: object) -> str:
    with pytest.raises(DomainError) as refused:
        await world.start(*args, **how)  # type: ignore[arg-type]  # a test's shorthand
    return refused.value.code


@pytest.mark.parametrize(
    ("limit", "held"),
    [
        (Limit(amount_minor=500 * SOM), 475 * SOM),
        (Limit(energy_wh=10_000), 900 * SOM),
        (Limit(), 900 * SOM),
    ],
)
async def test_what_is_held(db: Db, limit: Limit, held: int) -> None:
    world = await World.build(db)
    driver = await world.driver(1_000)
    id = await world.start(driver, limit)
    assert await world.standing(driver) == (1_000 * SOM, held)
    assert (await world.session(id)).hold_minor == held


async def test_a_hold_is_no_more_than_its_bound(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver(500_000)
    await world.start(driver)
    assert (await world.standing(driver))[1] == DEFAULTS.hold_max_minor


async def test_the_same_id_is_the_same_session(db: Db) -> None:
    world = await World.build(db)
    driver, other = await world.driver(), await world.driver(phone="+996555000002")
    id = await world.start(driver, Limit(amount_minor=500 * SOM))
    assert await world.start(driver, Limit(amount_minor=500 * SOM), id=id) == id
    assert await _refused(world, other, id=id) == "session_id_taken"
    assert await world.standing(driver) == (1_000 * SOM, 475 * SOM)
    assert len(await world.orders("StartCharging")) == 1
    assert [name for name, _ in await world.jobs()] == ["charging.give_up_start"]


async def test_refusals(db: Db) -> None:
    world = await World.build(db)
    driver, poor = await world.driver(), await world.driver(0, phone="+996555000002")
    assert await _refused(world, driver, number=9) == "connector_unknown"
    assert await _refused(world, driver, Limit(amount_minor=1)) == "limit_amount_out_of_bounds"
    assert await _refused(world, driver, Limit(energy_wh=300_000)) == "limit_energy_out_of_bounds"
    assert await _refused(world, driver, Limit(500 * SOM, 5_000)) == "limit_is_one"
    assert await _refused(world, driver, Limit(amount_minor=2_000 * SOM)) == "not_enough_money"
    assert await _refused(world, poor) == "not_enough_money"
    assert await _refused(world, driver, now=after(minutes=10)) == "station_offline"
    for state, code in (
        (ConnectorState.FAULTED, "connector_out_of_service"),
        (ConnectorState.UNAVAILABLE, "connector_out_of_service"),
        (ConnectorState.CHARGING, "connector_busy"),
        (ConnectorState.RESERVED, "connector_reserved"),
    ):
        await world.status(2, state)
        assert await _refused(world, driver, number=2) == code
    async with db.begin() as tx:
        plan = ConnectorPlan(number=3, kind="ccs2", power_w=120_000, admin_state="maintenance")
        await stations.put_connector(tx, BOX, plan)
        await stations.put_connector(tx, BOX, ConnectorPlan(number=4, kind="ccs2", power_w=120_000))
    assert await _refused(world, driver, number=3) == "connector_out_of_service"
    assert await _refused(world, driver, number=4) == "no_tariff"
    assert await world.standing(driver) == (1_000 * SOM, 0)
    assert await world.count("session") == 0
    await world.start(driver)
    assert await _refused(world, driver, number=2) == "connector_reserved"
    await world.status(2, ConnectorState.AVAILABLE)
    assert await _refused(world, driver, number=2) == "already_charging"
    assert await _refused(world, poor, number=1) == "connector_busy"


async def test_a_debt_is_paid_first(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    async with db.begin() as tx:
        owed = await wallet.system_account(tx, "receivable", str(driver), "KGS", NOW)
        sold = await wallet.system_account(tx, "revenue", "elsewhere", "KGS", NOW)
        await wallet.post(tx, Transfer(TransferId(new_id()), "charging", (Posting(owed, sold, Money(5, "KGS")),)), NOW)
    assert await _refused(world, driver) == "debt_first"


async def test_the_same_start_at_once_is_one_session(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id = SessionId(new_id())
    await asyncio.gather(*(world.start(driver, id=id) for _ in range(5)))
    assert await world.standing(driver) == (1_000 * SOM, 900 * SOM)
    assert await world.count("session") == await world.count("station_order") == 1
    await world.sound()


async def test_two_starts_at_once_on_one_balance_or_one_connector(db: Db) -> None:
    world = await World.build(db)
    await world.status(2, ConnectorState.PREPARING)
    one, two = await world.driver(), await world.driver(phone="+996555000002")
    tries = [world.start(one, number=1), world.start(one, number=2), world.start(two, number=1)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    codes = sorted(r.code for r in results if isinstance(r, DomainError))
    assert 1 <= len([r for r in results if not isinstance(r, Exception)]) <= 2
    assert set(codes) <= {"already_charging", "connector_busy"}
    for driver in (one, two):
        assert (await world.standing(driver))[1] in (0, 900 * SOM)
    await world.sound()


async def test_a_refusal_by_the_station_frees_the_money_at_once(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    for state, reason in (
        (OrderState.REFUSED, EndReason.STATION_REFUSED),
        (OrderState.NOT_SUPPORTED, EndReason.STATION_REFUSED),
        (OrderState.EXPIRED, EndReason.NEVER_STARTED),
    ):
        id = await world.start(driver)
        await world.conclude(id, state)
        session = await world.session(id)
        assert (session.state, session.reason) == (State.FAILED, reason)
        assert await world.standing(driver) == (1_000 * SOM, 0)


async def test_what_never_begins_is_given_up_once(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id = await world.start(driver)
    assert not await charging.give_up_start(db, RULES, id, after(599))
    assert await charging.give_up_start(db, RULES, id, after(600))
    assert not await charging.give_up_start(db, RULES, id, after(601))
    assert (await world.session(id)).reason is EndReason.NEVER_STARTED
    assert await world.standing(driver) == (1_000 * SOM, 0)
    assert await charging.cancel_start(db, id, after(601))
    assert (await world.orders("StartCharging"))[0].state is OrderState.CANCELLED
    assert not await charging.cancel_start(db, id, after(602))


async def test_stopping_what_has_not_begun_takes_it_back(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id = await world.start(driver)
    view = await charging.stop(db, id, f"driver:{driver}", after(5))
    assert (view.state, view.reason) == (State.FAILED, EndReason.DRIVER)
    assert await charging.stop(db, id, f"driver:{driver}", after(6)) == view
    assert await world.standing(driver) == (1_000 * SOM, 0)
    # The station begins all the same: it is told to stop, and nobody pays.
    verdict = await world.begin(token_of(id), at=after(8))
    late = await world.of_ref(verdict.charge_ref)
    assert (verdict.token.status.value, late.payer_id) == ("invalid", None)
    assert len(await world.orders("StopCharging")) == 1


async def test_tokens_are_twenty_characters_and_differ() -> None:
    tokens = {token_of(SessionId(new_id())) for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(len(token) == 20 and token.isalnum() and token.isupper() for token in tokens)


async def test_an_unknown_station_is_not_found(db: Db) -> None:
    world = await World.build(db)
    assert await _refused(world, await world.driver(), box=StationId("nowhere")) == "connector_unknown"
