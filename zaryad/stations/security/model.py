"""Words of changing how a station proves itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Protocol, runtime_checkable
from uuid import UUID

import msgspec
from msgspec import Meta

from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId
from zaryad.platform.db import Tx

PROFILE_MAX = 3


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[station_security]`.

    `url`: where stations find us by TLS, without the identity, such as wss://ocpp.example.kg/ocpp; 2.x stations are
    told it with a new profile. `plain_url` the same without TLS.
    """

    url: str = ""
    plain_url: str = ""
    rotate_every_days: Annotated[int, Meta(ge=0, le=3_650)] = 0  # 0: passwords stay until somebody changes them
    rotate_at_once: Annotated[int, Meta(ge=1, le=10_000)] = 20  # stations whose password is changing at one time
    rotate_tries: Annotated[int, Meta(ge=1, le=100)] = 5  # orders that nobody answered, before a person has to look
    answer_within_s: Annotated[int, Meta(ge=60, le=604_800)] = 86_400  # for a station that is away
    back_within_s: Annotated[int, Meta(ge=60, le=86_400)] = 900  # after the reset, with the new profile
    slots_max: Annotated[int, Meta(ge=2, le=20)] = 5  # of network profiles at a 2.x station

    def __post_init__(self) -> None:
        if self.url and not self.url.startswith("wss://"):
            raise ValueError("url begins with wss://")
        if self.plain_url and not self.plain_url.startswith("ws://"):
            raise ValueError("plain_url begins with ws://")


DEFAULTS = Settings()


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """A change of password.

    While it is `ordered`, `taken` or `unanswered` both let in; so they do when it is `stuck`, and a person has to look.
    `done`: only the new one; `kept`: only the old one.
    """

    id: UUID
    station_id: StationId
    state: str
    tries: int
    order_id: UUID | None
    author: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    why: str | None


class Step(Enum):
    """Where a change of profile is; the last four are ends."""

    ROOT = "root"  # our root is being installed
    READING = "reading"  # 2.x: which network profiles it has, and in which order
    WRITING = "writing"  # the setting, or a free slot
    PRIORITY = "priority"  # 2.x: the new slot before the others
    RESETTING = "resetting"
    RETURNING = "returning"  # it has to come back with the new profile
    DONE = "done"
    ROLLED_BACK = "rolled_back"  # it came back as before, or not at all
    FAILED = "failed"
    CANCELLED = "cancelled"


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a station's security profile and its life so far: each step with its time."""

    id: UUID
    station_id: StationId
    from_profile: int | None
    to_profile: int
    protocol: str
    state: str
    why: str | None
    order_id: UUID | None
    slot: int | None
    priority: str | None  # 2.x: the order of slots before the change
    back_before: dt.datetime | None
    author: str
    started_at: dt.datetime
    changed_at: dt.datetime
    life: list[dict[str, str]]


@runtime_checkable  # the HTTP edge checks what it hands to a route
class Trust(Protocol):
    """What the certificates' module knows, with its rules bound."""

    async def root_pem(self, tx: Tx, now: dt.datetime) -> str:
        """Return the root that stations know us by."""
        ...

    async def has_root(self, tx: Tx, station_id: StationId, now: dt.datetime) -> bool:
        """Whether the station has taken it from us."""
        ...

    async def has_certificate(self, tx: Tx, station_id: StationId, now: dt.datetime) -> bool:
        """Whether the station can show a good certificate of its own."""
        ...

    async def raise_alarm(self, tx: Tx, kind: str, station_id: StationId, why: str, now: dt.datetime) -> None:
        """Have a person see it."""
        ...


Place = Callable[[Tx, OrderId], Awaitable[None]]
