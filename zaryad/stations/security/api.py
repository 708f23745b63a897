"""Routes that change how stations prove themselves."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.platform.seal import Seal
from zaryad.stations import store as rows
from zaryad.stations.security import profile, store
from zaryad.stations.security.model import PROFILE_MAX, ProfileChange, Rotation, Settings, Trust
from zaryad.stations.security.rotate import give_up, rotate

STAFF = needs(Role.OPERATOR, Role.TECHNICIAN)
TECHNICIAN = needs(Role.TECHNICIAN)
Limit = Annotated[int, Parameter(ge=1, le=200)]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a station proves itself: the profile it last came in by, and below which it is refused."""

    station_id: StationId
    profile: int | None
    floor: int
    has_password: bool
    password_set_at: dt.datetime | None
    changing_password: bool
    rotations: list[Rotation]
    changes: list[ProfileChange]


class ProfilePost(msgspec.Struct, frozen=True, kw_only=True):
    """The security profile that a station is to have."""

    profile: Annotated[int, msgspec.Meta(ge=1, le=PROFILE_MAX)]


class FloorPut(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest security profile that a station is let in with."""

    floor: Annotated[int, msgspec.Meta(ge=0, le=PROFILE_MAX)]


class GracePost(msgspec.Struct, frozen=True, kw_only=True):
    """For how long an expired certificate is good."""

    hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 14)] = 48


@get("/stations/{id:str}/security", opt=STAFF)
async def get_security(id: str, db: Db, limit: Limit = 20) -> Standing:
    """Return how a station proves itself, and the lives of what was done to change that."""
    async with db.begin() as tx:
        row = await store.lock_station(tx, id)
        if row is None:
            raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=id)
        return Standing(
            station_id=StationId(id),
            profile=row["security_profile"],
            floor=row["profile_floor"],
            has_password=row["password_hash"] is not None,
            password_set_at=row["password_set_at"],
            changing_password=row["password_hash_next"] is not None,
            rotations=await store.rotations(tx, id, limit),
            changes=await store.changes(tx, id, limit),
        )


@post("/stations/{id:str}/password/rotate", opt=TECHNICIAN, status_code=202)
async def rotate_password(  # noqa: PLR0917  # what is bound here
    id: str, db: Db, now: dt.datetime, caller: Caller, seal: Seal, station_key: bytes, station_security: Settings
) -> Rotation:
    """Have the station take a new random password over its connection. Both are good until it comes in with the new."""
    async with db.begin() as tx:
        return await rotate(tx, station_security, seal, station_key, StationId(id), f"staff:{caller.person_id}", now)


@delete("/stations/{id:str}/password/rotate", opt=TECHNICIAN, status_code=204)
async def give_up_rotation(id: str, db: Db, now: dt.datetime, caller: Caller) -> None:
    """End a change of password by hand: only the old one stays good."""
    async with db.begin() as tx:
        await give_up(tx, StationId(id), f"staff:{caller.person_id}", now)


@post("/stations/{id:str}/security-profile", opt=TECHNICIAN, status_code=202)
async def change_profile(  # noqa: PLR0917  # what is bound here
    id: str, data: ProfilePost, db: Db, now: dt.datetime, caller: Caller, trust: Trust, station_security: Settings
) -> ProfileChange:
    """Raise a station's security profile (2.1: also from 3 to 2). It falls back by itself, and that is told."""
    async with db.begin() as tx:
        return await profile.begin(
            tx, station_security, trust, StationId(id), data.profile, f"staff:{caller.person_id}", now
        )


@post("/profile-changes/{id:uuid}/cancel", opt=TECHNICIAN, status_code=200)
async def cancel_change(id: UUID, db: Db, now: dt.datetime, caller: Caller, trust: Trust) -> ProfileChange:
    """End a change of profile by hand."""
    async with db.begin() as tx:
        return await profile.cancel(tx, id, trust, f"staff:{caller.person_id}", now)


@post("/stations/{id:str}/certificates/grace", opt=TECHNICIAN, status_code=204)
async def give_grace(id: str, data: GracePost, db: Db, now: dt.datetime) -> None:
    """Let a station in with a certificate of its own that is over, for so long: else it could never get a new one."""
    until = now + dt.timedelta(hours=data.hours)
    async with db.begin() as tx:
        if not await rows.write_station(tx, StationId(id), expired_until=until):
            raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=id)


@put("/stations/{id:str}/security-floor", opt=TECHNICIAN, status_code=204)
async def put_floor(id: str, data: FloorPut, db: Db) -> None:
    """Say below which profile a station is refused: lower after its box was exchanged, higher to insist."""
    async with db.begin() as tx:
        if not await rows.write_station(tx, StationId(id), profile_floor=data.floor):
            raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=id)


routes: list[Any] = [
    get_security,
    rotate_password,
    give_up_rotation,
    change_profile,
    cancel_change,
    give_grace,
    put_floor,
]
