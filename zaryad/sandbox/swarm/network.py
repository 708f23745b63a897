"""The stations a swarm needs to exist: one location, N stations with a DC connector and a password each."""

from __future__ import annotations

import datetime as dt

from zaryad import stations
from zaryad.kernel.ids import derived_id
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.sandbox.swarm.run import Plan

BATCH = 250
LOCATION = stations.LocationId(derived_id("swarm", "location"))
CONNECTOR = stations.ConnectorPlan(number=1, kind="ccs2", power_w=60_000)


async def create(db: Db, plan: Plan, key: bytes, secret: bytes | None, now: dt.datetime) -> int:
    """Write the plan's stations; return how many are new. With `secret` each gets the password that it makes.

    `key` is the deployment's key of station passwords. Again changes nothing.
    """
    async with db.begin() as tx:
        await stations.put_location(
            tx,
            stations.Location(
                id=LOCATION,
                name="Swarm",
                address="Load test",
                city="Bishkek",
                latitude_udeg=42_874_600,
                longitude_udeg=74_569_800,
                timezone="Asia/Bishkek",
                currency="KGS",
                status="planned",  # drivers do not see it
            ),
        )
    new = 0
    for start in range(0, plan.stations, BATCH):
        async with db.begin() as tx:
            for number in range(start, min(start + BATCH, plan.stations)):
                id = StationId(plan.id(plan.first + number))
                new += await stations.put_station(tx, id, LOCATION, vendor="Zaryad", model="Swarm")
                await stations.put_connector(tx, id, CONNECTOR)
                if secret is not None:
                    await stations.set_password(tx, id, key, now, stations.station_password(secret, id))
    return new
