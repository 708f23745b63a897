"""Routes of reservations."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.booking import store
from zaryad.booking.cancel import cancel
from zaryad.booking.model import Reservation, ReservationStatus
from zaryad.booking.reserve import find, reserve
from zaryad.link.facts import StationId
from zaryad.link.orders import TokenKind
from zaryad.platform.db import Db
from zaryad.stations import moment_cursor, read_moment

STAFF = needs(Role.OPERATOR, Role.TECHNICIAN)
TAGS = ["reservations"]
Limit = Annotated[int, Parameter(ge=1, le=500)]
Words = Annotated[str | None, Parameter(max_length=100)]


class ReservationPut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to keep, for whom, until when. Connector 0 keeps any one of the station free."""

    station_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    connector: Annotated[int, msgspec.Meta(ge=0)]
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=36)]
    expires_at: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    token_kind: TokenKind = "rfid"  # noqa: S105  # a kind, not a secret
    group: Annotated[str, msgspec.Meta(min_length=1, max_length=36)] | None = None


class ReservationPage(msgspec.Struct, frozen=True):
    """Reservations, the newest first, and what to ask for next."""

    items: list[Reservation]
    next: str | None


@get("/reservations", opt=STAFF, tags=TAGS)
async def list_reservations(
    *,
    db: Db,
    station: Words = None,
    status: Annotated[list[ReservationStatus] | None, Parameter(query="status")] = None,
    token: Words = None,
    after: Words = None,
    limit: Limit = 50,
) -> ReservationPage:
    """List reservations, the newest first: of a station, in states, of a token."""
    async with db.begin() as tx:
        items = await store.page(
            tx,
            None if station is None else StationId(station),
            status or (),
            token,
            None if after is None else read_moment(after),
            limit,
        )
    last = items[-1] if len(items) == limit else None
    return ReservationPage(items, None if last is None else moment_cursor(last.created_at, last.id))


@get("/reservations/{id:uuid}", opt=STAFF, tags=TAGS)
async def get_reservation(id: UUID, db: Db) -> Reservation:
    """Return a reservation as it stands."""
    async with db.begin() as tx:
        return await find(tx, id)


@put("/reservations/{id:uuid}", opt=STAFF, tags=TAGS, status_code=202)
async def put_reservation(id: UUID, data: ReservationPut, db: Db, now: dt.datetime, caller: Caller) -> Reservation:
    """Reserve a connector, or change a reservation. The id is the client's; it counts when the station has taken it."""
    async with db.begin() as tx:
        return await reserve(
            tx,
            id,
            StationId(data.station_id),
            data.connector,
            data.token,
            expires_at=data.expires_at,
            token_kind=data.token_kind,
            group=data.group,
            author=f"staff:{caller.person_id}",
            now=now,
        )


@delete("/reservations/{id:uuid}", opt=STAFF, tags=TAGS, status_code=202)
async def delete_reservation(id: UUID, db: Db, now: dt.datetime, caller: Caller) -> Reservation:
    """Give a reservation up: at once, or when the station that has it has said so."""
    async with db.begin() as tx:
        return await cancel(tx, id, f"staff:{caller.person_id}", now)


routes: list[Any] = [list_reservations, get_reservation, put_reservation, delete_reservation]
