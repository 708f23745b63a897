"""What whoever watches is told after the commit: that a session changed, and how it stands in a few numbers."""

from __future__ import annotations

import msgspec

from zaryad.charging.model import Session
from zaryad.platform.bus import part
from zaryad.platform.db import Tx


def tell(tx: Tx, session: Session) -> None:
    """Hint that the session changed, and its station with it."""
    tx.hint(
        f"session.{session.id}",
        msgspec.json.encode(
            {"state": session.state.value, "energy_mwh": session.energy_mwh, "cost_minor": session.cost_minor}
        ),
    )
    tx.hint(f"station.{part(session.station_id)}", b"session")
