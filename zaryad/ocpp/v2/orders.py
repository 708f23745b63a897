"""Our orders in 2.x's words. They are made in 2.1's shapes; a version's own shape decides what it can be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from zaryad.link import orders
from zaryad.ocpp.strict import UnsayableError, strictly
from zaryad.ocpp.v2 import orders_certificates as certificates
from zaryad.ocpp.v2 import orders_control as control
from zaryad.ocpp.v2 import orders_files as files
from zaryad.ocpp.v2 import orders_profiles as profiles
from zaryad.ocpp.v2 import orders_settings as settings
from zaryad.ocpp.v2 import orders_tokens as tokens
from zaryad.ocpp.v2 import wire

Say = Callable[[Any, int], wire.Wire]

_SAID: dict[type[orders.Order], tuple[str, Say]] = {
    orders.StartCharging: ("RequestStartTransaction", control.start),
    orders.StopCharging: ("RequestStopTransaction", control.stop),
    orders.ResetStation: ("Reset", control.reset),
    orders.UnlockConnector: ("UnlockConnector", control.unlock),
    orders.ChangeAvailability: ("ChangeAvailability", control.availability),
    orders.ClearCache: ("ClearCache", lambda _order, _number: wire.ClearCacheRequest()),
    orders.SendData: ("DataTransfer", control.data),
    orders.Trigger: ("TriggerMessage", control.trigger),
    orders.AskTransaction: ("GetTransactionStatus", control.transaction_status),
    orders.ShowCost: ("CostUpdated", control.cost),
    orders.ReadVariables: ("GetVariables", settings.read),
    orders.WriteVariables: ("SetVariables", settings.write),
    orders.ReportBase: ("GetBaseReport", settings.report_base),
    orders.ReportVariables: ("GetReport", settings.report),
    orders.SetMonitors: ("SetVariableMonitoring", settings.set_monitors),
    orders.ClearMonitors: ("ClearVariableMonitoring", settings.clear_monitors),
    orders.SetMonitoringBase: ("SetMonitoringBase", settings.monitoring_base),
    orders.SetMonitoringLevel: ("SetMonitoringLevel", settings.monitoring_level),
    orders.ReportMonitors: ("GetMonitoringReport", settings.report_monitors),
    orders.SendLocalList: ("SendLocalList", tokens.local_list),
    orders.AskListVersion: ("GetLocalListVersion", lambda _order, _number: wire.GetLocalListVersionRequest()),
    orders.Reserve: ("ReserveNow", control.reserve),
    orders.CancelReservation: ("CancelReservation", control.cancel_reservation),
    orders.SetDisplay: ("SetDisplayMessage", tokens.set_display),
    orders.ReportDisplays: ("GetDisplayMessages", tokens.report_displays),
    orders.ClearDisplay: ("ClearDisplayMessage", tokens.clear_display),
    orders.CustomerData: ("CustomerInformation", tokens.customer),
    orders.SetProfile: ("SetChargingProfile", profiles.set_profile),
    orders.ClearProfiles: ("ClearChargingProfile", profiles.clear_profiles),
    orders.ReportProfiles: ("GetChargingProfiles", profiles.report_profiles),
    orders.ComposeSchedule: ("GetCompositeSchedule", profiles.compose),
    orders.UpdateFirmware: ("UpdateFirmware", files.update),
    orders.FetchLog: ("GetLog", files.fetch_log),
    orders.PublishFirmware: ("PublishFirmware", files.publish),
    orders.UnpublishFirmware: ("UnpublishFirmware", files.unpublish),
    orders.InstallCertificate: ("InstallCertificate", certificates.install),
    orders.DeleteCertificate: ("DeleteCertificate", certificates.delete),
    orders.ListCertificates: ("GetInstalledCertificateIds", certificates.installed),
}


def sayer(
    shapes: Mapping[str, tuple[type[wire.Wire], type[wire.Wire]]], *, newer: bool
) -> Callable[[orders.Order, int], tuple[str, msgspec.Struct]]:
    """Return what says an order in a version: its action and body; UnsayableError when it has no words for it."""
    said = _SAID | {
        orders.GiveCertificate: ("CertificateSigned", partial(certificates.give, newer=newer)),
        orders.SetNetworkProfile: ("SetNetworkProfile", partial(settings.network, newer=newer)),
    }

    def say(order: orders.Order, number: int) -> tuple[str, msgspec.Struct]:
        if type(order) not in said:
            raise UnsayableError("there is no such order in OCPP 2.x")
        action, encode = said[type(order)]
        body = encode(order, number)
        return action, strictly(body, shapes[action][0])

    return say
