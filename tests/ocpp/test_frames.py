"""The OCPP log: what passed is written, secrets are not, and it is never in anybody's way."""

import asyncio
import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec
import sqlalchemy as sa

from tests.ocpp.rig import BOX, Business, running, station
from tests.ocpp.test_outbound import ended, place
from tests.stations.network import build
from zaryad.link.orders import ChangeConfiguration, ReadConfiguration
from zaryad.ocpp import store
from zaryad.ocpp.frames import Exchange, FrameLog, look_after
from zaryad.ocpp.gateway import Gateway
from zaryad.ocpp.log import CUT
from zaryad.ocpp.log.hush import Hush
from zaryad.ocpp.tables import ocpp_frame
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
WHOLE = ("bulk", "rest")


async def rows(db: Db) -> list[Any]:
    async with db.begin() as tx:
        return list(await tx.execute(sa.select(ocpp_frame).order_by(ocpp_frame.c.at)))


async def test_an_exchange_is_one_row_with_both_frames(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as box:
        await box.say('[2, "a\\u0000b", "Heartbeat", {"tab\\t": "\\\\ \\n"}]')
        answer = await box.hear_text()
        await box.call("NoSuchThing")
        await box.say("not json\n\t\\.")
        id = await place(db, ReadConfiguration())
        await box.hear()
        await box.say(f'[3,"{id}",{{}}]')
        await ended(db, id)
    await gateway.stop()
    written = {row.action or row.kind: row for row in await rows(db)}
    heartbeat = written["Heartbeat"]
    assert heartbeat.payload == '[2, "a\\u0000b", "Heartbeat", {"tab\\t": "\\\\ \\n"}]'
    assert (heartbeat.answer, heartbeat.direction, heartbeat.outcome) == (answer, "in", "answered")
    assert (heartbeat.station_id, heartbeat.message_id) == (BOX, "ab")
    assert 0 < heartbeat.latency_ms < 5_000
    assert written["NoSuchThing"].outcome == "NotImplemented"
    assert written["junk"].payload == "not json\n\t\\."
    order = written["GetConfiguration"]
    assert (order.direction, order.message_id, order.answer) == ("out", str(id), "{}")
    assert {"opened", "closed"} <= written.keys()
    assert {row.epoch for row in written.values()} == {heartbeat.epoch}


async def test_a_secret_is_never_written(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as box:
        id = await place(db, ChangeConfiguration(key="AuthorizationKey", value="0102cafe"))
        assert "0102cafe" in await box.hear_text()
        await box.say(f'[3,"{id}",{{"status":"Accepted"}}]')
        await ended(db, id)
    await gateway.stop()
    texts = [str(row) for row in await rows(db)]
    assert any("AuthorizationKey" in text and "***" in text for text in texts)
    assert not any("0102cafe" in text for text in texts)


async def test_a_full_queue_drops_and_a_dead_database_delays_nobody(db: Db, bus: NatsBus, business: Business) -> None:
    log = FrameLog(db, queue_max=3, text_max=100)
    for _ in range(5):
        log.offer(Exchange(NOW, BOX, 1, "in", "call", payload="x" * 1_000))
    await log.flush()
    assert [len(row.payload) for row in await rows(db)] == [100] * 3
    await build(db, BOX)
    async with running(db, bus, business) as gateway, station(gateway) as box:
        async with db.begin() as tx:
            await tx.execute(sa.text("drop table ocpp_frame"))
        for _ in range(10):
            assert (await box.call("Heartbeat"))["currentTime"]
        await gateway._frames.flush()
        assert (await box.call("Heartbeat"))["currentTime"]


async def test_a_queue_is_bounded_by_bytes_too_and_a_long_frame_is_cut(db: Db) -> None:
    log = FrameLog(db, queue_max=1_000, text_max=100, bytes_max=1_000)
    for _ in range(10):
        log.offer(Exchange(NOW, BOX, 1, "in", "junk", payload="x" * 1_000_000, answer=b"y" * 50))
    await log.flush()
    written = await rows(db)
    assert [len(row.payload) for row in written] == [100] * 4
    assert {row.payload[-2:] for row in written} == {"x" + CUT}
    log.offer(Exchange(NOW, BOX, 1, "in", "junk", payload="again"))
    await log.flush()
    assert len(await rows(db)) == 5


async def test_heartbeats_and_readings_are_kept_apart_from_what_is_kept_long(db: Db) -> None:
    log = FrameLog(db, queue_max=100, text_max=1_000)
    for action, outcome in (
        ("Heartbeat", "answered"),
        ("Heartbeat", "InternalError"),
        ("BootNotification", "answered"),
    ):
        log.offer(Exchange(NOW, BOX, 1, "in", "call", action, "1", outcome, 1.0, "[]", b"[]"))
    await log.flush()
    assert [(row.action, row.outcome) for row in await rows(db) if row.bulk] == [("Heartbeat", "answered")]
    async with db.begin() as tx:
        counted = [await tx.scalar(sa.text(f"select count(*) from ocpp_frame_20260501_{part}")) for part in WHOLE]
    assert counted == [1, 2]


async def test_days_are_made_ahead_and_forgotten_by_class_when_old(db: Db) -> None:
    async with db.begin() as tx:
        for days in (40, 31, 30, 8, 7, 0):
            await store.ensure_partition(tx, (NOW - dt.timedelta(days=days)).date())
    for _ in range(2):
        await look_after(db, NOW, keep_days=30, keep_bulk_days=7)
        async with db.begin() as tx:
            days, bulky = await store.partitions(tx), await store.bulk_partitions(tx)
        assert [f"{day:%m-%d}" for day in days] == ["04-01", "04-23", "04-24", "05-01", "05-02", "05-03"]
        assert [f"{day:%m-%d}" for day in bulky] == ["04-24", "05-01", "05-02", "05-03"]


async def test_a_day_of_an_older_release_is_one_table_and_goes_as_a_whole(db: Db) -> None:
    day = NOW.date()
    async with db.begin() as tx:
        await tx.execute(
            sa.text(
                "create table ocpp_frame_20260501 partition of ocpp_frame "
                "for values from ('2026-05-01') to ('2026-05-02')"
            )
        )
        await store.ensure_partition(tx, day)
    log = FrameLog(db, queue_max=100, text_max=1_000)
    log.offer(Exchange(NOW, BOX, 1, "in", "call", "Heartbeat", "1", "answered", 1.0, "[]", b"[]"))
    await log.flush()
    assert len(await rows(db)) == 1
    await look_after(db, NOW + dt.timedelta(days=8), keep_days=30, keep_bulk_days=7)
    assert len(await rows(db)) == 1
    await look_after(db, NOW + dt.timedelta(days=31), keep_days=30, keep_bulk_days=7)
    assert not await rows(db)


async def test_forgetting_waits_for_no_reader(db: Db) -> None:
    async with db.begin() as tx:
        await store.ensure_partition(tx, (NOW - dt.timedelta(days=40)).date())
    async with db.begin() as reader:
        await reader.execute(sa.select(ocpp_frame))
        await look_after(db, NOW, keep_days=30, keep_bulk_days=7)  # days ahead are made beside the reader
        async with db.begin() as tx:
            assert len(await store.partitions(tx)) == 4
    await look_after(db, NOW, keep_days=30, keep_bulk_days=7)
    async with db.begin() as tx:
        assert len(await store.partitions(tx)) == 3


async def test_noise_is_counted_and_not_written(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as box:
        for number in range(3_000):
            await box.say(f"junk {number}" if number % 2 else f'[3,"{number}",{{}}]')
        for _ in range(50):
            await box.call("NoSuchThing")
        assert (await box.call("Heartbeat"))["currentTime"]
    await gateway.stop()
    written = await rows(db)
    assert 60 <= sum(row.kind in ("junk", "stray") for row in written) <= 65
    told = [row for row in written if row.kind == "hushed"]
    assert len(told) == 1
    assert int(told[0].outcome.split()[0]) + sum(row.kind in ("junk", "stray") for row in written) >= 3_000
    assert "junk: 14" in told[0].payload
    assert "stray: 14" in told[0].payload
    assert [row.action for row in written if row.outcome == "answered"] == ["Heartbeat"]


def test_one_stations_noise_leaves_others_their_rows() -> None:
    hush = Hush(burst=2, per_minute=60)
    noise = Exchange(NOW, BOX, 1, "in", "junk", outcome="no message", payload="?")
    assert [hush.lets(noise) for _ in range(4)] == [True, True, False, False]
    assert hush.lets(msgspec.structs.replace(noise, station_id="KG-BIS-0002"))
    assert hush.lets(msgspec.structs.replace(noise, at=NOW + dt.timedelta(seconds=1)))
    assert not hush.more()
    (row,) = hush.more(everything=True)
    assert (row.kind, row.outcome, row.payload) == ("hushed", "2 more", "junk: 2")
    assert not hush.more(everything=True)


async def test_answers_to_nothing_are_looked_up_a_few_at_a_time(gateway: Gateway) -> None:
    async with station(gateway) as box:
        for _ in range(500):
            await box.say(f'[3,"{uuid4()}",{{}}]')
        most = 0
        for _ in range(200):
            most = max(most, len(gateway._pump._asides))
            await asyncio.sleep(0.001)
        assert 1 <= most <= 4
        assert (await box.call("Heartbeat"))["currentTime"]
    assert not gateway._pump._late_ones
