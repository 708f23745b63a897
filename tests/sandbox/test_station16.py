"""The model against the standard: what it says, when, and in which order."""

import datetime as dt

import msgspec
import pytest

from tests.sandbox.central import AC, DC, START, Central
from zaryad.kernel.errors import DomainError
from zaryad.sandbox.model import (
    ClearFault,
    DropLink,
    EmergencyStop,
    FreezeMeter,
    JumpMeter,
    PlugIn,
    PresentCard,
    Quirks,
    Reboot,
    SetClock,
    SetFault,
    SetMood,
    SetNetwork,
    SetSpeed,
    StationMemory,
    Unplug,
)
from zaryad.sandbox.station16 import Station16
from zaryad.sandbox.timekeeping import read


def charging(central: Central, connector: int = 1, token: str = "CARD") -> int:
    central.do(PlugIn(connector=connector))
    assert central.ask("RemoteStartTransaction", connectorId=connector, idTag=token) == {"status": "Accepted"}
    central.wait(2)
    return central.next_transaction


def test_it_boots_then_tells_every_connector_then_beats() -> None:
    central = Central()
    assert [action for action, _ in central.heard] == ["BootNotification"] + ["StatusNotification"] * 3
    assert [body["connectorId"] for body in central.all("StatusNotification")] == [0, 1, 2]
    assert central.statuses(1) == ["Available"]
    central.wait(900)
    assert len(central.all("Heartbeat")) == 3


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_before_it_is_accepted_it_only_asks_again(status: str) -> None:
    central = Central()
    central.boot_status = status
    central.forget()
    central.do(Reboot())
    central.wait(20)
    assert central.ask("RemoteStartTransaction", connectorId=1, idTag="CARD") == {"status": "Rejected"}
    assert central.ask("TriggerMessage", requestedMessage="BootNotification") == {"status": "Accepted"}
    assert {action for action, _ in central.heard} == {"BootNotification"}
    central.boot_status = "Accepted"
    central.wait(301)
    assert central.all("StatusNotification")


def test_a_remote_start_becomes_a_charge() -> None:
    central = Central()
    id = charging(central)
    assert central.statuses(1) == ["Available", "Preparing", "Charging"]
    start = central.all("StartTransaction")[0]
    assert start["idTag"] == "CARD"
    assert start["meterStart"] == 0
    central.wait(600)
    readings = central.all("MeterValues")
    assert len(readings) == 20
    assert {body["transactionId"] for body in readings} == {id}
    values = {v["measurand"]: v for v in readings[-1]["meterValue"][0]["sampledValue"]}
    assert values["Energy.Active.Import.Register"] == {
        "measurand": "Energy.Active.Import.Register", "unit": "Wh", "value": "1833",
    }  # fmt: skip
    assert values["Power.Active.Import"]["value"] == "11000.0"
    assert central.ask("RemoteStopTransaction", transactionId=id) == {"status": "Accepted"}
    stop = central.all("StopTransaction")[0]
    assert (stop["transactionId"], stop["reason"], stop["meterStop"]) == (id, "Remote", 1836)
    assert central.statuses(1)[-1] == "Finishing"
    central.do(Unplug())
    assert central.statuses(1)[-1] == "Available"
    assert not central.station.memory.transactions
    assert not central.station.memory.queue


def test_a_dc_station_knows_the_state_of_charge_and_an_ac_station_its_phases() -> None:
    central = Central()
    charging(central, 1)
    charging(central, 2, "OTHER")
    central.wait(60)
    by_connector = {body["connectorId"]: body["meterValue"][0]["sampledValue"] for body in central.all("MeterValues")}
    assert [v["phase"] for v in by_connector[1] if v["measurand"] == "Current.Import"] == ["L1", "L2", "L3"]
    assert [v["value"] for v in by_connector[2] if v["measurand"] == "SoC"] == ["26"]
    assert not [v for v in by_connector[1] if v["measurand"] == "SoC"]


def test_permission_without_a_cable_lapses() -> None:
    central = Central()
    assert central.ask("RemoteStartTransaction", connectorId=1, idTag="CARD") == {"status": "Accepted"}
    assert central.statuses(1)[-1] == "Preparing"
    central.wait(121)
    assert central.statuses(1)[-1] == "Available"
    central.do(PlugIn())
    central.wait(5)
    assert not central.all("StartTransaction")


