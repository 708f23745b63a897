"""Profile Remote Trigger, and what the security extension made of it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v16.wire.base import Connector, Wire

Triggerable = Literal[
    "BootNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "StatusNotification",
]
ExtendedTriggerable = Literal[
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargePointCertificate",
    "StatusNotification",
]


class TriggerMessage(Wire, frozen=True):
    requested_message: Triggerable
    connector_id: Connector | None = None


class ExtendedTriggerMessage(Wire, frozen=True):
    requested_message: ExtendedTriggerable
    connector_id: Connector | None = None


class TriggerAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Rejected", "NotImplemented"]
