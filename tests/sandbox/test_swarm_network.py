"""What `zaryad swarm --create` writes: stations that may come in, and cards that may charge."""

import datetime as dt

from zaryad import accounts, stations, wallet
from zaryad.link.door import Approach
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.sandbox.swarm import Plan
from zaryad.sandbox.swarm.network import create

NOW = dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC)
PLAN = Plan(gateway="ws://127.0.0.1:1", stations=3, sessions=2)
SECRET = b"a secret that is long enough for anybody"


async def test_created_stations_are_let_in_and_their_cards_have_money(db: Db) -> None:
    assert await create(db, PLAN, SECRET, SECRET, NOW) == 3
    assert await create(db, PLAN, SECRET, SECRET, NOW) == 0
    async with db.begin() as tx:
        for number, expected in ((3, "ok"), (4, "unknown")):
            id = StationId(PLAN.id(number))
            password = stations.station_password(SECRET, id).encode()
            door = await stations.admit(tx, Approach(station_id=id, password=password), NOW, SECRET)
            assert door.status.value == expected
        card = await accounts.find_token(tx, PLAN.token(2))
        assert card is not None
        assert card.person_id is not None
        purse = wallet.wallet_of(card.person_id, "KGS")
        assert (await wallet.standing(tx, purse)).available.minor == 5_000_000
        assert await accounts.find_token(tx, PLAN.token(3)) is None
        assert not await wallet.verify(tx)
