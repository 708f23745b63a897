"""The demo network: twenty stations in the cities of Kyrgyzstan with the reference tariff of 15, 12 and 18 som.

The places are real towns with invented stations. What exists already is left as people changed it since.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from zaryad import stations, tariffs
from zaryad.kernel.ids import derived_id
from zaryad.link.facts import StationId
from zaryad.link.station import connector_number
from zaryad.platform.db import Db, Tx
from zaryad.stations import ConnectorKind, ConnectorPlan, Location, LocationId
from zaryad.tariffs import Component, Dimension, Element, Restrictions, Tariff, TariffId, read_price

TIMEZONE = "Asia/Bishkek"
CURRENCY = "KGS"
MAIN_TARIFF = TariffId(derived_id("demo", "tariff", "main"))
FAST_TARIFF = TariffId(derived_id("demo", "tariff", "fast"))
FAST_FROM_W = 240_000

NIGHT = (dt.time(23), dt.time(6), "12")  # 20 % off the day
PEAK = (dt.time(18), dt.time(23), "18")
DAY = "15"
FAST_PER_MINUTE = "1"
PRICED_SINCE = dt.timedelta(days=400)  # so that a virtual station that was long offline has its sessions priced

Plugs = tuple[tuple[ConnectorKind, int], ...]  # kind and watts, in the order of the connectors' numbers


class DemoModel(msgspec.Struct, frozen=True):
    """A model of station as its vendor sells it."""

    vendor: str
    model: str
    plugs: Plugs


class DemoStation(msgspec.Struct, frozen=True):
    """A station of the demo network, for those who make a virtual one of it."""

    id: StationId
    place: str
    vendor: str
    model: str
    plugs: Plugs
    protocol: Literal["1.6", "2.0.1", "2.1"] = "1.6"
    numbers: tuple[int, ...] = ()  # of the plugs, where they are not 1, 2, 3

    @property
    def connectors(self) -> tuple[tuple[int, ConnectorKind, int], ...]:
        """Return number, kind and watts of each."""
        numbers = self.numbers or tuple(range(1, len(self.plugs) + 1))
        return tuple((number, kind, watts) for number, (kind, watts) in zip(numbers, self.plugs, strict=True))


class _Place(msgspec.Struct, frozen=True):
    city: str
    name: str
    ky: str
    en: str
    address: str
    latitude_udeg: int
    longitude_udeg: int
    notes: str = ""


_AC_DOUBLE = DemoModel("Alfen", "Eve Double Pro-line", (("type2", 22_000), ("type2", 22_000)))
_AC_SINGLE = DemoModel("Wallbox", "Copper SB", (("type2", 22_000),))
_DC_60 = DemoModel("Wallbox", "Supernova 60", (("ccs2", 60_000), ("chademo", 60_000)))
_DC_60_GBT = DemoModel("StarCharge", "Artemis 60", (("gbt_dc", 60_000), ("ccs2", 60_000)))
_DC_120 = DemoModel("Autel", "MaxiCharger DC 120", (("ccs2", 120_000), ("gbt_dc", 120_000)))
_DC_150 = DemoModel("Delta", "Slim 150", (("ccs2", 150_000), ("gbt_dc", 120_000), ("type2", 22_000)))
_DC_180 = DemoModel("ABB", "Terra 184", (("ccs2", 180_000), ("chademo", 100_000)))
_DC_240 = DemoModel("StarCharge", "Titan 240", (("gbt_dc", 240_000), ("ccs2", 240_000)))
_DC_360 = DemoModel("ABB", "Terra 360", (("ccs2", 360_000), ("ccs2", 360_000)))

_PLACES = {
    "bishkek-park": _Place(
        "Бишкек",
        "ТРЦ «Бишкек Парк»",
        "«Бишкек Парк» соода борбору",
        "Bishkek Park mall",
        "ул. Киевская, 148",
        42_874_900,
        74_590_300,
        "Подземная парковка, уровень −1, въезд с ул. Исанова",
    ),
    "asia-mall": _Place(
        "Бишкек",
        "ТРЦ «Азия Молл»",
        "«Азия Молл» соода борбору",
        "Asia Mall",
        "проспект Чингиза Айтматова, 3",
        42_856_000,
        74_585_800,
    ),
    "dordoi-plaza": _Place(
        "Бишкек",
        "ТЦ «Дордой Плаза»",
        "«Дордой Плаза» соода борбору",
        "Dordoi Plaza",
        "ул. Ибраимова, 115",
        42_874_800,
        74_618_600,
    ),
    "ata-turk": _Place(
        "Бишкек",
        "Парк Ата-Тюрк",
        "Ата-Түрк паркы",
        "Ata-Turk park",
        "ул. Ахунбаева, 97",
        42_841_900,
        74_593_500,
        "Уличная парковка у главного входа, круглосуточно",
    ),
    "south-gates": _Place(
        "Бишкек",
        "Южные Ворота",
        "Түштүк дарбаза",
        "South Gates",
        "Южная магистраль, 12",
        42_815_200,
        74_612_400,
    ),
    "manas": _Place(
        "Бишкек",
        "Аэропорт «Манас»",
        "«Манас» аэропорту",
        "Manas airport",
        "Аэропорт «Манас», парковка P1",
        43_054_700,
        74_469_900,
        "Первые 15 минут парковки бесплатны",
    ),
    "tokmok": _Place(
        "Токмок", "Токмок Центр", "Токмок борбору", "Tokmok centre", "ул. Ленина, 381", 42_841_700, 75_292_600
    ),
    "kara-balta": _Place(
        "Кара-Балта",
        "Кара-Балта, трасса на Ош",
        "Кара-Балта, Ош жолу",
        "Kara-Balta, Osh road",
        "ул. Кожомбердиева, 205",
        42_812_300,
        73_853_400,
    ),
    "balykchy": _Place(
        "Балыкчы",
        "Балыкчы, въезд на Иссык-Куль",
        "Балыкчы, Ысык-Көлгө кире бериш",
        "Balykchy, gate of Issyk-Kul",
        "ул. Фрунзе, 104",
        42_459_800,
        76_180_500,
    ),
    "cholpon-ata": _Place(
        "Чолпон-Ата",
        "Чолпон-Ата, набережная",
        "Чолпон-Ата, жээк",
        "Cholpon-Ata lakeside",
        "ул. Советская, 71",
        42_648_900,
        77_083_300,
        "Летом парковка платная с 10:00 до 20:00",
    ),
    "karakol": _Place(
        "Каракол", "Каракол Центр", "Каракол борбору", "Karakol centre", "ул. Токтогула, 201", 42_490_600, 78_393_900
    ),
    "naryn": _Place(
        "Нарын",
        "Нарын, ул. Ленина",
        "Нарын, Ленин көчөсү",
        "Naryn, Lenin street",
        "ул. Ленина, 62",
        41_428_700,
        75_991_100,
    ),
    "talas": _Place(
        "Талас",
        "Талас, автовокзал",
        "Талас, автобекет",
        "Talas bus station",
        "ул. Бердике-Баатыра, 190",
        42_522_800,
        72_242_700,
    ),
    "toktogul": _Place(
        "Токтогул",
        "Токтогул, придорожный комплекс",
        "Токтогул, жол боюндагы комплекс",
        "Toktogul roadside",
        "трасса Бишкек — Ош, 283 км",
        41_874_500,
        72_942_000,
        "Кафе и туалет рядом, круглосуточно",
    ),
    "jalal-abad": _Place(
        "Джалал-Абад",
        "Джалал-Абад Центр",
        "Жалал-Абад борбору",
        "Jalal-Abad centre",
        "ул. Ленина, 14",
        40_933_200,
        72_998_100,
    ),
    "osh-center": _Place(
        "Ош",
        "Ош, проспект Масалиева",
        "Ош, Масалиев проспектиси",
        "Osh, Masaliev avenue",
        "проспект Масалиева, 43",
        40_529_800,
        72_796_900,
    ),
    "osh-airport": _Place(
        "Ош", "Аэропорт Ош", "Ош аэропорту", "Osh airport", "ул. Аэропортовская, 1", 40_608_900, 72_793_300
    ),
    "batken": _Place(
        "Баткен", "Баткен Центр", "Баткен борбору", "Batken centre", "ул. Раззакова, 5", 40_062_600, 70_819_400
    ),
}

_STATIONS = (
    ("KG-BIS-0001", "bishkek-park", _DC_120),
    ("KG-BIS-0002", "bishkek-park", _AC_DOUBLE),
    ("KG-BIS-0003", "asia-mall", _DC_180),
    ("KG-BIS-0004", "dordoi-plaza", _DC_60_GBT),
    ("KG-BIS-0005", "ata-turk", _AC_SINGLE),
    ("KG-BIS-0006", "south-gates", _DC_360),
    ("KG-BIS-0007", "manas", _DC_240),
    ("KG-TOK-0001", "tokmok", _DC_120),
    ("KG-KBA-0001", "kara-balta", _DC_150),
    ("KG-BAL-0001", "balykchy", _DC_180),
    ("KG-CHO-0001", "cholpon-ata", _DC_120),
    ("KG-CHO-0002", "cholpon-ata", _AC_DOUBLE),
    ("KG-KAR-0001", "karakol", _DC_60),
    ("KG-NAR-0001", "naryn", _DC_60),
    ("KG-TAL-0001", "talas", _DC_60_GBT),
    ("KG-TKG-0001", "toktogul", _DC_150),
    ("KG-JAL-0001", "jalal-abad", _DC_120),
    ("KG-OSH-0001", "osh-center", _DC_180),
    ("KG-OSH-0002", "osh-airport", _DC_60_GBT),
    ("KG-BAT-0001", "batken", _DC_60),
)


# The others speak 1.6.
_SPEAK: dict[str, Literal["2.0.1", "2.1"]] = {
    "KG-BAL-0001": "2.0.1",
    "KG-TKG-0001": "2.0.1",
    "KG-CHO-0002": "2.1",
    "KG-OSH-0001": "2.1",
}
_NUMBERS = {"KG-TKG-0001": (1, connector_number(1, 2), 2)}  # both DC plugs are of one EVSE: one car at a time


def demo_stations() -> tuple[DemoStation, ...]:
    """Return the stations of the demo network, for the sandbox to make virtual ones of."""
    return tuple(
        DemoStation(
            StationId(id), place, model.vendor, model.model, model.plugs, _SPEAK.get(id, "1.6"), _NUMBERS.get(id, ())
        )
        for id, place, model in _STATIONS
    )


async def make(db: Db, now: dt.datetime, key: bytes) -> int:
    """Make what is missing of the demo network and return how many stations were new.

    `key` is the deployment's secret: a demo station's password is `stations.station_password(key, id)`.
    """
    async with db.begin() as tx:
        await _tariffs(tx, now)
        known = {location.id for location in await stations.list_locations(tx, all_statuses=True, limit=10_000)}
        for slug, place in _PLACES.items():
            if _location_id(slug) not in known:
                await stations.put_location(tx, _location(slug, place))
        new = 0
        for it in demo_stations():
            if await stations.find_station(tx, it.id, now) is None:
                await _station(tx, it, now, key)
                new += 1
    return new


async def _station(tx: Tx, it: DemoStation, now: dt.datetime, key: bytes) -> None:
    await stations.put_station(tx, it.id, _location_id(it.place), vendor=it.vendor, model=it.model)
    for number, kind, power_w in it.connectors:
        tariff_id = FAST_TARIFF if power_w >= FAST_FROM_W else MAIN_TARIFF
        plan = ConnectorPlan(number=number, kind=kind, power_w=power_w, tariff_id=tariff_id)
        await stations.put_connector(tx, it.id, plan)
    await stations.set_password(tx, it.id, key, now, stations.station_password(key, it.id))


async def _tariffs(tx: Tx, now: dt.datetime) -> None:
    """Two tariffs: the reference plan, and the same with a price per minute for the fastest connectors."""
    plans = (
        (MAIN_TARIFF, {"ru": "Базовый", "ky": "Негизги", "en": "Standard"}, None),
        (FAST_TARIFF, {"ru": "Скоростной", "ky": "Ылдам", "en": "Fast"}, FAST_PER_MINUTE),
    )
    for id, names, per_minute in plans:
        if await tariffs.find_tariff(tx, id) is not None:
            continue
        it = Tariff(id=id, names=names, currency=CURRENCY, network_default=per_minute is None)
        await tariffs.name_tariff(tx, it)
        await tariffs.publish(tx, id, 1, _elements(per_minute), valid_from=now - PRICED_SINCE, now=now)


def _elements(per_minute: str | None) -> tuple[Element, ...]:
    dated = tuple(Element((_energy(price),), Restrictions(start=start, end=end)) for start, end, price in (NIGHT, PEAK))
    always: tuple[Component, ...] = (_energy(DAY),)
    if per_minute is not None:
        always += (Component(Dimension.TIME, 60 * read_price(per_minute, CURRENCY)),)
    return (*dated, Element(always))


def _energy(price: str) -> Component:
    return Component(Dimension.ENERGY, read_price(price, CURRENCY))


def _location_id(slug: str) -> LocationId:
    return LocationId(derived_id("demo", "location", slug))


def _location(slug: str, place: _Place) -> Location:
    return Location(
        id=_location_id(slug),
        name=place.name,
        names={"ky": place.ky, "en": place.en},
        address=place.address,
        city=place.city,
        latitude_udeg=place.latitude_udeg,
        longitude_udeg=place.longitude_udeg,
        timezone=TIMEZONE,
        currency=CURRENCY,
        access_notes=place.notes,
    )