def test_a_full_car_is_suspended_by_itself_and_ends_by_setting() -> None:
    patient, hasty = Central(), Central(stops_when_full_s=60)
    for central in (patient, hasty):
        central.do(PlugIn(connector=2, soc_percent=79, full_at_percent=80))
        central.ask("RemoteStartTransaction", connectorId=2, idTag="CARD")
        central.wait(1_800)
        assert "SuspendedEV" in central.statuses(2)
    assert not patient.all("StopTransaction")
    assert [body["reason"] for body in hasty.all("StopTransaction")] == ["Other"]


def test_a_card_starts_and_the_same_card_stops() -> None:
    central = Central()
    central.do(PlugIn())
    central.do(PresentCard(token="Card1"))
    central.wait(60)
    assert central.all("Authorize") == [{"idTag": "Card1"}]
    central.do(PresentCard(token="STRANGER", connector=1))
    assert not central.all("StopTransaction")
    central.do(PresentCard(token="CARD1"))
    stop = central.all("StopTransaction")[0]
    assert (stop["reason"], stop["idTag"]) == ("Local", "CARD1")


@pytest.mark.parametrize("status", ["Invalid", "Blocked", "Expired"])
def test_a_refused_card_charges_nothing(status: str) -> None:
    central = Central()
    central.token_status = status
    central.do(PlugIn())
    central.do(PresentCard(token="CARD"))
    central.wait(60)
    assert not central.all("StartTransaction")


def test_a_token_refused_in_the_answer_to_the_start_ends_the_charge() -> None:
    central = Central()
    central.token_status = "Blocked"
    charging(central)
    assert [body["reason"] for body in central.all("StopTransaction")] == ["DeAuthorized"]
    held = Central(configuration={"StopTransactionOnInvalidId": "false"})
    held.token_status = "Blocked"
    charging(held)
    held.wait(600)
    assert held.statuses(1)[-1] == "SuspendedEVSE"
    assert held.station.memory.outlets[1].register_mwh == 0


def test_offline_the_cache_decides() -> None:
    central = Central()
    central.do(PlugIn())
    central.do(PresentCard(token="KNOWN"))
    central.wait(60)
    central.do(PresentCard(token="KNOWN"))
    central.do(Unplug())
    central.cut()
    central.forget()
    central.do(PlugIn())
    central.do(PresentCard(token="UNKNOWN"))
    central.wait(60)
    assert central.station.charges.at(central.station.outlets[1]) is None
    central.do(PresentCard(token="KNOWN"))
    central.wait(60)
    assert central.station.charges.at(central.station.outlets[1]) is not None
    assert not central.heard


def test_offline_charges_are_told_in_order_with_their_old_times() -> None:
    central = Central(configuration={"AllowOfflineTxForUnknownId": "true"})
    central.cut()
    central.forget()
    for round in range(2):
        central.do(PlugIn())
        central.do(PresentCard(token=f"CARD{round}"))
        central.wait(90)
        central.do(Unplug())
        central.wait(3_600)
    central.restore()
    told = [action for action, _ in central.heard if action.endswith(("Transaction", "Values"))]
    one = ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
    assert told == one * 2
    times = [body["timestamp"] for action, body in central.heard if action in ("StartTransaction", "StopTransaction")]
    assert times == sorted(times)
    assert times[0] < "2026-05-01T08:01"
    stops = central.all("StopTransaction")
    assert [body["transactionId"] for body in stops] == [101, 102]
    assert {body["transactionId"] for body in central.all("MeterValues")} == {101, 102}


def test_an_unanswered_start_is_repeated_with_a_new_id_and_the_same_content() -> None:
    central = Central()
    central.deaf = True
    charging(central)
    central.wait(400)
    central.deaf = False
    central.wait(400)
    starts = [
        (id, body)
        for id, (action, body) in zip(central.ids, central.heard, strict=True)
        if action == "StartTransaction"
    ]
    assert len(starts) > 2
    assert len({id for id, _ in starts}) == len(starts)
    assert all(body == starts[0][1] for _, body in starts)
    readings = central.all("MeterValues")
    assert {body["transactionId"] for body in readings} == {101}


