"""Asks a station for a log, and follows it: the order's answer, the station's words, the file."""

from __future__ import annotations

import datetime as dt

from zaryad import stations
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link import orders
from zaryad.link.answers import Noted
from zaryad.link.facts import DiagnosticsReported, LogReported, StationId
from zaryad.link.orders import FetchLog, OrderId, OrderState, Placed
from zaryad.maintenance.files.grant import grant_upload
from zaryad.maintenance.files.model import Settings, Via
from zaryad.maintenance.logs import store
from zaryad.maintenance.logs.model import OPEN, STEPS, LogId, LogKind, LogRequest, LogState
from zaryad.platform.bus import part
from zaryad.platform.db import Db, Tx

PRIORITY = 6
RETRIES = 3
RETRY_INTERVAL_S = 60
ORDER_WITHIN = dt.timedelta(minutes=10)
HEARD_WITHIN = dt.timedelta(hours=6)


async def ask(  # noqa: PLR0917  # what is asked of whom, by which rules
    tx: Tx,
    rules: Settings,
    id: LogId,
    station_id: StationId,
    log: LogKind,
    author: str,
    now: dt.datetime,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    via: Via = "http",
    plain: bool = False,
) -> LogRequest:
    """Ask for a log; the id is the client's, so that asking twice is asking once.

    `plain` asks an old 1.6 station in the words it knows (GetDiagnostics), which bring diagnostics only.
    """
    await stations.station(tx, station_id, now)
    if plain and log != "diagnostics":
        raise DomainError(Kind.INVALID, "log_plain_diagnostics_only")
    if since is not None and until is not None and since >= until:
        raise DomainError(Kind.INVALID, "log_period_invalid")
    known = await store.find(tx, id)
    if known is not None:
        if (known.station_id, known.log) != (station_id, log):
            raise DomainError(Kind.CONFLICT, "log_id_taken")
        return known
    values = {"id": id, "station_id": station_id, "log": log, "via": via, "plain": plain, "since": since}
    await store.add(tx, **values, until=until, author=author, asked_at=now, changed_at=now)
    lasts = now + dt.timedelta(hours=rules.grant_hours)
    # A directory for old words, a name for new ones: what a station puts behind it is taken as well.
    url = await grant_upload(tx, rules, station_id, "" if plain else f"{log}.log", id, lasts, via)
    order = FetchLog(
        url=url,
        log=log,
        since=since,
        until=until,
        retries=RETRIES,
        retry_interval_s=RETRY_INTERVAL_S,
        plain=plain,
    )
    before = now + ORDER_WITHIN
    await orders.place(tx, OrderId(id), station_id, order, author=author, now=now, before=before, priority=PRIORITY)
    found = await store.find(tx, id)
    assert found is not None
    return found


async def order_ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """Take in the answer to the order."""
    if not isinstance(placed.order, FetchLog):
        return
    it = await store.find(tx, placed.id, lock=True)
    if it is None or it.state not in OPEN:
        return
    name = placed.detail.get("filename") or placed.detail.get("fileName")
    state: LogState = "accepted" if it.state == "asked" else it.state
    if placed.state is not OrderState.DONE:
        state = "expired" if placed.state in (OrderState.EXPIRED, OrderState.CANCELLED) else "refused"
    elif placed.order.plain and not name:
        state = "nothing"  # an empty name: there is nothing to be sent (1.6, 6.26)
    said = placed.detail.get("status") or placed.detail.get("error")
    await store.change(tx, it.id, now, state=state, said=_text(said, 50), file_name=_text(name, 255))
    _tell(tx, it)


async def note_log(db: Db, fact: LogReported) -> Noted:
    """Follow an upload by the station's words; the number says which, and without one it is the latest."""
    async with db.begin() as tx:
        it = None
        if fact.request is not None:
            placed = await orders.numbered(tx, fact.station_id, fact.request)
            it = None if placed is None else await store.find(tx, placed.id, lock=True)
        if it is None and fact.request is None:
            it = await store.latest_open(tx, fact.station_id, plain=False)
        await _step(tx, it, fact.status, fact.received_at)
    return Noted()


async def note_diagnostics(tx: Tx, fact: DiagnosticsReported) -> None:
    """Follow an upload in 1.6's old words, which name nothing: it is the latest that was asked for so."""
    await _step(tx, await store.latest_open(tx, fact.station_id, plain=True), fact.status, fact.received_at)


async def _step(tx: Tx, it: LogRequest | None, word: str, now: dt.datetime) -> None:
    state = STEPS.get(word)
    if it is None or state is None:  # Idle answers a trigger and says nothing of an upload
        return
    if it.state == "uploaded" or (it.state not in OPEN and state != "uploaded"):
        return
    await store.change(tx, it.id, now, state=state, said=_text(word, 50))
    _tell(tx, it)


async def sweep(db: Db, now: dt.datetime, kept: dt.timedelta) -> None:
    """End requests that nothing is heard of, and forget old ones."""
    async with db.begin() as tx:
        await store.expire(tx, now - HEARD_WITHIN, now)
        await store.forget(tx, now - kept)


def _tell(tx: Tx, it: LogRequest) -> None:
    tx.hint(f"station.{part(it.station_id)}", b"log")


def _text(value: object, most: int) -> str | None:
    return str(value)[:most].replace("\0", "") if value else None
