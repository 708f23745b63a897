"""Words of the doctor."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from zaryad.link.door import Attempt
from zaryad.link.facts import StationId
from zaryad.stations.model import Ban, Knock, Settings

Severity = Literal["error", "warning", "info", "ok"]  # it cannot work; it works badly; to know; nothing is wrong


class Finding(msgspec.Struct, frozen=True):
    """One thing found. Texts: `doctor.{code}` and `doctor.{code}.remedy`, filled with the facts."""

    code: str
    severity: Severity
    facts: dict[str, Any] = {}


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A station of ours as its rows stand."""

    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    has_password: bool = False
    password_set_at: dt.datetime | None = None
    boot_status: str = "accepted"
    last_boot_at: dt.datetime | None = None
    admin_state: str = "active"
    created_at: dt.datetime | None = None
    origin: str | None = None
    connectors: int = 0  # that people have described
    protocol: str | None = None
    node: str | None = None
    address: str | None = None
    epoch: int | None = None
    connected_at: dt.datetime | None = None
    last_seen_at: dt.datetime | None = None
    disconnected_at: dt.datetime | None = None
    clock_skew_ms: int | None = None
    clock_skew_at: dt.datetime | None = None

    @property
    def linked(self) -> bool:
        """Whether a connection is open, alive or not."""
        return self.connected_at is not None and self.disconnected_at is None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """All that a diagnosis is made from; `chart` is None for a stranger, `attempts` are newest first."""

    station_id: StationId
    now: dt.datetime
    rules: Settings
    chart: Chart | None = None
    attempts: list[Attempt] = []
    knock: Knock | None = None
    ban: Ban | None = None
    alike: list[StationId] = []
