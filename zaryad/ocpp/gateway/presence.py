"""Keeps the stations' module told of who is here. Nothing is lost to a database that is away for a while."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from zaryad.kernel.clock import Clock
from zaryad.link.facts import StationId
from zaryad.ocpp.gateway.ports import Stations
from zaryad.platform.db import Db

log = structlog.get_logger()

CHUNK = 500  # stations told of in one transaction


class Presence:
    """Who was heard since the last telling, and whose end could not be told yet."""

    def __init__(self, db: Db, stations: Stations, clock: Clock, node: str) -> None:
        self._db = db
        self._stations = stations
        self._clock = clock
        self._node = node
        self.heard: set[StationId] = set()
        self.skews: dict[StationId, int] = {}  # clocks found to be off, or right again
        self._gone: dict[tuple[StationId, int], None] = {}

    async def reset(self) -> None:
        """Close what this node left open when it last ended; called before the first and after the last connection."""
        async with self._db.begin() as tx:
            left = await self._stations.node_lost(tx, self._node, self._clock.now())
        if left:
            log.info("gateway.presence_reset", node=self._node, stations=left)

    async def gone(self, station_id: StationId, epoch: int) -> None:
        """Tell of a connection's end, now or as soon as the database is back."""
        self._gone[station_id, epoch] = None
        with contextlib.suppress(Exception):  # the next round tells
            await self._tell_gone(station_id, epoch)

    async def tell(self) -> None:
        """Tell who was heard, and what is overdue."""
        for station_id, epoch in list(self._gone):
            await self._tell_gone(station_id, epoch)
        heard = sorted(self.heard)
        self.heard.clear()
        for start in range(0, len(heard), CHUNK):
            async with self._db.begin() as tx:
                await self._stations.seen(tx, heard[start : start + CHUNK], self._clock.now())
            await asyncio.sleep(0)

        skews = dict(self.skews)
        if skews:
            async with self._db.begin() as tx:
                await self._stations.note_skews(tx, skews, self._clock.now())
            for id in [id for id, ms in self.skews.items() if skews.get(id) == ms]:
                del self.skews[id]

    async def _tell_gone(self, station_id: StationId, epoch: int) -> None:
        async with self._db.begin() as tx:
            await self._stations.disconnected(tx, station_id, epoch, self._clock.now())
        self._gone.pop((station_id, epoch), None)
