"""A connection's manners: order, limits, failures, the newest wins. Over real sockets."""

import asyncio
import json
from typing import Any

import pytest
import sqlalchemy as sa

from tests.ocpp.rig import BOX, Business, Station, running, station, until
from tests.stations.network import NOW, build
from zaryad import stations
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.answers import Answer, BootStatus, Noted, TimeTold
from zaryad.link.facts import Beat, Booted, ConnectorChanged, MeterRead
from zaryad.ocpp.gateway import Gateway
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def meter(at: int = 0) -> dict[str, Any]:
    return {
        "connectorId": 1,
        "transactionId": 7,
        "meterValue": [{"timestamp": f"2026-01-01T00:00:{at:02d}Z", "sampledValue": [{"value": str(at)}]}],
    }


async def online(db: Db, id: str = BOX) -> bool:
    async with db.begin() as tx:
        found: bool = (await stations.station(tx, id, NOW)).disconnected_at is None  # type: ignore[arg-type]
        return found


async def test_answers_are_compact_and_in_the_order_of_the_calls(gateway: Gateway, business: Business) -> None:
    async def slow(fact: Beat) -> Answer:
        await asyncio.sleep(0.2)
        business.facts.append(fact)
        return TimeTold(fact.received_at)

    business.own[Beat] = slow
    async with station(gateway) as box:
        await box.say('[2, "a", "Heartbeat", { }]')
        await box.say(json.dumps([2, "b", "StatusNotification", STATUS]))
        await box.say('[2,"c","Nonsense",{}]')
        texts = [await box.hear_text() for _ in range(3)]
    assert [json.loads(text)[1] for text in texts] == ["a", "b", "c"]
    assert texts[1:] == ['[3,"b",{}]', '[4,"c","NotImplemented","",{}]']
    assert texts[0].endswith('Z"}]')
    assert [type(fact) for fact in business.facts] == [Beat, ConnectorChanged]


async def test_a_known_action_that_is_not_offered_is_not_supported(gateway: Gateway) -> None:
    async with station(gateway) as box:
        assert (await box.call("Reset", {"type": "Soft"}))[2] == "NotSupported"
        assert (await box.call("Authorize", {}))[2:4] == ["OccurenceConstraintViolation", "no idTag"]
        assert (await box.boot())["status"] == "Accepted"


async def test_unreadable_frames_are_ignored(gateway: Gateway) -> None:
    async with station(gateway) as box:
        for noise in ("", "[", "hello", '{"a":1}', '[9,"x"]', '[3,"never asked",{}]', '[4,"x"]', "[[[[" * 10_000):
            await box.say(noise)
        assert (await box.boot())["status"] == "Accepted"


async def test_text_that_is_not_utf_8_ends_the_connection_with_1007(gateway: Gateway) -> None:
    async with station(gateway) as box:
        await box.say(b'[2,"1","Heartbeat",{"x":"\xff"}]')
        assert await box.closed() == 1007


async def test_a_fragmented_call_is_one_call(gateway: Gateway) -> None:
    async with station(gateway) as box:
        await box.socket.send(iter(['[2,"1",', '"Heart', 'beat",{}]']))
        assert (await box.hear())[:2] == [3, "1"]


