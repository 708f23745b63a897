"""Orders about a station's settings, its device model and what it watches."""

from __future__ import annotations

from typing import Literal

import msgspec

from zaryad.link.kinds.base import Order

Attribute = Literal["actual", "target", "min_set", "max_set"]
MonitorKind = Literal[
    "upper_threshold", "lower_threshold", "delta", "periodic", "periodic_clock_aligned", "target_delta",
    "target_delta_relative",
]  # the last two: 2.1  # fmt: skip


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable of a component (2.x). 1.6's keys are variables of no component: component "" and the key as name."""

    component: str
    name: str
    component_instance: str | None = None
    instance: str | None = None
    evse: int | None = None
    outlet: int | None = None  # the connector in the EVSE


class VariableAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which attribute of a variable is read."""

    variable: Variable
    attribute: Attribute = "actual"


class VariableSet(msgspec.Struct, frozen=True, kw_only=True):
    """What an attribute of a variable is set to; values are text."""

    variable: Variable
    value: str
    attribute: Attribute = "actual"


class ReadConfiguration(Order, frozen=True, tag="read_configuration"):
    """GetConfiguration (1.6); no keys means all."""

    keys: tuple[str, ...] = ()


class ChangeConfiguration(Order, frozen=True, tag="change_configuration"):
    """ChangeConfiguration (1.6); values are text."""

    key: str
    value: str


class ReadVariables(Order, frozen=True, tag="read_variables"):
    """GetVariables (2.x)."""

    variables: tuple[VariableAsked, ...]


class WriteVariables(Order, frozen=True, tag="write_variables"):
    """SetVariables (2.x)."""

    variables: tuple[VariableSet, ...]


class ReportBase(Order, frozen=True, tag="report_base"):
    """GetBaseReport (2.x); it comes in parts."""

    base: Literal["configuration", "full", "summary"] = "full"


class ReportVariables(Order, frozen=True, tag="report_variables"):
    """GetReport (2.x): of these, or of what meets all criteria; it comes in parts."""

    variables: tuple[Variable, ...] = ()
    criteria: tuple[Literal["active", "available", "enabled", "problem"], ...] = ()


class SetNetworkProfile(Order, frozen=True, tag="set_network_profile"):
    """SetNetworkProfile (2.x): write a slot; it is used only after NetworkConfigurationPriority and a reset.

    `url` is without the identity. `password` and `identity`: 2.1.
    """

    slot: int
    url: str
    security_profile: int
    protocol: Literal["ocpp2.0.1", "ocpp2.1", "ocpp1.6"] = "ocpp2.0.1"
    interface: str = "Any"
    timeout_s: int = 30
    identity: str | None = None
    password: str | None = None


class MonitorSet(msgspec.Struct, frozen=True, kw_only=True):
    """A watch on a variable; `value` as text of a decimal number, severity 0 (danger) to 9 (debug)."""

    variable: Variable
    kind: MonitorKind
    value: str
    severity: int = 5
    id: int | None = None  # of a monitor that is replaced
    while_transaction: bool = False


class SetMonitors(Order, frozen=True, tag="set_monitors"):
    """SetVariableMonitoring (2.x)."""

    monitors: tuple[MonitorSet, ...]


class ClearMonitors(Order, frozen=True, tag="clear_monitors"):
    """ClearVariableMonitoring (2.x)."""

    ids: tuple[int, ...]


class SetMonitoringBase(Order, frozen=True, tag="set_monitoring_base"):
    """SetMonitoringBase (2.x)."""

    base: Literal["all", "factory_default", "hard_wired_only"]


class SetMonitoringLevel(Order, frozen=True, tag="set_monitoring_level"):
    """SetMonitoringLevel (2.x): events of a severity above it are not sent."""

    severity: int


class ReportMonitors(Order, frozen=True, tag="report_monitors"):
    """GetMonitoringReport (2.x); it comes in parts."""

    variables: tuple[Variable, ...] = ()
    criteria: tuple[Literal["threshold", "delta", "periodic"], ...] = ()
