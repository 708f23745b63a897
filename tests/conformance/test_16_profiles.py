"""OCTT's cases of a 1.6 central system beyond Core: lists, firmware, reservations, profiles (TC_042 to TC_067)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from tests.conformance.bench import CARD, DONE, NOT_SUPPORTED, NOW, REFUSED, Bench, at
from zaryad.link.answers import TokenStatus
from zaryad.link.orders import (
    AnyOrder,
    AskListVersion,
    CancelReservation,
    ClearCache,
    ClearProfiles,
    ComposeSchedule,
    FetchLog,
    ListEntry,
    OrderState,
    Period,
    Profile,
    Reserve,
    Schedule,
    SendLocalList,
    SetProfile,
    StartCharging,
    Trigger,
    UpdateFirmware,
)

EXPIRES = NOW + dt.timedelta(minutes=30)
ENTRY = ListEntry(token=CARD, status=TokenStatus.ACCEPTED)
FULL = SendLocalList(version=1, full=True, entries=(ENTRY,))
DIFFERENTIAL = SendLocalList(version=2, full=False, entries=(ListEntry(token="04AABB02"),))
FULL_SAID = {
    "listVersion": 1,
    "localAuthorizationList": [{"idTag": CARD, "idTagInfo": {"status": "Accepted"}}],
    "updateType": "Full",
}
DIFFERENTIAL_SAID = {
    "listVersion": 2,
    "localAuthorizationList": [{"idTag": "04AABB02"}],
    "updateType": "Differential",
}
RESERVE = Reserve(reservation=81, connector=1, token=CARD, expires_at=EXPIRES)
RESERVE_SAID = {"connectorId": 1, "expiryDate": at(30), "idTag": CARD, "reservationId": 81}
LIMIT = Schedule(unit="amperes", periods=(Period(start_s=0, limit_tenths=160),), start_at=NOW, duration_s=86_400)
DEFAULT = Profile(number=3, stack_level=0, purpose="transaction_default", kind="absolute", schedule=LIMIT)
LIMIT_SAID = {
    "duration": 86_400,
    "startSchedule": at(),
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}],
}
DEFAULT_SAID = {
    "chargingProfileId": 3,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": LIMIT_SAID,
}
COMPOSED = {
    "status": "Accepted",
    "connectorId": 1,
    "scheduleStart": at(),
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}]},
}

# The case, the order, how it is asked, what is answered, and how the order ends.
ORDERS: list[tuple[str, AnyOrder, str, dict[str, Any], dict[str, Any], OrderState]] = [
    ("tc_042_1_list_not_supported", AskListVersion(), "GetLocalListVersion", {}, {"listVersion": -1}, NOT_SUPPORTED),
    ("tc_042_2_list_empty", AskListVersion(), "GetLocalListVersion", {}, {"listVersion": 0}, DONE),
    ("tc_043_1_not_supported", FULL, "SendLocalList", FULL_SAID, {"status": "NotSupported"}, NOT_SUPPORTED),
    ("tc_043_2_version_mismatch", FULL, "SendLocalList", FULL_SAID, {"status": "VersionMismatch"}, REFUSED),
    ("tc_043_3_failed", FULL, "SendLocalList", FULL_SAID, {"status": "Failed"}, REFUSED),
    ("tc_043_4_full", FULL, "SendLocalList", FULL_SAID, {"status": "Accepted"}, DONE),
    ("tc_043_5_differential", DIFFERENTIAL, "SendLocalList", DIFFERENTIAL_SAID, {"status": "Accepted"}, DONE),
    ("tc_048_1_faulted", RESERVE, "ReserveNow", RESERVE_SAID, {"status": "Faulted"}, REFUSED),
    ("tc_048_2_occupied", RESERVE, "ReserveNow", RESERVE_SAID, {"status": "Occupied"}, REFUSED),
    ("tc_048_3_unavailable", RESERVE, "ReserveNow", RESERVE_SAID, {"status": "Unavailable"}, REFUSED),
    ("tc_048_4_rejected", RESERVE, "ReserveNow", RESERVE_SAID, {"status": "Rejected"}, REFUSED),
    (
        "tc_052_cancel_rejected",
        CancelReservation(reservation=4),
        "CancelReservation",
        {"reservationId": 4},
        {"status": "Rejected"},
        REFUSED,
    ),
    (
        "tc_055_trigger_rejected",
        Trigger(message="MeterValues", connector=1),
        "TriggerMessage",
        {"requestedMessage": "MeterValues", "connectorId": 1},
        {"status": "Rejected"},
        REFUSED,
    ),
    (
        "tc_056_default_profile",
        SetProfile(connector=1, profile=DEFAULT),
        "SetChargingProfile",
        {"connectorId": 1, "csChargingProfiles": DEFAULT_SAID},
        {"status": "Accepted"},
        DONE,
    ),
    ("tc_061_clear_cache", ClearCache(), "ClearCache", {}, {"status": "Accepted"}, DONE),
    (
        "tc_066_composite_schedule",
        ComposeSchedule(connector=1, duration_s=300),
        "GetCompositeSchedule",
        {"connectorId": 1, "duration": 300},
        COMPOSED,
        DONE,
    ),
    (
        "tc_067_clear_profile",
        ClearProfiles(number=3),
        "ClearChargingProfile",
        {"id": 3},
        {"status": "Accepted"},
        DONE,
    ),
]


@pytest.mark.parametrize(
    ("order", "action", "body", "answer", "state"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
async def test_an_order_is_asked_and_its_answer_understood(
    bench: Bench, order: AnyOrder, action: str, body: dict[str, Any], answer: dict[str, Any], state: OrderState
) -> None:
    async with bench.booted() as box:
        placed, asked = await bench.carried_out(box, order, action, **answer)
        assert asked == body
        assert (placed.state, placed.detail) == (state, answer)
    assert bench.value("select count(*) from station_reservation where status in ('requested', 'active')") == 0


@pytest.mark.parametrize(
    "told",
    [
        ("Downloading", "Downloaded", "Installing", "Installed"),
        ("Downloading", "DownloadFailed"),
        ("Downloading", "Downloaded", "Installing", "InstallationFailed"),
    ],
    ids=["tc_044_1_installed", "tc_044_2_download_failed", "tc_044_3_installation_failed"],
)
async def test_tc_044_firmware(bench: Bench, told: tuple[str, ...]) -> None:
    async with bench.booted() as box:
        order = UpdateFirmware(url="https://files.example.kg/1.bin", retrieve_at=NOW)
        placed, body = await bench.carried_out(box, order, "UpdateFirmware")
        assert placed.state is DONE
        assert body == {"location": "https://files.example.kg/1.bin", "retrieveDate": at()}
        for status in told:
            assert await box.call("FirmwareStatusNotification", {"status": status}) == {}
            assert bench.value("select firmware_status from station") == status


@pytest.mark.parametrize("end", ["Uploaded", "UploadFailed"], ids=["tc_045_1_uploaded", "tc_045_2_upload_failed"])
async def test_tc_045_diagnostics(bench: Bench, end: str) -> None:
    async with bench.booted() as box:
        order = FetchLog(url="ftp://files.example.kg/", plain=True)
        placed, body = await bench.carried_out(box, order, "GetDiagnostics", fileName="diagnostics.zip")
        assert (placed.state, body) == (DONE, {"location": "ftp://files.example.kg/"})
        for status in ("Uploading", end):
            assert await box.call("DiagnosticsStatusNotification", {"status": status}) == {}
    assert bench.value("select diagnostics_status from station") == end


async def reserved(bench: Bench, box: Any, **about: Any) -> None:
    """A reservation that the station has taken."""
    order = msgspec.structs.replace(RESERVE, **about)
    placed, _ = await bench.carried_out(box, order, "ReserveNow", status="Accepted")
    assert placed.state is DONE
    if order.connector:
        await bench.status(box, order.connector, "Reserved", 0.1)
    assert bench.value("select status from station_reservation") == "active"


async def test_tc_046_a_reserved_connector_is_used(bench: Bench) -> None:
    async with bench.booted() as box:
        await reserved(bench, box)
        assert bench.value("select state from connector where number = 1") == "reserved"
        assert await box.call("Authorize", {"idTag": CARD}) == {"idTagInfo": {"status": "Accepted"}}
        await bench.status(box, 1, "Preparing", 1)
        begun = await bench.begin(box, minutes=2, reservationId=81)
        assert begun["idTagInfo"]["status"] == "Accepted"
        await bench.status(box, 1, "Charging", 2)
    assert bench.value("select status from station_reservation") == "used"
    assert bench.value("select state from session") == "charging"


async def test_tc_047_a_reservation_expires(bench: Bench) -> None:
    async with bench.booted() as box:
        await reserved(bench, box)
        bench.later(31)
        await bench.status(box, 1, "Available", 31)
        await bench.sweep()
        assert bench.value("select status from station_reservation") == "expired"
        assert (await bench.begin(box, minutes=31))["idTagInfo"]["status"] == "Accepted"


async def test_tc_049_any_connector_is_kept(bench: Bench) -> None:
    async with bench.booted() as box:
        await reserved(bench, box, connector=0)
        begun = await bench.begin(box, connector=2, minutes=2, reservationId=81)
        assert begun["idTagInfo"]["status"] == "Accepted"
    assert bench.value("select status from station_reservation") == "used"


async def test_tc_051_a_reservation_is_cancelled(bench: Bench) -> None:
    async with bench.booted() as box:
        await reserved(bench, box)
        order = CancelReservation(reservation=81)
        placed, body = await bench.carried_out(box, order, "CancelReservation", status="Accepted")
        assert (placed.state, body) == (DONE, {"reservationId": 81})
        await bench.status(box, 1, "Available", 1)
    assert bench.value("select status from station_reservation") == "cancelled"


async def test_tc_053_another_card_of_the_group_uses_it(bench: Bench) -> None:
    await bench.card("04AABB02", group="TAXI")
    async with bench.booted() as box:
        await reserved(bench, box, group="TAXI")
        said = await box.call("Authorize", {"idTag": "04AABB02"})
        assert said == {"idTagInfo": {"status": "Accepted", "parentIdTag": "TAXI"}}
        begun = await bench.begin(box, "04AABB02", minutes=2, reservationId=81)
        assert begun["idTagInfo"] == {"status": "Accepted", "parentIdTag": "TAXI"}
    assert bench.value("select status from station_reservation") == "used"


@pytest.mark.parametrize(
    ("message", "connector", "body"),
    [
        ("MeterValues", 1, {"connectorId": 1, "meterValue": [{"timestamp": at(1), "sampledValue": [{"value": "5"}]}]}),
        ("Heartbeat", None, {}),
        ("StatusNotification", 1, {"connectorId": 1, "errorCode": "NoError", "status": "Available"}),
        ("DiagnosticsStatusNotification", None, {"status": "Idle"}),
        ("FirmwareStatusNotification", None, {"status": "Idle"}),
    ],
)
async def test_tc_054_trigger(bench: Bench, message: str, connector: int | None, body: dict[str, Any]) -> None:
    async with bench.booted() as box:
        order = Trigger(message=message, connector=connector)
        placed, asked = await bench.carried_out(box, order, "TriggerMessage", status="Accepted")
        assert placed.state is DONE
        assert asked == {"requestedMessage": message} | ({} if connector is None else {"connectorId": connector})
        assert isinstance(await box.call(message, body), dict)


async def test_tc_057_a_profile_for_a_running_transaction(bench: Bench) -> None:
    async with bench.booted() as box:
        tx = (await bench.begin(box))["transactionId"]
        schedule = Schedule(unit="amperes", periods=(Period(start_s=0, limit_tenths=100),))
        profile = Profile(
            number=9, stack_level=1, purpose="transaction", kind="relative", schedule=schedule, charge_ref=str(tx)
        )
        order = SetProfile(connector=1, profile=profile)
        placed, body = await bench.carried_out(box, order, "SetChargingProfile", status="Accepted")
        assert placed.state is DONE
        said = body["csChargingProfiles"]
        assert (said["transactionId"], said["chargingProfilePurpose"]) == (tx, "TxProfile")


async def test_tc_059_remote_start_with_a_profile(bench: Bench) -> None:
    schedule = Schedule(unit="amperes", periods=(Period(start_s=0, limit_tenths=100),))
    profile = Profile(number=9, stack_level=1, purpose="transaction", kind="relative", schedule=schedule)
    async with bench.booted() as box:
        order = StartCharging(connector=1, token=CARD, profile=profile)
        placed, body = await bench.carried_out(box, order, "RemoteStartTransaction", status="Accepted")
        assert placed.state is DONE
        assert body["chargingProfile"]["chargingProfilePurpose"] == "TxProfile"
        assert "transactionId" not in body["chargingProfile"]
        assert (await bench.begin(box))["idTagInfo"]["status"] == "Accepted"


@pytest.mark.parametrize("message", ["Anything", None])
async def test_tc_064_data_of_a_vendor_that_nobody_knows(bench: Bench, message: str | None) -> None:
    async with bench.booted() as box:
        body = {"vendorId": "com.example", "data": "x"} | ({} if message is None else {"messageId": message})
        assert await box.call("DataTransfer", body) == {"status": "UnknownVendorId"}
