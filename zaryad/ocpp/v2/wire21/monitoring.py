"""Block N: events and monitors, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, Natural, Some, Whole, Wire
from zaryad.ocpp.v2.wire21.streams import PeriodicEventStreamParams

Monitor = Literal[
    "UpperThreshold",
    "LowerThreshold",
    "Delta",
    "Periodic",
    "PeriodicClockAligned",
    "TargetDelta",
    "TargetDeltaRelative",
]


class EventData(wire.EventData, frozen=True, kw_only=True):
    severity: Natural | None = None


class VariableMonitoring(Wire, frozen=True, kw_only=True):
    id: Natural
    transaction: bool
    value: Decimal
    type: Monitor
    severity: Natural
    event_notification_type: wire.EventNotification


class MonitoringData(Wire, frozen=True, kw_only=True):
    component: wire.Component
    variable: wire.Variable
    variable_monitoring: Some[VariableMonitoring]


class SetMonitoringData(Wire, frozen=True, kw_only=True):
    value: Decimal
    type: Monitor
    severity: Natural
    component: wire.Component
    variable: wire.Variable
    id: Natural | None = None
    periodic_event_stream: PeriodicEventStreamParams | None = None
    transaction: bool | None = None


class SetMonitoringResult(Wire, frozen=True, kw_only=True):
    status: wire.SetMonitoringStatus
    type: Monitor
    component: wire.Component
    variable: wire.Variable
    severity: Natural
    id: Natural | None = None
    status_info: wire.StatusInfo | None = None


class NotifyEventRequest(Wire, frozen=True, kw_only=True):
    generated_at: At
    seq_no: Natural
    event_data: Some[EventData]
    tbc: bool | None = None


class SetVariableMonitoringRequest(Wire, frozen=True, kw_only=True):
    set_monitoring_data: Some[SetMonitoringData]


class SetVariableMonitoringResponse(Wire, frozen=True, kw_only=True):
    set_monitoring_result: Some[SetMonitoringResult]


class NotifyMonitoringReportRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    seq_no: Natural
    generated_at: At
    monitor: Some[MonitoringData] | None = None
    tbc: bool | None = None
