"""Routes of campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.maintenance.campaigns import run, store
from zaryad.maintenance.campaigns.model import Campaign, CampaignId, Counts, Item, ItemState, Plan
from zaryad.maintenance.firmware import update
from zaryad.maintenance.firmware.model import Firmware, FirmwareId
from zaryad.platform.db import Db

LOOK = needs(Role.OPERATOR, Role.TECHNICIAN)
CHANGE = needs(Role.TECHNICIAN)
Limit = Annotated[int, Parameter(ge=1, le=500)]


class CampaignPut(msgspec.Struct, frozen=True, kw_only=True):
    """A firmware for many stations, and how to go about it."""

    name: str
    firmware_id: UUID
    plan: Plan = Plan()


class CampaignShown(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, and how far it has come."""

    campaign: Campaign
    firmware: Firmware
    counts: Counts


class ReachedStation(msgspec.Struct, frozen=True, kw_only=True):
    """A station that a plan reaches, and why it would have to wait now."""

    station_id: str
    version: str | None
    online: bool


class Reached(msgspec.Struct, frozen=True):
    """What a plan reaches, as the network is now."""

    stations: list[ReachedStation]


class ItemPage(msgspec.Struct, frozen=True):
    """Stations of a campaign, and what to ask for next."""

    items: list[Item]
    next: str | None


@post("/campaigns/reach", opt=LOOK, status_code=200)
async def reach_campaign(data: CampaignPut, db: Db, now: dt.datetime) -> Reached:
    """Tell which stations a plan would reach, without writing anything down."""
    data.plan.check()
    async with db.begin() as tx:
        firmware = await update.find_firmware(tx, FirmwareId(data.firmware_id))
        found = await run.reached(tx, firmware, data.plan, now)
    return Reached([ReachedStation(station_id=it.id, version=it.firmware, online=it.online) for it in found])


@put("/campaigns/{id:uuid}", opt=CHANGE)
async def put_campaign(id: UUID, data: CampaignPut, db: Db, now: dt.datetime, caller: Caller) -> CampaignShown:
    """Write a campaign down with the stations it reaches now; it starts when it is told to. The id is the client's."""
    async with db.begin() as tx:
        firmware = await update.find_firmware(tx, FirmwareId(data.firmware_id))
        author = f"staff:{caller.person_id}"
        it = await run.create(tx, CampaignId(id), data.name, firmware, data.plan, author, now)
        return CampaignShown(campaign=it, firmware=firmware, counts=await store.counts(tx, it.id))


@get("/campaigns", opt=LOOK)
async def list_campaigns(db: Db, limit: Limit = 100) -> list[Campaign]:
    """List campaigns, the latest first."""
    async with db.begin() as tx:
        return await store.some(tx, limit)


@get("/campaigns/{id:uuid}", opt=LOOK)
async def get_campaign(id: UUID, db: Db) -> CampaignShown:
    """Tell how far a campaign has come."""
    async with db.begin() as tx:
        it = await run.find(tx, CampaignId(id))
        firmware = await update.find_firmware(tx, it.firmware_id)
        return CampaignShown(campaign=it, firmware=firmware, counts=await store.counts(tx, it.id))


@get("/campaigns/{id:uuid}/stations", opt=LOOK)
async def list_campaign_stations(
    id: UUID,
    db: Db,
    item_state: Annotated[ItemState | None, Parameter(query="state")] = None,
    after: Annotated[str | None, Parameter(max_length=48)] = None,
    limit: Limit = 100,
) -> ItemPage:
    """List the stations of a campaign with what became of each."""
    async with db.begin() as tx:
        await run.find(tx, CampaignId(id))
        items = await store.items(tx, CampaignId(id), item_state, after, limit)
    return ItemPage(items, items[-1].station_id if len(items) == limit else None)


@post("/campaigns/{id:uuid}/{what:str}", opt=CHANGE, status_code=200)
async def command_campaign(
    id: UUID, what: Literal["start", "pause", "resume", "cancel"], db: Db, now: dt.datetime
) -> Campaign:
    """Start, pause, resume or cancel a campaign; what is under way at stations comes to its own end."""
    async with db.begin() as tx:
        return await run.command(tx, CampaignId(id), what, now)


routes: list[Any] = [
    reach_campaign,
    put_campaign,
    list_campaigns,
    get_campaign,
    list_campaign_stations,
    command_campaign,
]
