"""What a connector says is kept in the order it happened, and shown free only on a living word."""

import asyncio
import datetime as dt

import pytest

from tests.stations.network import ID, NOW, build
from zaryad import stations
from zaryad.kernel.errors import DomainError
from zaryad.link.answers import BootStatus, DataStatus
from zaryad.link.facts import (
    Beat,
    Booted,
    ConnectorChanged,
    ConnectorState,
    DataReceived,
    FirmwareReported,
    StationId,
)
from zaryad.platform.db import Db
from zaryad.stations import Connector, ConnectorPlan, Settings, Shown
from zaryad.stations.note import spread

S = ConnectorState


def _fact(
    state: ConnectorState, at: dt.datetime | None, received: dt.datetime = NOW, connector: int = 1
) -> ConnectorChanged:
    return ConnectorChanged(station_id=ID, received_at=received, connector=connector, state=state, at=at)


async def _say(db: Db, fact: ConnectorChanged) -> bool:
    async with db.begin() as tx:
        return await stations.note_status(tx, fact)


async def _read(db: Db, number: int = 1, now: dt.datetime = NOW) -> Connector:
    async with db.begin() as tx:
        found = await stations.find_connector(tx, ID, number, now)
    assert found is not None
    return found


async def _link(db: Db) -> int:
    async with db.begin() as tx:
        return await stations.connected(tx, ID, "gw-1", "ocpp1.6", "10.0.0.7", NOW)


async def test_an_older_report_that_comes_later_changes_nothing(db: Db) -> None:
    await build(db)
    assert await _say(db, _fact(S.CHARGING, NOW - dt.timedelta(seconds=10)))
    assert not await _say(db, _fact(S.PREPARING, NOW - dt.timedelta(seconds=11)))
    assert (await _read(db)).state is S.CHARGING
    assert await _say(db, _fact(S.FINISHING, NOW - dt.timedelta(seconds=10)))  # the same second: arrival decides


@pytest.mark.parametrize(
    "at", [None, dt.datetime(1970, 1, 1, tzinfo=dt.UTC), NOW + dt.timedelta(minutes=6), NOW + dt.timedelta(days=9000)]
)
async def test_an_unbelievable_clock_is_replaced_by_ours(db: Db, at: dt.datetime | None) -> None:
    await build(db)
    assert await _say(db, _fact(S.CHARGING, NOW - dt.timedelta(seconds=10)))
    assert await _say(db, _fact(S.FINISHING, at))
    assert (await _read(db)).state_at == NOW
    later = NOW + dt.timedelta(seconds=1)
    assert await _say(
        db, _fact(S.AVAILABLE, later - dt.timedelta(seconds=30), later)
    )  # ours is not held against theirs


async def test_a_clock_a_little_ahead_does_not_block_the_reports_after_its_correction(db: Db) -> None:
    await build(db)
    assert await _say(db, _fact(S.CHARGING, NOW + dt.timedelta(minutes=4)))
    later = NOW + dt.timedelta(seconds=5)
    assert await _say(db, _fact(S.FINISHING, later, later))


async def test_after_a_boot_the_stations_clock_may_have_started_anew(db: Db) -> None:
    await build(db)
    assert await _say(db, _fact(S.CHARGING, NOW))
    await stations.note_boot(db, Settings(), Booted(station_id=ID, received_at=NOW, vendor="ABB", model="Terra"))
    assert await _say(db, _fact(S.AVAILABLE, NOW - dt.timedelta(days=400)))


async def test_free_is_shown_only_on_a_living_word(db: Db) -> None:
    await build(db)
    assert stations.shown(await _read(db)) is Shown.OFFLINE
    epoch = await _link(db)
    assert stations.shown(await _read(db)) is Shown.UNAVAILABLE  # it has said nothing yet
    await _say(db, _fact(S.AVAILABLE, NOW))
    assert stations.shown(await _read(db)) is Shown.AVAILABLE
    await _say(db, _fact(S.FAULTED, NOW, connector=0))
    assert stations.shown(await _read(db)) is Shown.FAULTED
    await _say(db, _fact(S.AVAILABLE, NOW, connector=0))
    assert stations.shown(await _read(db, now=NOW + dt.timedelta(seconds=301))) is Shown.OFFLINE
    async with db.begin() as tx:
        await stations.disconnected(tx, ID, epoch, NOW)
    assert stations.shown(await _read(db)) is Shown.OFFLINE


async def test_the_strictest_of_connector_station_and_location_is_shown(db: Db) -> None:
    await build(db)
    await _link(db)
    await _say(db, _fact(S.AVAILABLE, NOW))
    async with db.begin() as tx:
        await stations.put_station(tx, ID, (await _read(db)).location_id, admin_state="maintenance")
    found = await _read(db)
    assert (found.admin_state, stations.shown(found)) == ("maintenance", Shown.UNAVAILABLE)


