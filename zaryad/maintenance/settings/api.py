"""Routes of configuration: one view of every version's settings, templates for many stations, and what differs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.maintenance.model import Settings as Rules
from zaryad.maintenance.settings import change, store
from zaryad.maintenance.settings.bring import as_target, attempted, configuration, read_all, target_of
from zaryad.maintenance.settings.model import Setting, SettingState, Template, TemplateId
from zaryad.platform.db import Db
from zaryad.stations import list_stations

LOOK = needs(Role.OPERATOR, Role.TECHNICIAN)
CHANGE = needs(Role.TECHNICIAN)
APPLY_MAX = 500  # stations in one go


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """A station's settings. `complete_at`: when all of them were last told."""

    station_id: str
    protocol: str
    online: bool
    asked_at: dt.datetime | None
    complete_at: dt.datetime | None
    settings: list[Setting]


class Wishes(msgspec.Struct, frozen=True):
    """What settings should be, by key of any version; null takes a wish back."""

    settings: dict[str, str | None]


class OrdersPlaced(msgspec.Struct, frozen=True):
    """The orders that follow; their lives are at `/orders/{id}`."""

    orders: list[UUID]


class TemplatePut(msgspec.Struct, frozen=True, kw_only=True):
    """A template as people write it. `version` is the one that was read; null for a new one."""

    name: str
    settings: dict[str, str]
    note: str = ""
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    protocol: str | None = None
    location_id: UUID | None = None
    priority: int = 0
    automatic: bool = True
    active: bool = True
    version: int | None = None


class StationApplied(msgspec.Struct, frozen=True, kw_only=True):
    """What a template comes to at one station: the settings that differ, and the orders that were placed."""

    station_id: str
    online: bool
    differs: list[Setting]
    orders: list[UUID] = []


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What a template comes to; `fits` is how many stations it is for."""

    dry_run: bool
    fits: int
    stations: list[StationApplied]


class DriftPage(msgspec.Struct, frozen=True):
    """Stations whose settings are not what is wanted, and what to ask for next."""

    items: list[StationApplied]
    next: str | None


@get("/stations/{station_id:str}/configuration", opt=LOOK)
async def get_configuration(
    station_id: str,
    db: Db,
    now: dt.datetime,
    text: Annotated[str | None, Parameter(max_length=100)] = None,
    setting_state: Annotated[SettingState | None, Parameter(query="state")] = None,
) -> Configuration:
    """Tell a station's settings, of any version, with what is wanted of each; `text` looks in both names and values."""
    async with db.begin() as tx:
        it = await target_of(tx, StationId(station_id), now)
        settings = await configuration(tx, it)
        model = await store.model(tx, it.id)
    needle = (text or "").lower()
    return Configuration(
        station_id=it.id,
        protocol=it.protocol,
        online=it.online,
        asked_at=None if model is None else model["asked_at"],
        complete_at=None if model is None else model["complete_at"],
        settings=[
            each
            for each in settings
            if (setting_state is None or each.state == setting_state)
            and (not needle or any(needle in (said or "").lower() for said in (each.key, each.name_16, each.value)))
        ],
    )


@post("/stations/{station_id:str}/configuration/read", opt=LOOK, status_code=202)
async def read_configuration(
    station_id: str, db: Db, now: dt.datetime, caller: Caller, maintenance_rules: Rules
) -> OrdersPlaced:
    """Ask the station for all its settings anew."""
    async with db.begin() as tx:
        it = await target_of(tx, StationId(station_id), now)
        id = await read_all(tx, it, maintenance_rules.settings, f"staff:{caller.person_id}", now)
    return OrdersPlaced(attempted([id]))


@patch("/stations/{station_id:str}/configuration", opt=CHANGE, status_code=202)
async def change_configuration(  # noqa: PLR0917  # what the framework brings
    station_id: str, data: Wishes, db: Db, now: dt.datetime, caller: Caller, maintenance_rules: Rules
) -> OrdersPlaced:
    """Say what settings should be; the station is told, and told again whenever it differs."""
    async with db.begin() as tx:
        it = await target_of(tx, StationId(station_id), now)
        ids = await change.want(tx, it, data.settings, maintenance_rules.settings, f"staff:{caller.person_id}", now)
    return OrdersPlaced(attempted(ids))


@get("/setting-templates", opt=LOOK)
async def list_templates(db: Db) -> list[Template]:
    """List the templates by name."""
    async with db.begin() as tx:
        return await store.templates(tx)


@get("/setting-templates/{id:uuid}", opt=LOOK)
async def get_template(id: UUID, db: Db) -> Template:
    """Return a template."""
    async with db.begin() as tx:
        return await change.find_template(tx, TemplateId(id))


@put("/setting-templates/{id:uuid}", opt=CHANGE)
async def put_template(id: UUID, data: TemplatePut, db: Db, now: dt.datetime, caller: Caller) -> Template:
    """Write a template; the id is the client's. It applies at each station's next boot or reading, or by `apply`."""
    said = msgspec.structs.asdict(data)
    version = said.pop("version")
    async with db.begin() as tx:
        fresh = Template(id=TemplateId(id), **said)
        return await change.put_template(tx, fresh, f"staff:{caller.person_id}", now, version=version)


@delete("/setting-templates/{id:uuid}", opt=CHANGE, status_code=204)
async def drop_template(id: UUID, db: Db) -> None:
    """Delete a template; what it has set at stations stays as it is."""
    async with db.begin() as tx:
        await store.drop_template(tx, TemplateId(id))


@post("/setting-templates/{id:uuid}/apply", opt=CHANGE, status_code=200)
async def apply_template(  # noqa: PLR0917  # what the framework brings
    id: UUID, db: Db, now: dt.datetime, caller: Caller, maintenance_rules: Rules, dry_run: bool = True
) -> Applied:
    """Bring every station that the template is for to what is wanted of it; `dry_run` only says what would be done."""
    async with db.begin() as tx:
        template = await change.find_template(tx, TemplateId(id))
        targets = await change.fitting(tx, template, now)
        if len(targets) > APPLY_MAX and not dry_run:
            raise DomainError(Kind.INVALID, "template_too_many_stations", fits=len(targets), most=APPLY_MAX)
        shown = targets[:APPLY_MAX]
        off = await change.differing(tx, shown)
        placed = {}
        if not dry_run:
            author = f"staff:{caller.person_id}"
            placed = await change.apply(
                tx, [it for it in shown if it.id in off], maintenance_rules.settings, author, now
            )
    found = [
        StationApplied(station_id=it.id, online=it.online, differs=off[it.id], orders=attempted(placed.get(it.id, [])))
        for it in shown
        if it.id in off
    ]
    return Applied(dry_run=dry_run, fits=len(targets), stations=found)


@get("/setting-drift", opt=LOOK)
async def list_drift(
    db: Db,
    now: dt.datetime,
    after: Annotated[str | None, Parameter(max_length=48)] = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
) -> DriftPage:
    """List stations whose settings are not what is wanted of them; `limit` counts stations looked at, not found."""
    async with db.begin() as tx:
        page = [as_target(it) for it in await list_stations(tx, now, after=after, limit=limit)]
        off = await change.differing(tx, page)
    items = [StationApplied(station_id=it.id, online=it.online, differs=off[it.id]) for it in page if it.id in off]
    return DriftPage(items, page[-1].id if len(page) == limit else None)


routes: list[Any] = [
    get_configuration,
    read_configuration,
    change_configuration,
    list_templates,
    get_template,
    put_template,
    drop_template,
    apply_template,
    list_drift,
]
