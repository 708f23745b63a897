"""What stations tell about their security: kept whatever its kind, bounded, and shown to a person where it matters."""

from __future__ import annotations

import datetime as dt

from tests.certificates.pki import DAY, NOW
from zaryad import certificates
from zaryad.certificates import Settings, store
from zaryad.certificates.events import store as events
from zaryad.certificates.events.note import PER_HOUR_MAX
from zaryad.link.facts import SecurityEvent, StationId
from zaryad.platform.db import Db

RULES = Settings()


async def tell(db: Db, kind: str, *, at: dt.datetime | None = NOW, info: str | None = None, id: str = "S1") -> None:
    await certificates.note_event(
        db, RULES, SecurityEvent(station_id=StationId(id), received_at=NOW, kind=kind, at=at, info=info)
    )


async def told(db: Db, **more: object) -> list[events.Event]:
    asked = {
        "station_id": None,
        "kind": None,
        "critical": None,
        "since": None,
        "until": None,
        "after": None,
        "limit": 100,
    }
    async with db.begin() as tx:
        return await events.events(tx, **(asked | more))  # type: ignore[arg-type]  # a test's shorthand


async def alarms(db: Db, *, standing: bool = True) -> list[certificates.Alarm]:
    async with db.begin() as tx:
        return await store.alarms(tx, station_id=None, kind=None, standing=standing, after=None, limit=50)


async def test_events_are_kept_once_and_some_raise_an_alarm(db: Db) -> None:
    for _ in range(2):
        await tell(db, "TamperDetectionActivated", info="the door\x00 is open")
    await tell(db, "FirmwareUpdated")
    await tell(db, "SomethingOfTheVendor", at=None, info="x" * 1_000)
    found = await told(db)
    assert sorted((each.kind, each.critical) for each in found) == [
        ("FirmwareUpdated", True),
        ("SomethingOfTheVendor", False),
        ("TamperDetectionActivated", True),
    ]
    assert max(len(each.info or "") for each in found) == 255
    assert [(each.kind, each.facts["event"], each.facts["info"]) for each in await alarms(db)] == [
        ("station_told", "TamperDetectionActivated", "the door is open")
    ]


async def test_an_alarm_counts_until_it_is_cleared_and_comes_again(db: Db) -> None:
    for second in range(3):
        await tell(db, "InvalidCsmsCertificate", at=NOW + dt.timedelta(seconds=second))
    (one,) = await alarms(db)
    assert one.times == 3
    async with db.begin() as tx:
        await store.clear_alarm_by_id(tx, one.id, "staff:1", NOW)
    await tell(db, "InvalidCsmsCertificate", at=NOW + dt.timedelta(seconds=9))
    assert [each.times for each in await alarms(db)] == [1]
    assert len(await alarms(db, standing=False)) == 1
    await certificates.count_alarms(db)


async def test_filters_and_age(db: Db) -> None:
    for hour in range(5):
        await tell(db, "SettingSystemTime", at=NOW + dt.timedelta(hours=hour), id=f"S{hour % 2}")
    assert [each.at.hour for each in await told(db, station_id="S1")] == [12, 10]
    assert len(await told(db, since=NOW + dt.timedelta(hours=2), until=NOW + dt.timedelta(hours=4))) == 2
    first = await told(db, limit=2)
    assert len(await told(db, after=(first[-1].at, first[-1].id))) == 3
    assert await told(db, critical=False) == []
    await certificates.tidy_events(db, RULES, NOW + 401 * DAY)
    assert await told(db) == []


async def test_one_station_cannot_fill_the_table(db: Db) -> None:
    for number in range(PER_HOUR_MAX + 5):
        await tell(db, "InvalidMessages", info=str(number))
    assert len(await told(db, limit=PER_HOUR_MAX + 50)) == PER_HOUR_MAX
    await tell(db, "TamperDetectionActivated")
    assert len(await told(db, kind="TamperDetectionActivated")) == 1
