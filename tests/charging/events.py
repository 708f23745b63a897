"""A 2.x station that speaks in events, beside the world's 1.6 one."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa

from tests.charging.world import BOX, KWH, RULES, World
from zaryad import charging
from zaryad.charging import Session, Settings
from zaryad.charging.metering import MeterBook
from zaryad.charging.transaction import store
from zaryad.charging.transaction.store import Reported
from zaryad.link import orders
from zaryad.link.answers import TransactionVerdict
from zaryad.link.facts import (
    ChargingState,
    ConnectorChanged,
    ConnectorState,
    Reading,
    StationId,
    StopCause,
    Told,
    TransactionReported,
)
from zaryad.link.orders import OrderState, Placed
from zaryad.platform.db import Db

S = ChargingState


class Teller(World):
    """The world, and how its station reports transactions."""

    book: MeterBook

    async def tell(self, fact: TransactionReported) -> TransactionVerdict:
        return await charging.report(self.db, self.rules, self.book, fact)

    async def row(self, ref: str, box: StationId = BOX) -> Reported:
        async with self.db.begin() as tx:
            found = await store.find(tx, box, ref)
        assert found is not None
        return found

    async def session_of(self, ref: str) -> Session | None:
        row = await self.row(ref)
        return None if row.session_id is None else await self.session(row.session_id)

    async def charged(self, ref: str) -> Session:
        session = await self.session_of(ref)
        assert session is not None
        return session

    async def answered(self, placed: Placed, detail: dict[str, object], now: dt.datetime) -> None:
        async with self.db.begin() as tx:
            done = await orders.conclude(tx, placed.id, OrderState.DONE, detail, now)
            assert done is not None
            await charging.transaction_told(tx, done, now, RULES)

    def changed(self, number: int, state: ConnectorState, at: dt.datetime) -> ConnectorChanged:
        return ConnectorChanged(station_id=BOX, received_at=at, connector=number, state=state, at=at)

    async def speaks(self, protocol: str) -> None:
        async with self.db.begin() as tx:
            await tx.execute(sa.text("update station set protocol = :protocol").bindparams(protocol=protocol))


@asynccontextmanager
async def telling(db: Db, url: str, rules: Settings = RULES) -> AsyncIterator[Teller]:
    world = await Teller.build(db, rules)
    assert isinstance(world, Teller)
    world.book = MeterBook(url, rules)
    try:
        yield world
    finally:
        await world.book.close()


def event(  # as many as the message has
    ref: str,
    seq_no: int,
    at: dt.datetime,
    told: Told = Told.UPDATED,
    *,
    kwh: float | None = None,
    token: str | None = None,
    trigger: str = "MeterValuePeriodic",
    connector: int | None = None,
    named: bool = True,
    state: ChargingState | None = None,
    offline: bool = False,
    received: dt.datetime | None = None,
    cause: StopCause | None = None,
    remote_start: int | None = None,
    context: str = "Sample.Periodic",
    readings: tuple[Reading, ...] | None = None,
    box: StationId = BOX,
) -> TransactionReported:
    if readings is None:
        readings = ()
        if kwh is not None:
            readings = (Reading(at=at, energy_mwh=round(kwh * KWH), power_mw=60_000_000, context=context),)
    return TransactionReported(
        station_id=box,
        received_at=received or at,
        told=told,
        charge_ref=ref,
        seq_no=seq_no,
        at=at,
        trigger=trigger,
        offline=offline,
        connector=connector,
        outlet_named=named and connector is not None,
        state=state,
        token=token,
        readings=readings,
        cause=cause,
        remote_start=remote_start,
    )


def ended(ref: str, seq_no: int, at: dt.datetime, kwh: float | None = None, **more: Any) -> TransactionReported:
    more = {"trigger": "EVDeparted", "cause": StopCause.EV_DISCONNECTED, "context": "Transaction.End", **more}
    return event(ref, seq_no, at, Told.ENDED, kwh=kwh, **more)


def started(ref: str, at: dt.datetime, kwh: float | None = 100, **more: Any) -> TransactionReported:
    more = {"connector": 1, "trigger": "Authorized", "context": "Transaction.Begin", **more}
    return event(ref, more.pop("seq_no", 0), at, Told.STARTED, kwh=kwh, **more)
