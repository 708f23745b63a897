"""Routes of charging profiles: kept by name, set, and what a station has."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import delete, get, put
from litestar.openapi.spec import Example
from litestar.params import Body, Parameter

from zaryad.auth import Caller
from zaryad.link.facts import StationId
from zaryad.link.orders import AnyOrder, OrderId, Profile, SetProfile
from zaryad.platform.db import Db, Tx
from zaryad.stations.orders.api import STAFF, Limit, Words, order_route
from zaryad.stations.orders.kinds import OrderKind
from zaryad.stations.orders.place import reach
from zaryad.stations.orders.profiles import keep, store
from zaryad.stations.orders.profiles.keep import SetProfileBody
from zaryad.stations.orders.profiles.model import StationProfile, Template

TAGS = ["charging profiles"]
NameInPath = Annotated[str, Parameter(max_length=60, pattern=r"^[\w .:-]+$")]

_SCHEDULE = {"unit": "watts", "periods": [{"start_s": 0, "limit_tenths": 110_000}], "start_at": "2026-11-21T18:00:00Z",
             "duration_s": 36_000}  # fmt: skip
_PROFILE = {
    "number": 100,
    "stack_level": 1,
    "purpose": "transaction_default",
    "kind": "recurring_daily",
    "schedule": _SCHEDULE,
}


class TemplatePut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A profile to keep; limits are in tenths of a watt or ampere."""

    profile: Profile
    note: str = ""


class TemplatePage(msgspec.Struct, frozen=True):
    """Profiles by name, and what to ask for next."""

    items: list[Template]
    next: str | None


class StationProfiles(msgspec.Struct, frozen=True):
    """What a station is known to have."""

    items: list[StationProfile]


@get("/charging-profiles", opt=STAFF, tags=TAGS)
async def list_templates(db: Db, after: Words = None, limit: Limit = 100) -> TemplatePage:
    """List the profiles that are kept, by name."""
    async with db.begin() as tx:
        items = await store.templates(tx, after, limit)
    return TemplatePage(items, items[-1].name if len(items) == limit else None)


@get("/charging-profiles/{name:str}", opt=STAFF, tags=TAGS)
async def get_template(name: NameInPath, db: Db) -> Template:
    """Return a kept profile."""
    async with db.begin() as tx:
        return await keep.kept(tx, name)


@put("/charging-profiles/{name:str}", opt=STAFF, tags=TAGS)
async def put_template(
    name: NameInPath,
    data: Annotated[TemplatePut, Body(examples=[Example(value={"profile": _PROFILE, "note": "11 kW at night"})])],
    db: Db,
    now: dt.datetime,
    caller: Caller,
) -> Template:
    """Keep a profile under a name. What stations have been given does not change by it."""
    async with db.begin() as tx:
        return await keep.keep(tx, name, data.profile, data.note, by=caller.person_id, now=now)


@delete("/charging-profiles/{name:str}", opt=STAFF, tags=TAGS, status_code=204)
async def delete_template(name: NameInPath, db: Db) -> None:
    """Keep it no more; gone already is as good."""
    async with db.begin() as tx:
        await store.drop_template(tx, name)


@get("/stations/{station_id:str}/charging-profiles", opt=STAFF, tags=TAGS)
async def list_station_profiles(station_id: str, db: Db) -> StationProfiles:
    """List the profiles that a station is known to have: taken from us, or reported (order `report-profiles`)."""
    async with db.begin() as tx:
        await reach(tx, StationId(station_id))
        return StationProfiles(await store.profiles_of(tx, StationId(station_id)))


async def _order(  # what every kind is prepared with
    tx: Tx, _station: StationId, _id: OrderId, body: SetProfileBody, _author: str, _now: dt.datetime
) -> AnyOrder:
    return await keep.order_of(tx, body)


SET_PROFILE = OrderKind(
    order=SetProfile,
    about="Set a charging profile: the one in the body, or one that is kept by name.",
    example={"connector": 1, "name": "night"},
    body=SetProfileBody,
)

routes: list[Any] = [
    list_templates,
    get_template,
    put_template,
    delete_template,
    list_station_profiles,
    order_route(SET_PROFILE, _order),
]
