"""Routes of transactions as stations report them, and of stops that fit none. For operators and technicians."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.charging.model import SessionId, Settings
from zaryad.charging.transaction.review import Decision, Stray, review, strays
from zaryad.charging.transaction.views import TransactionView, TransactionWhole, transaction, transactions
from zaryad.platform.db import Db

Page = Annotated[int, Parameter(ge=1, le=500)]
Cursor = Annotated[str | None, Parameter(max_length=100)]
StationName = Annotated[str | None, Parameter(max_length=48)]


class TransactionPage(msgspec.Struct, frozen=True):
    """Transactions, and what to ask for next."""

    items: list[TransactionView]
    next: str | None


class StrayPage(msgspec.Struct, frozen=True):
    """Stray stops, and what to ask for next."""

    items: list[Stray]
    next: str | None


class StrayReview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decides: assigned to the session named, or else to the proposed one; or dismissed."""

    decision: Decision
    session_id: UUID | None = None
    note: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


@get("/transactions", opt=needs(Role.OPERATOR, Role.TECHNICIAN), tags=["transactions"])
async def list_transactions(
    *,
    db: Db,
    station: StationName = None,
    token: Annotated[str | None, Parameter(max_length=255)] = None,
    is_open: Annotated[bool | None, Parameter(query="open")] = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    after: Cursor = None,
    limit: Page = 50,
) -> TransactionPage:
    """List transactions of all versions, the newest first: of a station, a token, open or not, begun in a time."""
    async with db.begin() as tx:
        items, following = await transactions(
            tx,
            station_id=station,
            token=token,
            is_open=is_open,
            since=_aware(since),
            until=_aware(until),
            after=after,
            limit=limit,
        )
    return TransactionPage(items, following)


@get(
    "/stations/{station_id:str}/transactions/{charge_ref:str}",
    opt=needs(Role.OPERATOR, Role.TECHNICIAN),
    tags=["transactions"],
)
async def get_transaction(
    *, station_id: str, charge_ref: str, db: Db, after: Annotated[int, Parameter(ge=-1, le=2**31 - 1)] = -1
) -> TransactionWhole:
    """Return one transaction with its events (2.x) after a number, and what is missing among them."""
    async with db.begin() as tx:
        return await transaction(tx, station_id, charge_ref, after)


@get("/stray-stops", opt=needs(Role.OPERATOR, Role.TECHNICIAN), tags=["transactions"])
async def list_stray_stops(
    *,
    db: Db,
    station: StationName = None,
    is_open: Annotated[bool, Parameter(query="open")] = True,
    after: Cursor = None,
    limit: Page = 50,
) -> StrayPage:
    """List stops that fit no transaction, the oldest first: those nobody has decided about, or with open=false all."""
    async with db.begin() as tx:
        items, following = await strays(tx, open_only=is_open, station_id=station, after=after, limit=limit)
    return StrayPage(items, following)


@post("/stray-stops/{id:uuid}/review", opt=needs(Role.OPERATOR), status_code=200, tags=["transactions"])
async def review_stray_stop(
    *, id: UUID, data: StrayReview, db: Db, now: dt.datetime, caller: Caller, charging_rules: Settings
) -> Stray:
    """Assign a stray stop to a session, whose end it is if that is not settled, or dismiss it. Who and when is kept."""
    named = None if data.session_id is None else SessionId(data.session_id)
    return await review(db, charging_rules, id, caller.person_id, data.decision, named, data.note, now)


def _aware(at: dt.datetime | None) -> dt.datetime | None:
    return at.replace(tzinfo=dt.UTC) if at is not None and at.tzinfo is None else at


routes: list[Any] = [list_transactions, get_transaction, list_stray_stops, review_stray_stop]
