"""Routes of orders to many stations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta

from zaryad.auth import Caller, Role
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.link.orders import AnyOrder, RawCall
from zaryad.platform.db import Db
from zaryad.stations.orders.api import STAFF, Limit, TheLimits, TheWords, Words
from zaryad.stations.orders.bulk import run, store
from zaryad.stations.orders.bulk.model import (
    DEADLINE_S_MAX,
    PARALLEL_MAX,
    PLAN_ITEMS_MAX,
    Bulk,
    BulkItem,
    BulkView,
    ItemState,
    StationFilter,
)
from zaryad.stations.orders.bulk.plan import plan
from zaryad.stations.orders.cursor import moment_cursor, read_moment
from zaryad.stations.orders.mask import masked
from zaryad.stations.orders.model import WAIT_S_MAX

TAGS = ["bulk orders"]
_EXAMPLE = {
    "filter": {"vendor": "Acme", "firmware": "2.4.0"},
    "order": {"kind": "change_configuration", "key": "HeartbeatInterval", "value": "180"},
    "dry_run": True,
}


class BulkPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order, with its `kind`, to every station that meets the filter.

    At most `parallelism` are out at a time, each for `wait_s`; who is not connected is waited for until `deadline_s`.
    `id` is optional: with one of yours, asking twice is asking once.
    """

    filter: StationFilter
    order: AnyOrder
    dry_run: bool = False
    parallelism: Annotated[int, Meta(ge=1, le=PARALLEL_MAX)] = 20
    wait_s: Annotated[int, Meta(ge=1, le=WAIT_S_MAX)] = 120
    deadline_s: Annotated[int, Meta(ge=1, le=DEADLINE_S_MAX)] = 3_600
    id: UUID | None = None


class BulkPage(msgspec.Struct, frozen=True):
    """Bulk orders, the newest first, and what to ask for next."""

    items: list[BulkView]
    next: str | None


class ItemPage(msgspec.Struct, frozen=True):
    """Stations of a bulk order, and what to ask for next."""

    items: list[BulkItem]
    next: str | None


@post("/bulk-orders", opt=STAFF, tags=TAGS, status_code=202)
async def post_bulk(
    *,
    data: Annotated[BulkPost, Body(examples=[Example(value=_EXAMPLE)])],
    db: Db,
    now: dt.datetime,
    caller: Caller,
    sayable: TheWords,
    profile_limits: TheLimits,
) -> BulkView:
    """Give an order to many stations; with `dry_run`, only tell which would be reached and which could not be told."""
    if isinstance(data.order, RawCall) and not caller.has(Role.TECHNICIAN):
        raise DomainError(Kind.FORBIDDEN, "role_missing")
    it = Bulk(
        id=data.id or new_id(),
        order=data.order,
        filter=data.filter,
        author=f"staff:{caller.person_id}",
        state="running",
        parallelism=data.parallelism,
        wait_s=data.wait_s,
        deadline=now + dt.timedelta(seconds=data.deadline_s),
        placed_at=now,
        ended_at=None,
    )
    async with db.begin() as tx:
        items = await plan(tx, data.filter, data.order, sayable, profile_limits)
        if data.dry_run:
            return _planned(it, items)
        it = await run.begin(tx, it, items)
        return _view(it, (await store.counts(tx, [it.id]))[it.id])


@get("/bulk-orders", opt=STAFF, tags=TAGS)
async def list_bulks(db: Db, after: Words = None, limit: Limit = 50) -> BulkPage:
    """List bulk orders with their counts, the newest first."""
    async with db.begin() as tx:
        found = await store.page(tx, None if after is None else read_moment(after), limit)
        counts = await store.counts(tx, [each.id for each in found])
    last = found[-1] if len(found) == limit else None
    following = None if last is None else moment_cursor(last.placed_at, last.id)
    return BulkPage([_view(each, counts[each.id]) for each in found], following)


@get("/bulk-orders/{id:uuid}", opt=STAFF, tags=TAGS)
async def get_bulk(id: UUID, db: Db) -> BulkView:
    """Return a bulk order and how far it has come."""
    async with db.begin() as tx:
        it = await run.found(tx, id)
        return _view(it, (await store.counts(tx, [id]))[id])


@get("/bulk-orders/{id:uuid}/items", opt=STAFF, tags=TAGS)
async def list_bulk_items(
    id: UUID, db: Db, item_state: ItemState | None = None, after: Words = None, limit: Limit = 100
) -> ItemPage:
    """List what came of it, by station."""
    async with db.begin() as tx:
        await run.found(tx, id)
        found = await store.items(tx, id, item_state, after, limit)
    return ItemPage(found, found[-1].station_id if len(found) == limit else None)


@delete("/bulk-orders/{id:uuid}", opt=STAFF, tags=TAGS, status_code=200)
async def cancel_bulk(id: UUID, db: Db, now: dt.datetime, caller: Caller) -> BulkView:
    """Place no more, and take back what has not gone out; what stations have stays with them."""
    async with db.begin() as tx:
        it = await run.cancel(tx, id, f"staff:{caller.person_id}", now)
        return _view(it, (await store.counts(tx, [id]))[id])


def _planned(it: Bulk, items: list[BulkItem]) -> BulkView:
    counts: Counter[str] = Counter(each.state for each in items)
    there = sum(1 for each in items if each.state == "waiting" and each.connected)
    shown = _view(it, dict(counts))
    return msgspec.structs.replace(shown, id=None, state="planned", connected=there, items=items[:PLAN_ITEMS_MAX])


def _view(it: Bulk, counts: dict[str, int]) -> BulkView:
    body = msgspec.to_builtins(masked(it.order))
    return BulkView(
        id=it.id,
        state=it.state,
        kind=body.pop("kind"),
        order=body,
        filter=it.filter,
        author=it.author,
        parallelism=it.parallelism,
        wait_s=it.wait_s,
        deadline=it.deadline,
        placed_at=it.placed_at,
        ended_at=it.ended_at,
        total=sum(counts.values()),
        connected=None,
        counts=counts,
    )


routes: list[Any] = [post_bulk, list_bulks, get_bulk, list_bulk_items, cancel_bulk]
