"""Block N: periodic event streams, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, Natural, Some, Text2500, Wire


class PeriodicEventStreamParams(Wire, frozen=True, kw_only=True):
    interval: Natural | None = None
    values: Natural | None = None


class ConstantStreamData(Wire, frozen=True, kw_only=True):
    id: Natural
    params: PeriodicEventStreamParams
    variable_monitoring_id: Natural


class StreamDataElement(Wire, frozen=True, kw_only=True):
    t: Decimal
    v: Text2500


class NotifyPeriodicEventStream(Wire, frozen=True, kw_only=True):
    data: Some[StreamDataElement]
    id: Natural
    pending: Natural
    basetime: At


class OpenPeriodicEventStreamRequest(Wire, frozen=True, kw_only=True):
    constant_stream_data: ConstantStreamData


class OpenPeriodicEventStreamResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    status_info: wire.StatusInfo | None = None


class ClosePeriodicEventStreamRequest(Wire, frozen=True, kw_only=True):
    id: Natural


class ClosePeriodicEventStreamResponse(Wire, frozen=True):
    pass


class AdjustPeriodicEventStreamRequest(Wire, frozen=True, kw_only=True):
    id: Natural
    params: PeriodicEventStreamParams


class AdjustPeriodicEventStreamResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    status_info: wire.StatusInfo | None = None


class GetPeriodicEventStreamRequest(Wire, frozen=True):
    pass


class GetPeriodicEventStreamResponse(Wire, frozen=True, kw_only=True):
    constant_stream_data: Some[ConstantStreamData] | None = None
