"""Who hears what: fact -> handler, end of an order -> reaction, job name -> function, timer -> sweep.

The only tables that join modules which may not know each other. Reading them is reading what the platform does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from zaryad import auth, booking, certificates, charging, maintenance, notify, payments, stations, wallet
from zaryad.app.config import Config
from zaryad.app.wiring_security import Guard
from zaryad.charging import receipts
from zaryad.kernel.clock import Clock
from zaryad.link.answers import Answer, BootStatus, Noted
from zaryad.link.door import Approach
from zaryad.link.facts import (
    Beat,
    Booted,
    ChargingBegan,
    ChargingEnded,
    ConnectorChanged,
    DataReceived,
    Fact,
    MeterRead,
    ProfilesPart,
    ReservationEnded,
    StationId,
    TokenPresented,
    Told,
    TransactionReported,
)
from zaryad.link.orders import (
    AskTransaction,
    CancelReservation,
    Order,
    Placed,
    Reserve,
    StartCharging,
    StopCharging,
)
from zaryad.ocpp import gateway
from zaryad.platform.db import Db, Tx
from zaryad.platform.worker import JobFunction, Sweep
from zaryad.stations.orders import bulk, profiles
from zaryad.stations.orders.concluded import order_concluded

FactHandler = Callable[[Any], Awaitable[Answer]]


def fact_handlers(
    db: Db, config: Config, meter_book: charging.MeterBook, desk: certificates.PlugAndCharge | None = None
) -> dict[type[Fact], FactHandler]:
    """Return who hears each fact. A handler returns when the effect is committed.

    `desk`: who answers for cars' contracts; the caller closes it.
    """
    desk = desk or certificates.PlugAndCharge(db, config.certificates)

    async def connector_changed(fact: ConnectorChanged) -> Answer:
        async with db.begin() as tx:
            fact = await charging.working_on(tx, fact)
            fresh = await stations.note_status(tx, fact)
            if fresh:
                await booking.connector_changed(tx, fact)
        if fresh:
            await charging.connector_seen(db, config.charging, fact)
        return Noted()

    async def reserved(  # noqa: PLR0917  # as charging tells it
        tx: Tx, station: StationId, connector: int, number: int | None, token: str, now: dt.datetime, ref: str
    ) -> object:
        return await booking.used(tx, station, connector, number, token, now, charge_ref=ref)

    async def booted(fact: Booted) -> Answer:
        verdict = await stations.note_boot(db, config.stations, fact)
        if verdict.status is BootStatus.ACCEPTED:
            await maintenance.booted(db, config.upkeep, fact)
        return verdict

    report = partial(charging.report, db, config.charging, meter_book, reserved=reserved)
    return {
        Booted: booted,
        Beat: partial(stations.note_beat, db),
        ConnectorChanged: connector_changed,
        DataReceived: partial(stations.note_data, db),
        TokenPresented: partial(charging.authorize, db, config.charging, contracts=desk.judge),
        ChargingBegan: partial(charging.begin, db, config.charging, reserved=reserved),
        TransactionReported: _with_profiles(db, report),
        MeterRead: meter_book.record,
        ChargingEnded: _with_profiles(db, partial(charging.end, db, config.charging)),
        ReservationEnded: partial(booking.note_ended, db),
        ProfilesPart: partial(profiles.note_profiles, db),
        **maintenance.fact_handlers(db),
        **Guard(config).fact_handlers(db, desk),
    }


def _with_profiles(db: Db, handle: FactHandler) -> FactHandler:
    """Let a transaction's own charging profiles end with it."""

    async def handled(fact: ChargingEnded | TransactionReported) -> Answer:
        verdict = await handle(fact)
        if isinstance(fact, ChargingEnded) or fact.told is Told.ENDED:
            await profiles.charge_over(db, fact.station_id, fact.charge_ref)
        return verdict

    return handled


Reaction = Callable[[Tx, Placed, dt.datetime], Awaitable[None]]

# The kind of order -> who reacts to its end.
REACTIONS: dict[type[Order], Reaction] = {
    StartCharging: charging.start_concluded,
    StopCharging: charging.stop_concluded,
    Reserve: booking.reserve_concluded,
    CancelReservation: booking.cancel_concluded,
}


