"""OCTT's cases of a 2.0.1 central system about boot, settings, resets and networks (block B); 2.1 is the same here."""

from __future__ import annotations

from typing import Any

import pytest
import websockets

from tests.charging.world import BOX
from tests.conformance.bench import CARD, DONE, NOT_SUPPORTED, NOW, REFUSED, V21, V201, Bench, at, card, meter
from tests.ocpp.rig import Station, basic
from zaryad import stations
from zaryad.link.orders import (
    AnyOrder,
    OrderState,
    ReadVariables,
    ReportBase,
    ReportVariables,
    ResetStation,
    SetNetworkProfile,
    Trigger,
    Variable,
    VariableAsked,
    VariableSet,
    WriteVariables,
)
from zaryad.stations import security

BOTH = pytest.mark.parametrize("version", [V201, V21])
BEAT = Variable(component="OCPPCommCtrlr", name="HeartbeatInterval")
SAMPLED = Variable(component="AlignedDataCtrlr", name="Interval")
PASSWORD = "a-password-of-20-now"


def judge(bench: Bench, status: str) -> None:
    """Decide what the station's boots are answered with."""
    bench.write("update station set boot_status = %s", status)


@BOTH
async def test_tc_b_01_cold_boot_accepted(bench: Bench, version: str) -> None:
    async with bench.station(version) as box:
        said = await bench.boot(box)
        assert (said["status"], said["currentTime"]) == ("Accepted", at())
        assert said["interval"] > 0
        for evse in (1, 2):
            await bench.status2(box, evse, "Available", 0.1)
        assert await box.call("Heartbeat") == {"currentTime": at()}
    assert bench.rows("select state from connector where number in (1, 2)") == [("available",), ("available",)]


