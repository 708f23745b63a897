"""Orders by hand: one id is one order, and nothing is written down that no station could be told."""

import datetime as dt

import pytest

from tests.stations.network import ID, NOW, build
from zaryad import stations
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.link import orders as o
from zaryad.link.facts import ConnectorChanged, ConnectorState, StationId
from zaryad.platform.db import Db
from zaryad.stations import views
from zaryad.stations.orders import check, found, order


async def _order(db: Db, id: o.OrderId, what: o.AnyOrder, station_id: str = ID, wait_s: int = 60) -> o.Placed:
    async with db.begin() as tx:
        return await order(tx, id, StationId(station_id), what, author="staff:test", now=NOW, wait_s=wait_s)


async def test_the_same_order_again_is_one_and_another_under_its_id_is_refused(db: Db) -> None:
    await build(db)
    id = o.OrderId(new_id())
    first = await _order(db, id, o.ResetStation(hard=True))
    assert await _order(db, id, o.ResetStation(hard=True)) == first
    assert first.before == NOW + dt.timedelta(seconds=60)
    for what, station in ((o.ResetStation(hard=False), ID), (o.ClearCache(), ID)):
        with pytest.raises(DomainError, match="order_id_taken"):
            await _order(db, id, what, station)
    async with db.begin() as tx:
        assert await found(tx, id) == first
        assert len(await o.of_station(tx, ID)) == 1


async def test_a_station_we_do_not_have_gets_no_orders(db: Db) -> None:
    with pytest.raises(DomainError, match="station_unknown"):
        await _order(db, o.OrderId(new_id()), o.ClearCache())
    with pytest.raises(DomainError, match="order_wait_invalid"):
        await _order(db, o.OrderId(new_id()), o.ClearCache(), wait_s=0)
    with pytest.raises(DomainError, match="order_unknown"):
        async with db.begin() as tx:
            await found(tx, o.OrderId(new_id()))


@pytest.mark.parametrize(
    "what",
    [
        o.StartCharging(0, "TAG"),
        o.StartCharging(1, ""),
        o.StartCharging(1, "x" * 21),
        o.StopCharging("x" * 37),
        o.UnlockConnector(0),
        o.ChangeAvailability(-1, True),
        o.ReadConfiguration(("k",) * 101),
        o.ReadConfiguration(("k" * 51,)),
        o.ChangeConfiguration("k" * 51, ""),
        o.ChangeConfiguration("k", "v" * 501),
        o.ChangeConfiguration("k", "\0"),
        o.SendData(""),
        o.SendData("v", "m" * 51),
        o.Trigger("", None),
        o.Trigger("Heartbeat", 65),
    ],
    ids=repr,
)
def test_what_no_station_could_be_told_is_refused(what: o.AnyOrder) -> None:
    with pytest.raises(DomainError, match="order_field_invalid"):
        check(what, "ocpp1.6")


@pytest.mark.parametrize(
    "what",
    [
        o.StartCharging(1, "TAG"),
        o.StopCharging("17"),
        o.ResetStation(),
        o.UnlockConnector(1),
        o.ChangeAvailability(0, False),
        o.ReadConfiguration(),
        o.ChangeConfiguration("HeartbeatInterval", "60"),
        o.ClearCache(),
        o.SendData("com.example", None, "{}"),
        o.Trigger("StatusNotification", 1),
    ],
    ids=repr,
)
def test_what_a_station_understands_passes(what: o.AnyOrder) -> None:
    check(what)


async def test_views_say_what_is_free_and_hide_what_nobody_described(db: Db) -> None:
    await build(db)
    async with db.begin() as tx:
        await stations.connected(tx, ID, "gw", "ocpp1.6", "::1", NOW)
        for number, state in (
            (1, ConnectorState.AVAILABLE),
            (2, ConnectorState.CHARGING),
            (5, ConnectorState.AVAILABLE),
        ):
            fact = ConnectorChanged(station_id=ID, received_at=NOW, connector=number, state=state, at=NOW)
            await stations.note_status(tx, fact)
        later = NOW + dt.timedelta(seconds=30)
        station = await stations.station(tx, ID, later)
        place = await stations.location(tx, station.location_id)
        connectors = await stations.connectors_of(tx, later, stations=[ID])
    full = views.location_full(place, [station], connectors, later, "en")
    assert (full.name, full.free, full.total, full.max_power_w) == ("Bishkek Park mall", 1, 2, 120_000)
    assert [(c.number, c.state.value, c.state_age_s) for c in full.stations[0].connectors] == [
        (1, "available", 30),
        (2, "charging", 30),
    ]
    assert full.stations[0].connectors[0].state_text == "Free"
    cards = [views.connector_card(connector, later, "en") for connector in connectors]
    assert [(card.number, card.confirmed) for card in cards] == [(1, True), (2, True), (5, False)]
    assert set(views.LocationView.__struct_fields__) < set(views.LocationFull.__struct_fields__)
