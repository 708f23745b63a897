"""What follows from a handshake that was let in: its security profile is noted, a new password has arrived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from zaryad.link.door import Approach
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations import store
from zaryad.stations.model import Admission
from zaryad.stations.password import Fit
from zaryad.stations.security import store as changes


def profile_of(approach: Approach, fit: Fit) -> int:
    """Return the security profile of a handshake without a certificate: what was proved, not what was claimed."""
    if fit.which == "none":
        return 0
    return 2 if approach.secure else 1


async def came_in(tx: Tx, row: Mapping[str, Any], verdict: Admission, now: dt.datetime) -> None:
    """Note what a station came in by. Most handshakes change nothing, and write nothing."""
    id, profile = StationId(row["id"]), int(verdict.detail["profile"])
    values: dict[str, object] = {}
    if profile != row["security_profile"]:
        values["security_profile"] = profile
    if profile > row["profile_floor"]:
        values["profile_floor"] = profile
    if verdict.detail.get("password") == "next":
        # It has the new one: from now on the old one opens nothing.
        values |= {"password_hash": row["password_hash_next"], "password_hash_next": None, "password_set_at": now}
        await changes.end_rotation(tx, id, "done", now)
    if values:
        await store.write_station(tx, id, **values)
