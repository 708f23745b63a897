"""Tries to connect are told of beside the work: a handshake waits for nobody to have written it down."""

from __future__ import annotations

import contextlib
from uuid import UUID

import structlog

from zaryad.link.door import Attempt
from zaryad.link.facts import StationId
from zaryad.ocpp.gateway import metrics
from zaryad.ocpp.gateway.ports import Stations
from zaryad.platform.db import Db

log = structlog.get_logger()

CHUNK = 500
OF_ONE_MAX = 50  # waiting of one identity: no more would be kept of it anyway
STATIONS_MAX = 20_000  # identities with tries waiting; in a database's absence the newest are dropped


class AttemptLog:
    """What is to be written of tries to connect. The same try offered again is one row, as it stands then."""

    def __init__(self, db: Db, stations: Stations) -> None:
        self._db = db
        self._stations = stations
        self._waiting: dict[StationId, dict[UUID, Attempt]] = {}

    def offer(self, attempt: Attempt) -> None:
        """Have it written in the next round."""
        own = self._waiting.get(attempt.station_id)
        if own is None:
            if len(self._waiting) >= STATIONS_MAX:
                metrics.ATTEMPTS_DROPPED.inc()
                return
            own = self._waiting[attempt.station_id] = {}
        own[attempt.id] = attempt
        if len(own) > OF_ONE_MAX:
            del own[next(iter(own))]
            metrics.ATTEMPTS_DROPPED.inc()

    async def flush(self) -> None:
        """Write what waits; what cannot be written waits for the next round."""
        waiting, self._waiting = self._waiting, {}
        todo = [attempt for own in waiting.values() for attempt in own.values()]
        while todo:
            chunk = todo[:CHUNK]
            try:
                async with self._db.begin() as tx:
                    await self._stations.note_attempts(tx, chunk)
            except Exception:
                for attempt in todo:
                    self.offer(attempt)
                raise
            del todo[:CHUNK]

    async def close(self) -> None:
        """Write the last."""
        with contextlib.suppress(Exception):  # the database is away, and we leave
            await self.flush()
