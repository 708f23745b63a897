"""A little network, a driver with money, and a station that speaks in facts."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import sqlalchemy as sa

from zaryad import accounts, charging, stations, tariffs, wallet
from zaryad.accounts import IdToken, PersonId
from zaryad.charging import Limit, Session, SessionId, Settings, store
from zaryad.charging.meter.group import Group
from zaryad.charging.metering import MeterBook
from zaryad.kernel.ids import derived_id, new_id
from zaryad.kernel.money import Money
from zaryad.link import orders
from zaryad.link.answers import BeginVerdict, EndVerdict
from zaryad.link.facts import (
    ChargingBegan,
    ChargingEnded,
    ConnectorChanged,
    ConnectorState,
    MeterRead,
    Reading,
    StationId,
    StopCause,
)
from zaryad.link.orders import OrderId, OrderState, Placed
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan, Location, LocationId
from zaryad.tariffs import Component, Dimension, Element, Restrictions, Tariff, TariffId
from zaryad.wallet import Posting, Transfer, TransferId

NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)  # noon in Bishkek
PLACE = LocationId(derived_id("location", "charging"))
BOX = StationId("KG-BIS-0001")
TARIFF = TariffId(derived_id("tariff", "charging"))
WH, KWH = 1_000, 1_000_000
SOM = 100
PER_KWH_E4 = 15 * SOM * 10_000
RULES = Settings()


def after(seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds, minutes=minutes, hours=hours)


def plan() -> tuple[Element, ...]:
    """15 som by day; 12 from 23 to 6 o'clock."""
    night = Restrictions(start=dt.time(23), end=dt.time(6))
    return (
        Element((Component(Dimension.ENERGY, 12 * SOM * 10_000),), night),
        Element((Component(Dimension.ENERGY, PER_KWH_E4),)),
    )


