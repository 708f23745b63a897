"""Block J: meter values."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from zaryad.ocpp.v2.wire.base import At, EvseNumber, Some, Text20, Text50, Text2500, Whole, Wire

Location = Literal["Body", "Cable", "EV", "Inlet", "Outlet"]
Measurand = Literal[
    "Current.Export",
    "Current.Import",
    "Current.Offered",
    "Energy.Active.Export.Register",
    "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval",
    "Energy.Active.Import.Interval",
    "Energy.Active.Net",
    "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Import.Interval",
    "Energy.Reactive.Net",
    "Energy.Apparent.Net",
    "Energy.Apparent.Import",
    "Energy.Apparent.Export",
    "Frequency",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Factor",
    "Power.Offered",
    "Power.Reactive.Export",
    "Power.Reactive.Import",
    "SoC",
    "Voltage",
]
Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
ReadingContext = Literal[
    "Interruption.Begin",
    "Interruption.End",
    "Other",
    "Sample.Clock",
    "Sample.Periodic",
    "Transaction.Begin",
    "Transaction.End",
    "Trigger",
]


class SignedMeterValue(Wire, frozen=True, kw_only=True):
    signed_meter_data: Text2500
    signing_method: Text50
    encoding_method: Text50
    public_key: Text2500


class UnitOfMeasure(Wire, frozen=True, kw_only=True, gc=False):
    unit: Text20 | None = None
    multiplier: Whole | None = None


class SampledValue(Wire, frozen=True, kw_only=True, gc=False):
    value: Decimal
    context: ReadingContext | None = None
    measurand: Measurand | None = None
    phase: Phase | None = None
    location: Location | None = None
    signed_meter_value: SignedMeterValue | None = None
    unit_of_measure: UnitOfMeasure | None = None


class MeterValue(Wire, frozen=True, kw_only=True):
    sampled_value: Some[SampledValue]
    timestamp: At


class MeterValuesRequest(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    meter_value: Some[MeterValue]


class MeterValuesResponse(Wire, frozen=True):
    pass