def test_a_refused_message_is_given_up_after_its_attempts() -> None:
    central = Central(configuration={"TransactionMessageAttempts": "3", "TransactionMessageRetryInterval": "10"})
    central.refuses = {"StartTransaction"}
    charging(central)
    assert len(central.all("StartTransaction")) == 1
    central.wait(9)
    assert len(central.all("StartTransaction")) == 2
    central.wait(25)
    assert len(central.all("StartTransaction")) == 3
    central.do(Unplug())
    stop = central.all("StopTransaction")[0]
    assert stop["transactionId"] == -1
    assert central.station.memory.given_up == 1


def test_a_lost_answer_to_the_start_can_mean_minus_one() -> None:
    central = Central(quirks=Quirks(minus_one_stop=True))
    central.deaf = True
    charging(central)
    central.wait(31)
    central.deaf = False
    central.do(Unplug())
    central.wait(31)
    assert central.all("StopTransaction")[0]["transactionId"] == -1


def test_a_power_cut_ends_the_charge_where_it_was() -> None:
    central = Central()
    id = charging(central)
    central.wait(600)
    register = central.station.outlets[1].register_wh
    central.forget()
    central.do(Reboot(hard=True))
    assert not central.station.linked
    central.wait(60)
    assert [action for action, _ in central.heard if action != "StatusNotification"] == [
        "BootNotification",
        "StopTransaction",
    ]
    stop = central.all("StopTransaction")[0]
    assert (stop["transactionId"], stop["reason"], stop["meterStop"]) == (id, "PowerLoss", register)
    assert stop["timestamp"] < central.all("StatusNotification")[0]["timestamp"]


def test_the_memory_goes_through_json_and_an_answer_lost_in_the_crash_is_asked_for_again() -> None:
    central = Central()
    charging(central)
    central.wait(100)
    central.deaf = True
    central.do(Unplug())
    central.wait(31)
    kept = msgspec.json.encode(central.station.memory)
    again = Central(memory=msgspec.json.decode(kept, type=StationMemory))
    assert [body["meterStop"] for body in again.all("StopTransaction")] == [308]
    assert again.all("StopTransaction") == central.all("StopTransaction")


def test_a_short_absence_of_the_host_is_no_power_cut() -> None:
    central = Central()
    charging(central)
    central.wait(100)
    kept = msgspec.json.encode(central.station.memory)
    station = Station16(central.model, msgspec.json.decode(kept, type=StationMemory))
    station.power_on(central.now + dt.timedelta(minutes=2))
    assert station.outlets[1].register_wh > central.station.outlets[1].register_wh
    gone = Station16(central.model, msgspec.json.decode(kept, type=StationMemory))
    gone.memory.outlets[1].car = None
    gone.power_on(central.now + dt.timedelta(minutes=2))
    assert gone.memory.queue[-1].body["reason"] == "EVDisconnected"
    late = Station16(central.model, msgspec.json.decode(kept, type=StationMemory))
    late.power_on(central.now + dt.timedelta(hours=2))
    assert late.outlets[1].register_wh == central.station.outlets[1].register_wh
    assert late.memory.queue[-1].body["reason"] == "PowerLoss"


@pytest.mark.parametrize(("kind", "reason"), [("Hard", "HardReset"), ("Soft", "SoftReset")])
def test_a_reset_ends_what_runs_and_boots(kind: str, reason: str) -> None:
    central = Central()
    charging(central)
    central.forget()
    assert central.ask("Reset", type=kind) == {"status": "Accepted"}
    central.wait(60)
    assert [body["reason"] for body in central.all("StopTransaction")] == [reason]
    assert len(central.all("BootNotification")) == 1