@BOTH
async def test_tc_b_02_b_30_b_31_pending_configured_triggered_accepted(bench: Bench, version: str) -> None:
    judge(bench, "pending")
    async with bench.station(version) as box:
        said = await bench.boot(box)
        assert said["status"] == "Pending"
        assert said["statusInfo"]["reasonCode"]
        refused = await box.call("StatusNotification", {
            "timestamp": at(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1,
        })  # fmt: skip
        assert refused[0] == 4
        assert refused[2] == "SecurityError"  # B_30: nothing else is heard yet
        order = WriteVariables(variables=(VariableSet(variable=BEAT, value="120"),))
        result = [{"attributeStatus": "Accepted", **_named(BEAT)}]
        placed, _ = await bench.carried_out(box, order, "SetVariables", setVariableResult=result)
        assert placed.state is DONE
        judge(bench, "accepted")
        trigger = Trigger(message="BootNotification")
        placed, _ = await bench.carried_out(box, trigger, "TriggerMessage", status="Accepted")
        assert placed.state is DONE
        body = {"reason": "Triggered", "chargingStation": {"model": "Terra 184", "vendorName": "ABB"}}
        assert (await box.call("BootNotification", body))["status"] == "Accepted"
        await bench.status2(box, 1, "Available")


@BOTH
async def test_tc_b_30_rejected(bench: Bench, version: str) -> None:
    judge(bench, "rejected")
    async with bench.station(version) as box:
        said = await bench.boot(box)
        assert said["status"] == "Rejected"
        assert said["interval"] > 0
        assert (await box.call("Heartbeat"))[2] == "SecurityError"
        await bench.place(ResetStation())
        with pytest.raises(TimeoutError):  # and nothing is asked of it
            await box.hear(0.5)


def _named(variable: Variable) -> dict[str, Any]:
    return {"component": {"name": variable.component}, "variable": {"name": variable.name}}


GET_ONE = ReadVariables(variables=(VariableAsked(variable=BEAT),))
GET_TWO = ReadVariables(variables=(VariableAsked(variable=BEAT), VariableAsked(variable=SAMPLED, attribute="target")))
SET_ONE = WriteVariables(variables=(VariableSet(variable=BEAT, value="300"),))
SET_TWO = WriteVariables(variables=(VariableSet(variable=BEAT, value="300"), VariableSet(variable=SAMPLED, value="60")))
ACCEPTED = {"status": "Accepted"}
NETWORK = SetNetworkProfile(slot=1, url="wss://csms.example.kg/ocpp", security_profile=2, interface="Wired0")
RECORD = {
    "configurationSlot": 1,
    "connectionData": {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://csms.example.kg/ocpp",
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    },
}
ORDERS: list[tuple[str, AnyOrder, str, dict[str, Any], dict[str, Any], OrderState]] = [
    (
        "tc_b_06_one_variable",
        GET_ONE,
        "GetVariables",
        {"getVariableData": [_named(BEAT)]},
        {"getVariableResult": [{"attributeStatus": "Accepted", "attributeValue": "300", **_named(BEAT)}]},
        DONE,
    ),
    (
        "tc_b_07_several_variables",
        GET_TWO,
        "GetVariables",
        {"getVariableData": [_named(BEAT), {**_named(SAMPLED), "attributeType": "Target"}]},
        {
            "getVariableResult": [
                {"attributeStatus": "Accepted", "attributeValue": "300", **_named(BEAT)},
                {"attributeStatus": "NotSupportedAttributeType", "attributeType": "Target", **_named(SAMPLED)},
            ]
        },
        DONE,
    ),
    (
        "tc_b_09_set_one_variable",
        SET_ONE,
        "SetVariables",
        {"setVariableData": [{"attributeValue": "300", **_named(BEAT)}]},
        {"setVariableResult": [{"attributeStatus": "Accepted", **_named(BEAT)}]},
        DONE,
    ),
    (
        "tc_b_10_set_several_variables",
        SET_TWO,
        "SetVariables",
        {"setVariableData": [{"attributeValue": "300", **_named(BEAT)}, {"attributeValue": "60", **_named(SAMPLED)}]},
        {
            "setVariableResult": [
                {"attributeStatus": "Accepted", **_named(BEAT)},
                {"attributeStatus": "RebootRequired", **_named(SAMPLED)},
            ]
        },
        DONE,
    ),
    ("tc_b_20_reset_on_idle", ResetStation(), "Reset", {"type": "OnIdle"}, ACCEPTED, DONE),
    (
        "tc_b_21_reset_on_idle_while_charging",
        ResetStation(),
        "Reset",
        {"type": "OnIdle"},
        {"status": "Scheduled"},
        DONE,
    ),
    ("tc_b_22_reset_at_once", ResetStation(hard=True), "Reset", {"type": "Immediate"}, ACCEPTED, DONE),
    ("tc_b_25_reset_an_evse", ResetStation(connector=1), "Reset", {"type": "OnIdle", "evseId": 1}, ACCEPTED, DONE),
    (
        "tc_b_26_reset_an_evse_on_idle",
        ResetStation(connector=1),
        "Reset",
        {"type": "OnIdle", "evseId": 1},
        {"status": "Scheduled"},
        DONE,
    ),
    (
        "tc_b_27_reset_an_evse_at_once",
        ResetStation(hard=True, connector=1),
        "Reset",
        {"type": "Immediate", "evseId": 1},
        ACCEPTED,
        DONE,
    ),
    ("reset_rejected", ResetStation(), "Reset", {"type": "OnIdle"}, {"status": "Rejected"}, REFUSED),
    ("tc_b_42_network_profile", NETWORK, "SetNetworkProfile", RECORD, ACCEPTED, DONE),
    ("tc_b_43_network_profile_rejected", NETWORK, "SetNetworkProfile", RECORD, {"status": "Rejected"}, REFUSED),
    ("tc_b_44_network_profile_failed", NETWORK, "SetNetworkProfile", RECORD, {"status": "Failed"}, REFUSED),
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


@pytest.mark.parametrize(
    ("base", "word"),
    [("configuration", "ConfigurationInventory"), ("full", "FullInventory"), ("summary", "SummaryInventory")],
    ids=["tc_b_12_configuration", "tc_b_13_full", "tc_b_14_summary"],
)
@BOTH
async def test_tc_b_12_13_14_a_report_of_all(bench: Bench, version: str, base: Any, word: str) -> None:
    async with bench.booted(version) as box:
        placed, asked = await bench.carried_out(box, ReportBase(base=base), "GetBaseReport", **ACCEPTED)
        assert asked == {"requestId": placed.number, "reportBase": word}
        assert asked["requestId"] >= 0
        for seq, variable in enumerate((BEAT, SAMPLED)):
            data = {**_named(variable), "variableAttribute": [{"value": "60"}]}
            body = {"requestId": placed.number, "generatedAt": at(), "seqNo": seq, "tbc": seq == 0}
            assert await box.call("NotifyReport", body | {"reportData": [data]}) == {}
    assert bench.rows("select complete_at is not null, last_part from device_report") == [(True, 1)]
    assert bench.value("select count(*) from device_variable") == 2


@pytest.mark.parametrize(
    ("answer", "state"), [("Accepted", DONE), ("NotSupported", NOT_SUPPORTED), ("EmptyResultSet", DONE)]
)
async def test_tc_b_18_a_report_of_some(bench: Bench, answer: str, state: OrderState) -> None:
    async with bench.booted(V201) as box:
        order = ReportVariables(criteria=("active", "available"), variables=(Variable(component="EVSE", name=""),))
        placed, asked = await bench.carried_out(box, order, "GetReport", status=answer)
        assert asked["componentVariable"] == [{"component": {"name": "EVSE"}}]
        assert asked["componentCriteria"] == ["Active", "Available"]
        assert placed.state is state


async def charging_on(bench: Bench, box: Station) -> None:
    said = await bench.event(
        box, "Started", 0, "Authorized", idToken=card(CARD), evse={"id": 1, "connectorId": 1},
        meterValue=meter(0, 0, "Transaction.Begin"), info={"chargingState": "Charging"},
    )  # fmt: skip
    assert said["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.parametrize("reason", ["ImmediateReset", "Reboot"])
async def test_tc_b_22_a_transaction_that_a_reset_ends(bench: Bench, reason: str) -> None:
    async with bench.booted(V201) as box:
        await charging_on(bench, box)
        await bench.carried_out(box, ResetStation(hard=True), "Reset", **ACCEPTED)
        box.drop()
    async with bench.booted(V201) as box:
        said = await bench.event(
            box, "Ended", 1, "ResetCommand", 5, meterValue=meter(1_000, 5, "Transaction.End"),
            info={"stoppedReason": reason},
        )  # fmt: skip
        assert said["totalCost"] == 15
    assert bench.rows("select state, energy_mwh from session") == [("ended", 1_000_000)]


@BOTH
async def test_tc_a_01_02_03_basic_authentication(bench: Bench, version: str) -> None:
    async with bench.db.begin() as tx:
        await stations.set_password(tx, BOX, bench.config.secret.encode(), NOW, PASSWORD)
    async with bench.booted(version, auth=basic(BOX, PASSWORD)):
        pass
    for user, password in ((BOX, "another-password-of-20"), ("KG-BIS-0002", PASSWORD)):
        with pytest.raises(websockets.InvalidStatus) as told:
            async with bench.station(version, auth=basic(user, password)):
                pass
        assert told.value.response.status_code == 401


@pytest.mark.parametrize("answer", ["Accepted", "Rejected"], ids=["tc_a_09_accepted", "tc_a_10_rejected"])
async def test_tc_a_09_10_a_new_password(bench: Bench, answer: str) -> None:
    key = bench.config.secret.encode()
    async with bench.db.begin() as tx:
        await stations.set_password(tx, BOX, key, NOW, PASSWORD)
    async with bench.booted(V201, auth=basic(BOX, PASSWORD)) as box:
        async with bench.db.begin() as tx:
            await security.rotate(tx, bench.guard.station_rules, bench.guard.seal, key, BOX, "staff:test", NOW)
        asked = await bench.asked(box, "SetVariables")
        (data,) = asked.body["setVariableData"]
        assert (data["component"]["name"], data["variable"]["name"]) == ("SecurityCtrlr", "BasicAuthPassword")
        new = data["attributeValue"]
        assert 16 <= len(new) <= 40
        names = {"component": data["component"], "variable": data["variable"]}
        await asked.answer(setVariableResult=[{"attributeStatus": answer, **names}])
        await bench.ended(bench.value("select id from station_order"))
    good, bad = (new, PASSWORD) if answer == "Accepted" else (PASSWORD, new)
    async with bench.booted(V201, auth=basic(BOX, good)):
        pass
    with pytest.raises(websockets.InvalidStatus):
        async with bench.station(V201, auth=basic(BOX, bad)):
            pass


async def test_tc_a_19_a_higher_security_profile(bench: Bench) -> None:
    """The root, the list of profiles, a slot, the slot in front of the list, a reset."""
    async with bench.db.begin() as tx:
        await stations.set_password(tx, BOX, bench.config.secret.encode(), NOW, PASSWORD)
    async with bench.booted(V201, auth=basic(BOX, PASSWORD)) as box:
        async with bench.db.begin() as tx:
            rules = security.Settings(url="wss://csms.example.kg/ocpp")
            await security.begin_profile(tx, rules, bench.guard.trust, BOX, 2, "staff:test", NOW)
        asked = await bench.asked(box, "InstallCertificate")
        assert asked.body["certificateType"] == "CSMSRootCertificate"
        await asked.answer(**ACCEPTED)
        asked = await bench.asked(box, "GetVariables")
        (data,) = asked.body["getVariableData"]
        assert data["variable"]["name"] == "NetworkConfigurationPriority"
        result = {"attributeStatus": "Accepted", "attributeValue": "1", **data}
        await asked.answer(getVariableResult=[result])
        asked = await bench.asked(box, "SetNetworkProfile")
        assert asked.body["configurationSlot"] == 2
        assert asked.body["connectionData"]["securityProfile"] == 2
        await asked.answer(**ACCEPTED)
        asked = await bench.asked(box, "SetVariables")
        (data,) = asked.body["setVariableData"]
        assert data.pop("attributeValue") == "2,1"
        await asked.answer(setVariableResult=[{"attributeStatus": "Accepted", **data}])
        asked = await bench.asked(box, "Reset")
        await asked.answer(**ACCEPTED)
        await bench.ended(bench.value("select id from station_order where kind = 'reset_station'"))
    assert bench.rows("select state from profile_change") == [("returning",)]


@BOTH
async def test_tc_b_58_the_subprotocol(bench: Bench, version: str) -> None:
    async with bench.station(version) as box:
        assert box.socket.subprotocol == version
    with pytest.raises((websockets.NegotiationError, websockets.ConnectionClosed)):
        async with bench.station("ocpp0.1") as box:
            await box.hear()
