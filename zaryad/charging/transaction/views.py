"""Transactions as the API shows them: by the station's own names, of all versions, with what became of them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from zaryad.charging.model import SessionId
from zaryad.charging.transaction import store
from zaryad.charging.transaction.sequence import gaps
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.station import evse_of
from zaryad.platform.db import Tx

EVENTS_AT_ONCE = 1_000


class TransactionView(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction. Times and registers are the station's own; the session's bill has what was believed of them."""

    id: int  # in 1.6 what the station knows it by
    charge_ref: str  # the same as text; in 2.x the station's own transactionId
    station_id: str
    protocol: str | None
    connector: int | None  # null: not named yet
    evse: int | None
    outlet: int | None
    token: str | None
    token_status: str | None
    began_at: dt.datetime
    received_at: dt.datetime
    ended_at: dt.datetime | None
    is_open: bool
    meter_start_mwh: int | None
    meter_stop_mwh: int | None
    energy_mwh: int | None  # as it is billed
    cause: str | None
    ended_by: str | None  # "station", "evidence"
    charging_state: str | None
    session_id: UUID | None  # null: nobody charges yet, or nobody did
    session_state: str | None
    reservation_id: int | None
    remote_start: int | None  # the number of the order that asked for it
    events: int
    missing: int


class ReportedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of 2.x as it was reported; `others` are other contents that came under the same number."""

    seq_no: int
    told: str
    trigger: str
    at: dt.datetime
    received_at: dt.datetime
    offline: bool
    verdict: dict[str, Any] | None
    repeats: int
    others: list[dict[str, Any]]
    body: dict[str, Any]


class TransactionWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction with its events in order, and the runs of numbers that are missing among them."""

    transaction: TransactionView
    gaps: list[tuple[int, int]]
    events: list[ReportedEvent]
    next: int | None  # ask for more after this number


async def transactions(  # what can be asked for
    tx: Tx,
    *,
    station_id: str | None = None,
    token: str | None = None,
    is_open: bool | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[TransactionView], str | None]:
    """Return transactions, the newest first, and what to ask for next. INVALID `bad_cursor`."""
    if after is not None and not (after.isascii() and after.isdecimal() and len(after) <= 10):
        raise DomainError(Kind.INVALID, "bad_cursor")
    rows = await store.page(
        tx,
        station_id=station_id,
        token=token,
        is_open=is_open,
        since=since,
        until=until,
        after=None if after is None else int(after),
        limit=limit,
    )
    return [_view(row) for row in rows], str(rows[-1]["id"]) if len(rows) == limit else None


async def transaction(tx: Tx, station_id: str, charge_ref: str, after_seq: int = -1) -> TransactionWhole:
    """Return one transaction with its events; NOT_FOUND `transaction_unknown`."""
    row = await store.one(tx, station_id, charge_ref)
    if row is None:
        raise DomainError(Kind.NOT_FOUND, "transaction_unknown", station_id=station_id, charge_ref=charge_ref)
    numbers = await store.numbers(tx, station_id, charge_ref)
    events = [
        msgspec.convert(it, ReportedEvent)
        for it in await store.event_rows(tx, station_id, charge_ref, after_seq, EVENTS_AT_ONCE)
    ]
    return TransactionWhole(
        transaction=_view(row),
        gaps=gaps(numbers) if numbers else [],
        events=events,
        next=events[-1].seq_no if len(events) == EVENTS_AT_ONCE else None,
    )


def _view(row: Any) -> TransactionView:
    connector, of_16 = row["connector"], row["events"] == 0
    evse, outlet = evse_of(connector) if connector > 0 and not of_16 else (None, None)
    known = row["token_key"] != ""
    session = row["session_id"]
    return TransactionView(
        id=row["id"],
        charge_ref=row["charge_ref"],
        station_id=row["station_id"],
        protocol="ocpp1.6" if of_16 else row["protocol"],
        connector=connector or None,
        evse=evse,
        outlet=outlet,
        token=row["token"] if known else None,
        token_status=row["token_status"] if known else None,
        began_at=row["began_at"],
        received_at=row["received_at"],
        ended_at=row["ended_at"],
        is_open=row["ended_at"] is None,
        meter_start_mwh=row["meter_start_mwh"] if row["meter_known"] else None,
        meter_stop_mwh=row["meter_stop_mwh"],
        energy_mwh=row["energy_mwh"],
        cause=row["cause"],
        ended_by=row["ended_by"],
        charging_state=row["charging_state"],
        session_id=None if session is None else SessionId(session),
        session_state=row["session_state"],
        reservation_id=row["reservation_id"],
        remote_start=row["remote_start"],
        events=row["events"],
        missing=row["missing"],
    )
