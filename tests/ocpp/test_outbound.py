"""From an order's row to its outcome in the row, over a real socket."""

import asyncio
import datetime as dt
import json
from typing import Any

import pytest

from tests.ocpp.rig import BOX, Business, Station, running, station, until
from tests.stations.network import NOW, build
from zaryad import stations
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.answers import BootStatus
from zaryad.link.orders import (
    AnyOrder,
    ChangeAvailability,
    ChangeConfiguration,
    ClearCache,
    OrderId,
    OrderState,
    Placed,
    ReadConfiguration,
    ResetStation,
    SendData,
    StartCharging,
    StopCharging,
    Trigger,
    UnlockConnector,
)
from zaryad.ocpp.gateway import Gateway, expire_orders
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db


async def place(db: Db, order: AnyOrder, *, seconds: float = 60) -> OrderId:
    id, now = OrderId(new_id()), dt.datetime.now(dt.UTC)
    async with db.begin() as tx:
        before = now + dt.timedelta(seconds=seconds)
        await orders.place(tx, id, BOX, order, author="system:test", now=now, before=before)
    return id


async def find(db: Db, id: OrderId) -> Placed:
    async with db.begin() as tx:
        placed = await orders.find(tx, id)
    assert placed is not None
    return placed


async def ended(db: Db, id: OrderId) -> Placed:
    async with asyncio.timeout(5):
        while not (placed := await find(db, id)).state.ended:  # noqa: ASYNC110  # the row is what is asked
            await asyncio.sleep(0.02)
    return placed


async def answer(box: Station, body: dict[str, Any]) -> list[Any]:
    call = await box.hear()
    assert call[0] == 2
    await box.say(f'[3,"{call[1]}",{_json(body)}]')
    return list(call)


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body)


# The order, how it is said after the id, and what the station's words make of it.
SAID: list[tuple[AnyOrder, str, dict[str, str]]] = [
    (
        StartCharging(connector=2, token="S1"),
        '"RemoteStartTransaction",{"connectorId":2,"idTag":"S1"}',
        {"Accepted": "done", "Rejected": "refused"},
    ),
    (StopCharging(charge_ref="7"), '"RemoteStopTransaction",{"transactionId":7}', {"Accepted": "done"}),
    (ResetStation(hard=True), '"Reset",{"type":"Hard"}', {"Rejected": "refused", "gibberish": "refused"}),
    (ResetStation(), '"Reset",{"type":"Soft"}', {"Accepted": "done"}),
    (
        UnlockConnector(connector=1),
        '"UnlockConnector",{"connectorId":1}',
        {"Unlocked": "done", "UnlockFailed": "refused", "NotSupported": "not_supported"},
    ),
    (
        ChangeAvailability(connector=0, operative=False),
        '"ChangeAvailability",{"connectorId":0,"type":"Inoperative"}',
        {"Scheduled": "done"},
    ),
    (
        ChangeConfiguration(key="K", value="1"),
        '"ChangeConfiguration",{"key":"K","value":"1"}',
        {"RebootRequired": "done", "NotSupported": "not_supported"},
    ),
    (ClearCache(), '"ClearCache",{}', {"Accepted": "done"}),
    (
        SendData(vendor="V", message="M", data="D"),
        '"DataTransfer",{"vendorId":"V","messageId":"M","data":"D"}',
        {"UnknownVendorId": "not_supported"},
    ),
    (
        Trigger(message="StatusNotification", connector=1),
        '"TriggerMessage",{"requestedMessage":"StatusNotification","connectorId":1}',
        {"NotImplemented": "not_supported"},
    ),
]


async def test_an_order_is_said_and_its_answer_judged(gateway: Gateway, db: Db, business: Business) -> None:
    async with station(gateway) as box:
        await box.boot()
        for order, words, fates in SAID:
            for status, state in fates.items():
                id = await place(db, order)
                assert await box.hear_text() == f'[2,"{id}",{words}]'
                await box.say(f'[3,"{id}",{{"status":"{status}"}}]')
                placed = await ended(db, id)
                assert placed.state is OrderState(state), (order, status)
                assert placed.detail == {"status": status}
                told = business.ended[-1]
                assert (told.id, told.state, told.detail) == (id, placed.state, placed.detail)


