"""Routes of what stations tell of themselves."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import Parameter

from zaryad.auth import Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId, Topic
from zaryad.maintenance.settings import store as settings_store
from zaryad.maintenance.watch import store
from zaryad.maintenance.watch.model import Display, Event, Monitor, NoticeKept
from zaryad.platform.db import Db

LOOK = needs(Role.OPERATOR, Role.TECHNICIAN)
Limit = Annotated[int, Parameter(ge=1, le=500)]
Words = Annotated[str | None, Parameter(max_length=100)]
Station = Annotated[str | None, Parameter(max_length=48)]
Before = Annotated[int | None, Parameter(ge=1, description="the `next` of the page before")]


class EventPage(msgspec.Struct, frozen=True):
    """Events, the latest first, and what to ask for next."""

    items: list[Event]
    next: int | None


class NoticePage(msgspec.Struct, frozen=True):
    """Notices, the latest first, and what to ask for next."""

    items: list[NoticeKept]
    next: int | None


class ReportProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a report in parts has come. `text`: what a station told of a customer, as far as it is here."""

    request: int
    kind: str
    parts: int
    of_parts: int | None
    began_at: dt.datetime
    complete_at: dt.datetime | None
    text: str | None = None


@get("/station-events", opt=LOOK)
async def list_events(  # noqa: PLR0917  # what may be asked for
    db: Db,
    station: Station = None,
    text: Words = None,
    severity: Annotated[int | None, Parameter(ge=0, le=9, description="this or worse: 0 is the worst")] = None,
    since: dt.datetime | None = None,
    before: Before = None,
    limit: Limit = 100,
) -> EventPage:
    """List what stations' own watches have told, the latest first."""
    async with db.begin() as tx:
        items = await store.events(tx, station, text, severity, since, before, limit)
    return EventPage(items, items[-1].id if len(items) == limit else None)


@get("/stations/{station_id:str}/monitors", opt=LOOK)
async def list_monitors(station_id: str, db: Db) -> list[Monitor]:
    """List the watches that a station keeps, as it last reported them."""
    async with db.begin() as tx:
        return await store.monitors(tx, StationId(station_id))


@get("/stations/{station_id:str}/displays", opt=LOOK)
async def list_displays(station_id: str, db: Db) -> list[Display]:
    """List what is on a station's display, as it last reported, or was told."""
    async with db.begin() as tx:
        return await store.displays(tx, StationId(station_id))


@get("/station-notices", opt=LOOK)
async def list_notices(
    db: Db, station: Station = None, topic: Topic | None = None, before: Before = None, limit: Limit = 100
) -> NoticePage:
    """List messages that are kept as they were told: limits, settlements, alarms of the grid, swaps and the like."""
    async with db.begin() as tx:
        items = await store.notices(tx, station, None if topic is None else topic.value, before, limit)
    return NoticePage(items, items[-1].id if len(items) == limit else None)


@get("/stations/{station_id:str}/reports/{number:int}", opt=LOOK)
async def get_report(station_id: str, number: int, db: Db) -> ReportProgress:
    """Tell how far the report has come that the order with this number asked for."""
    async with db.begin() as tx:
        found = await settings_store.report(tx, station_id, number)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "report_unknown")
    texts: dict[str, str] = found["texts"]
    return ReportProgress(
        request=found["request"],
        kind=found["kind"],
        parts=len(set(found["parts"])),
        of_parts=None if found["last_part"] is None else found["last_part"] + 1,
        began_at=found["began_at"],
        complete_at=found["complete_at"],
        text="".join(texts[number] for number in sorted(texts, key=int)) or None,
    )


routes: list[Any] = [list_events, list_monitors, list_displays, list_notices, get_report]