class World:
    """One location, a station with connectors 1 to 4, a tariff, and whoever charges."""

    def __init__(self, db: Db, rules: Settings = RULES) -> None:
        self.db = db
        self.rules = rules

    @classmethod
    async def build(cls, db: Db, rules: Settings = RULES, box: StationId = BOX) -> World:
        world = cls(db, rules)
        async with db.begin() as tx:
            await tariffs.name_tariff(tx, Tariff(id=TARIFF, names={"ru": "Дневной"}, currency="KGS"))
            await tariffs.publish(tx, TARIFF, 1, plan(), valid_from=None, now=NOW - dt.timedelta(days=60))
            await stations.put_location(
                tx,
                Location(
                    id=PLACE,
                    name="Бишкек Парк",
                    address="ул. Киевская, 148",
                    city="Бишкек",
                    latitude_udeg=42_875_300,
                    longitude_udeg=74_590_500,
                    timezone="Asia/Bishkek",
                    currency="KGS",
                ),
            )
        await world.add_station(box)
        return world

    async def add_station(self, box: StationId) -> None:
        async with self.db.begin() as tx:
            await stations.put_station(tx, box, PLACE)
            for number in (1, 2, 3, 4):
                await stations.put_connector(
                    tx, box, ConnectorPlan(number=number, kind="ccs2", power_w=120_000, tariff_id=TARIFF)
                )
            await stations.connected(tx, box, "node", "ocpp1.6", "10.0.0.1", NOW)
        for number in (1, 2, 3, 4):
            await self.status(number, ConnectorState.PREPARING, box=box)

    async def status(self, number: int, state: ConnectorState, at: dt.datetime = NOW, box: StationId = BOX) -> None:
        fact = ConnectorChanged(station_id=box, received_at=at, connector=number, state=state, at=at)
        async with self.db.begin() as tx:
            fresh = await stations.note_status(tx, fact)
        if fresh:
            await charging.connector_seen(self.db, self.rules, fact)

    async def alive(self, at: dt.datetime, box: StationId = BOX) -> None:
        async with self.db.begin() as tx:
            await stations.seen(tx, [box], at)

    async def driver(self, som: int = 1_000, phone: str = "+996555000001", card: str | None = None) -> PersonId:
        async with self.db.begin() as tx:
            person = await accounts.ensure_by_phone(tx, phone, "ru", NOW)
            purse = await wallet.ensure_wallet(tx, person.id, "KGS", NOW)
            bank = await wallet.system_account(tx, "clearing", "test", "KGS", NOW)
            if som:
                paid = Posting(bank, purse, Money(som * SOM, "KGS"))
                await wallet.post(tx, Transfer(TransferId(new_id()), "top_up", (paid,)), NOW)
            if card is not None:
                await accounts.put_token(tx, IdToken(token=card, person_id=person.id), NOW)
        return person.id

    async def start(
        self,
        driver: PersonId,
        limit: Limit = Limit(),  # noqa: B008  # immutable
        *,
        id: SessionId | None = None,
        number: int = 1,
        now: dt.datetime = NOW,
        box: StationId = BOX,
    ) -> SessionId:
        id = id or SessionId(new_id())
        await charging.start(self.db, self.rules, id, driver, box, number, limit, now)
        return id

    def began(
        self,
        token: str,
        *,
        number: int = 1,
        mwh: int = 0,
        at: dt.datetime = NOW,
        received: dt.datetime | None = None,
        box: StationId = BOX,
    ) -> ChargingBegan:
        return ChargingBegan(
            station_id=box,
            received_at=received or at,
            connector=number,
            token=token,
            meter_start_mwh=mwh,
            at=at,
        )

    async def begin(self, token: str, **fact: object) -> BeginVerdict:
        return await charging.begin(self.db, self.rules, self.began(token, **fact))  # type: ignore[arg-type]  # a test's shorthand

    def ended(
        self,
        ref: str,
        mwh: int,
        at: dt.datetime,
        *,
        received: dt.datetime | None = None,
        cause: StopCause = StopCause.LOCAL,
        token: str | None = None,
        readings: tuple[Reading, ...] = (),
        box: StationId = BOX,
    ) -> ChargingEnded:
        return ChargingEnded(
            station_id=box,
            received_at=received or at,
            charge_ref=ref,
            meter_stop_mwh=mwh,
            at=at,
            cause=cause,
            token=token,
            readings=readings,
        )

    async def end(self, ref: str, mwh: int, at: dt.datetime, **fact: object) -> EndVerdict:
        return await charging.end(self.db, self.rules, self.ended(ref, mwh, at, **fact))  # type: ignore[arg-type]  # a test's shorthand

    async def running(self, driver: PersonId, limit: Limit = Limit(), **fact: object) -> tuple[SessionId, str]:  # noqa: B008  # immutable
        """A session that charges, and its transaction."""
        id = await self.start(driver, limit, number=fact.get("number", 1))  # type: ignore[arg-type]  # a test's shorthand
        verdict = await self.begin(charging.token_of(id), **fact)
        return id, verdict.charge_ref

    async def session(self, id: SessionId) -> Session:
        async with self.db.begin() as tx:
            session = await store.find(tx, id)
        assert session is not None
        return session

    async def of_ref(self, ref: str, box: StationId = BOX) -> Session:
        async with self.db.begin() as tx:
            transaction = await store.by_ref(tx, box, ref)
        assert transaction is not None
        return await self.session(transaction.session_id)

    async def settle(self, id: SessionId, now: dt.datetime | None = None) -> bool:
        return await charging.settle(self.db, id, now or after(hours=5))

    async def standing(self, driver: PersonId) -> tuple[int, int]:
        """Posted and held, in tyiyn."""
        async with self.db.begin() as tx:
            it = await wallet.standing(tx, wallet.wallet_of(driver, "KGS"))
        return it.posted.minor, it.held.minor

    async def revenue(self) -> int:
        async with self.db.begin() as tx:
            return await wallet.balance(tx, await wallet.system_account(tx, "revenue", str(PLACE), "KGS", NOW))

    async def sound(self) -> None:
        async with self.db.begin() as tx:
            assert await wallet.verify(tx) == []

    async def orders(self, kind: str, box: StationId = BOX) -> list[Placed]:
        async with self.db.begin() as tx:
            placed = await orders.of_station(tx, box)
        return [it for it in placed if type(it.order).__name__ == kind]

    async def conclude(self, id: UUID, state: OrderState, now: dt.datetime = NOW) -> None:
        async with self.db.begin() as tx:
            placed = await orders.conclude(tx, OrderId(id), state, {}, now)
            assert placed is not None
            await charging.start_concluded(tx, placed, now)
            await charging.stop_concluded(tx, placed, now)

    async def jobs(self) -> list[tuple[str, str]]:
        async with self.db.begin() as tx:
            rows = await tx.execute(
                sa.text("select task_name, args->>'session_id' from procrastinate_jobs order by id")
            )
            return [(row[0], row[1]) for row in rows]

    async def events(self, id: SessionId) -> list[str]:
        async with self.db.begin() as tx:
            return [row["key"] for row in await store.events(tx, id)]

    async def count(self, table: str) -> int:
        async with self.db.begin() as tx:
            return int(await tx.scalar(sa.text(f"select count(*) from {table}")) or 0)


def reading(at: dt.datetime, mwh: int | None, *, power_mw: int | None = 60_000_000, soc: int | None = None) -> Reading:
    return Reading(at=at, energy_mwh=mwh, power_mw=power_mw, soc_percent=soc)


def meter(
    ref: str | None,
    *readings: Reading,
    number: int = 1,
    received: dt.datetime | None = None,
    box: StationId = BOX,
) -> MeterRead:
    last = readings[-1].at if readings else NOW
    return MeterRead(station_id=box, received_at=received or last, connector=number, charge_ref=ref, readings=readings)


async def write(world: World, *facts: MeterRead) -> None:
    """Write readings as one group, in one transaction."""
    async with world.db.begin() as tx:
        await Group(tx, world.rules).write(facts)


__all__ = ["MeterBook", "World", "meter", "reading", "write"]
