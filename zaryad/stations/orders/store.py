"""SQL of what an order by hand is judged by."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from zaryad.link.facts import StationId
from zaryad.platform.db import Tx
from zaryad.stations.tables import connector, presence, station


class Reached(msgspec.Struct, frozen=True):
    """A station as orders see it. `protocol`: of its connection, or of its last boot."""

    id: StationId
    connected: bool
    protocol: str | None
    connectors: frozenset[int]

    @property
    def old(self) -> bool:
        """Whether it is to be spoken to within 1.6's limits: it speaks that, or nobody knows yet."""
        return self.protocol in {None, "ocpp1.6"}


async def reached(tx: Tx, station_id: StationId) -> Reached | None:
    """Read whether the station is connected and what it speaks; None for one that we do not have."""
    numbers = (
        sa.select(sa.func.array_agg(connector.c.number)).where(connector.c.station_id == station.c.id).scalar_subquery()
    )
    connected = sa.and_(presence.c.station_id.is_not(None), presence.c.disconnected_at.is_(None))
    statement = (
        sa.select(station.c.id, connected, sa.func.coalesce(presence.c.protocol, station.c.protocol), numbers)
        .outerjoin(presence, presence.c.station_id == station.c.id)
        .where(station.c.id == station_id)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else Reached(StationId(row[0]), bool(row[1]), row[2], frozenset(row[3] or ()))
