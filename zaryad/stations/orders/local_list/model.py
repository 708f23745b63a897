"""Words of local lists."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from zaryad.accounts import TokenFilter
from zaryad.link.facts import StationId
from zaryad.link.orders import ListEntry, OrderId

PER_MESSAGE_MAX: Final = 500  # where the station has not said what it takes
ENTRIES_MAX: Final = 50_000
ANSWER_WITHIN: Final = dt.timedelta(minutes=10)
VERSION_MAX: Final = 2**31 - 1

Status = Literal["unknown", "syncing", "synced", "failed", "not_supported"]
Count = Annotated[int, Meta(ge=1, le=100_000)]
Text = Annotated[str, Meta(min_length=1, max_length=36)]


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tokens belong on the list: those that meet all that is said; nothing said: every good one.

    `blocked`: blocked and expired ones too, with that word, so that the station knows them for what they are.
    """

    person_id: UUID | None = None
    group: Text | None = None
    tokens: Annotated[tuple[Text, ...], Meta(max_length=10_000)] = ()
    blocked: bool = False

    @property
    def cards(self) -> TokenFilter:
        """Return it as the accounts' module asks."""
        good = not self.blocked
        return TokenFilter(
            person_id=self.person_id,
            group=self.group,
            tokens=self.tokens,
            status="active" if good else None,
            expired=False if good else None,
        )


class LocalList(msgspec.Struct, frozen=True, kw_only=True):
    """A row: see the tables."""

    station_id: StationId
    version: int
    certain: bool
    status: Status
    per_message_max: int | None
    entries_max: int | None
    filter: Chosen | None
    rest: tuple[ListEntry, ...]
    order_id: OrderId | None
    was_full: bool
    author: str
    detail: dict[str, Any]
    changed_at: dt.datetime
    synced_at: dt.datetime | None


class LocalListView(msgspec.Struct, frozen=True, kw_only=True):
    """A station's list. `entries` are on it as far as the station has said, `waiting` are still to be sent.

    `certain`: the station took all that we sent since the last full list; else the next sync sends a full one.
    """

    station_id: StationId
    status: Status
    version: int
    certain: bool
    entries: int
    waiting: int
    per_message_max: int | None
    entries_max: int | None
    filter: Chosen | None
    order_id: OrderId | None
    detail: dict[str, Any]
    synced_at: dt.datetime | None
