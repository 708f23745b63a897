"""What a swarm needs to exist: a location, N stations with a DC connector and a password each, and drivers with cards.

The drivers' money comes from the account `clearing:swarm`: the books stay exact, and load can be told from life.
"""

from __future__ import annotations

import datetime as dt

from zaryad import accounts, stations, wallet
from zaryad.kernel.ids import derived_id
from zaryad.kernel.money import Money
from zaryad.link.facts import StationId
from zaryad.platform.db import Db, Tx
from zaryad.sandbox.swarm.run import Plan

BATCH = 250
CURRENCY = "KGS"
PHONES = "+99699"  # no operator of the country has this prefix
MONEY_MINOR = 5_000_000
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
                currency=CURRENCY,
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
    for start in range(0, plan.sessions, BATCH):
        async with db.begin() as tx:
            for number in range(start, min(start + BATCH, plan.sessions)):
                await _driver(tx, plan, plan.first + number, now)
    return new


async def _driver(tx: Tx, plan: Plan, number: int, now: dt.datetime) -> None:
    """Give the station's card to a driver with money enough for a day."""
    person = await accounts.ensure_by_phone(tx, f"{PHONES}{number:07d}", "ru", now)
    await accounts.put_token(tx, accounts.IdToken(token=plan.token(number), person_id=person.id), now)
    bank = await wallet.system_account(tx, "clearing", "swarm", CURRENCY, now)
    purse = await wallet.ensure_wallet(tx, person.id, CURRENCY, now)
    paid = wallet.Posting(bank, purse, Money(MONEY_MINOR, CURRENCY))
    id = wallet.TransferId(derived_id("swarm", "money", person.id, now.date()))
    await wallet.post(tx, wallet.Transfer(id, "top_up", (paid,)), now)
