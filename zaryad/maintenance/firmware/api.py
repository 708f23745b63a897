"""Routes of firmware and of stations' updates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.maintenance.firmware import store, update
from zaryad.maintenance.firmware.model import Firmware, FirmwareId, Update, UpdateId
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


routes: list[Any] = [
    put_firmware,
    list_firmware,
    withdraw_firmware,
    put_update,
    get_update,
    list_updates,
]
