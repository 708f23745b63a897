"""The demo network is made once, left as people changed it, and every demo station's password can be computed."""

import datetime as dt
from collections import Counter

from zaryad import stations, tariffs
from zaryad.app.demo_network import FAST_TARIFF, MAIN_TARIFF, demo_stations, make
from zaryad.link.door import Approach
from zaryad.platform.db import Db
from zaryad.stations import AdmissionStatus
from zaryad.tariffs import price_now

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
KEY = b"k" * 32


async def test_the_network_is_made_once(db: Db) -> None:
    assert await make(db, NOW, KEY) == 20
    first = demo_stations()[0]
    async with db.begin() as tx:
        found = await stations.station(tx, first.id, NOW)
        await stations.put_station(tx, first.id, found.location_id, admin_state="maintenance")
    assert await make(db, NOW + dt.timedelta(days=1), KEY) == 0
    async with db.begin() as tx:
        assert (await stations.station(tx, first.id, NOW)).admin_state == "maintenance"
        assert len(await stations.list_locations(tx)) == len({it.place for it in demo_stations()})


async def test_every_station_is_let_in_with_its_computed_password(db: Db) -> None:
    await make(db, NOW, KEY)
    async with db.begin() as tx:
        for it in demo_stations():
            password = stations.station_password(KEY, it.id).encode()
            verdict = await stations.admit(tx, Approach(station_id=it.id, password=password), NOW, KEY)
            assert verdict.status is AdmissionStatus.OK


def test_some_stations_speak_2x_and_one_has_two_connectors_on_one_evse() -> None:
    assert Counter(it.protocol for it in demo_stations()) == {"1.6": 16, "2.0.1": 2, "2.1": 2}
    shared = [it for it in demo_stations() if any(number > 100 for number, _, _ in it.connectors)]
    assert [(it.id, [number for number, _, _ in it.connectors]) for it in shared] == [("KG-TKG-0001", [1, 101, 2])]


def test_their_names_are_as_long_as_1_6_allows() -> None:
    for it in demo_stations():
        assert len(it.vendor) <= 20
        assert len(it.model) <= 20


async def test_connectors_are_described_and_priced_by_the_reference_plan(db: Db) -> None:
    await make(db, NOW, KEY)
    async with db.begin() as tx:
        connectors = await stations.connectors_of(tx, NOW, stations=[it.id for it in demo_stations()])
        assert all(it.confirmed and it.timezone == "Asia/Bishkek" for it in connectors)
        assert Counter(it.kind for it in connectors)["type2"] >= 5
        assert {it.tariff_id for it in connectors} == {MAIN_TARIFF, FAST_TARIFF}
        main = await tariffs.quote(tx, None, "KGS", NOW)
        fast = await tariffs.quote(tx, FAST_TARIFF, "KGS", NOW)
    prices = {}
    for hour in range(24):
        at = dt.datetime(2026, 11, 21, hour, tzinfo=dt.timezone(dt.timedelta(hours=6)))
        price = price_now(main, "Asia/Bishkek", at)
        prices[hour] = (price.per_kwh_e4 or 0) // 1_000_000
        assert price_now(fast, "Asia/Bishkek", at).per_hour_e4 == 60_000_000
    assert prices == {
        **dict.fromkeys(range(24), 15),
        **dict.fromkeys((23, *range(6)), 12),
        **dict.fromkeys(range(18, 23), 18),
    }
