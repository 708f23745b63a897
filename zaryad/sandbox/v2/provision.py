"""Block B of a 2.x station: variables, reports, network profiles, reset; and the monitors of block N."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zaryad.link.station import evse_of
from zaryad.ocpp.v2 import wire
from zaryad.sandbox.v2 import network
from zaryad.sandbox.v2.device import Slot
from zaryad.sandbox.v2.monitors import named, wanted

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

Body = dict[str, Any]
After = Callable[[dt.datetime], None]
LEVEL = "MonitoringCtrlr/ActiveMonitoringLevel"
BASE = "MonitoringCtrlr/ActiveMonitoringBase"


def tell_parts(  # noqa: PLR0917  # what a report is made of
    station: Station2, action: str, head: Body, key: str, items: list[Body], now: dt.datetime
) -> None:
    """Tell a report in parts, as many items in each as the station tells at once."""
    size = station.device.number("DeviceDataCtrlr/ItemsPerMessage[GetReport]")
    parts = [items[at : at + size] for at in range(0, len(items), size)] or [[]]
    for number, part in enumerate(parts):
        body = {**head, "generatedAt": station.time_shown(now), "seqNo": number}
        body |= {"tbc": True} if number < len(parts) - 1 else {}
        station.ask(action, body | ({key: part} if part else {}))


def _get_variables(station: Station2, asked: wire.GetVariablesRequest, _now: dt.datetime) -> Body:
    most = station.device.number("DeviceDataCtrlr/ItemsPerMessage[GetVariables]")
    results = []
    for number, it in enumerate(asked.get_variable_data):
        result: Body = named(it.component, it.variable)
        result |= {"attributeType": it.attribute_type} if it.attribute_type is not None else {}
        slot = station.device.find(it.component, it.variable)
        if number >= most:
            result["attributeStatus"] = "Rejected"
            result["attributeStatusInfo"] = {"reasonCode": "TooManyElements"}
        elif isinstance(slot, str):
            result["attributeStatus"] = slot
        elif it.attribute_type not in (None, "Actual"):
            result["attributeStatus"] = "NotSupportedAttributeType"
        elif slot.mutability == "WriteOnly":
            result["attributeStatus"] = "Rejected"
            result["attributeStatusInfo"] = {"reasonCode": "WriteOnly"}
        else:
            result |= {"attributeStatus": "Accepted", "attributeValue": station.device[slot.key]}
        results.append(result)
    return {"getVariableResult": results}


def _set_variables(station: Station2, asked: wire.SetVariablesRequest, _now: dt.datetime) -> tuple[Body, After]:
    most = station.device.number("DeviceDataCtrlr/ItemsPerMessage[SetVariables]")
    results = []
    password = False
    for number, it in enumerate(asked.set_variable_data):
        result: Body = named(it.component, it.variable)
        result |= {"attributeType": it.attribute_type} if it.attribute_type is not None else {}
        slot = station.device.find(it.component, it.variable)
        if number >= most:
            result["attributeStatus"] = "Rejected"
            result["attributeStatusInfo"] = {"reasonCode": "TooManyElements"}
        elif isinstance(slot, str):
            result["attributeStatus"] = slot
        elif it.attribute_type not in (None, "Actual"):
            result["attributeStatus"] = "NotSupportedAttributeType"
        else:
            result["attributeStatus"] = station.device.set(slot, it.attribute_value)
            changed = result["attributeStatus"] == "Accepted"
            password |= changed and slot.variable == "BasicAuthPassword"
        results.append(result)

    def after(_at: dt.datetime) -> None:
        if password:
            station.hang_up()  # it comes back with the new one (A01)

    return {"setVariableResult": results}, after


def _base_report(station: Station2, asked: wire.GetBaseReportRequest, _now: dt.datetime) -> Body | tuple[Body, After]:
    slots = list(station.device.slots.values())
    if asked.report_base == "SummaryInventory":
        slots = [slot for slot in slots if slot.inventory]
    elif asked.report_base == "ConfigurationInventory":
        slots = [slot for slot in slots if slot.mutability != "ReadOnly"]
    return _report(station, asked.request_id, slots)


def _get_report(station: Station2, asked: wire.GetReportRequest, _now: dt.datetime) -> Body | tuple[Body, After]:
    criteria = set(asked.component_criteria or ())
    slots = [slot for slot in station.device.slots.values() if wanted(asked.component_variable, slot.names())]
    if criteria:
        with_traits = {slot.component for slot in slots if slot.variable in criteria}
        slots = [slot for slot in slots if slot.component in with_traits]
    return _report(station, asked.request_id, slots)


def _report(station: Station2, request_id: int, slots: list[Slot]) -> Body | tuple[Body, After]:
    if not slots:
        return {"status": "EmptyResultSet"}

    def tell(at: dt.datetime) -> None:
        items = [station.device.told(slot) for slot in slots]
        tell_parts(station, "NotifyReport", {"requestId": request_id}, "reportData", items, at)

    return {"status": "Accepted"}, tell


def _network(station: Station2, asked: wire.SetNetworkProfileRequest, _now: dt.datetime) -> Body:
    return {"status": network.write(station, asked)}


def _reset(station: Station2, asked: wire.ResetRequest, _now: dt.datetime) -> Body | tuple[Body, After]:
    if asked.evse_id:
        return _reset_evse(station, asked.evse_id)
    if asked.type == "Immediate":
        station.reset_when_idle = False
        return {"status": "Accepted"}, lambda at: station.restart("ImmediateReset", at)
    if station.charging:
        station.reset_when_idle = True
        return {"status": "Scheduled"}
    return {"status": "Accepted"}, lambda at: station.restart("ImmediateReset", at)


def _reset_evse(station: Station2, evse: int) -> Body | tuple[Body, After]:
    outlets = [o for n, o in station.outlets.items() if evse_of(n)[0] == evse]
    if not outlets:
        return {"status": "Rejected"}

    def reset(at: dt.datetime) -> None:
        for outlet in outlets:
            station.broken(outlet, "ImmediateReset", at)
            station.conditions[outlet.model.number].told = None

    return {"status": "Accepted"}, reset


def _set_monitoring(station: Station2, asked: wire.SetVariableMonitoringRequest, now: dt.datetime) -> Body:
    return {"setMonitoringResult": [station.monitors.set(it, now) for it in asked.set_monitoring_data]}


def _clear_monitoring(station: Station2, asked: wire.ClearVariableMonitoringRequest, _now: dt.datetime) -> Body:
    return {"clearMonitoringResult": [{"id": id, "status": station.monitors.clear(id)} for id in asked.id]}


def _monitoring_base(station: Station2, asked: wire.SetMonitoringBaseRequest, _now: dt.datetime) -> Body:
    if asked.monitoring_base != "All":  # there are none but those that were set
        station.memory.monitors.clear()
    station.memory.variables[BASE] = asked.monitoring_base
    return {"status": "Accepted"}


def _monitoring_level(station: Station2, asked: wire.SetMonitoringLevelRequest, _now: dt.datetime) -> Body:
    if asked.severity > 9:
        return {"status": "Rejected"}
    station.memory.variables[LEVEL] = str(asked.severity)
    return {"status": "Accepted"}


def _monitoring_report(
    station: Station2, asked: wire.GetMonitoringReportRequest, _now: dt.datetime
) -> Body | tuple[Body, After]:
    items = station.monitors.reported(asked)
    if not items:
        return {"status": "EmptyResultSet"}
    head = {"requestId": asked.request_id}
    return {"status": "Accepted"}, lambda at: tell_parts(station, "NotifyMonitoringReport", head, "monitor", items, at)


ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    "ClearVariableMonitoring": _clear_monitoring,
    "GetBaseReport": _base_report,
    "GetMonitoringReport": _monitoring_report,
    "GetReport": _get_report,
    "GetVariables": _get_variables,
    "Reset": _reset,
    "SetMonitoringBase": _monitoring_base,
    "SetMonitoringLevel": _monitoring_level,
    "SetNetworkProfile": _network,
    "SetVariableMonitoring": _set_monitoring,
    "SetVariables": _set_variables,
}
