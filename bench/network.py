"""Stations with a paying session running on each, made through the platform's own use cases."""

from __future__ import annotations

import datetime as dt

from bench.load import register_wh
from zaryad import accounts, charging, stations, tariffs, wallet
from zaryad.accounts import IdToken
from zaryad.app.demo_network import MAIN_TARIFF
from zaryad.app.demo_network import make as make_demo
from zaryad.kernel.energy import MWH_PER_WH
from zaryad.kernel.ids import derived_id
from zaryad.kernel.money import Money
from zaryad.link.answers import TokenStatus
from zaryad.link.facts import ChargingBegan, StationId
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan
from zaryad.wallet import Posting, Transfer, TransferId

CURRENCY = "KGS"


async def running_sessions(db: Db, names: list[str], now: dt.datetime) -> list[int]:
    """Make the stations that are missing and begin a session on each; return the transactions' ids."""
    await make_demo(db, now, b"bench")
    async with db.begin() as tx:
        location = (await stations.list_locations(tx, limit=1))[0]
        assert await tariffs.find_tariff(tx, MAIN_TARIFF) is not None
        clearing = await wallet.system_account(tx, "clearing", "bench", CURRENCY, now)
    found = []
    for number, name in enumerate(names):
        async with db.begin() as tx:
            if await stations.find_station(tx, StationId(name), now) is None:
                await stations.put_station(tx, StationId(name), location.id)
                plan = ConnectorPlan(number=1, kind="ccs2", power_w=60_000, tariff_id=MAIN_TARIFF)
                await stations.put_connector(tx, StationId(name), plan)
            person = await accounts.ensure_by_phone(tx, f"+99655{number:07}", "ru", now)
            await accounts.put_token(tx, IdToken(token=f"BENCH{number}", person_id=person.id), now)
            purse = await wallet.ensure_wallet(tx, person.id, CURRENCY, now)
            gift = Posting(clearing, purse, Money(9_000_000, CURRENCY))
            await wallet.post(tx, Transfer(TransferId(derived_id("bench", name)), "top_up", (gift,)), now)
        verdict = await charging.begin(
            db,
            charging.DEFAULTS,
            ChargingBegan(
                station_id=StationId(name),
                received_at=now,
                connector=1,
                token=f"BENCH{number}",
                meter_start_mwh=register_wh(int(now.timestamp() * 1000)) * MWH_PER_WH,
                at=now,
            ),
        )
        assert verdict.token.status is TokenStatus.ACCEPTED, verdict
        found.append(int(verdict.charge_ref))
    return found
