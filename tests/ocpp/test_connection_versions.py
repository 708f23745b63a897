"""What each version wants done with a frame that is unknown, malformed, oversized, early or late: on a real socket."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.ocpp.rig import BOX, Business, Station, running, station, until
from tests.ocpp.test_codec_heard import TRANSACTION
from tests.ocpp.test_outbound import answer, ended, place
from tests.ocpp.test_schema_samples import full
from tests.stations.network import build
from zaryad import stations
from zaryad.link import facts
from zaryad.link.answers import BootStatus, DataStatus, DataVerdict
from zaryad.link.orders import AskListVersion, OrderState, RawCall, ReportBase, StartCharging, Trigger
from zaryad.ocpp.gateway import Gateway, oddities_of
from zaryad.ocpp.rpc import SPELLING_16, Fault
from zaryad.ocpp.tables import ocpp_frame
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

VERSIONS = ("ocpp1.6", "ocpp2.0.1", "ocpp2.1")
V2 = VERSIONS[1:]
SILENCE = "silence"
FRAMEWORK = ("-1", "RpcFrameworkError")


@pytest.fixture
async def gateway(db: Db, bus: NatsBus, business: Business) -> AsyncIterator[Gateway]:
    await build(db)
    async with running(db, bus, business, seen_every_s=0.3, answer_within_s=0.5) as gateway:
        yield gateway


def code(version: str, fault: Fault) -> str:
    return SPELLING_16.get(fault, fault.value) if version == "ocpp1.6" else fault.value


def status_of(place: str, word: str) -> str:
    """A StatusNotification of any version: of each what another does not know is left out."""
    return (
        f'{{"connectorId":{place},"evseId":{place},"timestamp":"2026-01-01T00:00:00Z","connectorStatus":"{word}",'
        f'"status":"{word}","errorCode":"NoError"}}'
    )


# The frame, and what it is answered by in 1.6, 2.0.1 and 2.1: silence, or an id and an error's code.
FRAMES: list[tuple[Any, ...]] = [
    ("hello", SILENCE, FRAMEWORK, FRAMEWORK),
    ("[", SILENCE, FRAMEWORK, FRAMEWORK),
    ('{"a":1}', SILENCE, FRAMEWORK, FRAMEWORK),
    ("[]", SILENCE, FRAMEWORK, FRAMEWORK),
    ('[2,null,"Heartbeat",{}]', SILENCE, FRAMEWORK, FRAMEWORK),
    ('["2","x","Heartbeat",{}]', SILENCE, FRAMEWORK, FRAMEWORK),
    ("[" * 5_000, SILENCE, FRAMEWORK, FRAMEWORK),
    ('[2,"x"]', ("x", "FormationViolation"), ("x", "RpcFrameworkError"), ("x", "RpcFrameworkError")),
    ('[2,"x",7,{}]', ("x", "FormationViolation"), ("x", "RpcFrameworkError"), ("x", "RpcFrameworkError")),
    ('[9,"x","y",{}]', SILENCE, ("x", "MessageTypeNotSupported"), SILENCE),
    ('[5,"x","GenericError","",{}]', SILENCE, ("x", "MessageTypeNotSupported"), SILENCE),
    ('[6,"x","NotifyPeriodicEventStream",{}]', SILENCE, ("x", "MessageTypeNotSupported"), SILENCE),
    ('[6,"x","Heartbeat",{}]', SILENCE, ("x", "MessageTypeNotSupported"), SILENCE),
    ('[3,"never asked",{}]', SILENCE, SILENCE, SILENCE),
    ('[4,"never asked","InternalError","",{}]', SILENCE, SILENCE, SILENCE),
    *(
        (f'[2,"x",{said}]', *(("x", code(version, fault)) for version in VERSIONS))
        for said, fault in (
            ('"CustomOperation",{}', Fault.NOT_IMPLEMENTED),
            ('"Reset",{}', Fault.NOT_SUPPORTED),
            ('"Authorize",{}', Fault.OCCURRENCE),
            ('"Authorize",[1]', Fault.FORMAT),
            ('"Authorize","x"', Fault.FORMAT),
            (f'"StatusNotification",{status_of("[]", "Available")}', Fault.TYPE),
            (f'"StatusNotification",{status_of("1", "Dancing")}', Fault.PROPERTY),
        )
    ),
]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_frame_gets_exactly_the_answer_its_version_wants(gateway: Gateway, version: str) -> None:
    async with station(gateway, subprotocols=[version]) as box:
        await box.boot()
        for frame, *wanted in FRAMES:
            expected = wanted[VERSIONS.index(version)]
            await box.say(frame)
            if expected is not SILENCE:
                said = await box.hear()
                assert (said[0], said[1], said[2], said[4]) == (4, *expected, {}), frame
                assert len(said[3]) <= 255
            assert "currentTime" in await box.call("Heartbeat"), frame  # and nothing else was said, nobody hung up


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_oversized_message_closes_the_connection_and_it_comes_back(gateway: Gateway, version: str) -> None:
    async with station(gateway, subprotocols=[version]) as box:
        await box.boot()
        await box.say('[2,"1","DataTransfer",{"vendorId":"V","data":"' + "x" * 1_100_000 + '"}]')
        assert await box.closed() == 1009
    async with station(gateway, subprotocols=[version]) as box:
        assert "currentTime" in await box.call("Heartbeat")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_message_with_more_parts_or_fewer_is_understood(gateway: Gateway, version: str) -> None:
    async with station(gateway, subprotocols=[version]) as box:
        await box.boot()
        for frame in ('[2,"a","Heartbeat"]', '[2,"a","Heartbeat",null]', '[2,"a","Heartbeat",{},{}]'):
            await box.say(frame)
            assert (await box.hear())[:2] == [3, "a"]
        await box.say('[2,17,"Heartbeat",{}]')
        assert (await box.hear())[:2] == [3, 17]


# Early


@pytest.mark.parametrize("version", V2)
async def test_before_its_boot_is_accepted_a_station_is_refused(
    gateway: Gateway, business: Business, version: str
) -> None:
    async with station(gateway, subprotocols=[version]) as box:
        for status in (BootStatus.REJECTED, BootStatus.PENDING):
            business.boot = status
            assert (await box.boot())["status"] == status.value.title()
            assert (await box.call("Heartbeat"))[2] == "SecurityError"
            assert (await box.call("TransactionEvent", TRANSACTION))[2] == "SecurityError"
            assert (await box.call("CustomOperation"))[2] == "SecurityError"
        business.boot = BootStatus.ACCEPTED
        await box.boot()
        assert "currentTime" in await box.call("Heartbeat")
    assert not business.told(facts.TransactionReported)


async def test_while_pending_a_report_that_was_asked_for_is_heard_to_its_end(
    gateway: Gateway, db: Db, business: Business
) -> None:
    business.boot = BootStatus.PENDING
    part = full("v201", "NotifyReportRequest")
    async with station(gateway, subprotocols=["ocpp2.0.1"]) as box:
        await box.boot()
        assert (await box.call("NotifyReport", part))[2] == "SecurityError"
        await place(db, ReportBase())
        call = await answer(box, {"status": "Accepted"})
        assert call[2] == "GetBaseReport"
        for seq_no, tbc in enumerate((True, True, False)):
            assert await box.call("NotifyReport", part | {"seqNo": seq_no, "tbc": tbc}) == {}
        assert (await box.call("NotifyReport", part))[2] == "SecurityError"
        await place(db, Trigger(message="SignChargingStationCertificate"))
        await answer(box, {"status": "Accepted"})
        assert await box.call("SignCertificate", {"csr": "x"}) == {"status": "Accepted"}
    assert len(business.told(facts.VariablesPart)) == 3


@pytest.mark.parametrize("version", V2)
async def test_while_pending_nothing_is_started_by_hand_either(
    gateway: Gateway, db: Db, business: Business, version: str
) -> None:
    business.boot = BootStatus.PENDING
    payload: dict[str, object] = {"idToken": {"idToken": "A", "type": "Central"}, "remoteStartId": 1}
    async with station(gateway, subprotocols=[version]) as box:
        await box.boot()
        for order in (StartCharging(connector=1, token="T"), RawCall("RequestStartTransaction", payload)):
            assert (await ended(db, await place(db, order))).state is OrderState.REFUSED


async def test_a_2x_station_that_nobody_has_judged_boots_first(db: Db, bus: NatsBus, business: Business) -> None:
    await build(db)
    async with running(db, bus, business) as gateway, station(gateway, subprotocols=["ocpp2.0.1"]) as box:
        (connection,) = await until(lambda: list(gateway.connections.values()))
        connection.boot_status = None
        assert (await box.call("Heartbeat"))[2] == "SecurityError"
        assert (await box.boot())["status"] == "Accepted"
        assert "currentTime" in await box.call("Heartbeat")


# Late, told, unusable


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_late_answer_ends_its_order_and_gets_no_answer(gateway: Gateway, db: Db, version: str) -> None:
    async with station(gateway, subprotocols=[version]) as box:
        await box.boot()
        order = RawCall("ClearCache")
        id = await place(db, order)
        asked = await box.hear()
        await until(lambda: not next(iter(gateway.connections.values())).asking)
        await box.say(json.dumps([3, asked[1], {"status": "Rejected"}]))
        placed = await ended(db, id)
        assert (placed.state, placed.detail) == (OrderState.DONE, {"result": {"status": "Rejected"}})
        assert "currentTime" in await box.call("Heartbeat")


async def test_what_is_told_without_an_answer_is_heard_in_its_turn(gateway: Gateway, business: Business) -> None:
    said = full("v21", "NotifyPeriodicEventStream")
    async with station(gateway, subprotocols=["ocpp2.1"]) as box:
        await box.say(json.dumps([6, "0", "NotifyPeriodicEventStream", said]))  # too early: dropped
        await box.boot()
        for number in range(3):
            await box.say(json.dumps([6, str(number), "NotifyPeriodicEventStream", said | {"pending": number}]))
        assert "currentTime" in await box.call("Heartbeat")
    told = business.told(facts.Notice)
    assert [fact.body["pending"] for fact in told][-3:] == [0, 1, 2]
    assert {fact.topic for fact in told} == {facts.Topic.STREAM_DATA}


async def test_an_answer_that_could_not_be_used_is_found_with_its_pair(gateway: Gateway, db: Db) -> None:
    async with station(gateway, subprotocols=["ocpp2.1"]) as box:
        await box.boot()
        await box.say('[2,"77","Heartbeat",{}]')
        await box.hear()
        await box.say('[5,"77","FormatViolation","no time",{}]')
        assert "currentTime" in await box.call("Heartbeat")
        wanted = sa.select(ocpp_frame.c.action, ocpp_frame.c.message_id, ocpp_frame.c.answer).where(
            ocpp_frame.c.kind == "told", ocpp_frame.c.outcome == "FormatViolation"
        )
        for _ in range(100):
            async with db.begin() as tx:
                found = (await tx.execute(wanted)).all()
            if found:
                break
            await asyncio.sleep(0.05)
    ((action, message_id, answered),) = found
    assert (action, message_id) == ("Heartbeat", "77")
    assert "currentTime" in answered


# What is odd


async def test_what_is_odd_is_counted_for_the_station(gateway: Gateway, db: Db) -> None:
    async with station(gateway, subprotocols=["ocpp2.0.1"]) as box:
        await box.boot()
        for _ in range(3):
            assert await box.call("StatusNotification", status("1")) == {}

        async def counted() -> list[tuple[str, int]]:
            async with db.begin() as tx:
                return [(odd.kind, odd.times) for odd in await oddities_of(tx, BOX)]

        for _ in range(100):
            if await counted() == [("text_for_number", 3)]:
                break
            await asyncio.sleep(0.05)
        assert await counted() == [("text_for_number", 3)]
        await box.call("StatusNotification", status("1"))
    for _ in range(100):
        if await counted() == [("text_for_number", 4)]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await counted())


def status(evse: object) -> dict[str, Any]:
    at = dt.datetime(2026, 11, 21, tzinfo=dt.UTC).isoformat()
    return {"timestamp": at, "connectorStatus": "Available", "evseId": evse, "connectorId": 1}


# Transactions of four outlets at once


async def test_four_evses_with_interleaved_transactions_never_mix(gateway: Gateway, business: Business) -> None:
    async with station(gateway, subprotocols=["ocpp2.0.1"]) as box:
        await box.boot()
        for seq_no, kind in enumerate(("Started", "Updated", "Ended")):
            for evse in range(1, 5):
                event = TRANSACTION | {
                    "eventType": kind,
                    "seqNo": seq_no,
                    "evse": {"id": evse, "connectorId": 1},
                    "transactionInfo": {"transactionId": f"tx-{evse}"},
                }
                assert (await box.call("TransactionEvent", event))["idTokenInfo"]["status"] == "Accepted"
    told = business.told(facts.TransactionReported)
    for evse in range(1, 5):
        mine = [(fact.connector, fact.seq_no) for fact in told if fact.charge_ref == f"tx-{evse}"]
        assert mine == [(evse, 0), (evse, 1), (evse, 2)]


async def test_many_long_messages_wait_in_the_stations_socket_not_in_our_memory(
    gateway: Gateway, business: Business
) -> None:
    going = asyncio.Event()

    async def slow(_: facts.DataReceived) -> DataVerdict:
        await going.wait()
        return DataVerdict(DataStatus.ACCEPTED)

    business.own[facts.DataReceived] = slow
    async with station(gateway, subprotocols=["ocpp2.0.1"]) as box:
        await box.boot()
        (connection,) = gateway.connections.values()
        body = {"vendorId": "V", "data": "x" * 900_000}
        sending = asyncio.create_task(
            _say_all(box, [json.dumps([2, str(number), "DataTransfer", body]) for number in range(12)])
        )
        await until(lambda: connection.socket.held)
        going.set()
        assert [(await box.hear())[:2] for _ in range(12)] == [[3, str(number)] for number in range(12)]
        await sending
        assert not connection.socket.held


async def _say_all(box: Station, frames: list[str]) -> None:
    for frame in frames:
        await box.say(frame)


# Coming and going


async def test_a_stations_own_order_of_versions_decides(gateway: Gateway) -> None:
    for offered, chosen in (
        (["ocpp2.1", "ocpp1.6"], "ocpp2.1"),
        (["ocpp1.6", "ocpp2.0.1"], "ocpp1.6"),
        (["ocpp3", "ocpp2.0.1"], "ocpp2.0.1"),
    ):
        async with station(gateway, subprotocols=offered) as box:
            assert box.socket.subprotocol == chosen
            assert (await box.boot())["status"] == "Accepted"
    async with station(gateway, subprotocols=["ocpp2.0"]) as box:
        assert await box.closed() == 1002


@pytest.mark.parametrize("version", V2)
async def test_a_hundred_abrupt_returns_are_never_refused_nor_taken_for_absence(
    gateway: Gateway, db: Db, version: str
) -> None:
    async with station(gateway, subprotocols=[version]) as box:
        await box.boot()
    for _ in range(100):
        async with station(gateway, subprotocols=[version]) as box:
            assert "currentTime" in await box.call("Heartbeat")
            box.drop()
    async with station(gateway, subprotocols=[version]) as box:
        assert "currentTime" in await box.call("Heartbeat")
        await asyncio.sleep(0.5)
        async with db.begin() as tx:
            here = await stations.station(tx, BOX, dt.datetime.now(dt.UTC))
        assert here.online


async def test_an_odd_answer_is_judged_all_the_same_and_counted(gateway: Gateway, db: Db) -> None:
    async with station(gateway, subprotocols=["ocpp2.0.1"]) as box:
        await box.boot()
        id = await place(db, AskListVersion())
        await answer(box, {"listVersion": 3})  # 1.6's word, as MicroOcpp says it
        assert (await ended(db, id)).state is OrderState.DONE
        (connection,) = gateway.connections.values()
        assert connection.quirks == {"odd_answer": 1}