async def test_a_frame_over_the_limit_ends_the_connection_with_1009(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as box:
        await box.say('[2,"1","DataTransfer",{"vendorId":"%s"}]' % ("x" * 1_000_000))
        assert (await box.hear())[0] == 3
        await box.say("x" * 1_048_577)
        assert await box.closed() == 1009
    assert not await _eventually_online(db)


async def _eventually_online(db: Db) -> bool:
    for _ in range(100):
        if not await online(db):
            return False
        await asyncio.sleep(0.02)
    return True


# Boot


async def test_a_call_behind_a_boot_waits_for_its_verdict(gateway: Gateway, business: Business) -> None:
    release = asyncio.Event()
    kind = business.handlers[Booted]

    async def deciding(fact: Booted) -> Answer:
        await release.wait()
        del business.own[Booted]
        return await kind(fact)

    for verdict in (BootStatus.PENDING, BootStatus.ACCEPTED):
        release.clear()
        business.boot, business.own[Booted] = verdict, deciding
        async with station(gateway) as box:
            await box.say('[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
            await box.say(json.dumps([2, "2", "StatusNotification", STATUS]))
            await asyncio.sleep(0.05)
            assert business.told(ConnectorChanged) == []
            release.set()
            assert (await box.hear())[2]["status"] == verdict.value.capitalize()
            answer = await box.hear()
            if verdict is BootStatus.PENDING:
                assert answer[:3] == [4, "2", "SecurityError"]
            else:
                assert answer == [3, "2", {}]


@pytest.mark.parametrize("verdict", [BootStatus.PENDING, BootStatus.REJECTED])
async def test_a_station_that_was_not_accepted_may_only_boot(
    gateway: Gateway, db: Db, business: Business, verdict: BootStatus
) -> None:
    async with db.begin() as tx:
        here = await stations.station(tx, BOX, NOW)
        await stations.put_station(tx, BOX, here.location_id, boot_status=verdict)
    async with station(gateway) as box:
        assert (await box.call("StatusNotification", STATUS))[2] == "SecurityError"
        assert (await box.call("NoSuchThing"))[2] == "SecurityError"
        assert (await box.boot())["status"] == "Accepted"
        assert await box.call("StatusNotification", STATUS) == {}


async def test_a_station_that_reconnects_without_a_boot_goes_on(gateway: Gateway, business: Business) -> None:
    async with station(gateway) as box:
        assert await box.call("StatusNotification", STATUS) == {}


# Failures


async def test_a_failed_handler_is_an_error_and_never_a_false_yes(gateway: Gateway, business: Business) -> None:
    async def refuse(_: Beat) -> Answer:
        raise DomainError(Kind.UNAVAILABLE, "try_later")

    async def break_down(_: Beat) -> Answer:
        raise RuntimeError("secret of the house")

    async with station(gateway) as box:
        business.own[Beat] = refuse
        assert (await box.call("Heartbeat"))[2:4] == ["InternalError", "try_later"]
        business.own[Beat] = break_down
        assert (await box.call("Heartbeat"))[2:4] == ["InternalError", "try again"]
        del business.own[Beat], business.handlers[MeterRead]
        assert (await box.call("MeterValues", meter()))[2] == "NotSupported"
        assert "currentTime" in await box.call("Heartbeat")


async def test_a_database_that_is_away_is_an_error_and_the_station_says_it_again(
    gateway: Gateway, db: Db, business: Business
) -> None:
    async def store(fact: MeterRead) -> Answer:
        async with db.begin() as tx:
            await tx.execute(
                sa.text("select pg_terminate_backend(pg_backend_pid())") if broken else sa.text("select 1")
            )
            business.facts.append(fact)
        return Noted()

    business.own[MeterRead] = store
    async with station(gateway) as box:
        broken = True
        assert (await box.call("MeterValues", meter()))[2] == "InternalError"
        broken = False
        assert await box.call("MeterValues", meter()) == {}
    assert len(business.facts) == 1


async def test_a_handler_that_hangs_has_a_limit(db: Db, bus: NatsBus, business: Business) -> None:
    async def hang(_: Beat) -> Answer:
        await asyncio.sleep(60)
        raise AssertionError

    business.own[Beat] = hang
    await build(db, BOX)
    async with running(db, bus, business, handle_within_s=0.2) as gateway, station(gateway) as box:
        assert (await box.call("Heartbeat"))[2:4] == ["InternalError", "busy; try again"]
        assert await box.call("StatusNotification", STATUS) == {}


async def test_what_was_said_before_the_socket_broke_is_still_handled(gateway: Gateway, business: Business) -> None:
    broken = asyncio.Event()

    async def slow(fact: ConnectorChanged) -> Answer:
        await broken.wait()
        business.facts.append(fact)
        return Noted()

    business.own[ConnectorChanged] = slow
    async with station(gateway) as box:
        await box.say(json.dumps([2, "1", "StatusNotification", STATUS]))
        await box.say(json.dumps([2, "2", "MeterValues", meter()]))
        await asyncio.sleep(0.05)
        connection = gateway.connections[BOX]
        box.drop()
        await until(lambda: connection.lost)
        assert business.facts == []
        broken.set()
        await until(lambda: len(business.facts) == 2)


# Back-pressure


async def test_a_burst_of_readings_is_handled_together_and_answered_in_order(
    gateway: Gateway, business: Business
) -> None:
    at_once = most = 0

    async def together(fact: MeterRead) -> Answer:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05 if len(business.facts) % 2 else 0.01)
        at_once -= 1
        business.facts.append(fact)
        return Noted()

    business.own[MeterRead] = together
    async with station(gateway) as box:
        for number in range(20):
            await box.say(json.dumps([2, str(number), "MeterValues", meter(number)]))
        await box.say(json.dumps([2, "20", "StatusNotification", STATUS]))
        assert [(await box.hear())[1] for _ in range(21)] == [str(number) for number in range(21)]
    assert 1 < most <= 8
    assert isinstance(business.facts[-1], ConnectorChanged)


async def test_a_flood_is_held_back_in_the_socket(db: Db, bus: NatsBus, business: Business) -> None:
    gate = asyncio.Event()

    async def wait(fact: Beat) -> Answer:
        await gate.wait()
        business.facts.append(fact)
        return TimeTold(fact.received_at)

    business.own[Beat] = wait
    await build(db, BOX)
    async with running(db, bus, business, backlog_max=16) as gateway, station(gateway) as box:

        async def flood() -> None:
            for number in range(4_000):
                await box.say(f'[2,"{number}","Heartbeat",{{"padding":"{"x" * 2_000}"}}]')

        flooding = asyncio.create_task(flood())
        connection = await until(lambda: gateway.connections.get(BOX))
        await until(lambda: connection.socket.held)
        await asyncio.sleep(0.3)
        assert not flooding.done()  # 8 MB do not fit between us
        assert len(connection._backlog) < 300  # one read of the socket may bring more than the limit, and no more
        gate.set()
        assert [(await box.hear())[1] for _ in range(4_000)] == [str(number) for number in range(4_000)]
        await flooding


# Presence


async def test_the_newest_connection_wins_and_the_old_ones_end_is_not_its_end(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as old:
        await old.boot()
        async with station(gateway) as new:
            assert (await new.boot())["status"] == "Accepted"
            assert await old.closed() == 1000
            await asyncio.sleep(0.1)
            assert await online(db)
            assert (await new.call("Heartbeat"))["currentTime"]
    assert not await _eventually_online(db)


async def test_the_newest_connection_wins_on_another_node_too(
    gateway: Gateway, db: Db, bus: NatsBus, business: Business
) -> None:
    async with running(db, bus, business, node="node-2") as other, station(gateway) as old:
        await old.boot()
        async with station(other) as new:
            await new.boot()
            assert await old.closed() == 1000
            assert await online(db)


async def test_a_hundred_abrupt_reconnects_are_never_refused_and_never_offline(gateway: Gateway, db: Db) -> None:
    for turn in range(100):
        async with station(gateway) as box:
            assert (await box.call("Heartbeat"))["currentTime"]
            if turn % 2:
                box.drop()
    async with station(gateway) as box:
        assert (await box.call("Heartbeat"))["currentTime"]
        await asyncio.sleep(0.2)
        assert await online(db)
        assert len(gateway.connections) == 1


async def test_a_socket_that_says_nothing_is_dropped(db: Db, bus: NatsBus, business: Business) -> None:
    await build(db, BOX, "KG-BIS-0002")
    async with (
        running(db, bus, business, ping_every_s=0.4, pong_within_s=0.4) as gateway,
        station(gateway, "KG-BIS-0002") as alive,
        station(gateway) as box,
    ):
        box.socket.transport.pause_reading()  # as a half-open socket: nothing comes back
        await until(lambda: BOX not in gateway.connections)
        assert not await _eventually_online(db)
        assert (await alive.call("Heartbeat"))["currentTime"]


async def test_a_gateway_that_starts_again_closes_what_it_had_left_open(
    db: Db, bus: NatsBus, business: Business
) -> None:
    await build(db, BOX)
    async with db.begin() as tx:
        await stations.connected(tx, BOX, "node-1", "ocpp1.6", "1.2.3.4", NOW)
    assert await online(db)
    async with running(db, bus, business):
        assert not await online(db)


async def test_stopping_leaves_nobody_online(db: Db, bus: NatsBus, business: Business) -> None:
    await build(db, BOX)
    async with running(db, bus, business) as gateway:
        box: Station
        async with station(gateway) as box:
            await box.boot()
            stopping = asyncio.create_task(gateway.stop())
            assert await box.closed() == 1001
            await stopping
    assert not await online(db)
