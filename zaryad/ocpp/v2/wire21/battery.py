"""Block S: battery swap, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import field

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, EvseNumber, Some, Text50, Text500, Whole, Wire
from zaryad.ocpp.v2.wire21.parts import IdToken


class BatteryData(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    serial_number: Text50
    soc: Decimal = field(name="soC")
    soh: Decimal = field(name="soH")
    production_date: At | None = None
    vendor_info: Text500 | None = None


class RequestBatterySwapRequest(Wire, frozen=True, kw_only=True):
    id_token: IdToken
    request_id: Whole


class RequestBatterySwapResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    status_info: wire.StatusInfo | None = None


class BatterySwapRequest(Wire, frozen=True, kw_only=True):
    battery_data: Some[BatteryData]
    event_type: Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]
    id_token: IdToken
    request_id: Whole


class BatterySwapResponse(Wire, frozen=True):
    pass