async def test_a_connector_nobody_described_is_kept_and_not_offered(db: Db) -> None:
    await build(db)
    await _link(db)
    assert await _say(db, _fact(S.AVAILABLE, NOW, connector=7))
    found = await _read(db, 7)
    assert (found.kind, found.confirmed, stations.shown(found)) == ("unknown", False, Shown.UNAVAILABLE)
    async with db.begin() as tx:
        await stations.put_connector(tx, ID, ConnectorPlan(number=7, kind="gbt_dc", power_w=60_000))
    assert stations.shown(await _read(db, 7)) is Shown.AVAILABLE
    assert not await _say(db, _fact(S.AVAILABLE, NOW, connector=65))
    stranger = ConnectorChanged(station_id=StationId("nobody"), received_at=NOW, connector=1, state=S.AVAILABLE)
    assert not await _say(db, stranger)


async def test_first_reports_of_one_connector_at_once_both_count(db: Db) -> None:
    await build(db)
    facts = [_fact(S.AVAILABLE, NOW + dt.timedelta(seconds=n), NOW + dt.timedelta(minutes=1), 9) for n in range(10)]
    await asyncio.gather(*(_say(db, fact) for fact in facts))
    assert (await _read(db, 9)).state_at == NOW + dt.timedelta(seconds=9)


async def test_the_connectors_lock_is_held_until_the_end_of_the_transaction(db: Db) -> None:
    await build(db)
    order: list[str] = []
    locked = asyncio.Event()

    async def first() -> None:
        async with db.begin() as tx:
            assert await stations.lock_connector(tx, ID, 1, NOW) is not None
            locked.set()
            await asyncio.sleep(0.2)
            order.append("first")

    async def second() -> None:
        await locked.wait()
        async with db.begin() as tx:
            assert await stations.lock_connector(tx, ID, 2, NOW) is not None
            order.append("other connector")
        async with db.begin() as tx:
            assert await stations.lock_connector(tx, ID, 1, NOW) is not None
            order.append("second")

    await asyncio.gather(first(), second())
    assert order == ["other connector", "first", "second"]
    async with db.begin() as tx:
        assert await stations.lock_connector(tx, ID, 3, NOW) is None
        assert await stations.lock_connector(tx, StationId("nobody"), 1, NOW) is None


async def test_a_boot_is_answered_as_the_row_says(db: Db) -> None:
    await build(db)
    fact = Booted(station_id=ID, received_at=NOW, vendor="ABB\0", model="Terra 184", details={"iccid": "8999\0"})
    verdict = await stations.note_boot(db, Settings(), fact)
    assert (verdict.status, verdict.now) == (BootStatus.ACCEPTED, NOW)
    assert 162 <= verdict.interval_s <= 198
    async with db.begin() as tx:
        found = await stations.station(tx, ID, NOW)
        assert (found.vendor, found.model, found.last_boot_at) == ("ABB", "Terra 184", NOW)
        await stations.put_station(tx, ID, found.location_id, boot_status=BootStatus.PENDING)
    assert (await stations.note_boot(db, Settings(), fact)).status is BootStatus.PENDING
    stranger = Booted(station_id=StationId("nobody"), received_at=NOW, vendor="x", model="y")
    assert (await stations.note_boot(db, Settings(), stranger)).status is BootStatus.REJECTED


def test_intervals_of_a_network_differ_and_those_of_a_station_do_not() -> None:
    intervals = {spread(180, f"KG-{n:04}") for n in range(500)}
    assert (min(intervals), max(intervals)) == (162, 198)
    assert spread(180, "KG-0001") == spread(180, "KG-0001")


async def test_the_small_facts_are_answered(db: Db) -> None:
    await build(db)
    await _link(db)
    later = NOW + dt.timedelta(minutes=4)
    assert (await stations.note_beat(db, Beat(station_id=ID, received_at=later))).now == later
    assert (await _read(db, now=NOW + dt.timedelta(minutes=8))).online
    await stations.note_firmware(db, FirmwareReported(station_id=ID, received_at=NOW, status="Downloading"))
    async with db.begin() as tx:
        assert (await stations.station(tx, ID, NOW)).firmware_status == "Downloading"
    verdict = await stations.note_data(db, DataReceived(station_id=ID, received_at=NOW, vendor="com.example"))
    assert verdict.status is DataStatus.UNKNOWN_VENDOR


async def test_a_connector_that_cannot_be_is_no_connector(db: Db) -> None:
    await build(db)
    for number in (-1, 65, 100, 165, 865, 900):
        assert not await _say(db, _fact(S.AVAILABLE, NOW, connector=number))
        async with db.begin() as tx:
            assert not await stations.ensure_connector(tx, ID, number)
        plan = ConnectorPlan(number=number, kind="ccs2", power_w=1_000)
        with pytest.raises(DomainError, match="connector_number_invalid"):
            async with db.begin() as tx:
                await stations.put_connector(tx, ID, plan)
    async with db.begin() as tx:
        await stations.put_connector(tx, ID, ConnectorPlan(number=864, kind="ccs2", power_w=1_000))
    assert (await _read(db, 864)).kind == "ccs2"
