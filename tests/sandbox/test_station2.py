"""A virtual 2.0.1 station, and one of 2.1, against a central system that holds every frame against the schemas."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from tests.sandbox.central2 import Strict
from zaryad.sandbox.model import (
    EmergencyStop,
    OutletModel,
    PlugIn,
    PresentCard,
    PresentContract,
    Quirks,
    Reboot,
    SetFault,
    SetMood,
    StationMemory,
    Unplug,
)

VERSIONS = ("2.0.1", "2.1")
TWO_PLUGS = (OutletModel(1, "ccs2", 60_000), OutletModel(101, "chademo", 50_000), OutletModel(2, "type2", 22_000))


def start(central: Strict, evse: int = 2, **more: Any) -> str:
    """Start remotely with a car there, and return the transaction's id."""
    told = {"idToken": {"idToken": "DRIVER", "type": "Central"}, "remoteStartId": 77, "evseId": evse} | more
    assert central.ask("RequestStartTransaction", **told)["status"] == "Accepted"
    central.wait(2)
    return str(central.events()[-1]["transactionInfo"]["transactionId"])


def variable(central: Strict, component: str, name: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"component": {"name": component}, "variable": {"name": name}} | more
    if value is None:
        return central.ask("GetVariables", getVariableData=[data])["getVariableResult"][0]
    return central.ask("SetVariables", setVariableData=[data | {"attributeValue": value}])["setVariableResult"][0]


