"""Routes of sessions. A driver sees his own and no other exists for him; staff see all."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import Parameter

from zaryad import stations, tariffs
from zaryad.auth import SIGNED_IN, Caller, Role, needs
from zaryad.charging import store
from zaryad.charging.find import STAFF, session_for, sessions
from zaryad.charging.live import session_live
from zaryad.charging.model import Limit, SessionId, Settings, State
from zaryad.charging.place import where
from zaryad.charging.pricing.api import routes as pricing_routes
from zaryad.charging.start import start
from zaryad.charging.stop import stop
from zaryad.charging.transaction.api import routes as transaction_routes
from zaryad.charging.view import BillView, EventView, SessionView, bill_view, events_view, view_of
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.link.station import CONNECTOR_MAX
from zaryad.platform.db import Db
from zaryad.tariffs import PriceSaid

Page = Annotated[int, Parameter(ge=1, le=500)]
ReadingsPage = Annotated[int, Parameter(ge=1, le=5_000)]
Cursor = Annotated[str | None, Parameter(max_length=100)]


class SessionPut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to charge, and how much at most."""

    station_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    connector: Annotated[int, msgspec.Meta(ge=1, le=CONNECTOR_MAX)]
    limit: Limit = Limit()


class SessionPage(msgspec.Struct, frozen=True):
    """Sessions, and what to ask for next."""

    items: list[SessionView]
    next: str | None


class ReadingView(msgspec.Struct, frozen=True, kw_only=True):
    """A reading: milliwatt-hours, milliwatts, milliamperes, millivolts, percent."""

    at: dt.datetime
    energy_mwh: int | None
    power_mw: int | None
    current_ma: int | None
    voltage_mv: int | None
    soc_percent: int | None


class ReadingPage(msgspec.Struct, frozen=True):
    """Readings in order of time, and what to ask for next."""

    items: list[ReadingView]
    next: str | None


class EventList(msgspec.Struct, frozen=True):
    """A session's story, from its beginning."""

    items: list[EventView]


class ConnectorQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What a start now would be charged by: `tariff_version_id` is frozen into the session."""

    station_id: str
    connector: int
    currency: str
    timezone: str
    tariff_version_id: UUID
    now: PriceSaid
    ahead: list[PriceSaid]


@put("/sessions/{id:uuid}", opt=needs(Role.DRIVER), status_code=202, tags=["sessions"])
async def put_session(
    *,
    id: UUID,
    data: SessionPut,
    db: Db,
    now: dt.datetime,
    caller: Caller,
    charging_rules: Settings,
    station_rules: stations.Settings,
) -> SessionView:
    """Start a session. The client makes the id; the same again is the same session, as it stands by now."""
    place = StationId(data.station_id)
    driver, number, limit = caller.person_id, data.connector, data.limit
    return await start(db, charging_rules, SessionId(id), driver, place, number, limit, now, station_rules)


@post("/sessions/{id:uuid}/stop", opt=needs(Role.DRIVER, Role.OPERATOR), status_code=202, tags=["sessions"])
async def stop_session(*, id: UUID, db: Db, now: dt.datetime, caller: Caller, charging_rules: Settings) -> SessionView:
    """Ask for its end: one's own, or as an operator anyone's. Asking again changes nothing."""
    async with db.begin() as tx:
        session = await session_for(tx, SessionId(id), caller)
    if session.driver_id == caller.person_id:
        by = f"driver:{caller.person_id}"
    elif caller.has(Role.OPERATOR):
        by = f"staff:{caller.person_id}"
    else:
        raise DomainError(Kind.FORBIDDEN, "role_missing")
    return await stop(db, SessionId(id), by, now, charging_rules)


@get("/sessions/{id:uuid}", opt=SIGNED_IN, tags=["sessions"])
async def get_session(id: UUID, db: Db, now: dt.datetime, caller: Caller) -> SessionView:
    """Return one session as it stands."""
    async with db.begin() as tx:
        return await view_of(tx, await session_for(tx, SessionId(id), caller), now)


@get("/sessions", opt=SIGNED_IN, tags=["sessions"])
async def list_sessions(
    *,
    db: Db,
    now: dt.datetime,
    caller: Caller,
    everyone: bool = False,
    driver_id: UUID | None = None,
    station_id: Annotated[str | None, Parameter(max_length=48)] = None,
    sessions_state: Annotated[list[State] | None, Parameter(query="state")] = None,
    after: Cursor = None,
    limit: Page = 50,
) -> SessionPage:
    """List one's own sessions, the newest first; staff may ask for everyone's, or one driver's or station's."""
    wants_others = everyone or driver_id is not None or station_id is not None
    if wants_others and driver_id != caller.person_id and not caller.has(*STAFF):
        raise DomainError(Kind.FORBIDDEN, "role_missing")
    async with db.begin() as tx:
        found, following = await sessions(
            tx,
            driver=driver_id if wants_others else caller.person_id,  # type: ignore[arg-type]  # a person's id or nobody's
            station_id=None if station_id is None else StationId(station_id),
            states=sessions_state or (),
            after=after,
            limit=limit,
        )
        return SessionPage([await view_of(tx, session, now) for session in found], following)


@get("/sessions/{id:uuid}/readings", opt=SIGNED_IN, tags=["sessions"])
async def list_readings(
    *, id: UUID, db: Db, caller: Caller, after: dt.datetime | None = None, limit: ReadingsPage = 1_500
) -> ReadingPage:
    """Return the session's readings in order of time, those after `after`."""
    async with db.begin() as tx:
        session = await session_for(tx, SessionId(id), caller)
        rows = await store.readings(tx, session.id, after, limit)
    items = [ReadingView(**{name: row[name] for name in ReadingView.__struct_fields__}) for row in rows]
    return ReadingPage(items, items[-1].at.isoformat() if len(items) == limit else None)


