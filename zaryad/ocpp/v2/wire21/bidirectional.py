"""Block Q: energy both ways, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, Some, Text36, Whole, Wire
from zaryad.ocpp.v2.wire21.needs import EnergyTransferMode


class NotifyAllowedEnergyTransferRequest(Wire, frozen=True, kw_only=True):
    transaction_id: Text36
    allowed_energy_transfer: Some[EnergyTransferMode]


class NotifyAllowedEnergyTransferResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    status_info: wire.StatusInfo | None = None


class AFRRSignalRequest(Wire, frozen=True, kw_only=True):
    timestamp: At
    signal: Whole


class AFRRSignalResponse(Wire, frozen=True, kw_only=True):
    status: wire.GenericStatus
    status_info: wire.StatusInfo | None = None
