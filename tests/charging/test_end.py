"""The traps of OCPP 1.6 at the stop (standards A.5): repetitions, numbers never heard, registers that lie, reasons."""

import asyncio

import pytest

from tests.charging.world import BOX, KWH, NOW, RULES, SOM, WH, World, after, meter, reading, write
from zaryad import accounts, charging
from zaryad.accounts import IdToken
from zaryad.charging import EndReason, Limit, State, token_of
from zaryad.link.answers import EndVerdict, TokenStatus
from zaryad.link.facts import ConnectorState, Reading, StopCause
from zaryad.platform.db import Db


async def test_a_repeated_stop_changes_nothing(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id, ref = await world.running(driver)
    answers = [await world.end(ref, 10 * KWH, after(600), token=token_of(id)) for _ in range(2)]
    await world.settle(id)
    settled = await world.session(id)
    answers.append(await world.end(ref, 10 * KWH, after(600), token=token_of(id), received=after(hours=9)))
    answers.append(await world.end(ref, 99 * KWH, after(900), token=token_of(id)))
    assert {answer.token.status for answer in answers if answer.token} == {TokenStatus.ACCEPTED}
    assert await world.session(id) == settled
    assert [key for key in await world.events(id) if key.startswith("ended")] == ["ended", "ended_again"]
    assert await world.count("stray_stop") == 0


async def test_the_same_stop_at_once_ends_once(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await asyncio.gather(*(world.end(ref, 10 * KWH, after(600)) for _ in range(6)))
    assert (await world.events(id)).count("ended") == 1
    assert [name for name, _ in await world.jobs()].count("charging.settle") == 1


@pytest.mark.parametrize("ref", ["-1", "0", "", "-77", "123456"])
async def test_a_stop_that_never_heard_its_number_is_matched(db: Db, ref: str) -> None:
    world = await World.build(db)
    id, _ = await world.running(await world.driver(), mwh=100 * KWH)
    await world.begin("STRANGER", number=2, mwh=900 * KWH)
    await world.end(ref, 105 * KWH, after(600), token=token_of(id))
    session = await world.session(id)
    assert (session.state, session.energy_mwh) == (State.ENDED, 5 * KWH)


async def test_a_stop_without_number_and_token_is_matched_by_its_register(db: Db) -> None:
    world = await World.build(db)
    id, _ = await world.running(await world.driver(), mwh=100 * KWH)
    await world.begin("STRANGER", number=2, mwh=900 * KWH)
    await world.end("-1", 905 * KWH, after(600), cause=StopCause.REMOTE)
    assert (await world.session(id)).state is State.CHARGING
    assert await world.count("stray_stop") == 0
    await world.end("-1", 101 * KWH, after(601))
    assert (await world.session(id)).state is State.ENDED


async def test_a_stop_that_fits_nothing_is_answered_and_kept_once(db: Db) -> None:
    world = await World.build(db)
    for _ in range(2):
        assert await world.end("-1", 5 * KWH, NOW) == EndVerdict(None)
    id, _ = await world.running(await world.driver(), mwh=100 * KWH)
    answer = await world.end("-1", 150 * KWH, after(60), token="STRANGER")
    assert answer.token is not None
    assert answer.token.status is TokenStatus.INVALID
    assert (await world.session(id)).state is State.CHARGING
    assert await world.count("stray_stop") == 2
    assert await world.count("stray_stop where proposed_session_id is not null") == 1


async def test_two_that_could_be_meant_are_not_guessed_between(db: Db) -> None:
    world = await World.build(db)
    await world.begin("ONE", number=1, mwh=100 * KWH)
    await world.begin("TWO", number=2, mwh=101 * KWH)
    await world.end("0", 105 * KWH, after(600))
    assert await world.count("charging_transaction where ended_at is null") == 2
    assert await world.count("stray_stop") == 1


async def test_a_start_that_never_came_is_made_up_for_by_the_stop(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id = await world.start(driver)
    begun = Reading(at=after(30), energy_mwh=100 * KWH, context="Transaction.Begin")
    for _ in range(2):
        await world.end("-1", 110 * KWH, after(1_200), token=token_of(id), readings=(begun,))
    await world.settle(id)
    session = await world.session(id)
    assert (session.energy_mwh, session.cost_minor, session.began_at) == (10 * KWH, 150 * SOM, after(30))
    assert await world.standing(driver) == (850 * SOM, 0)


async def test_readings_that_come_with_the_stop_count(db: Db) -> None:
    world = await World.build(db, RULES)
    id, ref = await world.running(await world.driver())
    # 22:50 to 23:10 local: nothing flowed after 23:00, so nothing is billed by the night price.
    at = after(hours=10, minutes=50)
    id2 = (await world.of_ref((await world.begin("X", number=2, at=at)).charge_ref)).id
    full = (
        Reading(at=after(hours=10, minutes=58), energy_mwh=8 * KWH),
        Reading(at=after(hours=11), energy_mwh=8 * KWH),
    )
    ref2 = (await world.session(id2)).charge_ref or ""
    await world.end(ref2, 8 * KWH, after(hours=11, minutes=10), readings=full)
    await world.settle(id2)
    assert (await world.session(id2)).cost_minor == 120 * SOM
    assert (await world.session(id)).charge_ref == ref


@pytest.mark.parametrize(
    ("stop", "billed", "flag"),
    [
        (110 * KWH, 10 * KWH, None),
        (108 * KWH - 900 * WH, 8 * KWH - 900 * WH, "stop_below_readings"),
        (108 * KWH - 50 * WH, 8 * KWH - 50 * WH, None),
        (105 * KWH, 8 * KWH, "stop_below_readings"),
        (99 * KWH, 8 * KWH, "stop_below_start"),
        (0, 8 * KWH, "stop_below_start"),
        (9_000 * KWH, 8 * KWH, "meter_implausible"),
    ],
)
async def test_registers_that_lie_are_not_billed(db: Db, stop: int, billed: int, flag: str | None) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver(), mwh=100 * KWH)
    await write(world, meter(ref, reading(after(240), 104 * KWH)), meter(ref, reading(after(480), 108 * KWH)))
    await world.end(ref, stop, after(600))
    await world.settle(id)
    session = await world.session(id)
    assert session.energy_mwh == billed
    assert session.flags == ([] if flag is None else [flag])
    assert flag is None or flag in await world.events(id)


async def test_a_stop_after_the_settlement_is_kept_for_a_person(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await write(world, meter(ref, reading(after(300), 4 * KWH)))
    await world.begin("STRANGER", mwh=5 * KWH, at=after(900))
    await world.settle(id)
    settled = await world.session(id)
    assert settled.cost_minor == 60 * SOM
    for _ in range(2):
        await world.end(ref, 5 * KWH, after(800), received=after(hours=9))
    assert await world.session(id) == settled
    assert await world.count("stray_stop where why = 'after_settlement'") == 1


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (StopCause.LOCAL, EndReason.DRIVER),
        (StopCause.EV_DISCONNECTED, EndReason.UNPLUGGED),
        (StopCause.EMERGENCY_STOP, EndReason.EMERGENCY_STOP),
        (StopCause.POWER_LOSS, EndReason.POWER_LOST),
        (StopCause.REBOOT, EndReason.STATION_FAULT),
        (StopCause.HARD_RESET, EndReason.OPERATOR),
        (StopCause.UNLOCK_COMMAND, EndReason.OPERATOR),
        (StopCause.DEAUTHORIZED, EndReason.TOKEN_REFUSED),
        (StopCause.OTHER, EndReason.OTHER),
    ],
)
async def test_reasons(db: Db, cause: StopCause, reason: EndReason) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await world.end(ref, KWH, after(600), cause=cause)
    assert (await world.session(id)).reason is reason


async def test_a_fault_and_a_full_car_explain_what_the_station_does_not(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await world.status(1, ConnectorState.FAULTED, after(590))
    await world.end(ref, KWH, after(600), cause=StopCause.OTHER)
    assert (await world.session(id)).reason is EndReason.STATION_FAULT
    id, ref = await world.running(await world.driver(phone="+996555000002"), number=2)
    await write(world, meter(ref, reading(after(300), KWH, soc=99), number=2))
    await world.status(2, ConnectorState.SUSPENDED_EV, after(400))
    assert (await world.session(id)).paused_by == "ev"
    await world.status(2, ConnectorState.FINISHING, after(590))
    await world.end(ref, KWH, after(600))
    assert (await world.session(id)).reason is EndReason.CAR_FULL


async def test_our_order_explains_a_stop_that_calls_itself_local(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    id, ref = await world.running(driver, Limit(amount_minor=100 * SOM))
    for _ in range(3):
        view = await charging.stop(db, id, "staff:42", after(60))
    assert (view.stopping, view.stop_reason) == (True, EndReason.OPERATOR)
    assert len(await world.orders("StopCharging")) == 1
    await world.end(ref, KWH, after(70), cause=StopCause.LOCAL)
    assert (await world.session(id)).reason is EndReason.OPERATOR
    assert (await charging.stop(db, id, f"driver:{driver}", after(80))).state is State.ENDED


async def test_another_card_of_the_same_group_may_stop(db: Db) -> None:
    world = await World.build(db)
    driver = await world.driver()
    async with db.begin() as tx:
        for token in ("HIS", "HERS"):
            await accounts.put_token(tx, IdToken(token=token, person_id=driver, group="FAMILY"), NOW)
    began = await world.begin("HIS")
    assert began.token.group == "FAMILY"
    answer = await world.end(began.charge_ref, KWH, after(600), token="HERS")
    assert answer.token is not None
    assert answer.token.status is TokenStatus.ACCEPTED


async def test_a_reboot_in_mid_session_ends_nothing(db: Db) -> None:
    world = await World.build(db)
    id, ref = await world.running(await world.driver())
    await write(world, meter(ref, reading(after(60), KWH)))
    await world.status(1, ConnectorState.AVAILABLE, after(90))
    await world.status(1, ConnectorState.CHARGING, after(100))
    assert (await world.session(id)).state is State.CHARGING
    await world.alive(after(minutes=25), BOX)
    await charging.sweep(db, RULES, after(minutes=25))
    assert (await world.session(id)).state is State.CHARGING
    await write(world, meter(ref, reading(after(minutes=26), 3 * KWH)))
    await world.end(ref, 4 * KWH, after(minutes=27))
    assert (await world.session(id)).energy_mwh == 4 * KWH
