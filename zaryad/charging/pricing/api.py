"""Routes that explain prices: of a connector at a moment, of a session, and of a session by other prices."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post

from zaryad import stations
from zaryad.auth import Caller, Role, needs
from zaryad.charging.find import session_for
from zaryad.charging.model import SessionId
from zaryad.charging.pricing.explain import Other, Tried, WhyThisPrice, by_other, why_here, why_session
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.platform.db import Db

READERS = needs(Role.OPERATOR, Role.ACCOUNTANT)
WITHIN = dt.timedelta(days=3_660)

Moment = Annotated[dt.datetime | None, msgspec.Meta(tz=True)]


@get("/quotes/{station_id:str}/{connector:int}/why", opt=READERS, tags=["tariffs"])
async def get_why(  # noqa: PLR0917  # the place, the driver, the moment, and what every handler is given
    station_id: str,
    connector: int,
    db: Db,
    now: dt.datetime,
    language: str,
    at: Moment = None,
    person_id: UUID | None = None,
) -> WhyThisPrice:
    """Return the tariff of a connector for a driver at a moment, and why no other."""
    moment = at or now
    if abs(moment - now) > WITHIN:
        raise DomainError(Kind.INVALID, "quote_start_far", days=WITHIN.days)
    async with db.begin() as tx:
        place = await stations.find_connector(tx, StationId(station_id), connector, now)
        if place is None:
            raise DomainError(Kind.NOT_FOUND, "connector_unknown", station_id=station_id, connector=connector)
        return await why_here(tx, place, person_id, moment, language)


@get("/sessions/{id:uuid}/price", opt=READERS, tags=["tariffs"])
async def get_session_price(id: UUID, db: Db, caller: Caller, now: dt.datetime, language: str) -> WhyThisPrice:
    """Return the version a session is charged by, and what there was to choose from when it was asked for."""
    async with db.begin() as tx:
        session = await session_for(tx, SessionId(id), caller)
        place = await stations.find_connector(tx, session.station_id, session.connector, now)
        return await why_session(tx, session, place, now, language)


@post("/sessions/{id:uuid}/preview", opt=READERS, status_code=200, tags=["tariffs"])
async def post_session_preview(id: UUID, data: Other, db: Db, caller: Caller, language: str) -> Tried:
    """Price a session by another tariff, or by prices not yet published."""
    async with db.begin() as tx:
        return await by_other(tx, await session_for(tx, SessionId(id), caller), data, language)


routes: list[Any] = [get_why, get_session_price, post_session_preview]
