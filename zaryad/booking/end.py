"""How reservations end by themselves: by use, by the station's word, by our clock, by a connector out of service."""

from __future__ import annotations

import datetime as dt
from typing import Final

from zaryad import accounts, stations
from zaryad.booking import store
from zaryad.booking.model import Reservation, ReservationStatus
from zaryad.link.answers import Noted
from zaryad.link.facts import ConnectorChanged, ConnectorState, ReservationEnded, StationId
from zaryad.platform.db import Db, Tx

BATCH: Final = 500
_OUT = (ConnectorState.FAULTED, ConnectorState.UNAVAILABLE)
_HOW = {
    "expired": ReservationStatus.EXPIRED,
    "removed": ReservationStatus.REMOVED,
    "no_transaction": ReservationStatus.EXPIRED,  # the driver came, and did not charge in time
}


async def used(  # noqa: PLR0917  # what a beginning charge is known by
    tx: Tx,
    station_id: StationId,
    connector: int,
    reservation_id: int | None,
    token: str | None,
    now: dt.datetime,
    *,
    charge_ref: str | None = None,
) -> Reservation | None:
    """End the reservation that a charge uses, and return it; None when it uses none.

    Known by the number that the station names; stations that name none: by connector and token, or the token's group.
    """
    found = None
    if reservation_id is not None and reservation_id > 0:
        found = await store.live_numbered(tx, station_id, reservation_id)
    if found is None and token is not None:
        found = await _of_token(tx, station_id, connector, token)
    if found is not None:
        await store.write(tx, found.id, status=ReservationStatus.USED.value, charge_ref=charge_ref, ended_at=now)
    return found


async def _of_token(tx: Tx, station_id: StationId, connector: int, token: str) -> Reservation | None:
    live = await store.live_at(tx, station_id, [connector, 0])
    if not live:
        return None
    card = await accounts.find_token(tx, token)
    names = {token.upper()}
    groups = set() if card is None or card.group is None else {card.group.upper()}
    fits = [
        each
        for each in live
        if each.token.upper() in names or (each.group is not None and each.group.upper() in groups)
    ]
    return max(fits, key=lambda each: each.connector, default=None)  # of this connector before of any


async def note_ended(db: Db, fact: ReservationEnded) -> Noted:
    """Take the station's word (ReservationStatusUpdate, 2.x)."""
    async with db.begin() as tx:
        known = await store.live_numbered(tx, fact.station_id, fact.reservation)
        if known is not None:
            status = _HOW[fact.how]
            await store.write(tx, known.id, status=status.value, detail={"how": fact.how}, ended_at=fact.received_at)
    return Noted()


async def connector_changed(tx: Tx, fact: ConnectorChanged) -> None:
    """A connector that is faulted or out of service keeps nothing (1.6, 5.13); the station itself: none of its own."""
    if fact.state not in _OUT:
        return
    here = None if fact.connector == 0 else [fact.connector]
    for each in await store.live_at(tx, fact.station_id, here):
        if each.status is ReservationStatus.ACTIVE:
            detail = {"connector": fact.connector, "state": fact.state.value}
            await store.write(
                tx, each.id, status=ReservationStatus.REMOVED.value, detail=detail, ended_at=fact.received_at
            )


async def expire(db: Db, now: dt.datetime) -> int:
    """End what is over by our clock. Returns how many; a sweep, harmless when several do it."""
    ended = 0
    while True:
        async with db.begin() as tx:
            some = await store.expire(tx, now, BATCH)
        ended += some
        if some < BATCH:
            return ended


async def forget_old(db: Db, rules: stations.Settings, now: dt.datetime) -> int:
    """Delete reservations that were over so long ago that their orders are not kept. Returns how many; a sweep."""
    before = now - dt.timedelta(days=rules.orders_kept_days)
    return await stations.in_batches(db, store.forget, before, BATCH)
