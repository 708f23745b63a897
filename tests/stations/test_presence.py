"""The newest connection wins; an old one's end never marks the new one offline; silence is not a link."""

import asyncio
import datetime as dt

from tests.stations.network import ID, NOW, build
from zaryad import stations
from zaryad.link.facts import StationId
from zaryad.platform.db import Db


async def _connect(db: Db, node: str = "gw-1", now: dt.datetime = NOW) -> int:
    async with db.begin() as tx:
        return await stations.connected(tx, ID, node, "ocpp1.6", "10.0.0.7", now)


async def _online(db: Db, now: dt.datetime) -> bool:
    async with db.begin() as tx:
        return (await stations.station(tx, ID, now)).online


async def test_the_old_sockets_close_does_not_end_the_new_one(db: Db) -> None:
    await build(db)
    old = await _connect(db)
    new = await _connect(db, "gw-2")
    assert new > old
    async with db.begin() as tx:
        assert not await stations.disconnected(tx, ID, old, NOW)
    assert await _online(db, NOW)
    async with db.begin() as tx:
        assert await stations.disconnected(tx, ID, new, NOW)
        assert not await stations.disconnected(tx, ID, new, NOW)
    assert not await _online(db, NOW)


async def test_connections_at_once_leave_the_highest_epoch_in_charge(db: Db) -> None:
    await build(db)
    epochs = await asyncio.gather(*(_connect(db, f"gw-{n}") for n in range(20)))
    assert len(set(epochs)) == 20
    ended = []
    for epoch in epochs:
        async with db.begin() as tx:
            ended.append(await stations.disconnected(tx, ID, epoch, NOW))
    assert [epoch for epoch, was_ours in zip(epochs, ended, strict=True) if was_ours] == [max(epochs)]


async def test_a_silent_station_is_not_online(db: Db) -> None:
    await build(db)
    await _connect(db)
    assert await _online(db, NOW + dt.timedelta(seconds=300))
    assert not await _online(db, NOW + dt.timedelta(seconds=301))
    async with db.begin() as tx:
        await stations.seen(tx, [ID, "nobody"], NOW + dt.timedelta(seconds=200))
    assert await _online(db, NOW + dt.timedelta(seconds=500))


async def test_being_seen_does_not_revive_an_ended_connection(db: Db) -> None:
    await build(db)
    epoch = await _connect(db)
    async with db.begin() as tx:
        await stations.disconnected(tx, ID, epoch, NOW)
        await stations.seen(tx, [ID], NOW + dt.timedelta(seconds=60))
    assert not await _online(db, NOW + dt.timedelta(seconds=60))


async def test_a_lost_node_takes_only_its_own_stations_along(db: Db) -> None:
    await build(db, "A", "B")
    async with db.begin() as tx:
        await stations.connected(tx, StationId("A"), "gw-1", "ocpp1.6", "a", NOW)
        await stations.connected(tx, StationId("B"), "gw-2", "ocpp1.6", "b", NOW)
        assert await stations.node_lost(tx, "gw-1", NOW) == 1
    async with db.begin() as tx:
        assert [(s.id, s.online) for s in await stations.list_stations(tx, NOW)] == [("A", False), ("B", True)]
