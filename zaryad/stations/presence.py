"""Who is connected where. The newest connection wins at once, and only it may say goodbye."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from zaryad.link.facts import StationId
from zaryad.platform.bus import part
from zaryad.platform.db import Tx
from zaryad.stations import store

# `last_seen_at` is rewritten only when it is this old: a chatty station costs a write now and then, not one a frame.
SEEN_EVERY = dt.timedelta(seconds=15)


async def connected(  # noqa: PLR0917  # the order that the gateway learns them in
    tx: Tx, station_id: StationId, node: str, protocol: str, address: str, now: dt.datetime
) -> int:
    """Note a new connection and return its epoch, higher than any before it. The station must be known."""
    epoch = await store.connect(tx, station_id, node=node, protocol=protocol, address=address[:64], now=now)
    tx.hint(f"station.{part(station_id)}", b"presence")
    return epoch


async def disconnected(tx: Tx, station_id: StationId, epoch: int, now: dt.datetime) -> bool:
    """Note the end of the connection `epoch`; False, and nothing changes, when a newer one has taken over."""
    ours = await store.disconnect(tx, station_id, epoch, now)
    if ours:
        tx.hint(f"station.{part(station_id)}", b"presence")
    return ours


async def seen(tx: Tx, station_ids: Sequence[str], now: dt.datetime) -> None:
    """Note that frames came from these stations; for the gateway to call for all it heard in the last seconds."""
    await store.see(tx, station_ids, now, now - SEEN_EVERY)


async def node_lost(tx: Tx, node: str, now: dt.datetime) -> int:
    """Note that a gateway's connections are gone; it calls this for itself when it starts. Returns how many."""
    gone = await store.disconnect_node(tx, node, now)
    for station_id in gone:
        tx.hint(f"station.{part(station_id)}", b"presence")
    return len(gone)


async def note_skews(tx: Tx, skews: Mapping[StationId, int], now: dt.datetime) -> None:
    """Note how far stations' clocks are ahead of ours, in milliseconds; behind is negative."""
    await store.write_skews(tx, skews, now)
