"""Block L: firmware, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import Some, Text2000


class Firmware(wire.Firmware, frozen=True, kw_only=True):
    location: Text2000


class UpdateFirmwareRequest(wire.UpdateFirmwareRequest, frozen=True, kw_only=True):
    firmware: Firmware


class PublishFirmwareRequest(wire.PublishFirmwareRequest, frozen=True, kw_only=True):
    location: Text2000


class FirmwareStatusNotificationRequest(wire.FirmwareStatusNotificationRequest, frozen=True, kw_only=True):
    status_info: wire.StatusInfo | None = None


class PublishFirmwareStatusNotificationRequest(
    wire.PublishFirmwareStatusNotificationRequest, frozen=True, kw_only=True
):
    location: Some[Text2000] | None = None
    status_info: wire.StatusInfo | None = None
