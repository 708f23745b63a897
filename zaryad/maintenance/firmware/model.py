"""Words of firmware and updates."""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from typing import Literal, NewType
from uuid import UUID

import msgspec

FirmwareId = NewType("FirmwareId", UUID)
UpdateId = NewType("UpdateId", UUID)

UpdateState = Literal[
    "asked", "accepted", "downloading", "downloaded", "installing", "rebooting", "installed", "verified", "refused",
    "failed", "expired",
]  # fmt: skip

# Verified: it has booted and said the version that was meant. Installed alone is the station's word.
GOOD: frozenset[UpdateState] = frozenset({"verified"})
BAD: frozenset[UpdateState] = frozenset({"refused", "failed", "expired"})

# A station's word -> where its update is (1.6 FirmwareStatus, the security extension's, 2.x's; and 1.6's plain ones).
STEPS: dict[str, UpdateState] = {
    "DownloadScheduled": "accepted",
    "DownloadPaused": "downloading",
    "Downloading": "downloading",
    "Downloaded": "downloaded",
    "SignatureVerified": "downloaded",
    "InstallScheduled": "downloaded",
    "Installing": "installing",
    "InstallRebooting": "rebooting",
    "Installed": "installed",
    "DownloadFailed": "failed",
    "InstallationFailed": "failed",
    "InstallVerificationFailed": "failed",
    "InvalidSignature": "failed",
    "RevokedCertificate": "failed",
    "InvalidCertificate": "failed",
}
RANK: dict[UpdateState, int] = {
    "asked": 0, "accepted": 1, "downloading": 2, "downloaded": 3, "installing": 4, "rebooting": 5, "installed": 6,
}  # fmt: skip


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[maintenance.firmware]`."""

    update_within_h: int = 12  # from the order to the new version's first boot
    verify_within_min: int = 30  # from the station's word that it is installed
    order_within_min: int = 30

    def __post_init__(self) -> None:
        if min(self.update_within_h, self.verify_within_min, self.order_within_min) < 1:
            raise ValueError("times are at least 1")


class Firmware(msgspec.Struct, frozen=True, kw_only=True):
    """A firmware file, and whom it is for. `vendor` and `model` are patterns in which * and ? stand for anything."""

    id: FirmwareId
    file_id: UUID
    vendor: str
    model: str
    version: str
    note: str = ""
    certificate: str | None = None
    signature: str | None = None
    withdrawn: bool = False
    brought_by: str = ""
    at: dt.datetime

    def fits(self, vendor: str | None, model: str | None) -> bool:
        """Whether it is for a station of this make."""
        return fnmatchcase((vendor or "").lower(), self.vendor.lower()) and fnmatchcase(
            (model or "").lower(), self.model.lower()
        )


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One station's way to a firmware."""

    id: UpdateId
    station_id: str
    firmware_id: FirmwareId
    campaign_id: UUID | None
    author: str
    from_version: str | None
    state: UpdateState
    why: str | None
    steps: list[tuple[dt.datetime, str]]
    asked_at: dt.datetime
    changed_at: dt.datetime
    ended_at: dt.datetime | None
