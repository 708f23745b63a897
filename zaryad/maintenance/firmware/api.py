"""Routes of firmware, of stations' updates, and of campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.maintenance.firmware import campaign, campaign_store, store, update
from zaryad.maintenance.firmware.model import (
    Campaign,
    CampaignId,
    Counts,
    Firmware,
    FirmwareId,
    Item,
    ItemState,
    Plan,
    Update,
    UpdateId,
)
from zaryad.maintenance.model import Settings as Rules
from zaryad.platform.db import Db

LOOK = needs(Role.OPERATOR, Role.TECHNICIAN)
CHANGE = needs(Role.TECHNICIAN)
Limit = Annotated[int, Parameter(ge=1, le=500)]


class FirmwarePut(msgspec.Struct, frozen=True, kw_only=True):
    """A file as firmware: whom it is for, and which version a station has once it has it."""

    file_id: UUID
    vendor: str
    model: str
    version: str
    note: str = ""
    certificate: str | None = None
    signature: str | None = None


class UpdatePut(msgspec.Struct, frozen=True, kw_only=True):
    """Which firmware a station is to have, and how it fetches it."""

    firmware_id: UUID
    via: Literal["http", "ftp"] = "http"


class UpdatePage(msgspec.Struct, frozen=True):
    """Updates, the latest first, and what to ask for next."""

    items: list[Update]
    next: dt.datetime | None


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


@put("/firmware/{id:uuid}", opt=CHANGE)
async def put_firmware(id: UUID, data: FirmwarePut, db: Db, now: dt.datetime, caller: Caller) -> Firmware:
    """Describe a file that was brought to `/files` as firmware; the id is the client's."""
    said = msgspec.structs.asdict(data)
    async with db.begin() as tx:
        it = Firmware(id=FirmwareId(id), brought_by=f"staff:{caller.person_id}", at=now, **said)
        return await update.bring_firmware(tx, it)


@get("/firmware", opt=LOOK)
async def list_firmware(db: Db, withdrawn: bool = False) -> list[Firmware]:
    """List firmware, the latest first."""
    async with db.begin() as tx:
        return await store.some(tx, withdrawn=withdrawn)


@delete("/firmware/{id:uuid}", opt=CHANGE, status_code=204)
async def withdraw_firmware(id: UUID, db: Db) -> None:
    """Offer a firmware to nobody any more; campaigns with it halt, updates under way come to their own end."""
    async with db.begin() as tx:
        await store.withdraw(tx, id)


@put("/stations/{station_id:str}/updates/{id:uuid}", opt=CHANGE, status_code=202)
async def put_update(  # noqa: PLR0917  # what the framework brings
    station_id: str, id: UUID, data: UpdatePut, db: Db, now: dt.datetime, caller: Caller, maintenance_rules: Rules
) -> Update:
    """Order a station to fetch and install a firmware; the id is the client's."""
    async with db.begin() as tx:
        return await update.update(
            tx,
            maintenance_rules.firmware,
            maintenance_rules.files,
            UpdateId(id),
            StationId(station_id),
            FirmwareId(data.firmware_id),
            f"staff:{caller.person_id}",
            now,
            via=data.via,
        )


@get("/updates/{id:uuid}", opt=LOOK)
async def get_update(id: UUID, db: Db) -> Update:
    """Tell how far a station's update has come."""
    async with db.begin() as tx:
        found = await store.update(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "update_unknown")
    return found


@get("/updates", opt=LOOK)
async def list_updates(
    db: Db,
    station: Annotated[str | None, Parameter(max_length=48)] = None,
    campaign_id: Annotated[UUID | None, Parameter(query="campaign")] = None,
    before: dt.datetime | None = None,
    limit: Limit = 100,
) -> UpdatePage:
    """List updates, the latest first."""
    async with db.begin() as tx:
        items = await store.updates(tx, station, campaign_id, before, limit)
    return UpdatePage(items, items[-1].asked_at if len(items) == limit else None)


@post("/campaigns/reach", opt=LOOK, status_code=200)
async def reach_campaign(data: CampaignPut, db: Db, now: dt.datetime) -> Reached:
    """Tell which stations a plan would reach, without writing anything down."""
    data.plan.check()
    async with db.begin() as tx:
        firmware = await update.find_firmware(tx, FirmwareId(data.firmware_id))
        found = await campaign.reached(tx, firmware, data.plan, now)
    return Reached([ReachedStation(station_id=it.id, version=it.firmware, online=it.online) for it in found])


@put("/campaigns/{id:uuid}", opt=CHANGE)
async def put_campaign(id: UUID, data: CampaignPut, db: Db, now: dt.datetime, caller: Caller) -> CampaignShown:
    """Write a campaign down with the stations it reaches now; it starts when it is told to. The id is the client's."""
    async with db.begin() as tx:
        firmware = await update.find_firmware(tx, FirmwareId(data.firmware_id))
        author = f"staff:{caller.person_id}"
        it = await campaign.create(tx, CampaignId(id), data.name, firmware, data.plan, author, now)
        return CampaignShown(campaign=it, firmware=firmware, counts=await campaign_store.counts(tx, it.id))


@get("/campaigns", opt=LOOK)
async def list_campaigns(db: Db, limit: Limit = 100) -> list[Campaign]:
    """List campaigns, the latest first."""
    async with db.begin() as tx:
        return await campaign_store.some(tx, limit)


@get("/campaigns/{id:uuid}", opt=LOOK)
async def get_campaign(id: UUID, db: Db) -> CampaignShown:
    """Tell how far a campaign has come."""
    async with db.begin() as tx:
        it = await campaign.find(tx, CampaignId(id))
        firmware = await update.find_firmware(tx, it.firmware_id)
        return CampaignShown(campaign=it, firmware=firmware, counts=await campaign_store.counts(tx, it.id))


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
        await campaign.find(tx, CampaignId(id))
        items = await campaign_store.items(tx, CampaignId(id), item_state, after, limit)
    return ItemPage(items, items[-1].station_id if len(items) == limit else None)


@post("/campaigns/{id:uuid}/{what:str}", opt=CHANGE, status_code=200)
async def command_campaign(
    id: UUID, what: Literal["start", "pause", "resume", "cancel"], db: Db, now: dt.datetime
) -> Campaign:
    """Start, pause, resume or cancel a campaign; what is under way at stations comes to its own end."""
    async with db.begin() as tx:
        return await campaign.command(tx, CampaignId(id), what, now)


routes: list[Any] = [
    put_firmware,
    list_firmware,
    withdraw_firmware,
    put_update,
    get_update,
    list_updates,
    reach_campaign,
    put_campaign,
    list_campaigns,
    get_campaign,
    list_campaign_stations,
    command_campaign,
]