@get("/sessions/{id:uuid}/bill", opt=SIGNED_IN, tags=["sessions"])
async def get_bill(id: UUID, db: Db, caller: Caller) -> BillView:
    """Return the bill line by line: as it was settled, or as it stands."""
    async with db.begin() as tx:
        return await bill_view(tx, await session_for(tx, SessionId(id), caller))


@get("/sessions/{id:uuid}/events", opt=SIGNED_IN, tags=["sessions"])
async def list_events(id: UUID, db: Db, caller: Caller) -> EventList:
    """Return what happened to the session, in plain keys with their facts."""
    async with db.begin() as tx:
        session = await session_for(tx, SessionId(id), caller)
        return EventList(await events_view(tx, session.id))


@get("/quotes/{station_id:str}/{connector:int}", opt=SIGNED_IN, tags=["tariffs"])
async def get_quote(station_id: str, connector: int, db: Db, now: dt.datetime, caller: Caller) -> ConnectorQuote:
    """Return what charging costs at a connector now, and how that changes within a day."""
    async with db.begin() as tx:
        place = await stations.find_connector(tx, StationId(station_id), connector, now)
        if place is None:
            raise DomainError(Kind.NOT_FOUND, "connector_unknown", station_id=station_id, connector=connector)
        driver, at, zone = caller.person_id, now, place.timezone
        version = await tariffs.quote(tx, place.tariff_id, place.currency, now, where=where(place, driver))
        about = await tariffs.about_for(
            tx, version, timezone=zone, at=at, connector=place.kind, plate_w=place.power_w, person_id=driver
        )
    said = [tariffs.say(price, zone) for price in tariffs.prices_ahead(version, zone, now, about=about)]
    return ConnectorQuote(
        station_id=station_id,
        connector=connector,
        currency=version.currency,
        timezone=place.timezone,
        tariff_version_id=version.id,
        now=said[0],
        ahead=said[1:],
    )


routes: list[Any] = [
    put_session,
    stop_session,
    get_session,
    list_sessions,
    list_readings,
    get_bill,
    list_events,
    get_quote,
    session_live,
    *transaction_routes,
    *pricing_routes,
]