@pytest.mark.parametrize("version", VERSIONS)
def test_it_boots_with_a_reason_and_tells_every_connector(version: str) -> None:
    central = Strict(version, outlets=TWO_PLUGS)
    assert central.heard[0] == (
        "BootNotification",
        {
            "reason": "PowerUp",
            "chargingStation": {"model": "Virtual", "vendorName": "Zaryad", "firmwareVersion": "1.0.0"},
        },
    )
    told = [(it["evseId"], it["connectorId"], it["connectorStatus"]) for it in central.all("StatusNotification")]
    assert told == [(1, 1, "Available"), (1, 2, "Available"), (2, 1, "Available")]
    central.wait(301)
    assert len(central.all("Heartbeat")) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_charge_by_card(version: str) -> None:
    central = Strict(version)
    central.do(PresentCard(token="CARD", connector=2))
    central.do(PlugIn(connector=2))
    central.wait(65)
    central.do(PresentCard(token="CARD", connector=2))
    central.do(Unplug(connector=2))
    assert central.story() == [
        ("Started", "Authorized", "Idle"),
        ("Updated", "CablePluggedIn", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
        ("Updated", "MeterValuePeriodic", "Charging"),
        ("Updated", "MeterValuePeriodic", "Charging"),
        ("Ended", "StopAuthorized", "EVConnected"),
    ]
    events = central.events()
    assert [it["seqNo"] for it in events] == list(range(6))
    assert [it.get("evse") for it in events] == [{"id": 2}, {"id": 2, "connectorId": 1}, None, None, None, None]
    assert [("idToken" in it) for it in events] == [True, False, False, False, False, True]
    assert events[-1]["transactionInfo"]["stoppedReason"] == "Local"
    assert 60 <= events[-1]["transactionInfo"]["timeSpentCharging"] <= 66
    energy = [it["meterValue"][0]["sampledValue"][0] for it in events if "meterValue" in it]
    assert [it["context"] for it in energy] == [
        "Transaction.Begin",
        "Sample.Periodic",
        "Sample.Periodic",
        "Transaction.End",
    ]
    assert energy[0]["value"] < energy[1]["value"] < energy[-1]["value"]
    assert central.statuses2(2) == ["Available", "Occupied", "Available"]
    assert not central.station.memory.charges
    assert not central.station.memory.queue


def test_energy_in_units_of_a_thousand_says_so() -> None:
    central = Strict(quirks=Quirks(kwh_unit=True))
    central.do(PlugIn(connector=2))
    start(central)
    central.wait(60)
    value = central.events()[-1]["meterValue"][0]["sampledValue"][0]
    assert value["unitOfMeasure"] == {"unit": "Wh", "multiplier": 3}
    assert 0 < value["value"] < 2


@pytest.mark.parametrize(
    ("points", "first"),
    [
        ("Authorized", ("Started", "RemoteStart")),
        ("EVConnected", ("Started", "CablePluggedIn")),
        ("PowerPathClosed", ("Started", "RemoteStart")),
        ("EnergyTransfer", ("Started", "ChargingStateChanged")),
    ],
)
def test_where_a_transaction_starts_is_configured(points: str, first: tuple[str, str]) -> None:
    central = Strict(configuration={"TxCtrlr/TxStartPoint": points})
    central.do(PlugIn(connector=2))
    start(central)
    events = central.events()
    assert (events[0]["eventType"], events[0]["triggerReason"]) == first
    told = [it["transactionInfo"].get("remoteStartId") for it in events]
    assert told.count(77) == 1
    assert central.story()[-1][2] == "Charging"


def test_a_transaction_that_ends_with_the_cable_only() -> None:
    central = Strict(configuration={"TxCtrlr/TxStopPoint": "EVConnected"})
    central.do(PlugIn(connector=2))
    uid = start(central)
    assert central.ask("RequestStopTransaction", transactionId=uid) == {"status": "Accepted"}
    assert central.story()[-1] == ("Updated", "RemoteStop", "EVConnected")
    central.do(Unplug(connector=2))
    assert central.story()[-1] == ("Ended", "EVCommunicationLost", "Idle")
    assert central.events()[-1]["transactionInfo"]["stoppedReason"] == "Remote"


def test_a_driver_who_was_never_let_in_takes_the_transaction_along() -> None:
    """A cable pulled from a charge that somebody pays for may come back; from one that is nobody's it does not."""
    stays = {"TxCtrlr/StopTxOnEVSideDisconnect": "false", "TxCtrlr/TxStopPoint": "Authorized"}
    central = Strict(configuration={"TxCtrlr/TxStartPoint": "EVConnected", **stays})
    central.do(PlugIn(connector=2))
    central.do(Unplug(connector=2))
    assert central.story() == [("Started", "CablePluggedIn", "EVConnected"), ("Ended", "EVCommunicationLost", "Idle")]
    central.do(PlugIn(connector=2))
    start(central)
    central.do(Unplug(connector=2))
    assert central.story()[-1] == ("Updated", "EVCommunicationLost", "Idle")


def test_an_evse_has_one_transaction_at_a_time() -> None:
    central = Strict(outlets=TWO_PLUGS, configuration={"TxCtrlr/TxStartPoint": "EVConnected"})
    central.do(PlugIn(connector=1))
    central.do(PlugIn(connector=101))  # waits for the first
    assert central.story() == [("Started", "CablePluggedIn", "EVConnected")]
    central.do(Unplug(connector=1))
    assert central.story()[-1] == ("Ended", "EVCommunicationLost", "Idle")
    start(central, evse=1)
    assert central.events()[2]["eventType"] == "Started"
    assert central.events()[2]["evse"] == {"id": 1, "connectorId": 2}


def test_a_remote_start_without_a_car_times_out() -> None:
    central = Strict()
    start(central)
    central.wait(125)
    assert central.story()[-1] == ("Ended", "EVConnectTimeout", "Idle")
    assert central.events()[-1]["transactionInfo"]["stoppedReason"] == "Timeout"
    assert central.statuses2(2)[-1] == "Available"


def test_a_refused_token_ends_the_charge() -> None:
    central = Strict()
    central.do(PlugIn(connector=2))
    central.token_status = "Blocked"
    start(central)
    assert central.story()[-1][:2] == ("Ended", "Deauthorized")
    assert central.events()[-1]["transactionInfo"]["stoppedReason"] == "DeAuthorized"


def test_offline_events_say_so_and_come_in_order() -> None:
    central = Strict(configuration={"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"})
    central.cut()
    central.do(PlugIn(connector=2))
    central.do(PresentCard(token="CARD", connector=2))
    central.wait(100)
    central.do(Unplug(connector=2))
    assert not central.events()
    central.restore()
    events = central.events()
    assert [it["offline"] for it in events] == [True] * len(events)
    assert [it["seqNo"] for it in events] == list(range(len(events)))
    assert [it["eventType"] for it in events][0 :: len(events) - 1] == ["Started", "Ended"]
    assert central.all("BootNotification")[1:] == []


def test_a_lost_answer_repeats_the_event_with_a_new_id_and_the_same_content() -> None:
    central = Strict(answer_within_s=5)
    central.do(PlugIn(connector=2))
    start(central)
    central.forget()
    central.deaf = True
    central.wait(36)  # a reading, and the patience for its answer
    central.deaf = False
    central.wait(70)
    first, again = central.events()[:2]
    assert first == again
    assert "offline" not in first
    assert len(set(central.ids)) == len(central.ids)


def test_two_connectors_of_one_evse_charge_one_car() -> None:
    central = Strict(outlets=TWO_PLUGS)
    assert (
        central.ask("RequestStartTransaction", idToken={"idToken": "A", "type": "Central"}, remoteStartId=1, evseId=1)[
            "status"
        ]
        == "Accepted"
    )
    central.do(PlugIn(connector=101))  # the driver takes the other plug
    central.wait(40)
    assert central.events()[1]["evse"] == {"id": 1, "connectorId": 2}
    assert central.story()[-1][2] == "Charging"
    assert (
        central.ask("RequestStartTransaction", idToken={"idToken": "B", "type": "Central"}, remoteStartId=2, evseId=1)[
            "status"
        ]
        == "Rejected"
    )
    assert central.ask("UnlockConnector", evseId=1, connectorId=2)["status"] == "OngoingAuthorizedTransaction"
    assert central.ask("UnlockConnector", evseId=1, connectorId=3)["status"] == "UnknownConnector"
    uid = central.events()[-1]["transactionInfo"]["transactionId"]
    assert central.ask("GetTransactionStatus", transactionId=uid) == {
        "ongoingIndicator": True,
        "messagesInQueue": False,
    }
    central.do(Unplug(connector=101))
    assert central.ask("GetTransactionStatus", transactionId=uid)["ongoingIndicator"] is False
    assert central.statuses2(1, 2) == ["Available", "Occupied", "Available"]


def test_power_loss_and_red_buttons_are_reasons() -> None:
    central = Strict()
    central.do(PlugIn(connector=2))
    start(central)
    central.wait(30)
    central.do(Reboot())
    central.wait(10)
    assert central.events()[-1]["transactionInfo"]["stoppedReason"] == "PowerLoss"
    start(central)
    central.do(EmergencyStop())
    assert central.events()[-1]["transactionInfo"]["stoppedReason"] == "EmergencyStop"
    assert central.statuses2(2)[-1] == "Faulted"


def test_a_reset_says_how_the_transaction_ended_and_how_it_came_back() -> None:
    central = Strict()
    central.do(PlugIn(connector=2))
    start(central)
    assert central.ask("Reset", type="OnIdle") == {"status": "Scheduled"}
    assert central.ask("Reset", type="Immediate") == {"status": "Accepted"}
    central.wait(10)
    assert central.events()[-1]["triggerReason"] == "ResetCommand"
    assert central.all("BootNotification")[-1]["reason"] == "RemoteReset"


def test_variables_have_statuses_of_their_own() -> None:
    central = Strict()
    assert variable(central, "TxCtrlr", "EVConnectionTimeOut")["attributeValue"] == "120"
    assert variable(central, "TXCTRLR", "evconnectiontimeout", "60")["attributeStatus"] == "Accepted"
    assert variable(central, "TxCtrlr", "EVConnectionTimeOut", "soon")["attributeStatus"] == "Rejected"
    assert variable(central, "TxCtrlr", "Nothing")["attributeStatus"] == "UnknownVariable"
    assert variable(central, "Nobody", "Nothing", "1")["attributeStatus"] == "UnknownComponent"
    assert variable(central, "SecurityCtrlr", "BasicAuthPassword")["attributeStatus"] == "Rejected"
    target = variable(central, "TxCtrlr", "EVConnectionTimeOut", attributeType="Target")
    assert target["attributeStatus"] == "NotSupportedAttributeType"
    assert variable(central, "OCPPCommCtrlr", "WebSocketPingInterval", "30")["attributeStatus"] == "RebootRequired"
    assert central.station.ping_s == 0
    central.do(Reboot())
    central.wait(10)
    assert central.station.ping_s == 30
    many = [{"component": {"name": "TxCtrlr"}, "variable": {"name": "TxStartPoint"}}] * 21
    results = central.ask("GetVariables", getVariableData=many)["getVariableResult"]
    assert [it["attributeStatus"] for it in results].count("Rejected") == 1
    assert variable(central, "SecurityCtrlr", "BasicAuthPassword", "0123456789abcdef")["attributeStatus"] == "Accepted"
    assert central.station.password == b"0123456789abcdef"


def test_reports_come_in_parts() -> None:
    central = Strict()
    for base in ("FullInventory", "ConfigurationInventory", "SummaryInventory"):
        central.forget()
        assert central.ask("GetBaseReport", requestId=9, reportBase=base) == {"status": "Accepted"}
        parts = central.all("NotifyReport")
        assert [it["seqNo"] for it in parts] == list(range(len(parts)))
        assert [it.get("tbc", False) for it in parts] == [True] * (len(parts) - 1) + [False]
        assert all(len(it["reportData"]) <= 12 for it in parts)
    central.forget()
    asked = [{"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}]
    assert central.ask("GetReport", requestId=4, componentVariable=asked) == {"status": "Accepted"}
    assert len(central.all("NotifyReport")[0]["reportData"]) == 1
    nobody = [{"component": {"name": "Nobody"}}]
    assert central.ask("GetReport", requestId=4, componentVariable=nobody) == {"status": "EmptyResultSet"}


def test_a_network_profile_that_does_not_connect_falls_back() -> None:
    central = Strict()
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "ws://nowhere:1/ocpp",
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
    }
    priority = ("OCPPCommCtrlr", "NetworkConfigurationPriority")
    assert variable(central, *priority, "2,0")["attributeStatus"] == "Rejected"  # nobody knows slot 2
    assert central.ask("SetNetworkProfile", configurationSlot=2, connectionData=data)["status"] == "Accepted"
    assert variable(central, *priority, "2,0")["attributeStatus"] == "RebootRequired"
    assert central.station.url is None
    central.reachable = False
    central.ask("Reset", type="Immediate")
    central.wait(6)
    assert central.station.url == "ws://nowhere:1/ocpp"
    for _ in range(3):
        central.station.not_connected(central.now)
    assert central.station.url is None
    central.restore()
    assert central.all("BootNotification")[-1]["reason"] == "RemoteReset"


def test_thresholds_are_told_and_cleared() -> None:
    central = Strict()
    place = {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"}}
    asked = [
        place | {"value": 1_000, "type": "UpperThreshold", "severity": 4},
        place | {"value": 1_000, "type": "UpperThreshold", "severity": 4},
        place | {"value": 60, "type": "Periodic", "severity": 8},
        place | {"value": 10**9, "type": "UpperThreshold", "severity": 3},
    ]
    results = central.ask("SetVariableMonitoring", setMonitoringData=asked)["setMonitoringResult"]
    assert [it["status"] for it in results] == ["Accepted", "Duplicate", "Accepted", "Rejected"]
    central.do(PlugIn(connector=2))
    start(central)
    central.do(SetMood(connector=2, takes_power=False))
    told = [it for body in central.all("NotifyEvent") for it in body["eventData"]]
    alerts = [it for it in told if it["trigger"] == "Alerting"]
    assert [it.get("cleared", False) for it in alerts] == [False, True]
    central.wait(121)
    told = [it for body in central.all("NotifyEvent") for it in body["eventData"]]
    assert [it["trigger"] for it in told].count("Periodic") == 2
    assert central.ask("GetMonitoringReport", requestId=1)["status"] == "Accepted"
    assert len(central.all("NotifyMonitoringReport")[0]["monitor"][0]["variableMonitoring"]) == 2
    ids = [it["id"] for it in results if "id" in it]
    cleared = central.ask("ClearVariableMonitoring", id=[*ids, 99])["clearMonitoringResult"]
    assert [it["status"] for it in cleared] == ["Accepted", "Accepted", "NotFound"]


def test_a_stream_is_sent_without_an_answer() -> None:
    central = Strict("2.1")
    place = {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"}}
    stream = place | {"value": 10, "type": "Periodic", "severity": 8, "periodicEventStream": {"interval": 10}}
    central.ask("SetVariableMonitoring", setMonitoringData=[stream])
    assert central.all("OpenPeriodicEventStream")
    central.wait(31)
    assert [name for name, _ in central.sent] == ["NotifyPeriodicEventStream"] * 3
    assert central.ask("GetPeriodicEventStream")["constantStreamData"][0]["params"] == {"interval": 10}


def test_profiles_bind_the_power() -> None:
    central = Strict()
    central.do(PlugIn(connector=2))
    uid = start(central)
    assert central.station.outlets[2].power_mw == 60_000_000

    def profile(id: int, purpose: str, watts: int, **more: Any) -> dict[str, Any]:
        periods = [{"startPeriod": 0, "limit": watts}, {"startPeriod": 60, "limit": watts / 2}]
        schedule = {"id": id, "chargingRateUnit": "W", "chargingSchedulePeriod": periods, "startSchedule": None}
        schedule["startSchedule"] = central.station.time_shown(central.now)  # type: ignore[attr-defined]
        return {
            "id": id, "stackLevel": 0, "chargingProfilePurpose": purpose, "chargingProfileKind": "Absolute",
            "chargingSchedule": [schedule],
        } | more  # fmt: skip

    tx = profile(1, "TxProfile", 20_000, transactionId=uid)
    assert central.ask("SetChargingProfile", evseId=2, chargingProfile=tx)["status"] == "Accepted"
    assert central.station.outlets[2].power_mw == 20_000_000
    assert central.story()[-1][1] == "ChargingRateChanged"
    whole = profile(2, "ChargingStationMaxProfile", 15_000)
    assert central.ask("SetChargingProfile", evseId=0, chargingProfile=whole)["status"] == "Accepted"
    assert central.station.outlets[2].power_mw == 15_000_000
    schedule = central.ask("GetCompositeSchedule", evseId=2, duration=120)["schedule"]["chargingSchedulePeriod"]
    assert [(it["startPeriod"], it["limit"]) for it in schedule] == [(0, 15_000), (60, 7_500)]
    central.wait(61)
    assert central.station.outlets[2].power_mw == 7_500_000
    assert central.ask("GetChargingProfiles", requestId=3, chargingProfile={})["status"] == "Accepted"
    assert [it.get("tbc", False) for it in central.all("ReportChargingProfiles")] == [True, False]
    wrong = profile(3, "TxProfile", 1, transactionId="nobody")
    assert (
        central.ask("SetChargingProfile", evseId=2, chargingProfile=wrong)["statusInfo"]["reasonCode"] == "TxNotFound"
    )
    assert central.ask("ClearChargingProfile", chargingProfileId=2) == {"status": "Accepted"}
    assert central.ask("ClearChargingProfile", chargingProfileId=2) == {"status": "Unknown"}
    central.ask("RequestStopTransaction", transactionId=uid)
    assert not central.station.memory.profiles


def test_lists_and_reservations() -> None:
    central = Strict()
    entry = {"idToken": {"idToken": "HOME", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    whole = {"versionNumber": 5, "updateType": "Full", "localAuthorizationList": [entry]}
    assert central.ask("SendLocalList", **whole) == {"status": "Accepted"}
    late = {"versionNumber": 5, "updateType": "Differential"}
    assert central.ask("SendLocalList", **late) == {"status": "VersionMismatch"}
    assert central.ask("GetLocalListVersion") == {"versionNumber": 5}
    until = (central.now + dt.timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    kept = {"id": 3, "expiryDateTime": until, "idToken": {"idToken": "HOME", "type": "ISO14443"}, "evseId": 2}
    assert central.ask("ReserveNow", **kept) == {"status": "Accepted"}
    assert central.statuses2(2)[-1] == "Reserved"
    other = {"idToken": {"idToken": "OTHER", "type": "Central"}, "remoteStartId": 1, "evseId": 2}
    assert central.ask("RequestStartTransaction", **other)["status"] == "Rejected"
    central.do(PlugIn(connector=2))
    central.do(PresentCard(token="HOME", connector=2))
    central.wait(1)
    assert [it["reservationId"] for it in central.events() if "reservationId" in it] == [3]
    central.ask("ReserveNow", **(kept | {"id": 4, "evseId": 1}))
    central.wait(301)
    assert central.all("ReservationStatusUpdate") == [{"reservationId": 4, "reservationUpdateStatus": "Expired"}]
    assert central.ask("CancelReservation", reservationId=4) == {"status": "Rejected"}


def test_availability_waits_for_the_end() -> None:
    central = Strict()
    central.do(PlugIn(connector=2))
    uid = start(central)
    closed = {"operationalStatus": "Inoperative", "evse": {"id": 2}}
    assert central.ask("ChangeAvailability", **closed) == {"status": "Scheduled"}
    central.ask("RequestStopTransaction", transactionId=uid)
    central.do(Unplug(connector=2))
    assert central.statuses2(2)[-1] == "Unavailable"
    assert central.ask("ChangeAvailability", operationalStatus="Operative") == {"status": "Accepted"}
    assert central.statuses2(2)[-1] == "Available"
    assert central.ask("ChangeAvailability", operationalStatus="Operative", evse={"id": 7}) == {"status": "Rejected"}


def test_messages_on_the_screen_and_what_is_known_of_a_customer() -> None:
    central = Strict()
    message = {"id": 1, "priority": "AlwaysFront", "message": {"format": "UTF8", "content": "Добро пожаловать"}}
    assert central.ask("SetDisplayMessage", message=message) == {"status": "Accepted"}
    html = message | {"id": 2, "message": {"format": "HTML", "content": "<b>"}}
    assert central.ask("SetDisplayMessage", message=html) == {"status": "NotSupportedMessageFormat"}
    assert central.ask("GetDisplayMessages", requestId=1) == {"status": "Accepted"}
    assert central.all("NotifyDisplayMessages")[0]["messageInfo"] == [message]
    assert central.ask("ClearDisplayMessage", id=1) == {"status": "Accepted"}
    assert central.ask("ClearDisplayMessage", id=1) == {"status": "Unknown"}
    central.do(PresentCard(token="CARD", connector=2))
    asked = {"requestId": 1, "report": True, "clear": True, "idToken": {"idToken": "CARD", "type": "ISO14443"}}
    assert central.ask("CustomerInformation", **asked) == {"status": "Accepted"}
    assert central.all("NotifyCustomerInformation")[0]["data"] == "cache: Accepted"
    assert not central.station.memory.cache


@pytest.mark.parametrize("version", VERSIONS)
def test_a_contract_pays_for_its_car(version: str) -> None:
    central = Strict(version)
    central.do(PlugIn(connector=2))
    hashes = [
        {
            "hashAlgorithm": "SHA256", "issuerNameHash": "a" * 64, "issuerKeyHash": "b" * 64, "serialNumber": "1f",
            "responderURL": "http://ocsp",
        }
    ]  # fmt: skip
    central.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}, "certificateStatus": "CertificateExpired"}
    contract = PresentContract(emaid="DE8ABCC12345678", chain="-----BEGIN", hashes=hashes, connector=2)
    central.do(contract)
    assert central.all("Authorize")[0]["idToken"] == {"idToken": "DE8ABCC12345678", "type": "eMAID"}
    central.wait(5)
    assert central.story()[-1][2] == "EVConnected"
    central.answers["Authorize"]["certificateStatus"] = "Accepted"
    central.do(contract)
    central.wait(5)
    assert central.story()[-1][2] == "Charging"


def test_limits_of_a_transaction_are_kept() -> None:
    central = Strict("2.1")
    central.answers["TransactionEvent"] = {"transactionLimit": {"maxEnergy": 500}}
    central.do(PlugIn(connector=2))
    start(central)
    central.wait(60)
    assert central.story()[-1][:2] == ("Ended", "EnergyLimitReached")


def test_states_may_come_as_events() -> None:
    central = Strict("2.1", quirks=Quirks(events_for_states=True))
    central.do(SetFault(connector=2))
    told = [it["eventData"][0]["actualValue"] for it in central.all("NotifyEvent")]
    assert told == ["Available", "Available", "Faulted"]
    assert not central.all("StatusNotification")


@pytest.mark.parametrize("version", VERSIONS)
def test_what_makes_no_sense_is_refused_and_a_strict_station_hangs_up(version: str) -> None:
    central = Strict(version)
    central.asked["x"] = "Reset"
    central.station.received('[2,"x","Reset",{"type":"Sometimes"}]', central.now)
    out = central.station.take()
    assert msgspec.json.decode(out.frames[0])[2] == "PropertyConstraintViolation"
    assert out.hang_up
    assert "Reset" in central.station.violations[-1]
    central.station.received('[2,"y","Dance",{}]', central.now)
    assert msgspec.json.decode(central.station.take().frames[0])[2] == "NotImplemented"


def test_a_memory_goes_to_json_and_back() -> None:
    central = Strict("2.1", outlets=TWO_PLUGS)
    central.do(PlugIn(connector=2))
    start(central)
    central.wait(60)
    kept = msgspec.json.encode(central.station.memory)
    again = msgspec.json.decode(kept, type=StationMemory)
    assert msgspec.to_builtins(again) == msgspec.to_builtins(central.station.memory)
    loose = msgspec.convert(msgspec.json.decode(kept), StationMemory, strict=False)
    assert msgspec.to_builtins(loose) == msgspec.to_builtins(central.station.memory)
