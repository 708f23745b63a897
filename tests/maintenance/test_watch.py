"""What stations tell of themselves: kept once, bounded, and forgotten when it is old."""

from __future__ import annotations

import datetime as dt

from tests.maintenance.world import Network, accepted
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import (
    DisplaysPart,
    EventsTold,
    MonitorsPart,
    MonitorValue,
    Notice,
    StationEvent,
    Topic,
)
from zaryad.link.orders import AnyOrder, ClearDisplay, ClearMonitors, DisplayMessage, OrderId, ReportMonitors, Variable
from zaryad.maintenance.watch import note, store
from zaryad.maintenance.watch.model import Settings
from zaryad.platform.db import Db

TEMPERATURE = Variable(component="Inlet", name="Temperature", evse=1)


def event(number: int, at: dt.datetime, **more: object) -> StationEvent:
    return StationEvent(id=number, at=at, variable=TEMPERATURE, value="81", severity=2, **more)  # type: ignore[arg-type]  # a test's shorthand


def told(net: Network, *events: StationEvent) -> EventsTold:
    return EventsTold(station_id=net.id, received_at=net.now, at=net.now, seq_no=0, last=True, events=events)


async def order(net: Network, what: AnyOrder) -> None:
    async with net.db.begin() as tx:
        before = net.now + dt.timedelta(minutes=5)
        await orders.place(tx, OrderId(new_id()), net.id, what, author="staff:1", now=net.now, before=before)


async def test_an_event_told_twice_is_one_and_two_of_one_number_are_two(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    first = event(1, net.now, info="hot 100%")
    for fact in (told(net, first), told(net, first), told(net, event(1, net.later(hours=1)))):
        await note.note_events(db, fact)
    async with db.begin() as tx:
        found = await store.events(tx, net.id, None, None, None, None, 10)
        assert [it.event_id for it in found] == [1, 1]
        assert found[1].key == "Inlet@1/Temperature"
        assert [it.info for it in await store.events(tx, None, "100%", None, None, None, 10)] == ["hot 100%"]
        assert await store.events(tx, None, "100_", None, None, None, 10) == [], "a wildcard is a letter"
        assert await store.events(tx, None, None, 1, None, None, 10) == []
        assert len(await store.events(tx, None, None, 2, net.now, None, 10)) == 1
        assert len(await store.events(tx, None, None, None, None, found[0].id, 10)) == 1


async def test_events_beyond_reason_are_cut_and_poison_is_taken_out(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    bad = StationEvent(id=-5, at=net.now, variable=TEMPERATURE, value="x", severity=99)
    odd = StationEvent(id=2, at=net.now, variable=TEMPERATURE, value="a\0b" * 2_000, severity=99, info="\0")
    await note.note_events(db, told(net, bad, odd))
    async with db.begin() as tx:
        [found] = await store.events(tx, net.id, None, None, None, None, 10)
    assert (found.event_id, found.severity, found.info) == (2, None, "")
    assert "\0" not in found.value
    assert len(found.value) <= 2_500


def monitors(net: Network, request: int, *ids: int, last: bool = True, seq: int = 0) -> MonitorsPart:
    values = tuple(
        MonitorValue(variable=TEMPERATURE, id=id, kind="upper_threshold", value="80", severity=3) for id in ids
    )
    return MonitorsPart(station_id=net.id, received_at=net.now, request=request, seq_no=seq, last=last, monitors=values)


async def test_a_whole_report_of_monitors_ends_those_it_does_not_name(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    await note.note_monitors(db, monitors(net, 999, 1, 2, 3))
    net.later(minutes=1)
    await order(net, ReportMonitors())
    await net.answer(accepted)
    number = net.asked[-1].number
    await note.note_monitors(db, monitors(net, number, 3, last=True, seq=1))
    async with db.begin() as tx:
        assert [it.id for it in await store.monitors(tx, net.id)] == [1, 2, 3], "half of it is not here yet"
    await note.note_monitors(db, monitors(net, number, 2, last=False, seq=0))
    async with db.begin() as tx:
        assert [it.id for it in await store.monitors(tx, net.id)] == [2, 3]
    await order(net, ClearMonitors((2,)))
    await net.answer(accepted)
    async with db.begin() as tx:
        assert [it.id for it in await store.monitors(tx, net.id)] == [3]


async def test_what_is_on_a_display_is_known_and_taken_off(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    text = DisplayMessage(number=7, text="Закрыто до 9:00", language="ru")
    await note.note_displays(
        db, DisplaysPart(station_id=net.id, received_at=net.now, request=1, seq_no=0, last=True, messages=(text,))
    )
    async with db.begin() as tx:
        [shown] = await store.displays(tx, net.id)
    assert shown.body["text"] == "Закрыто до 9:00"
    await order(net, ClearDisplay(7))
    await net.answer(accepted)
    async with db.begin() as tx:
        assert await store.displays(tx, net.id) == []


async def test_a_notice_is_kept_and_what_nobody_can_give_is_declined(db: Db) -> None:
    net = await Network.build(db, "ocpp2.1")

    def notice(topic: Topic, **body: object) -> Notice:
        return Notice(station_id=net.id, received_at=net.now, topic=topic, body=body, connector=1)

    assert (await note.note_notice(db, notice(Topic.DER_ALARM, controlType="FreqDroop"))).accepted
    assert not (await note.note_notice(db, notice(Topic.CHARGING_NEEDS))).accepted
    await note.note_notice(db, notice(Topic.SETTLEMENT, receipt="x" * 100_000))
    async with db.begin() as tx:
        found = await store.notices(tx, net.id, None, None, 10)
        assert [it.topic for it in found] == ["settlement", "charging_needs", "der_alarm"]
        assert found[0].body == {"too_long": True, "fields": ["receipt"]}
        assert found[2].body == {"controlType": "FreqDroop"}
        assert len(await store.notices(tx, None, "der_alarm", None, 10)) == 1
    await note.sweep(db, Settings(), net.now + dt.timedelta(days=91))
    async with db.begin() as tx:
        assert await store.notices(tx, net.id, None, None, 10) == []