async def test_a_configuration_is_kept_as_it_was_told(gateway: Gateway, db: Db) -> None:
    told = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}], "unknownKey": ["X"]}
    async with station(gateway) as box:
        id = await place(db, ReadConfiguration(keys=("HeartbeatInterval", "X")))
        assert (await answer(box, told))[3] == {"key": ["HeartbeatInterval", "X"]}
        assert ((await ended(db, id)).state, (await ended(db, id)).detail) == (OrderState.DONE, told)
        id = await place(db, ReadConfiguration())
        assert (await answer(box, {"listVersion": "\0"}))[3] == {}
        assert (await ended(db, id)).detail == {"listVersion": ""}


@pytest.mark.parametrize(
    ("error", "state"),
    [
        ('"NotImplemented","no",{}', OrderState.NOT_SUPPORTED),
        ('"NotSupported"', OrderState.NOT_SUPPORTED),
        ('"PropertyConstraintViolation","no such connector",{}', OrderState.REFUSED),
        ('"Nonsense\\u0000"', OrderState.REFUSED),
    ],
)
async def test_an_error_is_a_refusal_with_its_reason(gateway: Gateway, db: Db, error: str, state: OrderState) -> None:
    async with station(gateway) as box:
        id = await place(db, ClearCache())
        await box.hear()
        await box.say(f'[4,"{id}",{error}]')
        placed = await ended(db, id)
    assert placed.state is state
    assert placed.detail["error"] == error.split('"')[1].replace("\\u0000", "")