def order_ended(config: Config) -> Reaction:
    """Return the business reaction to an order's end, on the transaction that ends it."""
    guard = Guard(config)
    reactions = REACTIONS | {AskTransaction: partial(charging.transaction_told, rules=config.charging)}

    async def react(tx: Tx, placed: Placed, now: dt.datetime) -> None:
        reaction = reactions.get(type(placed.order))
        if reaction is not None:
            await reaction(tx, placed, now)
        await maintenance.order_ended(tx, placed, now)
        await guard.order_ended(tx, placed, now)
        await order_concluded(tx, placed, now)  # it may write the order's own row: the last lock

    return react


class Door:
    """The stations module as the gateway's port, with the deployment's key and rules bound."""

    def __init__(self, config: Config) -> None:
        self._key = config.secret.encode()
        self._rules = config.ocpp
        self._currency = config.system.currency
        self._guard = Guard(config)
        self.connected = stations.connected
        self.disconnected = stations.disconnected
        self.seen = stations.seen
        self.node_lost = stations.node_lost
        self.note_attempts = stations.note_attempts
        self.note_skews = stations.note_skews
        self.learn = stations.learn

    async def admit(self, tx: Tx, approach: Approach, now: dt.datetime) -> gateway.Admission:
        """Judge a handshake."""
        approach = await self._guard.proved(tx, approach, now)
        return await stations.admit(tx, approach, now, self._key, self._rules, currency=self._currency)


def jobs(
    db: Db, config: Config, clock: Clock, providers: payments.Providers, channel: notify.SmsProvider
) -> dict[str, JobFunction]:
    """Return what each deferred name runs. A name missing here would wait for ever: tests compare them."""
    return {
        **charging.jobs(db, config.charging, clock),
        **maintenance.jobs(db, config.upkeep, clock),
        **Guard(config).jobs(db, clock),
        bulk.STEP: lambda **said: bulk.step(db, clock.now(), **said),
        "receipts.issue": _of_session(lambda session: receipts.issue(db, config.receipts, session, clock.now())),
        "payments.create": lambda **said: payments.create_payment(db, providers, config.payments, clock.now(), **said),
        "payments.check": lambda **said: payments.check_payment(db, providers, clock.now(), **said),
        "notify.send_sms": lambda **said: notify.send(db, channel, clock.now(), **said),
    }


def _of_session(act: Callable[[charging.SessionId], Awaitable[object]]) -> JobFunction:
    async def run(session_id: str) -> None:
        await act(charging.SessionId(UUID(session_id)))

    return run


def sweeps(db: Db, config: Config, clock: Clock) -> list[Sweep]:
    """Return what the worker looks after on timers."""

    async def lost_checks() -> None:
        await payments.find_lost_checks(db, clock.now())

    async def overdue_orders() -> None:
        await gateway.expire_orders(db, order_ended(config), clock.now())

    async def bulk_orders() -> None:
        await bulk.resume(db, clock.now())

    async def reservations() -> None:
        await booking.expire(db, clock.now())

    async def old() -> None:
        await booking.forget_old(db, config.stations, clock.now())
        await stations.forget_old(db, config.stations, clock.now())

    async def books() -> None:
        await wallet.examine_ledger(db)

    async def people() -> None:
        await auth.tidy(db, clock.now())
        await notify.tidy(db, config.notify, clock.now())

    async def strangers() -> None:
        await stations.tidy(db, config.ocpp, clock.now())

    return [
        *charging.sweeps(db, config.charging, clock),
        *maintenance.sweeps(db, config.upkeep, clock),
        *Guard(config).sweeps(db, clock),
        Sweep(name="payments.lost", every=dt.timedelta(minutes=1), run=lost_checks),
        Sweep(name="orders.expire", every=dt.timedelta(seconds=15), run=overdue_orders),
        Sweep(name="stations.bulk", every=dt.timedelta(seconds=15), run=bulk_orders),
        Sweep(name="reservations.expire", every=dt.timedelta(seconds=30), run=reservations),
        Sweep(name="stations.forget", every=dt.timedelta(hours=1), run=old),
        Sweep(name="ledger.verify", every=dt.timedelta(minutes=15), run=books),
        Sweep(name="stations.tidy", every=dt.timedelta(minutes=10), run=strangers),
        Sweep(name="people.tidy", every=dt.timedelta(hours=1), run=people),
    ]
