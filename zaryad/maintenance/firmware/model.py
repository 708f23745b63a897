"""Words of firmware, updates and campaigns."""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from typing import Literal, NewType
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind

FirmwareId = NewType("FirmwareId", UUID)
UpdateId = NewType("UpdateId", UUID)
CampaignId = NewType("CampaignId", UUID)

UpdateState = Literal[
    "asked", "accepted", "downloading", "downloaded", "installing", "rebooting", "installed", "verified", "refused",
    "failed", "expired",
]  # fmt: skip
CampaignState = Literal["draft", "running", "paused", "halted", "done", "cancelled"]
ItemState = Literal["waiting", "under_way", "done", "failed", "skipped"]

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


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a campaign goes about it.

    The canaries go first, and the rest only when all of them are done. `from_hour` and `to_hour` are the location's own
    clock: from 22 to 5 is the night over midnight, equal hours are the whole day. It halts itself when more than
    `stop_at_percent` of those that are over have failed, once `stop_after` are over.
    """

    stations: tuple[str, ...] = ()  # none named: all that fit
    locations: tuple[UUID, ...] = ()
    from_versions: tuple[str, ...] = ()  # patterns; none: any but the one it brings
    canary_percent: int = 5
    canary_least: int = 1
    from_hour: int = 1
    to_hour: int = 5
    parallel: int = 5
    stop_at_percent: int = 10
    stop_after: int = 3
    tries: int = 2
    via: Literal["http", "ftp"] = "http"

    def check(self) -> None:
        """Raise DomainError INVALID for a plan that cannot be."""
        within = (
            0 <= self.canary_percent <= 100
            and 0 <= self.canary_least <= 1_000
            and 0 <= self.from_hour <= 23
            and 0 <= self.to_hour <= 24
            and 1 <= self.parallel <= 1_000
            and 0 <= self.stop_at_percent <= 100
            and 1 <= self.stop_after <= 1_000
            and 1 <= self.tries <= 10
            and len(self.stations) <= 10_000
            and len(self.locations) <= 1_000
            and len(self.from_versions) <= 50
        )
        if not within:
            raise DomainError(Kind.INVALID, "campaign_plan_invalid")

    def open_at(self, local: dt.datetime) -> bool:
        """Whether a location's clock is within the hours."""
        if self.from_hour == self.to_hour % 24:
            return True
        if self.from_hour < self.to_hour:
            return self.from_hour <= local.hour < self.to_hour
        return local.hour >= self.from_hour or local.hour < self.to_hour


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """Bringing one firmware to many stations."""

    id: CampaignId
    name: str
    firmware_id: FirmwareId
    plan: Plan
    state: CampaignState
    why: str | None
    created_by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One station of a campaign."""

    station_id: str
    canary: bool
    state: ItemState
    update_id: UUID | None
    tries: int
    why: str | None
    changed_at: dt.datetime


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How far a campaign has come."""

    waiting: int = 0
    under_way: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    canaries_open: int = 0

    @property
    def over(self) -> int:
        """How many have come to an end that says something of the firmware."""
        return self.done + self.failed
