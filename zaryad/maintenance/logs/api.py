"""Routes of logs that stations are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.maintenance.logs import store
from zaryad.maintenance.logs.ask import ask
from zaryad.maintenance.logs.model import LogId, LogKind, LogRequest
from zaryad.maintenance.model import Settings as Rules
from zaryad.platform.db import Db

LOOK = needs(Role.OPERATOR, Role.TECHNICIAN)
Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class LogAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which log is wanted. `plain`: in the words of an old 1.6 station, which has diagnostics only."""

    log: LogKind = "diagnostics"
    since: Moment | None = None
    until: Moment | None = None
    via: Literal["http", "ftp"] = "http"
    plain: bool = False


class LogPage(msgspec.Struct, frozen=True):
    """Requests, the latest first, and what to ask for next."""

    items: list[LogRequest]
    next: dt.datetime | None


@put("/stations/{station_id:str}/logs/{id:uuid}", opt=LOOK, status_code=202)
async def ask_log(  # noqa: PLR0917  # what the framework brings
    station_id: str, id: UUID, data: LogAsked, db: Db, now: dt.datetime, caller: Caller, maintenance_rules: Rules
) -> LogRequest:
    """Ask a station for a log; the id is the client's. Its `files` are at `/files/{id}/content` once they have come."""
    async with db.begin() as tx:
        return await ask(
            tx,
            maintenance_rules.files,
            LogId(id),
            StationId(station_id),
            data.log,
            f"staff:{caller.person_id}",
            now,
            since=data.since,
            until=data.until,
            via=data.via,
            plain=data.plain,
        )


@get("/logs/{id:uuid}", opt=LOOK)
async def get_log(id: UUID, db: Db) -> LogRequest:
    """Tell how far a log has come."""
    async with db.begin() as tx:
        found = await store.find(tx, LogId(id))
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "log_unknown")
    return found


@get("/logs", opt=LOOK)
async def list_logs(
    db: Db,
    station: Annotated[str | None, Parameter(max_length=48)] = None,
    before: dt.datetime | None = None,
    limit: Annotated[int, Parameter(ge=1, le=500)] = 100,
) -> LogPage:
    """List logs that were asked for, the latest first."""
    async with db.begin() as tx:
        items = await store.requests(tx, station, before, limit)
    return LogPage(items, items[-1].asked_at if len(items) == limit else None)


routes: list[Any] = [ask_log, get_log, list_logs]