def test_unlock_ends_the_charge_and_an_unknown_connector_is_not_supported() -> None:
    central = Central()
    charging(central)
    assert central.ask("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    assert central.all("StopTransaction")[0]["reason"] == "UnlockCommand"
    assert central.ask("UnlockConnector", connectorId=9) == {"status": "NotSupported"}


def test_availability_waits_for_the_charge_and_outlives_a_reboot() -> None:
    central = Central()
    charging(central)
    assert central.ask("ChangeAvailability", connectorId=1, type="Inoperative") == {"status": "Scheduled"}
    central.do(Unplug())
    assert central.statuses(1)[-1] == "Unavailable"
    central.do(Reboot())
    central.wait(60)
    assert central.statuses(1)[-1] == "Unavailable"
    assert central.ask("RemoteStartTransaction", connectorId=1, idTag="CARD") == {"status": "Rejected"}
    assert central.ask("ChangeAvailability", connectorId=0, type="Operative") == {"status": "Accepted"}
    assert central.statuses(1)[-1] == "Available"


def test_configuration_is_read_and_written() -> None:
    central = Central(outlets=(AC,))
    told = central.ask("GetConfiguration", key=["HeartbeatInterval", "NumberOfConnectors", "Nonsense"])
    assert told["configurationKey"] == [
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
        {"key": "NumberOfConnectors", "readonly": True, "value": "1"},
    ]
    assert told["unknownKey"] == ["Nonsense"]
    answers = [
        central.ask("ChangeConfiguration", key=key, value=value)["status"]
        for key, value in [
            ("MeterValueSampleInterval", "5"), ("MeterValueSampleInterval", "soon"), ("NumberOfConnectors", "2"),
            ("Nonsense", "1"), ("WebSocketPingInterval", "30"),
        ]
    ]  # fmt: skip
    assert answers == ["Accepted", "Rejected", "Rejected", "NotSupported", "RebootRequired"]
    charging(central)
    central.wait(60)
    assert len(central.all("MeterValues")) == 12


def test_a_new_password_is_used_from_the_next_connection_and_never_shown() -> None:
    central = Central(password="old")
    assert central.station.configuration.password == b"old"
    assert central.ask("ChangeConfiguration", key="AuthorizationKey", value="00ff" * 8) == {"status": "Accepted"}
    assert central.station.configuration.password == b"\x00\xff" * 8
    assert "AuthorizationKey" not in str(central.ask("GetConfiguration"))


def test_what_it_cannot_do_it_says() -> None:
    central = Central()
    central.ask("MakeCoffee")
    assert central.replies[-1][2] == "NotImplemented"
    central.ask("RemoteStartTransaction")
    assert central.replies[-1][2] == "FormationViolation"
    assert central.ask("DataTransfer", vendorId="Nobody") == {"status": "UnknownVendorId"}
    assert central.ask("TriggerMessage", requestedMessage="LogStatusNotification") == {"status": "NotImplemented"}
    assert central.ask("TriggerMessage", requestedMessage="MeterValues", connectorId=2) == {"status": "Accepted"}
    assert central.all("MeterValues")[-1]["connectorId"] == 2
    assert central.ask("ClearCache") == {"status": "Accepted"}


def test_the_red_button_stops_everything_until_it_is_cleared() -> None:
    central = Central()
    charging(central, 1)
    charging(central, 2, "OTHER")
    central.do(EmergencyStop())
    assert [body["reason"] for body in central.all("StopTransaction")] == ["EmergencyStop"] * 2
    assert [central.statuses(n)[-1] for n in (0, 1, 2)] == ["Faulted"] * 3
    central.do(ClearFault())
    assert [central.statuses(n)[-1] for n in (0, 1, 2)] == ["Available", "Finishing", "Finishing"]


def test_a_fault_has_its_code() -> None:
    central = Central()
    central.do(SetFault(connector=1, code="HighTemperature", info="62 C"))
    status = central.all("StatusNotification")[-1]
    assert (status["status"], status["errorCode"], status["info"]) == ("Faulted", "HighTemperature", "62 C")
    assert central.ask("RemoteStartTransaction", connectorId=1, idTag="CARD") == {"status": "Rejected"}


def test_after_a_lost_link_only_the_present_is_told_and_no_boot() -> None:
    central = Central()
    central.cut()
    central.forget()
    central.do(PlugIn())
    central.wait(10)
    central.do(Unplug())
    central.do(PlugIn())
    central.restore()
    assert [action for action, _ in central.heard] == ["StatusNotification"]
    central.forget()
    central.do(DropLink())
    assert not central.heard
    assert central.station.linked


def test_without_a_network_it_stays_away() -> None:
    central = Central()
    central.do(SetNetwork(up=False))
    assert not central.station.linked
    assert not central.station.wants_link
    central.do(SetNetwork(up=True))
    assert central.station.linked


def test_quirks_of_the_field() -> None:
    assert (
        Central(quirks=Quirks(spaced_json=True))
        .raw[0]
        .startswith('[2, "1", "BootNotification", {"chargePointVendor": ')
    )
    central = Central(quirks=Quirks(boots_on_reconnect=True, kwh_unit=True, doubles_messages=True, comma_decimals=True))
    charging(central)
    central.wait(300)
    assert len(central.all("StartTransaction")) == 2
    energy = central.all("MeterValues")[-1]["meterValue"][0]["sampledValue"][0]
    assert (energy["value"], energy["unit"]) == ("0,916", "kWh")
    central.do(DropLink())
    assert len(central.all("BootNotification")) == 2


def test_a_clock_without_a_battery_starts_in_1970_and_drift_adds_up() -> None:
    lost = Central(quirks=Quirks(clock_1970=True, pipelines_boot=True))
    assert lost.all("StatusNotification")[0]["timestamp"].startswith("1970-01-01")
    assert read(lost.station.memory, lost.now) == lost.now
    central = Central()
    central.do(SetClock(offset_s=-120, ppm=10_000))
    assert read(central.station.memory, START + dt.timedelta(hours=1)) == START + dt.timedelta(
        hours=1, seconds=36 - 120
    )
    central.wait(300)  # a heartbeat tells the time
    assert read(central.station.memory, central.now) == central.now


def test_replayed_statuses_carry_their_old_times() -> None:
    central = Central(quirks=Quirks(replays_statuses=True))
    central.cut()
    central.forget()
    central.do(PlugIn())
    central.wait(60)
    central.do(Unplug())
    central.wait(60)
    central.restore()
    assert central.statuses(1)[:2] == ["Preparing", "Available"]


def test_a_frozen_or_jumping_meter() -> None:
    central = Central()
    charging(central)
    central.do(FreezeMeter(frozen=True))
    central.wait(600)
    frozen = central.station.outlets[1].register_wh
    assert frozen < 10
    central.do(JumpMeter(wh=5_000))
    assert central.station.outlets[1].register_wh == frozen + 5_000


def test_speed_fills_the_battery_and_not_the_clock() -> None:
    central = Central()
    central.do(SetSpeed(speed=60))
    charging(central)
    central.wait(59)
    assert 11_000 <= central.station.outlets[1].register_wh <= 11_200
    assert central.all("MeterValues")[-1]["meterValue"][0]["sampledValue"][1]["value"] == "11000.0"


def test_hands_cannot_do_the_impossible() -> None:
    central = Central(outlets=(AC,))
    for command, code in [
        (Unplug(), "no_car_there"), (SetMood(), "no_car_there"), (PlugIn(connector=2), "no_such_connector"),
    ]:  # fmt: skip
        with pytest.raises(DomainError) as raised:
            central.do(command)
        assert raised.value.code == code
    central.do(PlugIn())
    with pytest.raises(DomainError) as raised:
        central.do(PlugIn())
    assert raised.value.code == "cable_is_taken"


def test_a_car_that_changes_its_mind() -> None:
    central = Central()
    charging(central)
    central.do(SetMood(takes_power=False))
    assert central.statuses(1)[-1] == "SuspendedEV"
    central.do(SetMood(takes_power=True))
    assert central.statuses(1)[-1] == "Charging"


def test_a_long_absence_gives_up_readings_and_never_an_end() -> None:
    central = Central(queue_max=50, configuration={"AllowOfflineTxForUnknownId": "true"})
    central.cut()
    for _ in range(3):
        central.do(PlugIn(takes_power=False))
        central.do(PresentCard(token="CARD"))
        central.wait(3_600)
        central.do(Unplug())
    assert len(central.station.memory.queue) <= 50
    central.forget()
    central.restore()
    assert (len(central.all("StartTransaction")), len(central.all("StopTransaction"))) == (3, 3)


def test_dc_is_the_second_outlet() -> None:
    assert DC.dc
    assert not AC.dc
