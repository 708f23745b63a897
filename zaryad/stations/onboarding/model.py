"""Words of letting stations in."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from zaryad.stations.model import ConnectorPlan, LocationId

USES_MAX = 10_000
NOTE_MAX = 300


class RegistrationToken(msgspec.Struct, frozen=True, kw_only=True):
    """A person's approval in advance: stations whose URL carries the token become ours at their first contact."""

    id: UUID
    location_id: LocationId
    connectors: list[ConnectorPlan]
    max_uses: int
    used: int = 0
    last_used_at: dt.datetime | None = None
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = None
    created_at: dt.datetime
    created_by: UUID
    note: str = ""
