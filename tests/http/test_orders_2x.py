"""The same orders to a station of OCPP 2.0.1: the route does not change, the words do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.ocpp.rig import BOX, Station
from tests.stations.orders.world import World, answering, world
from zaryad import booking
from zaryad.auth import Role
from zaryad.link.facts import ProfilesPart, ReservationEnded
from zaryad.platform.bus import NatsBus
from zaryad.stations.orders import profiles

BOOT = {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
UNTIL = "2099-01-01T00:00:00Z"


@pytest.fixture
async def net(database_url: str, bus: NatsBus) -> AsyncIterator[World]:
    async with world(database_url, bus) as it:

        async def note(fact: ProfilesPart) -> Any:
            return await profiles.note_profiles(it.db, fact)

        async def ended(fact: ReservationEnded) -> Any:
            return await booking.note_ended(it.db, fact)

        it.business.handlers[ProfilesPart] = note
        it.business.handlers[ReservationEnded] = ended
        yield it


async def boot(box: Station) -> None:
    assert (await box.call("BootNotification", BOOT))["status"] == "Accepted"


async def test_orders_are_said_in_the_words_of_2x(net: World) -> None:
    said = [
        ("start-charging", {"connector": 2, "token": "T" * 30}, "RequestStartTransaction"),
        ("reset-station", {"connector": 1}, "Reset"),
        ("change-availability", {"connector": 0, "operative": False}, "ChangeAvailability"),
        ("report-base", {"base": "summary"}, "GetBaseReport"),
        ("write-variables", {"variables": [{"variable": {"component": "C", "name": "N"}, "value": "1"}]},
         "SetVariables"),
        ("set-display", {"message": {"number": 1, "text": "Салам"}}, "SetDisplayMessage"),
        ("customer-data", {"report": True, "clear": False, "token": "T"}, "CustomerInformation"),
        ("compose-schedule", {"connector": 1, "duration_s": 60}, "GetCompositeSchedule"),
        ("list-certificates", {"uses": ["csms_root"]}, "GetInstalledCertificateIds"),
        ("fetch-log", {"url": "https://x.example/up"}, "GetLog"),
    ]  # fmt: skip
    async with net.box(protocol="ocpp2.0.1") as box:
        await boot(box)
        async with answering(box, lambda *_: {"status": "Accepted"}) as heard:
            for kind, body, _ in said:
                told = await net.order(kind, body, await_s=10)
                assert told.status_code == 200, told.text
            old = (await net.order("read-configuration", await_s=10)).json()
    assert [action for action, _ in heard] == [action for *_, action in said]
    assert old["state"] == "not_supported"


async def test_a_reservation_ends_by_the_stations_word(net: World) -> None:
    async with net.box(protocol="ocpp2.0.1") as box:
        await boot(box)
        asked = asyncio.create_task(
            net.order("reserve", {"reservation": 77, "connector": 1, "token": "T", "expires_at": UNTIL}, await_s=10)
        )
        call = await box.hear()
        assert (call[2], call[3]["id"], call[3]["evseId"]) == ("ReserveNow", 77, 1)
        await box.say(json.dumps([3, call[1], {"status": "Accepted"}]))
        assert (await asked).json()["outcome"] == "accepted"
        (kept,) = (await net.get("/reservations", status="active"))["items"]
        assert kept["number"] == 77
        await box.call("ReservationStatusUpdate", {"reservationId": 77, "reservationUpdateStatus": "Removed"})
    assert (await net.get(f"/reservations/{kept['id']}"))["status"] == "removed"


def reported(number: int, level: int) -> dict[str, Any]:
    period = {"startPeriod": 0, "limit": 16.5}
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    return {
        "id": number,
        "stackLevel": level,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule],
    }


async def test_a_report_says_which_profiles_are_there_and_which_are_no_more(net: World) -> None:
    async with net.box(protocol="ocpp2.0.1") as box:
        await boot(box)

        async def report(*parts: tuple[str, list[dict[str, Any]]]) -> Any:
            asked = asyncio.create_task(net.order("report-profiles", {}, await_s=10))
            call = await box.hear()
            assert call[2] == "GetChargingProfiles"
            await box.say(json.dumps([3, call[1], {"status": "Accepted"}]))
            order = (await asked).json()
            assert order["number"] == call[3]["requestId"]
            for at, (source, told) in enumerate(parts):
                body = {
                    "requestId": call[3]["requestId"],
                    "chargingLimitSource": source,
                    "evseId": 1,
                    "chargingProfile": told,
                    **({"tbc": True} if at + 1 < len(parts) else {}),
                }
                assert await box.call("ReportChargingProfiles", body) == {}
            there = (await net.get(f"/stations/{BOX}/charging-profiles"))["items"]
            return [(each["source"], each["profile"]["number"]) for each in there]

        assert await report(("CSO", [reported(1, 0)]), ("EMS", [reported(2, 1)])) == [("EMS", 2), ("CSO", 1)]
        assert await report(("EMS", [reported(2, 1)])) == [("EMS", 2)]


async def test_a_raw_call_is_held_to_the_schema_of_its_version(net: World) -> None:
    await net.sign_in(Role.TECHNICIAN)
    async with net.box(protocol="ocpp2.0.1") as box:
        await boot(box)

        async def call(action: str, payload: dict[str, Any]) -> Any:
            return (await net.ask("POST", f"/stations/{BOX}/calls", {"action": action, "payload": payload})).json()

        told = await call("Reset", {"type": "Soft"})
        assert (told["code"], told["params"]["field"]) == ("call_invalid", "payload.type")
        told = await call("GetConfiguration", {})
        assert (told["code"], told["params"]["field"]) == ("call_invalid", "action")
        told = await call("GetVariables", {"getVariableData": [{"component": {"name": "x"}}]})
        assert told["params"]["field"] == "payload.getVariableData[0].variable"
        async with answering(box, lambda *_: {"status": "Scheduled", "customData": {"vendorId": "V"}}) as heard:
            told = await call("Reset", {"type": "OnIdle", "evseId": 1})
        assert heard == [("Reset", {"type": "OnIdle", "evseId": 1})]
        assert (told["outcome"], told["payload"]["status"]) == ("result", "Scheduled")