async def test_what_the_version_cannot_say_is_not_said(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as box:
        for order in (
            StopCharging(charge_ref="not a number"),
            StartCharging(connector=1, token="x" * 21),
            Trigger(message="NotifyEvent"),
            ChangeConfiguration(key="K", value="x" * 501),
        ):
            placed = await ended(db, await place(db, order))
            assert placed.state is OrderState.NOT_SUPPORTED
            assert placed.detail["why"]
        assert (await box.boot())["status"] == "Accepted"  # and nothing was said before it


async def test_one_at_a_time_and_the_stations_calls_are_answered_meanwhile(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as box:
        await box.boot()
        ids = [await place(db, ClearCache()) for _ in range(3)]
        first = await box.hear()
        assert (await box.call("Heartbeat"))["currentTime"]  # nothing else came in between
        assert first[1] == str(ids[0])
        await box.say(f'[3,"{first[1]}",{{"status":"Accepted"}}]')
        assert [(await answer(box, {"status": "Accepted"}))[1] for _ in range(2)] == [str(id) for id in ids[1:]]


async def test_an_order_placed_before_the_station_came_is_sent_when_it_does(gateway: Gateway, db: Db) -> None:
    id = await place(db, ClearCache())
    async with station(gateway) as box:
        assert (await answer(box, {"status": "Accepted"}))[1] == str(id)
        assert (await ended(db, id)).state is OrderState.DONE


async def test_a_hint_is_faster_than_the_poll(db: Db, database_url: str, bus: NatsBus, business: Business) -> None:
    await build(db, BOX)
    hinting = Db.connect(database_url, pool=2, hint=bus.publish)
    async with running(db, bus, business, poll_orders_every_s=60) as gateway, station(gateway) as box:
        await box.boot()
        id = await place(hinting, ClearCache())
        assert (await answer(box, {"status": "Accepted"}))[1] == str(id)
    await hinting.close()


async def test_an_unanswered_order_holds_up_no_other_and_goes_again_on_the_next_connection(
    db: Db, bus: NatsBus, business: Business
) -> None:
    await build(db, BOX)
    async with running(db, bus, business, answer_within_s=0.3) as gateway:
        silent, other = await place(db, ClearCache()), await place(db, ResetStation())
        async with station(gateway) as box:
            assert (await box.hear())[1] == str(silent)
            assert (await answer(box, {"status": "Accepted"}))[1] == str(other)
            assert (await find(db, silent)).state is OrderState.SENT
        async with station(gateway) as box:
            assert (await answer(box, {"status": "Accepted"}))[1] == str(silent)
            assert (await ended(db, silent)).state is OrderState.DONE


async def test_a_late_answer_still_ends_its_order_and_no_other(db: Db, bus: NatsBus, business: Business) -> None:
    await build(db, BOX)
    async with running(db, bus, business, answer_within_s=0.3) as gateway, station(gateway) as box:
        late, next = await place(db, ClearCache()), await place(db, ResetStation())
        for id in (late, next):
            assert (await box.hear())[1] == str(id)
        await box.say(f'[3,"{late}",{{"status":"Rejected"}}]')
        assert (await ended(db, late)).state is OrderState.REFUSED
        assert (await find(db, next)).state is OrderState.SENT
        await box.say(f'[3,"{next}",{{"status":"Accepted"}}]')
        assert (await ended(db, next)).state is OrderState.DONE
        await box.say(f'[3,"{late}",{{"status":"Accepted"}}]')  # said twice
        await box.boot()
        assert (await find(db, late)).state is OrderState.REFUSED


async def test_an_order_lost_with_its_socket_goes_again(gateway: Gateway, db: Db) -> None:
    id = await place(db, ClearCache())
    async with station(gateway) as box:
        assert (await box.hear())[1] == str(id)
        box.drop()
    async with station(gateway) as box:
        assert (await answer(box, {"status": "Accepted"}))[1] == str(id)


async def test_past_its_deadline_an_order_ends_expired_with_the_reaction(
    gateway: Gateway, db: Db, business: Business
) -> None:
    unsent = await place(db, ClearCache(), seconds=0.1)
    await asyncio.sleep(0.15)
    assert [await expire_orders(db, business.order_ended, dt.datetime.now(dt.UTC)) for _ in range(2)] == [1, 0]
    placed = await ended(db, unsent)
    assert (placed.state, placed.detail) == (OrderState.EXPIRED, {"why": "not connected"})
    assert [order.id for order in business.ended] == [unsent]


async def test_a_rejected_station_is_told_nothing_and_a_pending_one_is_not_started(
    gateway: Gateway, db: Db, business: Business
) -> None:
    start, trigger = (
        await place(db, StartCharging(connector=1, token="T")),
        await place(db, Trigger(message="BootNotification")),
    )
    async with db.begin() as tx:
        here = await stations.station(tx, BOX, NOW)
        await stations.put_station(tx, BOX, here.location_id, boot_status=BootStatus.REJECTED)
    async with station(gateway) as box:
        with pytest.raises(TimeoutError):
            await box.hear(0.5)
        business.boot = BootStatus.PENDING
        assert (await box.boot())["status"] == "Pending"
        assert (await answer(box, {"status": "Accepted"}))[1] == str(trigger)
        assert (await ended(db, start)).state is OrderState.REFUSED


async def test_what_a_pending_station_was_asked_to_say_it_may_say(gateway: Gateway, db: Db, business: Business) -> None:
    business.boot = BootStatus.PENDING
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    async with station(gateway) as box:
        await box.boot()
        await place(db, Trigger(message="StatusNotification", connector=1))
        await answer(box, {"status": "Accepted"})
        assert await box.call("StatusNotification", status) == {}
        assert (await box.call("StatusNotification", status))[2] == "SecurityError"
        await place(db, Trigger(message="StatusNotification"))  # of every connector
        await answer(box, {"status": "Accepted"})
        assert [await box.call("StatusNotification", status | {"connectorId": n}) for n in range(3)] == [{}] * 3


async def test_a_reaction_that_fails_is_tried_until_it_works(gateway: Gateway, db: Db, business: Business) -> None:
    tries = 0
    react = business.order_ended

    async def shaky(*args: Any) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise RuntimeError("the database is away")
        await react(*args)

    gateway._pump._order_ended = shaky
    async with station(gateway) as box:
        id = await place(db, ClearCache())
        await answer(box, {"status": "Accepted"})
        assert (await ended(db, id)).state is OrderState.DONE
    assert (tries, len(business.ended)) == (3, 1)
    await until(lambda: not gateway._pump._driving)
