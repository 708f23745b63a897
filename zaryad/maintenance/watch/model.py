"""Words of what stations tell of themselves."""

from __future__ import annotations

import datetime as dt

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[maintenance.watch]`: how long what stations told is kept."""

    events_kept_days: int = 180
    notices_kept_days: int = 90

    def __post_init__(self) -> None:
        if self.events_kept_days < 1 or self.notices_kept_days < 1:
            raise ValueError("days are at least 1")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a station watches has happened. Severity 0 is danger, 9 is of use to its makers only."""

    id: int
    station_id: str
    event_id: int
    at: dt.datetime
    received_at: dt.datetime
    key: str
    value: str
    trigger: str
    severity: int | None = None
    cleared: bool = False
    cause: int | None = None
    monitor: int | None = None
    code: str | None = None
    info: str | None = None
    charge_ref: str | None = None
    kind: str = ""


class Monitor(msgspec.Struct, frozen=True, kw_only=True):
    """A watch that a station keeps on one of its variables; `value` is the text of a decimal number."""

    id: int
    key: str
    kind: str
    value: str
    severity: int
    while_transaction: bool
    reported_at: dt.datetime


class NoticeKept(msgspec.Struct, frozen=True, kw_only=True):
    """A message kept as it was told."""

    id: int
    station_id: str
    topic: str
    received_at: dt.datetime
    connector: int | None = None
    charge_ref: str | None = None
    request: int | None = None
    body: dict[str, object]


class Display(msgspec.Struct, frozen=True, kw_only=True):
    """A text that a station says is on its display."""

    number: int
    body: dict[str, object]
    reported_at: dt.datetime
