"""Words of configuration: a setting as reported and as wanted, and templates."""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from typing import Literal, NewType
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.maintenance.settings.names import KEY_MAX, folded, secret

TemplateId = NewType("TemplateId", UUID)

VALUE_MAX = 2_500  # OCPP 2.x attributeValue; 1.6 holds 500
VALUE_MAX_16 = 500
SETTINGS_MAX = 300  # of a template, or wanted of one station
VARIABLES_MAX = 20_000  # kept of one station: more is noise, and would grow the table without bound

Mutability = Literal["read_only", "write_only", "read_write"]
Outcome = Literal["accepted", "reboot_needed", "refused", "not_supported", "unanswered"]

# free: nobody wants anything of it. waiting: an order is under way. off: it differs, and nothing is under way.
SettingState = Literal["free", "as_wanted", "waiting", "reboot_needed", "off", "refused", "not_supported", "unknown"]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[maintenance]`, the part about configuration."""

    read_again_after_h: int = 168  # a station's settings are read as a whole once in so many hours
    order_within_s: int = 600
    read_at_once: int = 20  # stations whose settings are read by one round of the sweep
    automatic: bool = True  # templates are applied when a station boots or drifts

    def __post_init__(self) -> None:
        if self.read_again_after_h < 1 or not 30 <= self.order_within_s <= 86_400 or self.read_at_once < 1:
            raise ValueError("read_again_after_h at least 1, order_within_s 30 to 86400, read_at_once at least 1")


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as its station told it."""

    key: str
    value: str | None = None
    mutability: Mutability = "read_write"
    persistent: bool = False
    constant: bool = False
    unit: str | None = None
    data_type: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    allowed: str | None = None
    monitored: bool = False
    reported_at: dt.datetime


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a setting should be, and who says so: `template:{name}`, or a person of the staff."""

    key: str
    value: str
    source: str


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """The last try to set it."""

    folded: str
    value: str
    order_id: UUID
    asked_at: dt.datetime
    outcome: Outcome | None = None
    why: str | None = None
    ended_at: dt.datetime | None = None


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as people see it. `name_16` is what 1.6 calls it, where it has a word for it."""

    key: str
    state: SettingState
    name_16: str | None = None
    value: str | None = None
    wanted: str | None = None
    wanted_by: str | None = None
    secret: bool = False
    mutability: Mutability = "read_write"
    unit: str | None = None
    data_type: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    allowed: list[str] = []
    monitored: bool = False
    reported_at: dt.datetime | None = None
    why: str | None = None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """Settings for all stations that fit. Keys may be of any version: each station is told in its own words."""

    id: TemplateId
    name: str
    note: str = ""
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    protocol: str | None = None
    location_id: UUID | None = None
    priority: int = 0
    settings: dict[str, str]
    automatic: bool = True  # applied without being asked; else only by hand
    active: bool = True
    version: int = 1
    changed_by: str = ""
    changed_at: dt.datetime | None = None

    def fits(self, it: Target) -> bool:
        """Whether it is for this station; texts are patterns in which * and ? stand for anything."""
        named = ((self.vendor, it.vendor), (self.model, it.model), (self.firmware, it.firmware))
        return (
            self.active
            and all(want is None or fnmatchcase((have or "").lower(), want.lower()) for want, have in named)
            and self.protocol in (None, it.protocol)
            and self.location_id in (None, it.location_id)
        )

    @property
    def exactness(self) -> int:
        """How exactly it says whom it is for: among equal priorities the most exact wins."""
        told = (self.vendor, self.model, self.firmware, self.protocol, self.location_id)
        return sum(it is not None for it in told)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A station as templates see it."""

    id: str
    vendor: str | None
    model: str | None
    firmware: str | None
    protocol: str
    location_id: UUID
    online: bool


def check_settings(settings: dict[str, str]) -> None:
    """Raise DomainError INVALID for keys and values that no station could be told, or that are not set from here."""
    if len(settings) > SETTINGS_MAX:
        raise DomainError(Kind.INVALID, "settings_too_many", most=SETTINGS_MAX)
    seen: set[str] = set()
    for key, value in settings.items():
        if not 0 < len(key) <= KEY_MAX or not key.isprintable() or folded(key) in seen:
            raise DomainError(Kind.INVALID, "setting_key_invalid", key=key[:KEY_MAX])
        if len(value) > VALUE_MAX or "\0" in value:
            raise DomainError(Kind.INVALID, "setting_value_invalid", key=key, most=VALUE_MAX)
        if secret(key):
            raise DomainError(Kind.INVALID, "setting_secret", key=key)
        seen.add(folded(key))
