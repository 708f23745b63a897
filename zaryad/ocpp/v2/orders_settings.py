"""Orders about a 2.x station's device model: what it is set to, what it reports, what it watches."""

from __future__ import annotations

from zaryad.link import orders
from zaryad.ocpp.repair import decimal
from zaryad.ocpp.strict import UnsayableError
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import ATTRIBUTES, MONITORS

_BASES = {"configuration": "ConfigurationInventory", "full": "FullInventory", "summary": "SummaryInventory"}
_CRITERIA = {"active": "Active", "available": "Available", "enabled": "Enabled", "problem": "Problem"}
_MONITOR_CRITERIA = {
    "threshold": "ThresholdMonitoring",
    "delta": "DeltaMonitoring",
    "periodic": "PeriodicMonitoring",
}
_MONITOR_BASES = {"all": "All", "factory_default": "FactoryDefault", "hard_wired_only": "HardWiredOnly"}
_VERSIONS_21 = {"ocpp1.6": "OCPP16", "ocpp2.0.1": "OCPP201", "ocpp2.1": "OCPP21"}
_VERSIONS_201 = {"ocpp1.6": "OCPP16", "ocpp2.0.1": "OCPP20"}


def component_said(variable: orders.Variable) -> wire.Component:
    """Say the component of a variable."""
    evse = None if variable.evse is None else wire.EVSE(id=variable.evse, connector_id=variable.outlet)
    return wire.Component(name=variable.component, instance=variable.component_instance, evse=evse)


def variable_said(variable: orders.Variable) -> wire.Variable:
    """Say a variable."""
    return wire.Variable(name=variable.name, instance=variable.instance)


def read(order: orders.ReadVariables, _number: int) -> wire.Wire:
    """Say GetVariables."""
    return wire.GetVariablesRequest(
        get_variable_data=[
            wire.GetVariableData(
                component=component_said(asked.variable),
                variable=variable_said(asked.variable),
                attribute_type=_attribute(asked.attribute),
            )
            for asked in order.variables
        ]
    )


def write(order: orders.WriteVariables, _number: int) -> wire.Wire:
    """Say SetVariables."""
    return wire21.SetVariablesRequest(
        set_variable_data=[
            wire21.SetVariableData(
                component=component_said(given.variable),
                variable=variable_said(given.variable),
                attribute_type=_attribute(given.attribute),
                attribute_value=given.value,
            )
            for given in order.variables
        ]
    )


def _attribute(attribute: orders.Attribute) -> wire.Attribute | None:
    """Say which attribute; the actual value is what an absent word means."""
    return None if attribute == "actual" else ATTRIBUTES[attribute]  # type: ignore[return-value]  # the table's words


def report_base(order: orders.ReportBase, number: int) -> wire.Wire:
    """Say GetBaseReport."""
    return wire.GetBaseReportRequest(request_id=number, report_base=_BASES[order.base])  # type: ignore[arg-type]  # its words


def _asked(variables: tuple[orders.Variable, ...]) -> list[wire.ComponentVariable] | None:
    """Say what is asked about: a variable, or without a name a component with all it has."""
    return [
        wire.ComponentVariable(
            component=component_said(variable), variable=variable_said(variable) if variable.name else None
        )
        for variable in variables
    ] or None


def report(order: orders.ReportVariables, number: int) -> wire.Wire:
    """Say GetReport."""
    return wire.GetReportRequest(
        request_id=number,
        component_variable=_asked(order.variables),
        component_criteria=[_CRITERIA[word] for word in order.criteria] or None,  # type: ignore[misc]  # its words
    )


def network(order: orders.SetNetworkProfile, _number: int, *, newer: bool) -> wire.Wire:
    """Say SetNetworkProfile. 2.0.1 calls itself OCPP20, and has no word for whichever interface there is."""
    version = (_VERSIONS_21 if newer else _VERSIONS_201).get(order.protocol)
    if version is None:
        raise UnsayableError(f"OCPP 2.0.1 has no word for {order.protocol} in a network profile")
    interface = "Wired0" if order.interface == "Any" and not newer else order.interface
    return wire21.SetNetworkProfileRequest(
        configuration_slot=order.slot,
        connection_data=wire21.NetworkConnectionProfile(
            ocpp_interface=interface,  # type: ignore[arg-type]  # an unknown word is found when it is made strict
            ocpp_transport="JSON",
            message_timeout=order.timeout_s,
            ocpp_csms_url=order.url,
            security_profile=order.security_profile,
            ocpp_version=version,  # type: ignore[arg-type]  # the tables hold its words
            identity=order.identity,
            basic_auth_password=order.password,
        ),
    )


def set_monitors(order: orders.SetMonitors, _number: int) -> wire.Wire:
    """Say SetVariableMonitoring."""
    data = []
    for monitor in order.monitors:
        value = decimal(monitor.value)
        if value is None:
            raise UnsayableError(f"{monitor.value!r} is no number to watch for")
        data.append(
            wire21.SetMonitoringData(
                value=value,
                type=MONITORS[monitor.kind],  # type: ignore[arg-type]  # the table holds its words
                severity=monitor.severity,
                component=component_said(monitor.variable),
                variable=variable_said(monitor.variable),
                id=monitor.id,
                transaction=monitor.while_transaction or None,
            )
        )
    return wire21.SetVariableMonitoringRequest(set_monitoring_data=data)


def clear_monitors(order: orders.ClearMonitors, _number: int) -> wire.Wire:
    """Say ClearVariableMonitoring."""
    return wire.ClearVariableMonitoringRequest(id=list(order.ids))


def monitoring_base(order: orders.SetMonitoringBase, _number: int) -> wire.Wire:
    """Say SetMonitoringBase."""
    return wire.SetMonitoringBaseRequest(monitoring_base=_MONITOR_BASES[order.base])  # type: ignore[arg-type]  # its words


def monitoring_level(order: orders.SetMonitoringLevel, _number: int) -> wire.Wire:
    """Say SetMonitoringLevel."""
    return wire.SetMonitoringLevelRequest(severity=order.severity)


def report_monitors(order: orders.ReportMonitors, number: int) -> wire.Wire:
    """Say GetMonitoringReport."""
    return wire.GetMonitoringReportRequest(
        request_id=number,
        component_variable=_asked(order.variables),
        monitoring_criteria=[_MONITOR_CRITERIA[word] for word in order.criteria] or None,  # type: ignore[misc]  # its words
    )
