"""From a tap on the phone to the order on its way to the station."""

from __future__ import annotations

import datetime as dt

from zaryad import stations, tariffs, wallet
from zaryad.accounts import PersonId
from zaryad.charging import store
from zaryad.charging.authorize import hold_of_balance
from zaryad.charging.model import Limit, Origin, Session, SessionId, Settings, State, check_limit, token_of
from zaryad.charging.place import kept, where
from zaryad.charging.tell import tell
from zaryad.charging.view import SessionView, view_of
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, StartCharging
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx
from zaryad.stations import Connector, Shown
from zaryad.wallet import AccountId, HoldId

ORDER_PRIORITY = 2
_NOT_READY = {
    Shown.OFFLINE: "station_offline",
    Shown.FAULTED: "connector_out_of_service",
    Shown.UNAVAILABLE: "connector_out_of_service",
    Shown.RESERVED: "connector_reserved",
    Shown.CHARGING: "connector_busy",
    Shown.SUSPENDED_EV: "connector_busy",
    Shown.SUSPENDED_EVSE: "connector_busy",
}


async def start(  # noqa: PLR0917  # the order of the sentence: who charges where, and how much
    db: Db,
    rules: Settings,
    id: SessionId,
    driver: PersonId,
    station_id: StationId,
    connector: int,
    limit: Limit,
    now: dt.datetime,
    station_rules: stations.Settings = stations.DEFAULTS,
) -> SessionView:
    """Reserve the connector and the money, and order the station to start.

    The phone chose `id`, so that asking twice is asking once: a known id is answered as it stands. Nothing has
    left this process when the transaction commits; if it does not commit, nothing ever will.

    CONFLICT `session_id_taken`, `connector_busy`, `connector_reserved`, `already_charging`, `station_offline`,
    `connector_out_of_service`; REFUSED `debt_first`, `not_enough_money`, `no_tariff`; INVALID limits.
    """
    async with db.begin() as tx:
        place = await stations.lock_connector(tx, station_id, connector, now, station_rules)
        known = await store.find(tx, id)  # looked up under the lock
        if known is not None:
            if known.driver_id != driver:
                raise DomainError(Kind.CONFLICT, "session_id_taken", session_id=id)
            return await view_of(tx, known, now)
        if place is None:
            raise DomainError(Kind.NOT_FOUND, "connector_unknown", station_id=station_id, connector=connector)
        check_limit(rules, limit)
        await _ready(tx, rules, place, driver)
        session = await _reserve(tx, rules, id, driver, place, limit, now)
        return await view_of(tx, session, now)


async def _ready(tx: Tx, rules: Settings, place: Connector, driver: PersonId) -> None:
    """Raise unless this driver may start at this connector now."""
    here: dict[str, object] = {"station_id": place.station_id, "connector": place.number}
    if await store.live_on(tx, place.station_id, place.number) is not None:
        raise DomainError(Kind.CONFLICT, "connector_busy", **here)
    code = _NOT_READY.get(stations.shown(place))
    if code is not None:
        raise DomainError(Kind.CONFLICT, code, **here)
    running = await store.live_of_driver(tx, driver) if rules.one_session_per_driver else None
    if running is not None:
        raise DomainError(Kind.CONFLICT, "already_charging", session_id=running.id, station_id=running.station_id)
    owed = await wallet.debt(tx, driver, place.currency)
    if owed:
        raise DomainError(Kind.REFUSED, "debt_first", amount_minor=owed.minor, currency=owed.currency)


async def _reserve(  # noqa: PLR0917  # as `start`
    tx: Tx, rules: Settings, id: SessionId, driver: PersonId, place: Connector, limit: Limit, now: dt.datetime
) -> Session:
    """Write the session, hold the money, order the start: in the order in which rows are locked."""
    version = await tariffs.quote(tx, place.tariff_id, place.currency, now, where=where(place, driver))
    payer = await wallet.ensure_wallet(tx, driver, place.currency, now)
    amount = await _hold_amount(tx, rules, payer, limit, place.currency)
    session = Session(
        id=id,
        state=State.STARTING,
        origin=Origin.APP,
        token=token_of(id),
        driver_id=driver,
        payer_id=payer,
        hold_id=HoldId(id),
        hold_minor=amount.minor,
        limit_amount_minor=limit.amount_minor,
        limit_energy_wh=limit.energy_wh,
        tariff_version_id=version.id,
        sole=rules.one_session_per_driver,
        requested_at=now,
        **kept(place, rules),
    )
    await store.insert_session(tx, session)
    await wallet.hold(tx, HoldId(id), payer, amount, now, about=f"session:{id}")
    before = now + dt.timedelta(seconds=rules.start_within_s)
    await orders.place(
        tx,
        OrderId(id),
        place.station_id,
        StartCharging(place.number, session.token),
        author=f"driver:{driver}",
        now=now,
        before=before,
        priority=ORDER_PRIORITY,
    )
    await jobs.defer(tx, "charging.give_up_start", at=before, session_id=str(id))
    await store.note(tx, id, "requested", now, hold_minor=amount.minor)
    tell(tx, session)
    return session


async def _hold_amount(tx: Tx, rules: Settings, payer: AccountId, limit: Limit, currency: str) -> Money:
    """Return what to set aside: a share of the limit by amount, else a share of the balance."""
    available = (await wallet.standing(tx, payer)).available.minor
    if limit.amount_minor is not None:
        needed = limit.amount_minor * rules.hold_percent_of_limit // 100
    else:
        needed = max(hold_of_balance(rules, available), rules.money_min_minor)
    if needed > available:
        raise DomainError(
            Kind.REFUSED, "not_enough_money", needed_minor=needed, available_minor=available, currency=currency
        )
    return Money(needed, currency)
