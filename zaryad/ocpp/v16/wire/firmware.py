"""Profile Firmware Management: firmware and diagnostics."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v16.wire.base import At, Text255, Wire

FirmwareStatus = Literal[
    "Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing", "Installed"
]
DiagnosticsStatus = Literal["Idle", "Uploaded", "UploadFailed", "Uploading"]


class FirmwareStatusNotification(Wire, frozen=True):
    status: FirmwareStatus


class DiagnosticsStatusNotification(Wire, frozen=True):
    status: DiagnosticsStatus


class GetDiagnostics(Wire, frozen=True, kw_only=True):
    location: str
    retries: int | None = None
    retry_interval: int | None = None
    start_time: At | None = None
    stop_time: At | None = None


class DiagnosticsAnswer(Wire, frozen=True):
    """Without a name there is nothing to upload."""

    file_name: Text255 | None = None


class UpdateFirmware(Wire, frozen=True, kw_only=True):
    location: str
    retries: int | None = None
    retrieve_date: At
    retry_interval: int | None = None
