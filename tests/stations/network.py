"""A little network for the tests of stations."""

import datetime as dt

from zaryad import stations
from zaryad.kernel.ids import derived_id
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan, Location, LocationId

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
KEY = b"0123456789abcdef0123456789abcdef"
PLACE = LocationId(derived_id("location", "test"))
ID = StationId("KG-BIS-0001")


def place(**changes: object) -> Location:
    values = {
        "id": PLACE,
        "name": "ТРЦ «Бишкек Парк»",
        "names": {"en": "Bishkek Park mall"},
        "address": "ул. Киевская, 148",
        "city": "Бишкек",
        "latitude_udeg": 42_875_300,
        "longitude_udeg": 74_590_500,
        "timezone": "Asia/Bishkek",
        "currency": "KGS",
    }
    return Location(**(values | changes))  # type: ignore[arg-type]  # a test's shorthand


async def build(db: Db, *ids: str, password: str | None = None) -> None:
    """One location with the stations of these ids, each with a CCS2 and a Type 2 connector."""
    async with db.begin() as tx:
        await stations.put_location(tx, place())
        for id in ids or (ID,):
            await stations.put_station(tx, StationId(id), PLACE)
            await stations.put_connector(tx, StationId(id), ConnectorPlan(number=1, kind="ccs2", power_w=120_000))
            await stations.put_connector(tx, StationId(id), ConnectorPlan(number=2, kind="type2", power_w=22_000))
            if password is not None:
                await stations.set_password(tx, StationId(id), KEY, NOW, password)
