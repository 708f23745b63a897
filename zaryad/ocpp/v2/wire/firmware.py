"""Block L: firmware."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2.wire.base import At, Natural, Some, Text32, Text512, Text800, Text5500, Whole, Wire
from zaryad.ocpp.v2.wire.parts import GenericStatus, StatusInfo

FirmwareStatus = Literal[
    "Downloaded",
    "DownloadFailed",
    "Downloading",
    "DownloadScheduled",
    "DownloadPaused",
    "Idle",
    "InstallationFailed",
    "Installing",
    "Installed",
    "InstallRebooting",
    "InstallScheduled",
    "InstallVerificationFailed",
    "InvalidSignature",
    "SignatureVerified",
]
PublishFirmwareStatus = Literal[
    "Idle",
    "DownloadScheduled",
    "Downloading",
    "Downloaded",
    "Published",
    "DownloadFailed",
    "DownloadPaused",
    "InvalidChecksum",
    "ChecksumVerified",
    "PublishFailed",
]
UpdateFirmwareStatus = Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"]


class Firmware(Wire, frozen=True, kw_only=True):
    location: Text512
    retrieve_date_time: At
    install_date_time: At | None = None
    signing_certificate: Text5500 | None = None
    signature: Text800 | None = None


class UpdateFirmwareRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    firmware: Firmware
    retries: Natural | None = None
    retry_interval: Whole | None = None


class UpdateFirmwareResponse(Wire, frozen=True, kw_only=True):
    status: UpdateFirmwareStatus
    status_info: StatusInfo | None = None


class PublishFirmwareRequest(Wire, frozen=True, kw_only=True):
    location: Text512
    checksum: Text32
    request_id: Natural
    retries: Natural | None = None
    retry_interval: Natural | None = None


class PublishFirmwareResponse(Wire, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: StatusInfo | None = None


class UnpublishFirmwareRequest(Wire, frozen=True, kw_only=True):
    checksum: Text32


class UnpublishFirmwareResponse(Wire, frozen=True, kw_only=True):
    status: Literal["DownloadOngoing", "NoFirmware", "Unpublished"]


class FirmwareStatusNotificationRequest(Wire, frozen=True, kw_only=True):
    status: FirmwareStatus
    request_id: Whole | None = None


class FirmwareStatusNotificationResponse(Wire, frozen=True):
    pass


class PublishFirmwareStatusNotificationRequest(Wire, frozen=True, kw_only=True):
    status: PublishFirmwareStatus
    location: Some[Text512] | None = None
    request_id: Natural | None = None


class PublishFirmwareStatusNotificationResponse(Wire, frozen=True):
    pass
