"""One virtual day of a network, from its founding to the books."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from tests.sim.auditor import Auditor
from tests.sim.drivers import Driver
from tests.sim.faults import Faults
from tests.sim.platform import Platform
from tests.sim.site import Site
from tests.sim.world import World
from zaryad import charging, stations, tariffs, wallet
from zaryad.app.config import Config, Security
from zaryad.kernel.ids import derived_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, ResetStation
from zaryad.link.station import connector_number
from zaryad.sandbox.model import ClearFault, OutletKind, OutletModel, Quirks, SetNetwork, StationModel, Unplug
from zaryad.stations import ConnectorPlan, Location, LocationId
from zaryad.tariffs import Component, Dimension, Element, Restrictions, Tariff, TariffId

START = dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC)  # midnight in Bishkek
PLACE = LocationId(derived_id("sim", "location"))
TARIFF = TariffId(derived_id("sim", "tariff"))
E4_PER_SOM = 100 * 10_000
SECRET = b"a secret of the simulation, and long enough"
QUIRKS = (
    Quirks(), Quirks(), Quirks(spaced_json=True, unitless_power=True), Quirks(boots_on_reconnect=True),
    Quirks(doubles_messages=True), Quirks(replays_statuses=True), Quirks(keeps_message_ids=True, kwh_unit=False),
    Quirks(comma_decimals=True),
)  # fmt: skip

QUIRKS2 = (
    Quirks(), Quirks(spaced_json=True), Quirks(boots_on_reconnect=True), Quirks(doubles_messages=True),
    Quirks(keeps_message_ids=True, kwh_unit=True), Quirks(events_for_states=True), Quirks(),
)  # fmt: skip
POINTS = (  # where a 2.x transaction begins, and where it ends
    ("Authorized,EVConnected", "Authorized,EVConnected"), ("EVConnected", "EVConnected"), ("Authorized", "Authorized"),
    ("PowerPathClosed", "PowerPathClosed"), ("ParkingBayOccupancy", "ParkingBayOccupancy"),
    ("EnergyTransfer", "EnergyTransfer"), ("EVConnected", "Authorized"), ("PowerPathClosed", "EVConnected"),
)  # fmt: skip


class Day:
    """`count` stations, three drivers for every two of them, `hours` of trouble, and the hours that mend it."""

    def __init__(
        self, seed: int, url: str, faults: Faults, config: object, *, count: int = 50, hours: int = 24
    ) -> None:
        self.world = World(seed, START)
        self.url = url
        self.hours = hours
        self.faults = faults
        self.auditor = Auditor()
        self.platform = Platform(self.world, url, faults, config)
        self.counts: Counter[str] = Counter()
        self.sites = [
            Site(self.world, self.platform, self.auditor, faults, self._model(n)) for n in range(1, count + 1)
        ]
        numbers = range(1, count * 3 // 2 + 1)
        self.drivers = [Driver(self.world, self.platform, self.sites, n, self.counts) for n in numbers]

    def _model(self, number: int) -> StationModel:
        """Every third station speaks 2.x, half of them 2.1."""
        return self._model16(number) if number % 3 else self._model2(number)

    def _model2(self, number: int) -> StationModel:
        turn = number // 3
        ac: tuple[OutletKind, int] = ("type2", 22_000)
        dc: tuple[OutletKind, int] = ("ccs2", (60_000, 120_000, 180_000)[turn % 3])
        other: tuple[OutletKind, int] = ("gbt_dc", 120_000) if turn % 2 else ("gbt_ac", 7_000)
        plan = ((1, dc), (2, dc), (2, other)) if turn % 2 else ((1, ac), (1, other), (2, ac))
        seen: Counter[int] = Counter()
        outlets = []
        for evse, (kind, power) in plan:
            seen[evse] += 1
            outlets.append(OutletModel(connector_number(evse, seen[evse]), kind, power))
        start, stop = POINTS[turn % len(POINTS)]
        settings = {
            "SampledDataCtrlr/TxUpdatedInterval": "240", "OCPPCommCtrlr/MessageAttempts[TransactionEvent]": "1000000",
            "OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]": "10",
            "AuthCtrlr/OfflineTxForUnknownIdEnabled": "true", "TxCtrlr/TxStartPoint": start,
            "TxCtrlr/TxStopPoint": stop, "TxCtrlr/StopTxOnEVSideDisconnect": "false" if turn % 5 == 4 else "true",
        }  # fmt: skip
        return StationModel(
            id=f"SIM-{number:03d}", outlets=tuple(outlets), protocol=("2.0.1", "2.1")[turn // 2 % 2],
            configuration=settings, step_s=60, queue_max=100_000, quirks=QUIRKS2[turn % len(QUIRKS2)],
            stops_when_full_s=60 if turn % 4 == 0 else None, password=f"password of {number}",
        )  # fmt: skip

    def _model16(self, number: int) -> StationModel:
        ac: tuple[OutletKind, int] = ("type2", 22_000)
        dc: tuple[OutletKind, int] = ("ccs2", (60_000, 120_000, 180_000)[number % 3])
        kinds = (ac, ac) if number % 2 else (dc, ("gbt_dc", 120_000), ac)
        outlets = tuple(OutletModel(place, kind, power) for place, (kind, power) in enumerate(kinds, 1))
        settings = {
            "MeterValueSampleInterval": "120", "TransactionMessageAttempts": "1000000",
            "TransactionMessageRetryInterval": "10", "AllowOfflineTxForUnknownId": "true",
        }  # fmt: skip
        return StationModel(
            id=f"SIM-{number:03d}", outlets=outlets, configuration=settings, step_s=60, queue_max=100_000,
            quirks=QUIRKS[number % len(QUIRKS)], stops_when_full_s=60 if number % 4 == 0 else None,
            password=f"password of {number}",
        )  # fmt: skip

    async def live(self) -> None:
        """Found the network, let the day pass, mend everything, and let it end."""
        await self._found()
        for driver in self.drivers:
            await driver.register()
        for site in self.sites:
            site.begin()
            self._plan_reset(site)
        self.platform.begin()
        evening = START + dt.timedelta(hours=self.hours)
        self.world.after(self.hours * 1_800, self._lose_database)
        await self.world.run(evening)
        for driver in self.drivers:
            driver.going_home = True
        await self._mend(evening + dt.timedelta(minutes=20))
        await self.world.run(evening + dt.timedelta(hours=3))

    async def verdict(self) -> list[str]:
        """Return everything that is wrong."""
        wrong = self.auditor.audit(self.url, [site.station for site in self.sites])
        async with self.platform.db.begin() as tx:
            wrong += [str(violation) for violation in await wallet.verify(tx)]
        wrong += [
            str(violation)
            for violation in await charging.audit(self.platform.db, self.platform.rules, self.world.now())
        ]
        return wrong

    async def _mend(self, until: dt.datetime) -> None:
        for site in self.sites:
            site.quiet = True
            site.do(SetNetwork(up=True))
            site.do(ClearFault())
        await self.world.run(until)
        for site in self.sites:
            site.do(SetNetwork(up=True))
            site.do(ClearFault())
            for number in site.station.outlets:
                site.do(Unplug(connector=number))

    def _lose_database(self) -> None:
        self.platform.away_until = self.world.now() + dt.timedelta(minutes=4)

    def _plan_reset(self, site: Site) -> None:
        if not self.faults.resets_a_day:
            return

        async def reset() -> None:
            if site.quiet:
                return
            now, random = self.world.now(), self.world.random
            order = ResetStation(hard=random.random() < 0.5)
            id = OrderId(derived_id("sim", "reset", site.id, now))
            async with self.platform.db.begin() as tx:
                await orders.place(
                    tx, id, StationId(site.id), order, author="staff:sim", now=now, before=now + dt.timedelta(minutes=5)
                )
            self._plan_reset(site)

        self.world.after(self.world.random.expovariate(self.faults.resets_a_day / 86_400), reset)

    async def _found(self) -> None:
        now, db = self.world.now(), self.platform.db
        await charging.make_partitions(db, now)
        async with db.begin() as tx:
            await tariffs.name_tariff(tx, Tariff(id=TARIFF, names={"ru": "Основной"}, currency="KGS"))
            await tariffs.publish(tx, TARIFF, 1, _plan(), valid_from=None, now=now - dt.timedelta(days=60))
            await stations.put_location(
                tx,
                Location(
                    id=PLACE, name="Sim", address="", city="Bishkek",
                    latitude_udeg=42_875_300, longitude_udeg=74_590_500, timezone="Asia/Bishkek", currency="KGS",
                ),
            )  # fmt: skip
            for site in self.sites:
                id = StationId(site.id)
                await stations.put_station(tx, id, PLACE)
                await stations.set_password(tx, id, SECRET, now, site.model.password)
                for outlet in site.model.outlets:
                    plan = ConnectorPlan(
                        number=outlet.number, kind=outlet.kind, power_w=outlet.power_w, tariff_id=TARIFF
                    )
                    await stations.put_connector(tx, id, plan)


def _plan() -> tuple[Element, ...]:
    def energy(som: int) -> tuple[Component, ...]:
        return (Component(Dimension.ENERGY, som * E4_PER_SOM),)

    return (
        Element(energy(12), Restrictions(start=dt.time(23), end=dt.time(6))),
        Element(energy(18), Restrictions(start=dt.time(18), end=dt.time(23))),
        Element(energy(15)),
    )


def config() -> Config:
    """The configuration of a deployment of its own day."""
    return Config(
        charging=charging.Settings(group_linger_ms=0),
        stations=stations.Settings(heartbeat_interval_s=1_500, online_within_s=1_800),
        security=Security(secret=SECRET.decode()),
    )
