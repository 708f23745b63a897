"""Routes of local lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from litestar import get, post

from zaryad.auth import Caller
from zaryad.link.facts import StationId
from zaryad.link.orders import ListEntry
from zaryad.platform.db import Db, Tx
from zaryad.stations.orders.api import STAFF, Limit, Words
from zaryad.stations.orders.local_list import store
from zaryad.stations.orders.local_list.model import Chosen, Count, LocalListView
from zaryad.stations.orders.local_list.sync import sync
from zaryad.stations.orders.mask import hidden
from zaryad.stations.orders.place import reach

TAGS = ["local list"]


class SyncPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tokens belong on the list. `full` sends all of it; `per_message_max` is what the station takes at once."""

    filter: Chosen = Chosen()
    full: bool = False
    per_message_max: Count | None = None


class EntryPage(msgspec.Struct, frozen=True):
    """Entries by token, and what to ask for next."""

    items: list[ListEntry]
    next: str | None


@get("/stations/{station_id:str}/local-list", opt=STAFF, tags=TAGS)
async def get_local_list(station_id: str, db: Db) -> LocalListView:
    """Return how a station's local list stands."""
    async with db.begin() as tx:
        await reach(tx, StationId(station_id))
        return await _view(tx, StationId(station_id))


@get("/stations/{station_id:str}/local-list/entries", opt=STAFF, tags=TAGS)
async def list_entries(station_id: str, db: Db, after: Words = None, limit: Limit = 100) -> EntryPage:
    """List the tokens that a station is known to have, by token."""
    async with db.begin() as tx:
        await reach(tx, StationId(station_id))
        found = await store.entries(tx, StationId(station_id), after, limit)
    return EntryPage(found, found[-1].token if len(found) == limit else None)


@post("/stations/{station_id:str}/local-list/sync", opt=STAFF, tags=TAGS, status_code=202)
async def sync_local_list(station_id: str, data: SyncPost, db: Db, now: dt.datetime, caller: Caller) -> LocalListView:
    """Bring a station's local list into step with our tokens: by what has changed, or whole where that is not known."""
    async with db.begin() as tx:
        station = await reach(tx, StationId(station_id))
        await sync(
            tx,
            station.id,
            data.filter,
            full=data.full,
            author=f"staff:{caller.person_id}",
            now=now,
            old=station.old,
            per_message_max=data.per_message_max,
        )
        return await _view(tx, station.id)


async def _view(tx: Tx, id: StationId) -> LocalListView:
    it = await store.find(tx, id)
    if it is None:
        return LocalListView(
            station_id=id,
            status="unknown",
            version=0,
            certain=False,
            entries=0,
            waiting=0,
            per_message_max=None,
            entries_max=None,
            filter=None,
            order_id=None,
            detail={},
            synced_at=None,
        )
    return LocalListView(
        station_id=id,
        status=it.status,
        version=it.version,
        certain=it.certain,
        entries=await store.count(tx, id),
        waiting=len(it.rest),
        per_message_max=it.per_message_max,
        entries_max=it.entries_max,
        filter=it.filter,
        order_id=it.order_id,
        detail=hidden(it.detail),
        synced_at=it.synced_at,
    )


routes: list[Any] = [get_local_list, list_entries, sync_local_list]
