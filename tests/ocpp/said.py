"""Orders of every kind; how each is said is in `said.txt`: order, versions, action, payload."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from zaryad.link import orders
from zaryad.link.answers import TokenStatus
from zaryad.link.orders import AnyOrder

AT = dt.datetime(2026, 11, 21, 10, 0, 0, 123_456, tzinfo=dt.timezone(dt.timedelta(hours=6)))
SAID_AT = "2026-11-21T04:00:00Z"
NUMBER = 77
HASH = orders.CertificateHash(algorithm="sha384", issuer_name_hash="ab", issuer_key_hash="cd", serial="a1")
VARIABLE = orders.Variable(component="EVSE", name="Power", instance="Max", evse=1, outlet=2)
CHARGING = orders.Profile(
    number=4,
    stack_level=1,
    purpose="transaction",
    kind="relative",
    schedule=orders.Schedule(unit="amperes", periods=(orders.Period(start_s=0, limit_tenths=165, phases=3),)),
)
DAILY = orders.Profile(
    number=5,
    stack_level=0,
    purpose="transaction_default",
    kind="recurring_daily",
    schedule=orders.Schedule(
        unit="watts",
        periods=(orders.Period(start_s=0, limit_tenths=110_000), orders.Period(start_s=60, limit_tenths=0)),
        duration_s=86_400,
        start_at=AT,
        min_rate_tenths=60,
    ),
    valid_from=AT,
    valid_to=AT,
)
FIRMWARE = orders.UpdateFirmware(url="https://f/1", retrieve_at=AT, retries=3, retry_interval_s=60)
SIGNED = msgspec.structs.replace(FIRMWARE, install_at=AT, certificate="PEM", signature="c2ln")

ORDERS: dict[str, AnyOrder] = {
    "start_charging": orders.StartCharging(connector=102, token="S1", group="G", profile=CHARGING),
    "start_charging_2": orders.StartCharging(connector=2, token="S1", profile=CHARGING),
    "stop_charging": orders.StopCharging(charge_ref="7"),
    "stop_charging_2": orders.StopCharging(charge_ref="tx"),
    "reset_station": orders.ResetStation(),
    "reset_station_2": orders.ResetStation(hard=True, connector=102),
    "unlock_connector": orders.UnlockConnector(connector=102),
    "change_availability": orders.ChangeAvailability(connector=0, operative=True),
    "change_availability_2": orders.ChangeAvailability(connector=2, operative=False),
    "change_availability_3": orders.ChangeAvailability(connector=2, operative=False, whole_evse=False),
    "clear_cache": orders.ClearCache(),
    "send_data": orders.SendData(vendor="V", message="M", data="x"),
    "trigger": orders.Trigger(message="StatusNotification", connector=2),
    "trigger_2": orders.Trigger(message="LogStatusNotification"),
    "trigger_3": orders.Trigger(message="SignChargingStationCertificate"),
    "trigger_4": orders.Trigger(message="CustomTrigger", custom="X"),
    "ask_transaction": orders.AskTransaction(charge_ref="tx"),
    "ask_transaction_2": orders.AskTransaction(),
    "show_cost": orders.ShowCost(charge_ref="tx", total_minor=12345),
    "read_configuration": orders.ReadConfiguration(keys=("A",)),
    "change_configuration": orders.ChangeConfiguration(key="A", value="1"),
    "read_variables": orders.ReadVariables(variables=(orders.VariableAsked(variable=VARIABLE, attribute="max_set"),)),
    "write_variables": orders.WriteVariables(
        variables=(orders.VariableSet(variable=orders.Variable(component="C", name="N"), value="1"),)
    ),
    "report_base": orders.ReportBase(),
    "report_variables": orders.ReportVariables(
        variables=(orders.Variable(component="C", name=""),), criteria=("problem",)
    ),
    "set_network_profile": orders.SetNetworkProfile(slot=1, url="wss://c", security_profile=2),
    "set_network_profile_2": orders.SetNetworkProfile(
        slot=1, url="wss://c", security_profile=2, protocol="ocpp2.1", identity="I", password="p" * 16
    ),
    "set_monitors": orders.SetMonitors(
        monitors=(orders.MonitorSet(variable=VARIABLE, kind="delta", value="0.5", id=3, while_transaction=True),)
    ),
    "clear_monitors": orders.ClearMonitors(ids=(1, 2)),
    "set_monitoring_base": orders.SetMonitoringBase(base="hard_wired_only"),
    "set_monitoring_level": orders.SetMonitoringLevel(severity=5),
    "report_monitors": orders.ReportMonitors(variables=(VARIABLE,), criteria=("threshold",)),
    "send_local_list": orders.SendLocalList(
        version=3,
        full=False,
        entries=(
            orders.ListEntry(token="A", status=TokenStatus.ACCEPTED, expires_at=AT, group="G"),
            orders.ListEntry(token="B"),
        ),
    ),
    "ask_list_version": orders.AskListVersion(),
    "reserve": orders.Reserve(reservation=9, connector=0, token="A", expires_at=AT, group="G"),
    "cancel_reservation": orders.CancelReservation(reservation=9),
    "set_display": orders.SetDisplay(message=orders.DisplayMessage(number=1, text="t", state="idle", until_at=AT)),
    "report_displays": orders.ReportDisplays(numbers=(1,)),
    "clear_display": orders.ClearDisplay(number=1),
    "customer_data": orders.CustomerData(report=True, clear=False, token="A", customer="C", certificate=HASH),
    "set_profile": orders.SetProfile(connector=1, profile=DAILY),
    "clear_profiles": orders.ClearProfiles(number=5),
    "clear_profiles_2": orders.ClearProfiles(purpose="transaction", connector=1),
    "report_profiles": orders.ReportProfiles(numbers=(4,)),
    "compose_schedule": orders.ComposeSchedule(connector=1, duration_s=60, unit="watts"),
    "update_firmware": FIRMWARE,
    "update_firmware_2": SIGNED,
    "fetch_log": orders.FetchLog(url="u", log="security", since=AT),
    "fetch_log_2": orders.FetchLog(url="u", plain=True),
    "publish_firmware": orders.PublishFirmware(url="u", checksum="c"),
    "unpublish_firmware": orders.UnpublishFirmware(checksum="c"),
    "install_certificate": orders.InstallCertificate(use="csms_root", certificate="PEM"),
    "delete_certificate": orders.DeleteCertificate(hash=HASH),
    "list_certificates": orders.ListCertificates(uses=("manufacturer_root",)),
    "give_certificate": orders.GiveCertificate(chain="PEM", request=5),
}
SAID = [
    (ORDERS[name], versions.split(), action, body)
    for name, versions, action, body in (
        line.split(" | ", 3) for line in (Path(__file__).parent / "said.txt").read_text("utf-8").splitlines()
    )
]
