"""Words of charging profiles as they are kept."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final
from uuid import UUID

import msgspec

from zaryad.link.orders import Profile

OURS: Final = "CSO"  # the source of what we have set (2.x ChargingLimitSource)
Name = Annotated[str, msgspec.Meta(pattern=r"^[\w .:-]{1,60}$", description="letters, digits, space . : - _")]


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A profile kept by name. One of a transaction is kept without its id, which is told when it is set."""

    name: Name
    profile: Profile
    note: str
    changed_at: dt.datetime
    changed_by: UUID


class StationProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile that a station is known to have; `source` says who set the limit: CSO is we."""

    connector: int
    source: str
    profile: Profile
    noted_at: dt.datetime
