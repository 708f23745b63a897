"""The OCPP log: what passed is written, secrets are not, and it is never in anybody's way."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from tests.ocpp.rig import BOX, Business, running, station
from tests.ocpp.test_outbound import ended, place
from tests.stations.network import build
from zaryad.link.orders import ChangeConfiguration, ReadConfiguration
from zaryad.ocpp import store
from zaryad.ocpp.frames import Exchange, FrameLog, look_after, masked
from zaryad.ocpp.gateway import Gateway
from zaryad.ocpp.tables import ocpp_frame
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


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


@pytest.mark.parametrize(
    "frame",
    [
        '{"key":"AuthorizationKey","value":"SECRET"}',
        '{ "key" : "authorizationkey" , "readonly" : false , "value" : "SECRET\\" SECRET" }',
        '{"value":"SECRET","readonly":true,"key":"BasicAuthPassword"}',
        '{"key":"A","value":"x"},{"key":"AuthorizationKey","value":"SECRET',
    ],
)
def test_masks(frame: str) -> None:
    assert "SECRET" not in masked(frame)


def test_other_values_are_left_alone() -> None:
    frame = '{"key":"HeartbeatInterval","value":"300"},{"key":"AuthorizationKey","readonly":false}'
    assert masked(frame) == frame


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


async def test_days_are_made_ahead_and_forgotten_when_old(db: Db) -> None:
    async with db.begin() as tx:
        for days in (40, 31, 30, 0):
            await store.ensure_partition(tx, (NOW - dt.timedelta(days=days)).date())
    await look_after(db, NOW, keep_days=30)
    await look_after(db, NOW, keep_days=30)
    async with db.begin() as tx:
        assert [day.isoformat() for day in await store.partitions(tx)] == [
            "2026-04-01",
            "2026-05-01",
            "2026-05-02",
            "2026-05-03",
        ]
