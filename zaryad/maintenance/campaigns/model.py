"""Words of campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NewType
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.maintenance.firmware.model import FirmwareId

CampaignId = NewType("CampaignId", UUID)
CampaignState = Literal["draft", "running", "paused", "halted", "done", "cancelled"]
ItemState = Literal["waiting", "under_way", "done", "failed", "skipped"]


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
