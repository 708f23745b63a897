"""2.x transactions: events in any order become the same session, and the same bill."""

import asyncio
import datetime as dt
from typing import Any

import msgspec
import pytest

from tests.charging.events import S, Teller, ended, event, started, telling
from tests.charging.world import BOX, KWH, NOW, SOM, TARIFF, after
from zaryad import accounts, charging, stations
from zaryad.accounts import IdToken
from zaryad.charging import EndReason, Limit, Origin, State, token_of
from zaryad.charging.transaction import store
from zaryad.link.answers import Noted, TokenStatus
from zaryad.link.facts import ConnectorState, MeterRead, Reading, StopCause, Told
from zaryad.link.orders import OrderState
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan


async def test_the_whole_road_of_an_ordered_start(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.speaks("ocpp2.1")
        driver = await world.driver()
        id = await world.start(driver, Limit(amount_minor=150 * SOM))
        [order] = await world.orders("StartCharging")
        answer = await world.tell(
            started(
                "T1",
                after(5),
                trigger="RemoteStart",
                remote_start=order.number,
                token=token_of(id),
                state=S.CHARGING,
            )
        )
        assert answer.token is not None
        assert answer.token.status is TokenStatus.ACCEPTED
        assert (answer.limit_minor, answer.total_minor) == (150 * SOM, None), "there is a running cost once it has run"
        answer = await world.tell(event("T1", 1, after(minutes=5), kwh=105, state=S.CHARGING))
        assert (answer.token, answer.total_minor, answer.limit_minor) == (None, 75 * SOM, None)
        assert (await world.session(id)).state is State.CHARGING
        assert await world.orders("StopCharging") == []
        answer = await world.tell(event("T1", 2, after(minutes=10), kwh=109.6))
        assert answer.total_minor == 144 * SOM
        [stop] = await world.orders("StopCharging")
        assert stop.order.charge_ref == "T1"  # type: ignore[union-attr]  # what it is
        await world.conclude(stop.id, OrderState.DONE, after(minutes=10))
        answer = await world.tell(
            ended("T1", 3, after(minutes=11), 109.7, trigger="RemoteStop", cause=StopCause.REMOTE)
        )
        assert (answer.total_minor, answer.message) == (145 * SOM + 50, "Итого 145,50\u00a0сом, 9,70\u00a0кВт·ч")
        assert await world.settle(id)
        session = await world.session(id)
        assert (session.state, session.energy_mwh, session.cost_minor) == (State.SETTLED, 9_700_000, 14_550)
        assert (session.reason, session.charge_ref) == (EndReason.LIMIT_AMOUNT, "T1")
        row = await world.row("T1")
        assert (row.events, row.missing, row.ended_by, row.token_key) == (4, 0, "station", token_of(id))
        await world.sound()


async def test_running_costs_are_told_where_they_may_be(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.speaks("ocpp2.0.1")
        assert (await world.tell(started("T1", NOW, token="card"))).total_minor is None
        assert (await world.tell(event("T1", 1, after(minutes=5), kwh=101))).total_minor is None
        assert (await world.tell(ended("T1", 2, after(minutes=6), 101))).total_minor == 15 * SOM


async def test_a_card_after_the_plug(db: Db, database_url: str) -> None:
    """The transaction begins with the cable; it is nobody's session until the card."""
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        answer = await world.tell(started("T1", NOW, trigger="CablePluggedIn", state=S.EV_CONNECTED))
        assert (answer.token, await world.session_of("T1")) == (None, None)
        answer = await world.tell(event("T1", 1, after(30), trigger="Authorized", token="card"))
        assert answer.token is not None
        assert answer.token.status is TokenStatus.ACCEPTED
        await world.tell(event("T1", 2, after(60), trigger="ChargingStateChanged", state=S.CHARGING))
        session = await world.charged("T1")
        assert (session.state, session.driver_id, session.origin) == (State.CHARGING, driver, Origin.RFID)
        assert (session.began_at, session.meter_start_mwh, session.hold_minor) == (after(30), 100 * KWH, 900 * SOM)
        await world.tell(ended("T1", 3, after(minutes=9), 104, trigger="StopAuthorized", token="card"))
        await world.settle(session.id)
        assert (await world.charged("T1")).captured_minor == 60 * SOM


async def test_an_app_start_at_a_car_that_is_plugged_in(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.tell(started("T1", NOW, trigger="CablePluggedIn", state=S.EV_CONNECTED))
        id = await world.start(await world.driver())
        [order] = await world.orders("StartCharging")
        await world.tell(event("T1", 1, after(5), remote_start=order.number, trigger="RemoteStart", token=token_of(id)))
        session = await world.charged("T1")
        assert (session.id, session.state, session.charge_ref) == (id, State.CHARGING, "T1")


async def test_an_ordered_start_waits_for_its_token(db: Db, database_url: str) -> None:
    """The cable's event, and even energy, may come before the token of the order: the order is not lost to it."""
    async with telling(db, database_url) as world:
        id = await world.start(await world.driver())
        await world.tell(started("T1", NOW, trigger="CablePluggedIn", state=S.EV_CONNECTED))
        await world.tell(event("T1", 2, after(60), kwh=101, state=S.CHARGING))
        assert (await world.session(id)).state is State.STARTING
        await world.tell(event("T1", 1, after(20), trigger="RemoteStart", token=token_of(id)))
        await world.tell(ended("T1", 3, after(90), 102))
        await world.settle(id)
        session = await world.session(id)
        assert (session.energy_mwh, session.cost_minor, session.charge_ref) == (2 * KWH, 30 * SOM, "T1")


async def test_a_token_after_energy(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        await world.tell(started("T1", NOW, trigger="CablePluggedIn"))
        await world.tell(event("T1", 1, after(60), kwh=101, state=S.CHARGING))
        session = await world.charged("T1")
        assert (session.payer_id, session.token, session.state) == (None, "", State.CHARGING)
        assert await world.orders("StopCharging") == []  # the token may still be on its way
        answer = await world.tell(event("T1", 2, after(90), trigger="Authorized", token="Card"))
        assert answer.token is not None
        assert answer.token.status is TokenStatus.ACCEPTED
        session = await world.charged("T1")
        assert (session.driver_id, session.hold_minor, session.token) == (driver, 900 * SOM, "CARD")
        await world.tell(ended("T1", 3, after(minutes=5), 104))
        await world.settle(session.id)
        session = await world.charged("T1")
        assert (session.cost_minor, session.captured_minor, session.unpaid_minor) == (60 * SOM, 60 * SOM, 0)


async def test_energy_that_nobody_asks_for_is_stopped(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.tell(started("T1", NOW, trigger="CablePluggedIn"))
        await world.tell(event("T1", 1, after(60), kwh=101))
        await world.tell(event("T1", 2, after(180), kwh=102))
        [order] = await world.orders("StopCharging")
        assert order.author == "system:token_refused"
        await world.tell(ended("T1", 3, after(190), 102))
        session = await world.charged("T1")
        await world.settle(session.id)
        assert (await world.charged("T1")).unpaid_minor == 30 * SOM


async def test_a_refused_token_is_answered_and_recorded(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        answer = await world.tell(started("T1", NOW, token="nobody"))
        assert answer.token is not None
        assert (answer.token.status, answer.token.message) == (TokenStatus.INVALID, "Карта нам не знакома")
        await world.tell(ended("T1", 1, after(9), 100.1, trigger="Deauthorized", cause=StopCause.DEAUTHORIZED))
        session = await world.charged("T1")
        assert (session.state, session.payer_id, session.reason) == (State.ENDED, None, EndReason.TOKEN_REFUSED)


async def test_a_station_without_evse_in_its_start(db: Db, database_url: str) -> None:
    """TxStartPoint Authorized: the card first, the connector later; refused where the answer has no place for it."""
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        answer = await world.tell(started("T1", NOW, None, connector=None, token="card", state=S.IDLE))
        assert answer.token is not None
        assert (answer.token.status, await world.session_of("T1")) == (TokenStatus.ACCEPTED, None)
        await world.tell(event("T1", 1, after(20), connector=3, trigger="CablePluggedIn", state=S.EV_CONNECTED, kwh=7))
        session = await world.charged("T1")
        assert (session.connector, session.meter_start_mwh, session.meter_mwh) == (3, 7 * KWH, 7 * KWH)
        await world.tell(started("T2", after(60), None, connector=None, token="nobody", state=S.IDLE))
        await world.tell(event("T2", 1, after(80), connector=2, trigger="CablePluggedIn", state=S.EV_CONNECTED))
        [order] = await world.orders("StopCharging")
        assert order.order.charge_ref == "T2"  # type: ignore[union-attr]  # what it is


async def test_a_driver_who_does_not_plug_in_owes_nothing(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        id = await world.start(await world.driver())
        await world.tell(started("T1", NOW, None, token=token_of(id), trigger="RemoteStart", state=S.IDLE))
        assert (await world.session(id)).state is State.STARTING
        await world.tell(ended("T1", 1, after(60), trigger="EVConnectTimeout", cause=StopCause.OTHER))
        session = await world.session(id)
        assert (session.state, session.reason) == (State.FAILED, EndReason.NEVER_STARTED)
        assert (await world.row("T1")).ended_by == "station"


async def test_the_same_event_again_is_answered_as_the_first_time(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        first = started("T1", NOW, token="card", state=S.CHARGING)
        answer = await world.tell(first)
        second = event("T1", 1, after(60), kwh=101)
        await world.tell(second)
        assert (await world.tell(first)).token == answer.token
        await world.tell(second)
        await world.tell(event("T1", 1, after(70), kwh=150))  # another content under the same number
        last = ended("T1", 2, after(120), 102)
        told = await world.tell(last)
        assert await world.tell(last) == told
        session = await world.charged("T1")
        await world.settle(session.id)
        assert (await world.tell(last)).total_minor == told.total_minor == 30 * SOM
        assert (await world.tell(first)).token == answer.token
        assert (await world.charged("T1")).energy_mwh == 2 * KWH
        async with db.begin() as tx:
            events = await store.events(tx, BOX, "T1")
        assert [(it.repeats, it.others) for it in events] == [(2, 0), (2, 1), (2, 0)]
        assert await world.count("session") == 1


async def test_ended_is_terminal(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.tell(started("T1", NOW, token="card"))
        await world.tell(ended("T1", 3, after(minutes=4), 104))
        session = await world.charged("T1")
        assert session.state is State.ENDED
        await world.tell(event("T1", 1, after(minutes=1), kwh=101, state=S.CHARGING))
        assert (await world.charged("T1")).state is State.ENDED
        assert not await world.settle(session.id, after(minutes=5))  # number 2 is missing
        await world.tell(event("T1", 2, after(minutes=2), kwh=102))
        assert await world.settle(session.id, after(minutes=5))
        await world.tell(event("T1", 4, after(minutes=6), kwh=109, state=S.CHARGING, received=after(hours=1)))
        session = await world.charged("T1")
        assert (session.state, session.energy_mwh, session.flags) == (State.SETTLED, 4 * KWH, ["readings_late"])
        assert (await world.events(session.id))[-2:] == ["told_late", "readings_late"]


async def test_an_end_without_a_start(db: Db, database_url: str) -> None:
    """The missing events are asked for; the bill waits for them, and is whole once they came."""
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        readings = (
            Reading(at=NOW, energy_mwh=100 * KWH, context="Transaction.Begin"),
            Reading(at=after(600), energy_mwh=105 * KWH, context="Transaction.End"),
        )
        stop: dict[str, Any] = {"trigger": "StopAuthorized", "token": "card", "connector": 2}
        await world.tell(ended("T1", 2, after(600), readings=readings, **stop))
        session = await world.charged("T1")
        assert (session.state, session.driver_id, session.energy_mwh) == (State.ENDED, None, 5 * KWH)
        [ask] = await world.orders("AskTransaction")
        assert ask.order.charge_ref == "T1"  # type: ignore[union-attr]  # what it is
        assert not await world.settle(session.id, after(700))
        await world.tell(started("T1", NOW, connector=2, token="card", received=after(800)))
        await world.tell(event("T1", 1, after(300), kwh=102, received=after(801)))
        assert (await world.charged("T1")).driver_id == driver
        assert await world.settle(session.id, after(802))
        session = await world.charged("T1")
        assert (session.cost_minor, session.unpaid_minor, session.began_at) == (75 * SOM, 0, NOW)
        assert await world.count("session") == 1


async def test_what_a_station_does_not_have_is_not_waited_for(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.tell(started("T1", NOW, token="card"))
        await world.tell(ended("T1", 5, after(600), 105))
        session = await world.charged("T1")
        assert (await world.row("T1")).missing == 4
        [ask] = await world.orders("AskTransaction")
        await world.answered(ask, {"ongoingIndicator": False, "messagesInQueue": True}, after(610))
        assert not await world.settle(session.id, after(620))
        await charging.look_after(db, world.rules, after(1300))
        first = (await world.orders("AskTransaction"))[0]
        assert first.id != ask.id
        await world.answered(first, {"ongoingIndicator": False, "messagesInQueue": False}, after(1310))
        assert await world.settle(session.id, after(1311))
        assert "events_lost" in await world.events(session.id)


async def test_the_card_that_ended_it_pays_where_the_start_is_lost(db: Db, database_url: str) -> None:
    """It has no group: no other card can have begun what it ended. Without a first register a person judges."""
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        stop: dict[str, Any] = {"trigger": "StopAuthorized", "token": "card", "connector": 2}
        await world.tell(event("T1", 1, after(60), kwh=100, connector=2))
        await world.tell(ended("T1", 2, after(600), 105, **stop))
        await world.tell(ended("T2", 2, after(700), 106, **stop))
        for ask in await world.orders("AskTransaction"):
            await world.answered(ask, {"ongoingIndicator": False, "messagesInQueue": False}, after(800))
        session = await world.charged("T1")
        assert (session.driver_id, await world.settle(session.id, after(801))) == (driver, True)
        session = await world.charged("T1")
        assert (session.cost_minor, session.unpaid_minor, session.began_at) == (75 * SOM, 0, after(60))
        assert (await world.session_of("T2"), await world.count("stray_stop")) == (None, 1)


async def test_a_lost_end_is_found_out(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.tell(started("T1", NOW, token="card"))
        await world.tell(event("T1", 2, after(60), kwh=101))
        await charging.look_after(db, world.rules, after(200))
        [ask] = await world.orders("AskTransaction")
        await world.answered(ask, {"ongoingIndicator": False, "messagesInQueue": False}, after(210))
        session = await world.charged("T1")
        assert (session.state, session.ended_at, session.stop_cause) == (State.ENDED, after(60), "evidence")
        assert await world.settle(session.id, after(600))
        assert (await world.charged("T1")).cost_minor == 15 * SOM


async def test_nobody_answers_and_the_bill_is_made_all_the_same(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.tell(started("T1", NOW, token="card"))
        await world.tell(ended("T1", 5, after(600), 105))
        session = await world.charged("T1")
        await charging.look_after(db, world.rules, after(hours=1))
        await charging.sweep(db, world.rules, after(hours=1))
        assert (await world.charged("T1")).state is State.ENDED
        assert await charging.audit(db, world.rules, after(hours=1)) == []
        await charging.look_after(db, world.rules, after(hours=1, seconds=601))
        await charging.sweep(db, world.rules, after(hours=1, minutes=11))
        assert (await world.charged("T1")).state is State.SETTLED
        assert (await world.charged("T1")).id == session.id


async def test_history_is_told_in_the_morning(db: Db, database_url: str) -> None:
    """Offline: billed at the event's time, ordered nothing, not told of other sessions, and beside the present one."""
    async with telling(db, database_url) as world:
        await world.driver(100, card="CARD")
        await world.tell(started("NOW", after(-60), token="card"))
        past = after(hours=-9)  # three at night
        told: dict[str, Any] = {"offline": True, "received": NOW}
        answer = await world.tell(started("T1", past, token="card", **told))
        assert answer.token is not None
        assert answer.token.status is TokenStatus.ACCEPTED
        await world.tell(event("T1", 1, past + dt.timedelta(minutes=30), kwh=120, state=S.CHARGING, **told))
        await world.tell(event("T1", 2, past + dt.timedelta(minutes=60), kwh=130, **told))
        assert await world.orders("StopCharging") == []
        await world.tell(ended("T1", 3, past + dt.timedelta(minutes=61), 131, **told))
        session = await world.charged("T1")
        assert (session.origin, session.began_at, session.energy_mwh) == (Origin.OFFLINE, past, 31 * KWH)
        await world.settle(session.id)
        session = await world.charged("T1")
        assert (session.cost_minor, session.receivable_minor) == (31 * 12 * SOM, 31 * 12 * SOM - 10 * SOM)
        assert (await world.charged("NOW")).state is State.CHARGING
        await world.sound()


async def test_an_evse_with_two_connectors(db: Db, database_url: str) -> None:
    """Where the station does not say which one, it is the one that is waited for; what it says later counts."""
    async with telling(db, database_url) as world:
        async with db.begin() as tx:
            plan = ConnectorPlan(number=102, kind="type2", power_w=22_000, tariff_id=TARIFF)
            await stations.put_connector(tx, BOX, plan)
        await world.status(2, ConnectorState.AVAILABLE)
        await world.status(102, ConnectorState.PREPARING)
        await world.driver(card="CARD")
        await world.tell(started("T1", NOW, connector=2, named=False, token="card"))
        assert (await world.charged("T1")).connector == 102
        await world.tell(event("T1", 1, after(60), kwh=101))
        await world.tell(event("T1", 2, after(70), connector=2))
        session = await world.charged("T1")
        assert (session.connector, session.power_w, session.cost_minor) == (2, 120_000, 15 * SOM)
        await world.tell(event("T1", 3, after(120), kwh=102))
        assert (await world.charged("T1")).cost_minor == 30 * SOM
        assert "moved" in await world.events(session.id)
        await world.tell(ended("T1", 4, after(130), 102))
        await world.start(await world.driver(phone="+996555000009"), number=102)
        await world.tell(started("T2", after(200), connector=2, named=False, trigger="CablePluggedIn"))
        assert (await world.row("T2")).connector == 102


async def test_a_connector_shows_what_its_transaction_does(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")

        async def state(number: int = 1) -> ConnectorState | None:
            async with db.begin() as tx:
                found = await stations.find_connector(tx, BOX, number, NOW)
            assert found is not None
            return found.state

        await world.tell(started("T1", after(1), token="card", state=S.CHARGING))
        assert await state() is ConnectorState.CHARGING
        async with db.begin() as tx:
            said = await charging.working_on(tx, world.changed(1, ConnectorState.PREPARING, after(2)))
        assert said.state is ConnectorState.CHARGING
        await world.tell(event("T1", 1, after(60), trigger="ChargingStateChanged", state=S.SUSPENDED_EV, kwh=101))
        assert await state() is ConnectorState.SUSPENDED_EV
        assert (await world.charged("T1")).paused_by == "ev"
        await world.tell(ended("T1", 2, after(90), 101, trigger="RemoteStop"))
        assert await state() is ConnectorState.FINISHING
        async with db.begin() as tx:
            said = await charging.working_on(tx, world.changed(1, ConnectorState.PREPARING, after(95)))
        assert said.state is ConnectorState.PREPARING


async def test_another_card_of_the_group_ends_it(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        async with db.begin() as tx:
            for token in ("CARD", "OTHER"):
                await accounts.put_token(tx, IdToken(token=token, person_id=driver, group="FAMILY"), NOW)
        answer = await world.tell(started("T1", NOW, token="card"))
        assert answer.token is not None
        assert answer.token.group == "FAMILY"
        answer = await world.tell(ended("T1", 1, after(60), 101, trigger="StopAuthorized", token="other"))
        assert answer.token is not None
        assert (answer.token.status, answer.token.group) == (TokenStatus.ACCEPTED, "FAMILY")
        assert (await world.charged("T1")).token == "CARD"


@pytest.mark.parametrize("seq_no", [0, 1, 7, -3, 2**40])
async def test_any_event_may_be_the_first(db: Db, database_url: str, seq_no: int) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.tell(event("T" * 40, seq_no, NOW, connector=1, kwh=100, token="card", trigger="Authorized"))
        session = await world.charged("T" * 40)
        assert (session.state, session.payer_id is not None) == (State.CHARGING, True)


async def test_a_clock_that_was_never_set(db: Db, database_url: str) -> None:
    """Every transaction of 1970 begins alike; their names tell them apart."""
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        unset = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        for number, ref in enumerate(("A", "B")):
            begins = after(minutes=20 * number)
            await world.tell(started(ref, unset, None, token="card", received=begins))
            at = begins + dt.timedelta(minutes=5)
            await world.tell(event(ref, 1, unset + dt.timedelta(minutes=5), kwh=100, received=at))
            at += dt.timedelta(minutes=5)
            await world.tell(event(ref, 2, unset + dt.timedelta(minutes=10), kwh=103, received=at))
            await world.tell(
                ended(ref, 3, unset + dt.timedelta(minutes=11), 104, received=at + dt.timedelta(minutes=1))
            )
            session = await world.charged(ref)
            assert await world.settle(session.id)
            assert (await world.charged(ref)).energy_mwh == 4 * KWH


async def test_the_name_of_a_transaction_of_16_is_free_again(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        id, ref = await world.running(driver)
        await world.end(ref, KWH, after(60))
        await world.settle(id)
        await world.tell(started(ref, after(100), token="card"))
        session = await world.charged(ref)
        assert (session.id != id, session.state) == (True, State.CHARGING)


async def test_a_car_that_only_stands_there_is_no_session(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.tell(started("T1", NOW, trigger="EVDetected", state=S.IDLE))
        await world.tell(event("T1", 1, after(60), trigger="CablePluggedIn", state=S.EV_CONNECTED))
        await world.tell(event("T1", 2, after(300), kwh=100))
        assert ((await world.row("T1")).events, await world.session_of("T1")) == (3, None)
        await world.tell(ended("T1", 3, after(600), 100, state=S.IDLE))
        assert (await world.session_of("T1"), await world.count("session")) == (None, 0)
        await world.tell(started("T2", after(700), trigger="EVDetected"))
        await world.tell(started("T3", after(900), trigger="EVDetected"))  # the end of T2 was lost
        assert [(await world.row(ref)).ended_by for ref in ("T1", "T2", "T3")] == ["station", "evidence", None]
        assert Told.STARTED.value == "started"


class Falling:
    """A book that is not there; and then is."""

    def __init__(self, world: Teller) -> None:
        self.world = world

    async def record(self, fact: MeterRead) -> Noted:
        raise ConnectionError(f"no database for {fact.charge_ref}")


async def test_a_crash_between_an_event_and_its_readings(db: Db, database_url: str) -> None:
    """The event is stored, nobody was answered; the repetition writes the readings, and if none comes, the end does."""
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.tell(started("T1", NOW, token="card"))
        lost = [event("T1", number, after(60 * number), kwh=100 + number) for number in (1, 2)]
        for fact in lost:
            with pytest.raises(ConnectionError):
                await charging.report(db, world.rules, Falling(world), fact)
        assert ((await world.row("T1")).events, (await world.charged("T1")).energy_mwh) == (3, 0)
        await world.tell(lost[0])
        session = await world.charged("T1")
        assert (session.energy_mwh, session.cost_minor, await world.count("reading")) == (KWH, 15 * SOM, 2)
        await world.tell(ended("T1", 3, after(200), 103))
        assert await world.count("reading") == 4
        await world.settle(session.id)
        assert (await world.charged("T1")).cost_minor == 45 * SOM


async def test_the_same_events_at_once_are_one_transaction(db: Db, database_url: str) -> None:
    """Two connections of one station, a repetition on each: nobody waits for ever, nothing is doubled."""
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        facts = [started("T1", NOW, token="card"), event("T1", 1, after(60), kwh=101), ended("T1", 2, after(120), 102)]
        answers = await asyncio.gather(*(world.tell(fact) for _ in range(4) for fact in facts))
        assert {it.token.status for it in answers if it.token is not None} == {TokenStatus.ACCEPTED}
        session = await world.charged("T1")
        assert (await world.count("session"), await world.count("transaction_event")) == (1, 3)
        assert await world.settle(session.id)
        assert (await world.charged("T1")).cost_minor == 30 * SOM
        await world.sound()


async def test_an_end_by_evidence_waits_for_the_stations_word(db: Db, database_url: str) -> None:
    """A new transaction on the EVSE ends the old one; its bill waits until the station has said whether more comes."""
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        await world.driver(card="NEXT", phone="+996555000002")
        await world.tell(started("T1", NOW, token="card"))
        await world.tell(event("T1", 1, after(60), kwh=101))
        await world.tell(started("T2", after(300), 102, token="next"))
        session = await world.charged("T1")
        assert (session.state, session.stop_cause, session.ended_at) == (State.ENDED, "evidence", after(60))
        assert not await world.settle(session.id, after(600))
        await charging.look_after(db, world.rules, after(600))
        [ask] = await world.orders("AskTransaction")
        assert ask.order.charge_ref == "T1"  # type: ignore[union-attr]  # what it is
        await world.answered(ask, {"ongoingIndicator": False, "messagesInQueue": True}, after(610))
        await world.tell(event("T1", 2, after(120), kwh=101.5, received=after(620)))
        assert not await world.settle(session.id, after(621))
        await world.tell(ended("T1", 3, after(200), 102, received=after(630)))
        assert await world.settle(session.id, after(631))
        session = await world.charged("T1")
        assert (session.ended_at, session.cost_minor, session.reason) == (after(200), 30 * SOM, EndReason.UNPLUGGED)
        assert (await world.charged("T2")).state is State.CHARGING


async def test_a_reservation_is_used_by_the_charge_it_was_made_for(db: Db, database_url: str) -> None:
    async with telling(db, database_url) as world:
        await world.driver(card="CARD")
        used: list[tuple[object, ...]] = []

        async def reserved(_tx: object, *said: object) -> None:
            used.append(said)

        start = started("T1", NOW, token="card")
        start = msgspec.structs.replace(start, reservation_id=7)
        await charging.report(db, world.rules, world.book, start, reserved)
        await charging.report(db, world.rules, world.book, start, reserved)
        began = msgspec.structs.replace(world.began("card", number=2, at=after(60)), reservation_id=None)
        verdict = await charging.begin(db, world.rules, began, reserved)
        assert verdict.token.status is TokenStatus.CONCURRENT
        assert used == [(BOX, 1, 7, "CARD", NOW, "T1")]


async def test_a_token_that_says_there_is_none(db: Db, database_url: str) -> None:
    """NoAuthorization is answered, as every token is, and pays for nothing; a card that follows does."""
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        for seq_no in (0, 1):
            answer = await world.tell(started("T1", after(seq_no), 100 + seq_no, token="", seq_no=seq_no))
            assert answer.token is not None
            assert answer.token.status is TokenStatus.INVALID
        assert (await world.charged("T1")).payer_id is None
        await world.tell(event("T1", 2, after(9), token="card", trigger="Authorized"))
        assert (await world.charged("T1")).driver_id == driver
