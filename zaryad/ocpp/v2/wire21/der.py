"""Block R: control of distributed energy resources, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, field

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, Natural, Text36, Text200, Whole, Wire
from zaryad.ocpp.v2.wire21.parts import DERControl

DERControlStatus = Literal["Accepted", "Rejected", "NotSupported", "NotFound"]
DERUnit = Literal["Not_Applicable", "PctMaxW", "PctMaxVar", "PctWAvail", "PctVarAvail", "PctEffectiveV"]
GridEventFault = Literal[
    "CurrentImbalance",
    "LocalEmergency",
    "LowInputPower",
    "OverCurrent",
    "OverFrequency",
    "OverVoltage",
    "PhaseRotation",
    "RemoteEmergency",
    "UnderFrequency",
    "UnderVoltage",
    "VoltageImbalance",
]


class DERCurvePoints(Wire, frozen=True, kw_only=True):
    x: Decimal
    y: Decimal


class Hysteresis(Wire, frozen=True, kw_only=True):
    hysteresis_high: Decimal | None = None
    hysteresis_low: Decimal | None = None
    hysteresis_delay: Decimal | None = None
    hysteresis_gradient: Decimal | None = None


class ReactivePowerParams(Wire, frozen=True, kw_only=True):
    v_ref: Decimal | None = None
    autonomous_v_ref_enable: bool | None = None
    autonomous_v_ref_time_constant: Decimal | None = None


class VoltageParams(Wire, frozen=True, kw_only=True):
    hv10_min_mean_value: Decimal | None = None
    hv10_min_mean_trip_delay: Decimal | None = None
    power_during_cessation: Literal["Active", "Reactive"] | None = None


class DERCurve(Wire, frozen=True, kw_only=True):
    curve_data: Annotated[list[DERCurvePoints], Meta(min_length=1, max_length=10)]
    priority: Natural
    y_unit: DERUnit
    hysteresis: Hysteresis | None = None
    reactive_power_params: ReactivePowerParams | None = None
    voltage_params: VoltageParams | None = None
    response_time: Decimal | None = None
    start_time: At | None = None
    duration: Decimal | None = None


class DERCurveGet(Wire, frozen=True, kw_only=True):
    curve: DERCurve
    id: Text36
    curve_type: DERControl
    is_default: bool
    is_superseded: bool


class EnterService(Wire, frozen=True, kw_only=True):
    priority: Natural
    high_voltage: Decimal
    low_voltage: Decimal
    high_freq: Decimal
    low_freq: Decimal
    delay: Decimal | None = None
    random_delay: Decimal | None = None
    ramp_rate: Decimal | None = None


class EnterServiceGet(Wire, frozen=True, kw_only=True):
    enter_service: EnterService
    id: Text36


class FixedPF(Wire, frozen=True, kw_only=True):
    priority: Natural
    displacement: Decimal
    excitation: bool
    start_time: At | None = None
    duration: Decimal | None = None


class FixedPFGet(Wire, frozen=True, kw_only=True):
    fixed_pf: FixedPF = field(name="fixedPF")
    id: Text36
    is_default: bool
    is_superseded: bool


class FixedVar(Wire, frozen=True, kw_only=True):
    priority: Natural
    setpoint: Decimal
    unit: DERUnit
    start_time: At | None = None
    duration: Decimal | None = None


class FixedVarGet(Wire, frozen=True, kw_only=True):
    fixed_var: FixedVar
    id: Text36
    is_default: bool
    is_superseded: bool


class FreqDroop(Wire, frozen=True, kw_only=True):
    priority: Natural
    over_freq: Decimal
    under_freq: Decimal
    over_droop: Decimal
    under_droop: Decimal
    response_time: Decimal
    start_time: At | None = None
    duration: Decimal | None = None


class FreqDroopGet(Wire, frozen=True, kw_only=True):
    freq_droop: FreqDroop
    id: Text36
    is_default: bool
    is_superseded: bool


class Gradient(Wire, frozen=True, kw_only=True):
    priority: Natural
    gradient: Decimal
    soft_gradient: Decimal


class GradientGet(Wire, frozen=True, kw_only=True):
    gradient: Gradient
    id: Text36


class LimitMaxDischarge(Wire, frozen=True, kw_only=True):
    priority: Natural
    pct_max_discharge_power: Decimal | None = None
    power_monitoring_must_trip: DERCurve | None = None
    start_time: At | None = None
    duration: Decimal | None = None


class LimitMaxDischargeGet(Wire, frozen=True, kw_only=True):
    id: Text36
    is_default: bool
    is_superseded: bool
    limit_max_discharge: LimitMaxDischarge


class SetDERControlRequest(Wire, frozen=True, kw_only=True):
    is_default: bool
    control_id: Text36
    control_type: DERControl
    curve: DERCurve | None = None
    enter_service: EnterService | None = None
    fixed_pf_absorb: FixedPF | None = field(default=None, name="fixedPFAbsorb")
    fixed_pf_inject: FixedPF | None = field(default=None, name="fixedPFInject")
    fixed_var: FixedVar | None = None
    freq_droop: FreqDroop | None = None
    gradient: Gradient | None = None
    limit_max_discharge: LimitMaxDischarge | None = None


class SetDERControlResponse(Wire, frozen=True, kw_only=True):
    status: DERControlStatus
    status_info: wire.StatusInfo | None = None
    superseded_ids: Annotated[list[Text36], Meta(min_length=1, max_length=24)] | None = None


class GetDERControlRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    is_default: bool | None = None
    control_type: DERControl | None = None
    control_id: Text36 | None = None


class GetDERControlResponse(Wire, frozen=True, kw_only=True):
    status: DERControlStatus
    status_info: wire.StatusInfo | None = None


class ClearDERControlRequest(Wire, frozen=True, kw_only=True):
    is_default: bool
    control_type: DERControl | None = None
    control_id: Text36 | None = None


class ClearDERControlResponse(Wire, frozen=True, kw_only=True):
    status: DERControlStatus
    status_info: wire.StatusInfo | None = None


class ReportDERControlRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    curve: Annotated[list[DERCurveGet], Meta(min_length=1, max_length=24)] | None = None
    enter_service: Annotated[list[EnterServiceGet], Meta(min_length=1, max_length=24)] | None = None
    fixed_pf_absorb: Annotated[list[FixedPFGet], Meta(min_length=1, max_length=24)] | None = field(
        default=None, name="fixedPFAbsorb"
    )
    fixed_pf_inject: Annotated[list[FixedPFGet], Meta(min_length=1, max_length=24)] | None = field(
        default=None, name="fixedPFInject"
    )
    fixed_var: Annotated[list[FixedVarGet], Meta(min_length=1, max_length=24)] | None = None
    freq_droop: Annotated[list[FreqDroopGet], Meta(min_length=1, max_length=24)] | None = None
    gradient: Annotated[list[GradientGet], Meta(min_length=1, max_length=24)] | None = None
    limit_max_discharge: Annotated[list[LimitMaxDischargeGet], Meta(min_length=1, max_length=24)] | None = None
    tbc: bool | None = None


class ReportDERControlResponse(Wire, frozen=True):
    pass


class NotifyDERAlarmRequest(Wire, frozen=True, kw_only=True):
    control_type: DERControl
    timestamp: At
    grid_event_fault: GridEventFault | None = None
    alarm_ended: bool | None = None
    extra_info: Text200 | None = None


class NotifyDERAlarmResponse(Wire, frozen=True):
    pass


class NotifyDERStartStopRequest(Wire, frozen=True, kw_only=True):
    control_id: Text36
    started: bool
    timestamp: At
    superseded_ids: Annotated[list[Text36], Meta(min_length=1, max_length=24)] | None = None


class NotifyDERStartStopResponse(Wire, frozen=True):
    pass
