"""Asking a station to keep a connector, and what its answer makes of the reservation."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from zaryad import stations
from zaryad.booking import store
from zaryad.booking.cancel import take_back
from zaryad.booking.model import ANSWER_WITHIN, LIFE_MAX, PRIORITY, Reservation, ReservationStatus
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import derived_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, OrderState, Placed, Reserve, TokenKind
from zaryad.platform.db import Tx


async def reserve(
    tx: Tx,
    id: UUID,
    station_id: StationId,
    connector: int,
    token: str,
    *,
    expires_at: dt.datetime,
    token_kind: TokenKind = "rfid",  # noqa: S107  # a kind, not a secret
    group: str | None = None,
    author: str,
    now: dt.datetime,
) -> Reservation:
    """Ask for it, or for a change of it: the same id and content again is the same reservation, as it stands by now.

    A change counts when the station has taken it. DomainError CONFLICT `reservation_in_the_way` while another one keeps
    the connector, `reservation_ended`; INVALID for what the station could not be told; NOT_FOUND `station_unknown`.
    """
    await stations.lock_connector(tx, station_id, connector, now)
    known = await store.find(tx, id, lock=True)
    number = known.number if known is not None else await store.next_number(tx)
    what = Reserve(number, connector, token, expires_at, token_kind, group)
    if known is not None:
        if known.station_id == station_id and what in {known.asked, await _wanted(tx, known)}:
            return known
        if not known.status.live or known.station_id != station_id:
            raise DomainError(Kind.CONFLICT, "reservation_ended")
    await _check(tx, station_id, what, now)
    others = [each for each in await store.live_at(tx, station_id, [connector]) if each.id != id]
    if connector and others:
        raise DomainError(Kind.CONFLICT, "reservation_in_the_way", connector=connector)
    revision = 0 if known is None else known.revision + 1
    order_id = OrderId(derived_id("reserve", id, revision))
    made = msgspec.structs.replace(_new(id, station_id, what, order_id, author, now), revision=revision)
    if known is None:
        await store.add(tx, made)
    else:
        await store.write(tx, id, order_id=order_id, revision=revision)
        made = msgspec.structs.replace(known, order_id=order_id, revision=revision)
    before = min(now + ANSWER_WITHIN, expires_at)
    await orders.place(tx, order_id, station_id, what, author=author, now=now, before=before, priority=PRIORITY)
    return made


async def find(tx: Tx, id: UUID) -> Reservation:
    """Return it; NOT_FOUND `reservation_unknown`."""
    found = await store.find(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "reservation_unknown")
    return found


async def reserve_concluded(tx: Tx, ended: Placed, now: dt.datetime) -> None:
    """Note what the station made of a Reserve, whoever placed it. The same number again replaces."""
    what = ended.order
    assert isinstance(what, Reserve)
    known = await store.by_order(tx, ended.id) or await store.live_numbered(tx, ended.station_id, what.reservation)
    accepted = ended.state is OrderState.DONE
    if known is None:
        if accepted:  # an order given by hand: the row begins with the station's word
            made = _new(ended.id, ended.station_id, what, ended.id, ended.author, ended.placed_at)
            await store.add(tx, msgspec.structs.replace(made, status=ReservationStatus.ACTIVE, detail=ended.detail))
        return
    if not known.status.live:
        if accepted:  # it was given up while the station was asked
            await take_back(tx, known, ended.author, now)
        return
    if accepted:
        await store.write(
            tx,
            known.id,
            connector=what.connector,
            token=what.token,
            token_kind=what.token_kind,
            group=what.group,
            expires_at=what.expires_at,
            status=ReservationStatus.ACTIVE.value,
            detail=ended.detail,
            order_id=ended.id,
        )
    elif known.status is ReservationStatus.ACTIVE:  # a change that was refused: what was promised stays
        await store.write(tx, known.id, detail={"change": ended.state.value, **ended.detail})
    else:
        status = "cancelled" if ended.state is OrderState.CANCELLED else "refused"
        await store.write(
            tx, known.id, status=status, detail={"order": ended.state.value, **ended.detail}, ended_at=now
        )
        if ended.state is OrderState.EXPIRED and ended.sent_at is not None:  # it may have it all the same
            await take_back(tx, known, ended.author, now)


def _new(  # noqa: PLR0917  # all that a reservation begins with
    id: UUID, station_id: StationId, what: Reserve, order_id: OrderId, author: str, now: dt.datetime
) -> Reservation:
    return Reservation(
        id=id,
        number=what.reservation,
        station_id=station_id,
        connector=what.connector,
        token=what.token,
        token_kind=what.token_kind,
        group=what.group,
        expires_at=what.expires_at,
        status=ReservationStatus.REQUESTED,
        detail={},
        author=author,
        order_id=order_id,
        revision=0,
        charge_ref=None,
        created_at=now,
        ended_at=None,
    )


async def _wanted(tx: Tx, known: Reservation) -> object:
    """Return the change that has been asked for already, if any."""
    placed = await orders.find(tx, known.order_id)
    return None if placed is None or placed.state.ended else placed.order


async def _check(tx: Tx, station_id: StationId, what: Reserve, now: dt.datetime) -> None:
    stations.fits(await stations.reach(tx, station_id), what)
    if not now < what.expires_at <= now + LIFE_MAX:
        raise DomainError(Kind.INVALID, "reservation_expiry_invalid", days=LIFE_MAX.days)
