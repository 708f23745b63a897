"""Bringing a station's local list into step: what it lacks, or everything, in messages that it can take."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from zaryad import accounts
from zaryad.accounts import IdToken
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.answers import TokenStatus
from zaryad.link.facts import StationId
from zaryad.link.orders import ListEntry, OrderId, SendLocalList
from zaryad.platform.db import Tx
from zaryad.stations.orders.local_list import store
from zaryad.stations.orders.local_list.model import (
    ANSWER_WITHIN,
    ENTRIES_MAX,
    PER_MESSAGE_MAX,
    VERSION_MAX,
    Chosen,
    LocalList,
)

PRIORITY: Final = 6
_PAGE: Final = 5_000
_TOKEN_16: Final = 20


async def sync(
    tx: Tx,
    station_id: StationId,
    chosen: Chosen,
    *,
    full: bool,
    author: str,
    now: dt.datetime,
    old: bool = True,
    per_message_max: int | None = None,
) -> LocalList:
    """Begin to bring the list to what is chosen; what is the same already needs no message.

    `old`: the station speaks 1.6, and takes no token longer than 20. CONFLICT `local_list_busy` while one is under way,
    NOT_FOUND `station_unknown`, REFUSED `local_list_too_long`.
    """
    it = await store.locked(tx, station_id, now)
    if it is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    if it.status == "syncing" and await _is_out(tx, it, now):
        raise DomainError(Kind.CONFLICT, "local_list_busy")
    wanted = await _wanted(tx, chosen, now, old=old)
    most = min(it.entries_max or ENTRIES_MAX, ENTRIES_MAX)
    if len(wanted) > most:
        raise DomainError(Kind.REFUSED, "local_list_too_long", count=len(wanted), most=most)
    full = full or not it.certain or it.version == 0
    have = {} if full else {entry.token: entry for entry in await store.entries(tx, station_id)}
    changed = [entry for token, entry in wanted.items() if have.get(token) != entry]
    changed += [ListEntry(token=token, kind=entry.kind) for token, entry in have.items() if token not in wanted]
    await store.write(
        tx,
        station_id,
        filter=msgspec.to_builtins(chosen),
        was_full=full,
        author=author,
        detail={},
        per_message_max=per_message_max or it.per_message_max,
    )
    if not changed and not full:
        await store.write(tx, station_id, status="synced", synced_at=now, rest=[], order_id=None)
    else:
        await send(tx, station_id, changed, full=full, now=now)
    done = await store.find(tx, station_id)
    assert done is not None
    return done


async def send(tx: Tx, station_id: StationId, changed: list[ListEntry], *, full: bool, now: dt.datetime) -> None:
    """Place the next message: as many entries as the station takes; the rest waits for its answer.

    The version rises with every message, whatever became of the one before, and is never 0.
    """
    it = await store.locked(tx, station_id, now)
    assert it is not None
    size = min(it.per_message_max or PER_MESSAGE_MAX, PER_MESSAGE_MAX)
    version = it.version + 1 if it.version < VERSION_MAX else 1
    id = OrderId(new_id())
    what = SendLocalList(version, full, tuple(changed[:size]))
    await store.write(
        tx,
        station_id,
        version=version,
        status="syncing",
        order_id=id,
        rest=[msgspec.to_builtins(entry) for entry in changed[size:]],
        changed_at=now,
    )
    before = now + ANSWER_WITHIN
    await orders.place(tx, id, station_id, what, author=it.author, now=now, before=before, priority=PRIORITY)


async def _is_out(tx: Tx, it: LocalList, now: dt.datetime) -> bool:
    placed = None if it.order_id is None else await orders.find(tx, it.order_id)
    return placed is not None and not placed.state.ended and placed.before > now


async def _wanted(tx: Tx, chosen: Chosen, now: dt.datetime, *, old: bool) -> dict[str, ListEntry]:
    found: dict[str, ListEntry] = {}
    after: str | None = None
    while len(found) <= ENTRIES_MAX:
        cards = await accounts.list_tokens(tx, chosen.cards, now, after=after, limit=_PAGE)
        for card in cards:
            if len(card.token) <= _TOKEN_16 or not old:
                found[card.token] = _entry(card, now, old=old)
        if len(cards) < _PAGE:
            return found
        after = cards[-1].token
    return found


def _entry(card: IdToken, now: dt.datetime, *, old: bool) -> ListEntry:
    status = TokenStatus.BLOCKED if card.status == "blocked" else TokenStatus.ACCEPTED
    if status is TokenStatus.ACCEPTED and card.expires_at is not None and card.expires_at <= now:
        status = TokenStatus.EXPIRED
    group = card.group if card.group is None or not old or len(card.group) <= _TOKEN_16 else None
    return ListEntry(token=card.token, status=status, expires_at=card.expires_at, group=group)
