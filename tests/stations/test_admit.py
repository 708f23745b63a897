"""The door: three forms of one password, strangers in a bounded inbox, one step from knock to station."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from tests.stations.network import ID, KEY, NOW, PLACE, build, place
from zaryad import stations
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.door import Approach
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.stations import AdmissionStatus, ConnectorPlan, OcppSettings, Settings
from zaryad.stations.model import KNOCKS_MAX

HEX = "abcdef0123456789abcdef0123456789abcdef01"


def approach(id: str = ID, password: bytes | None = None, **more: Any) -> Approach:
    return Approach(
        station_id=StationId(id),
        password=password,
        **{"address": "10.0.0.7", "user_agent": "MicroOcpp", "offered": ("ocpp1.6",), **more},
    )


async def _admit(
    db: Db, password: bytes | None, id: str = ID, at: dt.datetime = NOW, key: bytes = KEY
) -> AdmissionStatus:
    async with db.begin() as tx:
        verdict = await stations.admit(tx, approach(id, password), at, key)
    return verdict.status


@pytest.mark.parametrize("presented", [HEX.encode(), HEX.upper().encode(), bytes.fromhex(HEX)])
@pytest.mark.parametrize("stored", [HEX, HEX.upper()])
async def test_a_hex_key_is_accepted_as_text_and_as_raw_bytes(db: Db, stored: str, presented: bytes) -> None:
    await build(db, password=stored)
    assert await _admit(db, presented) is AdmissionStatus.OK


async def test_a_text_password_is_accepted_as_text_and_as_its_hex(db: Db) -> None:
    await build(db, password="Correct:Horse-1")
    assert await _admit(db, b"Correct:Horse-1") is AdmissionStatus.OK
    assert await _admit(db, b"Correct:Horse-1".hex().upper().encode()) is AdmissionStatus.OK
    assert await _admit(db, b"correct:horse-1") is AdmissionStatus.BAD_PASSWORD


@pytest.mark.parametrize("wrong", [None, b"", b"\xff\x00", HEX[:-2].encode(), HEX[:-1].encode() + b"2", b"a" * 10_000])
async def test_anything_else_is_a_wrong_password(db: Db, wrong: bytes | None) -> None:
    await build(db, password=HEX)
    assert await _admit(db, wrong) is AdmissionStatus.BAD_PASSWORD


async def test_a_hash_opens_nothing_under_another_key_or_station(db: Db) -> None:
    await build(db, password=HEX)
    assert await _admit(db, HEX.encode(), key=b"another") is AdmissionStatus.BAD_PASSWORD
    assert stations.station_password(KEY, "A") != stations.station_password(KEY, "B")
    assert len(stations.station_password(KEY, "A")) == 40


async def test_without_a_stored_password_any_is_let_in_and_a_disabled_station_is_not(db: Db) -> None:
    await build(db)
    assert await _admit(db, None) is AdmissionStatus.OK
    assert await _admit(db, b"whatever") is AdmissionStatus.OK
    async with db.begin() as tx:
        await stations.put_station(tx, ID, PLACE, admin_state="disabled")
    assert await _admit(db, None) is AdmissionStatus.DISABLED


async def test_strangers_wait_in_the_inbox(db: Db) -> None:
    assert await _admit(db, None, "KG-NEW") is AdmissionStatus.UNKNOWN
    assert await _admit(db, b"x", "KG-NEW", NOW + dt.timedelta(minutes=1)) is AdmissionStatus.UNKNOWN
    assert await _admit(db, None, "x" * 49) is AdmissionStatus.UNKNOWN
    assert await _admit(db, None, "a\0b") is AdmissionStatus.UNKNOWN
    async with db.begin() as tx:
        [knock] = await stations.list_knocks(tx)
    assert (knock.station_id, knock.attempts, knock.had_password, knock.reason) == ("KG-NEW", 2, True, "unknown")
    assert (knock.first_at, knock.last_at) == (NOW, NOW + dt.timedelta(minutes=1))


async def test_strangers_leave_no_trace_where_they_are_refused(db: Db) -> None:
    rules = OcppSettings(unknown_stations="refuse")
    async with db.begin() as tx:
        verdict = await stations.admit(tx, approach("KG-NEW"), NOW, KEY, rules)
        assert (verdict.status, verdict.noted) == (AdmissionStatus.UNKNOWN, False)
        assert await stations.list_knocks(tx) == []


async def test_the_inbox_is_bounded_and_the_oldest_make_room(db: Db) -> None:
    async with db.begin() as tx:
        for n in range(KNOCKS_MAX + 5):
            at = NOW + dt.timedelta(seconds=n)
            await stations.admit(tx, approach(f"X{n:04}"), at, KEY)
        found = await stations.list_knocks(tx, limit=2 * KNOCKS_MAX)
    assert len(found) == KNOCKS_MAX
    assert found[-1].station_id == "X0005"


async def test_a_knock_becomes_a_station_in_one_step(db: Db) -> None:
    await build(db)
    await _admit(db, None, "KG-NEW")
    plan = ConnectorPlan(number=1, kind="gbt_dc", power_w=60_000)
    async with db.begin() as tx:
        password = await stations.approve(tx, StationId("KG-NEW"), PLACE, [plan], key=KEY, now=NOW, with_password=True)
        assert await stations.list_knocks(tx) == []
    assert password is not None
    assert await _admit(db, password.encode(), "KG-NEW") is AdmissionStatus.OK
    for id, kind in (("KG-NEW", Kind.CONFLICT), ("KG-NOBODY", Kind.NOT_FOUND)):
        with pytest.raises(DomainError) as refused:
            async with db.begin() as tx:
                await stations.approve(tx, StationId(id), PLACE, [], key=KEY, now=NOW, with_password=False)
        assert refused.value.kind is kind


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Asia/Bishkekk"},
        {"latitude_udeg": 91_000_000},
        {"currency": "som"},
        {"name": " "},
        {"names": {"en": "x" * 300}},
    ],
)
async def test_a_location_that_cannot_be_is_refused(db: Db, change: dict[str, object]) -> None:
    with pytest.raises(DomainError) as refused:
        async with db.begin() as tx:
            await stations.put_location(tx, place(**change))
    assert refused.value.kind is Kind.INVALID


async def test_locations_are_found_by_place_words_and_plug(db: Db) -> None:
    await build(db)
    async with db.begin() as tx:
        find = stations.list_locations
        assert len(await find(tx, box_udeg=(74_000_000, 42_000_000, 75_000_000, 43_000_000))) == 1
        assert await find(tx, box_udeg=(75_000_000, 42_000_000, 76_000_000, 43_000_000)) == []
        assert len(await find(tx, text="bishkek park")) == 1
        assert await find(tx, text="100%") == []
        assert len(await find(tx, kind="ccs2", min_power_w=100_000)) == 1
        assert await find(tx, kind="type2", min_power_w=100_000) == []
        assert await find(tx, after=PLACE) == []
        await stations.put_location(tx, place(status="planned"))
        assert await find(tx) == []


def test_an_interval_that_would_flicker_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"heartbeat_interval_s": 300}, Settings)
