"""OCTT's cases of a 2.0.1 central system about cards, transactions, orders and states (blocks C, E, F, G, H)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.conformance.bench import (
    CARD,
    DONE,
    NOT_SUPPORTED,
    NOW,
    REFUSED,
    V21,
    V201,
    Bench,
    at,
    card,
    meter,
)
from tests.ocpp.rig import Station
from zaryad import charging
from zaryad.link.orders import (
    AnyOrder,
    AskTransaction,
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    OrderState,
    Reserve,
    Trigger,
    UnlockConnector,
)

BOTH = pytest.mark.parametrize("version", [V201, V21])
EVSE = {"id": 1, "connectorId": 1}
ACCEPTED = {"status": "Accepted"}


async def begin(bench: Bench, box: Station, token: str = CARD, **more: Any) -> Any:
    body: dict[str, Any] = {"idToken": card(token), "evse": EVSE, "meterValue": meter(0, 0, "Transaction.Begin")}
    return await bench.event(box, "Started", 0, "Authorized", **(body | more))


async def end(bench: Bench, box: Station, seq: int, wh: int, minutes: float, **more: Any) -> Any:
    body = {"meterValue": meter(wh, minutes, "Transaction.End"), "info": {"stoppedReason": "Local"}}
    return await bench.event(box, "Ended", seq, "StopAuthorized", minutes, **(body | more))


@BOTH
async def test_a_local_transaction_from_card_to_payment(bench: Bench, version: str) -> None:
    async with bench.booted(version) as box:
        said = await box.call("Authorize", {"idToken": card()})
        assert said == {"idTokenInfo": {"status": "Accepted"}}
        assert (await begin(bench, box))["idTokenInfo"]["status"] == "Accepted"
        bench.later(10)
        state = {"chargingState": "Charging"}
        said = await bench.event(box, "Updated", 1, "MeterValuePeriodic", 10, meterValue=meter(4_000, 10), info=state)
        assert said == ({} if version == V201 else {"totalCost": 60})  # 2.1 tells what it costs so far
        bench.later(20)
        said = await end(bench, box, 2, 8_000, 20, idToken=card())
        assert said["idTokenInfo"]["status"] == "Accepted"
        assert said["totalCost"] == 120
    await bench.settle()
    assert bench.rows("select state, energy_mwh, captured_minor from session") == [("settled", 8_000_000, 120_00)]


@pytest.mark.parametrize(
    ("about", "statuses"),
    [
        (None, ("Invalid", "Unknown")),
        ({"status": "blocked"}, ("Blocked",)),
        ({"expires_at": NOW - dt.timedelta(days=1)}, ("Expired",)),
    ],
    ids=["tc_c_02_unknown", "tc_c_06_blocked", "tc_c_07_expired"],
)
@BOTH
async def test_tc_c_02_06_07_a_card_that_may_not_charge(
    bench: Bench, version: str, about: dict[str, Any] | None, statuses: tuple[str, ...]
) -> None:
    if about is not None:
        await bench.card("0BADCAFE", **about)
    async with bench.booted(version) as box:
        said = await box.call("Authorize", {"idToken": card("0BADCAFE")})
        assert said["idTokenInfo"]["status"] in statuses
        said = await begin(bench, box, "0BADCAFE")
        assert said["idTokenInfo"]["status"] in statuses  # and it is answered, whatever the card
    assert bench.value("select count(*) from session where state = 'charging' and token = '0BADCAFE'") in (0, 1)


@BOTH
async def test_tc_c_39_another_card_of_the_group_ends_it(bench: Bench, version: str) -> None:
    await bench.card("04AABB02", group="TAXI")
    await bench.card("04AABB03", group="TAXI")
    async with bench.booted(version) as box:
        group = {"status": "Accepted", "groupIdToken": {"idToken": "TAXI", "type": "Central"}}
        said = await box.call("Authorize", {"idToken": card("04AABB02")})
        assert said["idTokenInfo"] == group
        assert (await begin(bench, box, "04AABB02"))["idTokenInfo"] == group
        said = await box.call("Authorize", {"idToken": card("04AABB03")})
        assert said["idTokenInfo"] == group
        assert (await end(bench, box, 1, 1_000, 5, idToken=card("04AABB03")))["idTokenInfo"] == group
    assert bench.rows("select state, token from session") == [("ended", "04AABB02")]


@BOTH
async def test_concurrent_is_a_word_for_starts_alone(bench: Bench, version: str) -> None:
    await bench.card("04AABB02")
    async with bench.booted(version) as box:
        assert (await begin(bench, box))["idTokenInfo"]["status"] == "Accepted"
        other: dict[str, Any] = {"evse": {"id": 2, "connectorId": 1}, "tx": "tx-2"}
        assert (await begin(bench, box, "04AABB02", **other))["idTokenInfo"]["status"] == "ConcurrentTx"
        said = await bench.event(box, "Updated", 1, "StopAuthorized", 1, idToken=card("04AABB02"))
        assert said["idTokenInfo"]["status"] == "Accepted"
        said = await end(bench, box, 2, 500, 2, idToken=card("04AABB02"))
        assert said["idTokenInfo"]["status"] == "Accepted"


@BOTH
async def test_tc_e_53_each_transaction_counts_from_nothing(bench: Bench, version: str) -> None:
    """A number that has been is the first of another transaction, and the same again is the same."""
    async with bench.booted(version) as box:
        for number in (1, 2, 3):
            for _ in (1, 2):
                said = await begin(bench, box, tx=f"tx-{number}", timestamp=at(number * 10))
                assert said["idTokenInfo"]["status"] == "Accepted"
            bench.later(number * 10 + 5)
            await end(bench, box, 1, 1_000, number * 10 + 5, tx=f"tx-{number}")
            await bench.settle()
    assert bench.rows("select charge_ref, state from session order by 1") == [
        ("tx-1", "settled"),
        ("tx-2", "settled"),
        ("tx-3", "settled"),
    ]
    assert (
        bench.rows("select seq_no, repeats from transaction_event order by charge_ref, seq_no") == [(0, 1), (1, 0)] * 3
    )


@pytest.mark.parametrize("queued", [True, False], ids=["in_queue", "nothing_in_queue"])
@pytest.mark.parametrize(
    "ongoing", [True, False, None], ids=["tc_e_29_30_ongoing", "tc_e_31_32_ended", "tc_e_33_34_any"]
)
async def test_tc_e_29_to_34_the_state_of_a_transaction(bench: Bench, ongoing: bool | None, queued: bool) -> None:
    async with bench.booted(V201) as box:
        await begin(bench, box)
        if ongoing is False:
            await end(bench, box, 1, 500, 3)
        ref = None if ongoing is None else "tx-1"
        answer = {"messagesInQueue": queued} | ({} if ongoing is None else {"ongoingIndicator": ongoing})
        order = AskTransaction(charge_ref=ref)
        placed, body = await bench.carried_out(box, order, "GetTransactionStatus", **answer)
        assert body == ({} if ref is None else {"transactionId": ref})
        assert (placed.state, placed.detail) == (DONE, answer)


@BOTH
async def test_a_remote_start_and_a_remote_stop(bench: Bench, version: str) -> None:
    async with bench.booted(version) as box:
        await bench.status2(box, 1, "Occupied")
        id, token = await bench.remote_start()
        asked = await bench.asked(box, "RequestStartTransaction")
        number = asked.body["remoteStartId"]
        assert asked.body == {"idToken": card(token, "Central"), "remoteStartId": number, "evseId": 1}
        await asked.answer(**ACCEPTED)
        said = await begin(bench, box, idToken=card(token, "Central"), info={"remoteStartId": number})
        assert said["idTokenInfo"]["status"] == "Accepted"
        assert bench.value("select state from session") == "charging"
        bench.later(3)
        await charging.stop(bench.db, id, f"driver:{bench.driver}", bench.clock.now())
        asked = await bench.asked(box, "RequestStopTransaction")
        assert asked.body == {"transactionId": "tx-1"}
        await asked.answer(**ACCEPTED)
        await end(bench, box, 1, 500, 3, info={"stoppedReason": "Remote"})
    assert bench.rows("select state, reason from session") == [("ended", "driver")]


@BOTH
async def test_a_remote_start_that_is_rejected_lets_the_money_go(bench: Bench, version: str) -> None:
    async with bench.booted(version) as box:
        await bench.status2(box, 1, "Occupied")
        await bench.remote_start()
        await (await bench.asked(box, "RequestStartTransaction")).answer(status="Rejected")
        await bench.ended(bench.value("select id from station_order"))
    assert bench.rows("select state, reason from session") == [("failed", "station_refused")]
    assert bench.value("select count(*) from hold where state = 'open'") == 0


def status_order(connector: int, body: dict[str, Any], operative: bool, evse: bool = True) -> tuple[AnyOrder, Any]:
    word = "Operative" if operative else "Inoperative"
    order = ChangeAvailability(connector=connector, operative=operative, whole_evse=evse)
    return order, {"operationalStatus": word, **body}


OF_EVSE, OF_CONNECTOR = {"evse": {"id": 1}}, {"evse": {"id": 1, "connectorId": 1}}
AVAILABILITY = [
    ("tc_g_03_evse_off", *status_order(1, OF_EVSE, False), "Accepted"),
    ("tc_g_04_evse_on", *status_order(1, OF_EVSE, True), "Accepted"),
    ("tc_g_05_station_off", *status_order(0, {}, False), "Accepted"),
    ("tc_g_06_station_on", *status_order(0, {}, True), "Accepted"),
    ("tc_g_07_connector_off", *status_order(1, OF_CONNECTOR, False, False), "Accepted"),
    ("tc_g_08_connector_on", *status_order(1, OF_CONNECTOR, True, False), "Accepted"),
    ("tc_g_11_evse_while_charging", *status_order(1, OF_EVSE, False), "Scheduled"),
    ("tc_g_14_station_while_charging", *status_order(0, {}, False), "Scheduled"),
    ("tc_g_17_connector_while_charging", *status_order(1, OF_CONNECTOR, False, False), "Scheduled"),
]


@pytest.mark.parametrize(
    ("order", "body", "answer"), [row[1:] for row in AVAILABILITY], ids=[row[0] for row in AVAILABILITY]
)
async def test_tc_g_03_to_17_availability_at_three_levels(
    bench: Bench, order: AnyOrder, body: Any, answer: str
) -> None:
    async with bench.booted(V201) as box:
        placed, asked = await bench.carried_out(box, order, "ChangeAvailability", status=answer)
        assert asked == body
        assert (placed.state, placed.detail) == (DONE, {"status": answer})
        await bench.status2(box, 1, "Unavailable" if "Inop" in body["operationalStatus"] else "Available", 1)


EXPIRES = NOW + dt.timedelta(minutes=30)
RESERVE_SAID = {"id": 81, "expiryDateTime": at(30), "idToken": card(), "evseId": 1}
RESERVE = Reserve(reservation=81, connector=1, token=CARD, expires_at=EXPIRES)
ORDERS: list[tuple[str, AnyOrder, str, dict[str, Any], dict[str, Any], OrderState]] = [
    ("clear_cache", ClearCache(), "ClearCache", {}, ACCEPTED, DONE),
    ("clear_cache_rejected", ClearCache(), "ClearCache", {}, {"status": "Rejected"}, REFUSED),
    (
        "unlock",
        UnlockConnector(connector=1),
        "UnlockConnector",
        {"evseId": 1, "connectorId": 1},
        {"status": "Unlocked"},
        DONE,
    ),
    (
        "unlock_while_charging",
        UnlockConnector(connector=1),
        "UnlockConnector",
        {"evseId": 1, "connectorId": 1},
        {"status": "OngoingAuthorizedTransaction"},
        REFUSED,
    ),
    (
        "tc_f_23_trigger_status_of_a_connector",
        Trigger(message="StatusNotification", connector=1),
        "TriggerMessage",
        {"requestedMessage": "StatusNotification", "evse": EVSE},
        ACCEPTED,
        DONE,
    ),
    (
        "trigger_not_implemented",
        Trigger(message="SignV2GCertificate"),
        "TriggerMessage",
        {"requestedMessage": "SignV2GCertificate"},
        {"status": "NotImplemented"},
        NOT_SUPPORTED,
    ),
    ("reserve_occupied", RESERVE, "ReserveNow", RESERVE_SAID, {"status": "Occupied"}, REFUSED),
    ("reserve_unavailable", RESERVE, "ReserveNow", RESERVE_SAID, {"status": "Unavailable"}, REFUSED),
    (
        "cancel_reservation_rejected",
        CancelReservation(reservation=9),
        "CancelReservation",
        {"reservationId": 9},
        {"status": "Rejected"},
        REFUSED,
    ),
]


@pytest.mark.parametrize(
    ("order", "action", "body", "answer", "state"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
async def test_an_order_is_asked_and_its_answer_understood(
    bench: Bench, order: AnyOrder, action: str, body: dict[str, Any], answer: dict[str, Any], state: OrderState
) -> None:
    async with bench.booted(V201) as box:
        placed, asked = await bench.carried_out(box, order, action, **answer)
        assert asked == body
        assert (placed.state, placed.detail) == (state, answer)


@pytest.mark.parametrize("named", [True, False], ids=["by_its_number", "by_its_card"])
@BOTH
async def test_a_reservation_is_used(bench: Bench, version: str, named: bool) -> None:
    async with bench.booted(version) as box:
        await bench.carried_out(box, RESERVE, "ReserveNow", **ACCEPTED)
        await bench.status2(box, 1, "Reserved", 0.1)
        assert bench.value("select state from connector where number = 1") == "reserved"
        about: dict[str, Any] = {"reservationId": 81} if named else {}
        await begin(bench, box, **about)
    assert bench.value("select status from station_reservation") == "used"


@pytest.mark.parametrize(("word", "status"), [("Expired", "expired"), ("Removed", "removed")])
@BOTH
async def test_a_reservation_ends_at_the_station(bench: Bench, version: str, word: str, status: str) -> None:
    async with bench.booted(version) as box:
        await bench.carried_out(box, RESERVE, "ReserveNow", **ACCEPTED)
        body = {"reservationId": 81, "reservationUpdateStatus": word}
        assert await box.call("ReservationStatusUpdate", body) == {}
    assert bench.value("select status from station_reservation") == status


@BOTH
async def test_a_transaction_told_in_the_morning(bench: Bench, version: str) -> None:
    """Started, measured and ended while the station was offline."""
    bench.later(300)
    async with bench.booted(version) as box:
        assert (await begin(bench, box, offline=True))["idTokenInfo"]["status"] == "Accepted"
        await bench.event(box, "Updated", 1, "MeterValuePeriodic", 20, meterValue=meter(2_000, 20), offline=True)
        said = await end(bench, box, 2, 6_000, 60, offline=True)
        assert said["totalCost"] == 90
    await bench.settle()
    assert bench.rows("select state, energy_mwh, captured_minor from session") == [("settled", 6_000_000, 90_00)]
