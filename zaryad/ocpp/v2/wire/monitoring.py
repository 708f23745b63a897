"""Block N: events and monitors."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2.wire.base import At, Natural, Some, Text36, Text50, Text500, Text2500, Whole, Wire
from zaryad.ocpp.v2.wire.parts import (
    Component,
    ComponentVariable,
    GenericDeviceModelStatus,
    GenericStatus,
    StatusInfo,
    Variable,
)

EventNotification = Literal["HardWiredNotification", "HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"]
Monitor = Literal["UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned"]
MonitoringCriterion = Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]
SetMonitoringStatus = Literal[
    "Accepted", "UnknownComponent", "UnknownVariable", "UnsupportedMonitorType", "Rejected", "Duplicate"
]


class ClearMonitoringResult(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "NotFound"]
    id: Natural
    status_info: StatusInfo | None = None


class EventData(Wire, frozen=True, kw_only=True):
    event_id: Natural
    timestamp: At
    trigger: Literal["Alerting", "Delta", "Periodic"]
    actual_value: Text2500
    component: Component
    event_notification_type: EventNotification
    variable: Variable
    cause: Natural | None = None
    tech_code: Text50 | None = None
    tech_info: Text500 | None = None
    cleared: bool | None = None
    transaction_id: Text36 | None = None
    variable_monitoring_id: Natural | None = None


class VariableMonitoring(Wire, frozen=True, kw_only=True):
    id: Natural
    transaction: bool
    value: Decimal
    type: Monitor
    severity: Natural


class MonitoringData(Wire, frozen=True, kw_only=True):
    component: Component
    variable: Variable
    variable_monitoring: Some[VariableMonitoring]


class SetMonitoringData(Wire, frozen=True, kw_only=True):
    value: Decimal
    type: Monitor
    severity: Natural
    component: Component
    variable: Variable
    id: Natural | None = None
    transaction: bool | None = None


class SetMonitoringResult(Wire, frozen=True, kw_only=True):
    status: SetMonitoringStatus
    type: Monitor
    component: Component
    variable: Variable
    severity: Natural
    id: Natural | None = None
    status_info: StatusInfo | None = None


class NotifyEventRequest(Wire, frozen=True, kw_only=True):
    generated_at: At
    seq_no: Natural
    event_data: Some[EventData]
    tbc: bool | None = None


class NotifyEventResponse(Wire, frozen=True):
    pass


class SetMonitoringBaseRequest(Wire, frozen=True, kw_only=True):
    monitoring_base: Literal["All", "FactoryDefault", "HardWiredOnly"]


class SetMonitoringBaseResponse(Wire, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: StatusInfo | None = None


class SetMonitoringLevelRequest(Wire, frozen=True, kw_only=True):
    severity: Natural


class SetMonitoringLevelResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None


class SetVariableMonitoringRequest(Wire, frozen=True, kw_only=True):
    set_monitoring_data: Some[SetMonitoringData]


class SetVariableMonitoringResponse(Wire, frozen=True, kw_only=True):
    set_monitoring_result: Some[SetMonitoringResult]


class ClearVariableMonitoringRequest(Wire, frozen=True, kw_only=True):
    id: Some[Natural]


class ClearVariableMonitoringResponse(Wire, frozen=True, kw_only=True):
    clear_monitoring_result: Some[ClearMonitoringResult]


class GetMonitoringReportRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    component_variable: Some[ComponentVariable] | None = None
    monitoring_criteria: Annotated[list[MonitoringCriterion], Meta(min_length=1, max_length=3)] | None = None


class GetMonitoringReportResponse(Wire, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: StatusInfo | None = None


class NotifyMonitoringReportRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    seq_no: Natural
    generated_at: At
    monitor: Some[MonitoringData] | None = None
    tbc: bool | None = None


class NotifyMonitoringReportResponse(Wire, frozen=True):
    pass
