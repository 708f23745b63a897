"""A session as people see it: which step waits, what flows, what it costs, how old the truth is, and why it ended."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from zaryad import stations, tariffs
from zaryad.accounts import PersonId
from zaryad.charging import store
from zaryad.charging.model import EndReason, Limit, Origin, Session, SessionId, State
from zaryad.charging.place import about_kept
from zaryad.charging.settle import bill_of, timeline_of
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link import orders
from zaryad.link.facts import ConnectorState, StationId
from zaryad.link.orders import OrderId, OrderState
from zaryad.platform.db import Tx
from zaryad.tariffs import Line, PriceNow

_PLUGGED = frozenset(ConnectorState) - {
    ConnectorState.AVAILABLE,
    ConnectorState.RESERVED,
    ConnectorState.UNAVAILABLE,
    ConnectorState.FAULTED,
}


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """What the API, the live socket and the pages show. Money is minor units of `currency`."""

    id: SessionId
    state: State
    waits_for: str | None  # "link", "plug", "agree", "current": the step of a start that is not done
    origin: Origin
    station_id: StationId
    connector: int
    location_name: str
    address: str
    timezone: str
    driver_id: PersonId | None
    currency: str
    limit: Limit
    hold_minor: int
    cost_minor: int
    returns_minor: int  # of the hold, if it ended now
    energy_mwh: int
    power_mw: int | None
    soc_percent: int | None
    price: PriceNow | None  # while it runs
    paused_by: str | None  # "ev", "evse"
    stopping: bool
    stop_reason: EndReason | None
    requested_at: dt.datetime
    began_at: dt.datetime | None
    last_reading_at: dt.datetime | None
    fresh_at: dt.datetime | None  # when we last heard of it
    ended_at: dt.datetime | None
    settled_at: dt.datetime | None
    reason: EndReason | None  # the text key is `end.{reason}`
    captured_minor: int | None
    from_balance_minor: int | None
    receivable_minor: int | None
    unpaid_minor: int | None
    flags: list[str]


class BillView(msgspec.Struct, frozen=True, kw_only=True):
    """The bill line by line; `final` once it is settled, until then as it stands at the last reading."""

    session_id: SessionId
    tariff_version_id: UUID | None
    currency: str
    timezone: str
    energy_mwh: int
    lines: list[Line]
    total_minor: int
    final: bool


class EventView(msgspec.Struct, frozen=True):
    """Something that happened; the text key is `session.event.{key}`."""

    at: dt.datetime
    key: str
    facts: dict[str, Any]


async def view(tx: Tx, id: SessionId, now: dt.datetime) -> SessionView:
    """Return the session as it stands; NOT_FOUND `session_unknown`."""
    session = await store.find(tx, id)
    if session is None:
        raise DomainError(Kind.NOT_FOUND, "session_unknown", session_id=id)
    return await view_of(tx, session, now)


async def view_of(tx: Tx, session: Session, now: dt.datetime) -> SessionView:
    """Return what is shown of a session that was read already."""
    it = session
    return SessionView(
        id=it.id,
        state=it.state,
        waits_for=await _waits_for(tx, it, now),
        origin=it.origin,
        station_id=it.station_id,
        connector=it.connector,
        location_name=it.location_name,
        address=it.address,
        timezone=it.timezone,
        driver_id=it.driver_id,
        currency=it.currency,
        limit=Limit(it.limit_amount_minor, it.limit_energy_wh),
        hold_minor=it.hold_minor,
        cost_minor=it.cost_minor,
        returns_minor=max(it.hold_minor - it.cost_minor, 0),
        energy_mwh=it.energy_mwh,
        power_mw=it.power_mw,
        soc_percent=it.soc_percent,
        price=await _price(tx, it, now),
        paused_by=it.paused_by,
        stopping=it.state is State.CHARGING and it.stop_reason is not None,
        stop_reason=it.stop_reason,
        requested_at=it.requested_at,
        began_at=it.began_at,
        last_reading_at=it.last_reading_at,
        fresh_at=it.last_received_at,
        ended_at=it.ended_at,
        settled_at=it.settled_at,
        reason=it.reason,
        captured_minor=it.captured_minor,
        from_balance_minor=it.from_balance_minor,
        receivable_minor=it.receivable_minor,
        unpaid_minor=it.unpaid_minor,
        flags=it.flags,
    )


async def bill_view(tx: Tx, session: Session) -> BillView:
    """Return the bill: as settled, or evaluated now over what was read so far."""
    lines, energy_mwh = [], session.energy_mwh
    if session.state is State.SETTLED:
        lines = msgspec.convert(session.bill or [], list[Line])
    elif session.began_at is not None:
        timeline = await timeline_of(tx, session)
        lines, energy_mwh = list((await bill_of(tx, session, timeline)).lines), timeline.energy_mwh
    return BillView(
        session_id=session.id,
        tariff_version_id=session.tariff_version_id,
        currency=session.currency,
        timezone=session.timezone,
        energy_mwh=energy_mwh,
        lines=lines,
        total_minor=sum(line.amount_minor for line in lines),
        final=session.state in (State.SETTLED, State.FAILED),
    )


async def events_view(tx: Tx, id: SessionId) -> list[EventView]:
    """Return the session's story."""
    return [EventView(row["at"], row["key"], row["facts"]) for row in await store.events(tx, id)]


async def _waits_for(tx: Tx, session: Session, now: dt.datetime) -> str | None:
    """Return the step that a start waits for: the link to the station, the cable, the station's word, the current."""
    if session.state is State.CHARGING:
        return None if session.energy_mwh else "current"
    if session.state is not State.STARTING:
        return None
    order = await orders.find(tx, OrderId(session.id))
    if order is None or order.state is not OrderState.DONE:
        return "link"
    connector = await stations.find_connector(tx, session.station_id, session.connector, now)
    return "agree" if connector is not None and connector.state in _PLUGGED else "plug"


async def _price(tx: Tx, session: Session, now: dt.datetime) -> PriceNow | None:
    if session.tariff_version_id is None or not session.state.live:
        return None
    version = await tariffs.version(tx, session.tariff_version_id)
    return tariffs.price_now(version, session.timezone, now, about_kept(session))
