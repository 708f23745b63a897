"""A new password over the connection: whatever crashes, and whenever, the station is never without one that fits."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
import websockets

from tests.ocpp.rig import Business, Doors, basic, station, until
from tests.stations.network import ID, KEY, NOW, build
from zaryad import stations
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.errors import DomainError
from zaryad.link import orders
from zaryad.link.door import Approach
from zaryad.link.facts import StationId
from zaryad.link.orders import ChangeConfiguration, OrderState, Placed, ResetStation, WriteVariables
from zaryad.ocpp.gateway import Gateway
from zaryad.ocpp.gateway import Settings as GatewaySettings
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db, Tx
from zaryad.platform.seal import Seal
from zaryad.stations import AdmissionStatus, security
from zaryad.stations.security import Rotation, Settings
from zaryad.stations.security import store as changes

SEAL = Seal(KEY)
RULES = Settings()
OLD = "an old password"


class Trust:
    """Remembers alarms; has what is asked for."""

    def __init__(self, *, root: bool = True, certificate: bool = True) -> None:
        self.root, self.certificate = root, certificate
        self.alarms: list[tuple[str, str]] = []

    async def root_pem(self, _tx: Tx, _now: dt.datetime) -> str:
        return "ROOT"

    async def has_root(self, _tx: Tx, _id: StationId, _now: dt.datetime) -> bool:
        return self.root

    async def has_certificate(self, _tx: Tx, _id: StationId, _now: dt.datetime) -> bool:
        return self.certificate

    async def raise_alarm(self, _tx: Tx, kind: str, _id: StationId, why: str, _now: dt.datetime) -> None:
        self.alarms.append((kind, why))


async def begin(db: Db, protocol: str = "ocpp1.6") -> Rotation:
    await build(db, password=OLD)
    async with db.begin() as tx:
        await tx.execute(sa.text("update station set protocol = :p"), {"p": protocol})
        return await security.rotate(tx, RULES, SEAL, KEY, ID, "staff:1", NOW)


async def orders_of(db: Db) -> list[Placed]:
    async with db.begin() as tx:
        return await orders.of_station(tx, ID)


def told(placed: Placed) -> str:
    """The password as the station reads it."""
    order = security.revealed(placed.order, SEAL)
    if isinstance(order, ChangeConfiguration):
        return order.value
    assert isinstance(order, WriteVariables)
    return order.variables[0].value


async def knock(db: Db, password: str) -> AdmissionStatus:
    async with db.begin() as tx:
        approach = Approach(station_id=ID, user=ID.encode(), password=password.encode())
        return (await stations.admit(tx, approach, NOW, KEY)).status


async def end(db: Db, placed: Placed, state: OrderState, trust: Trust | None = None, **detail: object) -> None:
    async with db.begin() as tx:
        ended = await orders.conclude(tx, placed.id, state, detail, NOW)
        assert ended is not None
        await security.rotation_concluded(tx, ended, NOW, trust or Trust())


async def life(db: Db) -> list[Rotation]:
    async with db.begin() as tx:
        return await changes.rotations(tx, ID, 10)


async def both_open(db: Db, new: str) -> bool:
    """Whether either lets in, without letting it in: the last knock of the new one would end the change."""
    async with db.begin() as tx:
        row = dict(
            (await tx.execute(sa.text("select id, password_hash, password_hash_next from station"))).mappings().one()
        )
        fits = [stations.password.password_fits(row, each.encode(), KEY) for each in (OLD, new)]
    return all(fit is not None for fit in fits)


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
async def test_the_new_password_is_ordered_sealed_in_the_versions_words(db: Db, protocol: str) -> None:
    await begin(db, protocol)
    (placed,) = await orders_of(db)
    new = told(placed)
    assert len(new) == 40
    assert bytes.fromhex(new)
    if protocol == "ocpp1.6":
        assert isinstance(placed.order, ChangeConfiguration)
        assert placed.order.key == "AuthorizationKey"
    else:
        assert isinstance(placed.order, WriteVariables)
        named = placed.order.variables[0].variable
        assert (named.component, named.name) == ("SecurityCtrlr", "BasicAuthPassword")
    async with db.begin() as tx:
        for table in ("station_order", "password_rotation", "station"):
            rows = (await tx.execute(sa.text(f"select {table}::text from {table}"))).scalars().all()
            assert all(new not in row and new.encode().hex() not in row for row in rows)


async def test_taken_and_come_back_with_the_new_one(db: Db) -> None:
    """TC_A_09: the old one stops at the first login with the new one."""
    await begin(db)
    (placed,) = await orders_of(db)
    new = told(placed)
    await end(db, placed, OrderState.DONE, status="Accepted")
    assert await knock(db, OLD) is AdmissionStatus.OK, "it has not come back yet"
    assert await knock(db, new) is AdmissionStatus.OK
    assert await knock(db, OLD) is AdmissionStatus.BAD_PASSWORD
    assert await knock(db, new) is AdmissionStatus.OK
    assert [each.state for each in await life(db)] == ["done"]


@pytest.mark.parametrize("state", [OrderState.REFUSED, OrderState.NOT_SUPPORTED])
async def test_refused_the_old_one_stays(db: Db, state: OrderState) -> None:
    """TC_A_10."""
    await begin(db)
    (placed,) = await orders_of(db)
    trust = Trust()
    await end(db, placed, state, trust, status="Rejected")
    assert await knock(db, told(placed)) is AdmissionStatus.BAD_PASSWORD
    assert await knock(db, OLD) is AdmissionStatus.OK
    assert [(each.state, each.why) for each in await life(db)] == [("kept", f"{state.value}: Rejected")]
    assert trust.alarms == [("password_not_taken", f"{state.value}: Rejected")]


async def test_a_station_that_takes_it_at_its_next_start_is_restarted(db: Db) -> None:
    await begin(db)
    (placed,) = await orders_of(db)
    await end(db, placed, OrderState.DONE, status="RebootRequired")
    assert (await orders_of(db))[0].order == ResetStation()


async def test_crashes_at_each_point(db: Db) -> None:
    """Each step is one transaction: what was not committed did not happen, and what was is enough to go on."""
    await build(db, password=OLD)
    async with crashing(db) as tx:  # before the commit
        await security.rotate(tx, RULES, SEAL, KEY, ID, "staff:1", NOW)
    assert await knock(db, OLD) is AdmissionStatus.OK
    assert await orders_of(db) == []
    async with db.begin() as tx:
        await security.rotate(tx, RULES, SEAL, KEY, ID, "staff:1", NOW)
    (placed,) = await orders_of(db)  # crash before it was sent: the row is there, and so are both passwords
    new = told(placed)
    assert await both_open(db, new)
    async with crashing(db) as tx:  # between the station's answer and our commit
        ended = await orders.conclude(tx, placed.id, OrderState.DONE, {}, NOW)
        assert ended is not None
        await security.rotation_concluded(tx, ended, NOW, Trust())
    assert await both_open(db, new)
    assert await knock(db, new) is AdmissionStatus.OK, "it comes with the new one before its answer was heard"
    await end(db, placed, OrderState.DONE)
    assert [each.state for each in await life(db)] == ["done"]
    assert await knock(db, new) is AdmissionStatus.OK


async def test_an_answer_that_never_came_is_asked_for_again_with_the_same_password(db: Db) -> None:
    await begin(db)
    trust, rules = Trust(), Settings(rotate_tries=3)
    (placed,) = await orders_of(db)
    new = told(placed)
    await end(db, placed, OrderState.EXPIRED, why="no answer")
    assert await security.rotation_retry(db, rules, SEAL, NOW, trust) == 0, "it is away"
    async with db.begin() as tx:
        await stations.connected(tx, ID, "node", "ocpp1.6", "10.0.0.1", NOW)
    for _ in range(2):
        assert await both_open(db, new)
        assert await security.rotation_retry(db, rules, SEAL, NOW, trust) == 1
        placed = (await orders_of(db))[0]
        assert told(placed) == new
        await end(db, placed, OrderState.EXPIRED, why="no answer")
    assert await security.rotation_retry(db, rules, SEAL, NOW, trust) == 0
    assert [each.state for each in await life(db)] == ["stuck"]
    assert trust.alarms[0][0] == "password_stuck"
    assert await both_open(db, new)
    assert await knock(db, new) is AdmissionStatus.OK
    assert await knock(db, OLD) is AdmissionStatus.BAD_PASSWORD


async def test_one_change_at_a_time_and_a_way_to_end_it(db: Db) -> None:
    await begin(db)
    with pytest.raises(DomainError, match="rotation_open"):
        async with db.begin() as tx:
            await security.rotate(tx, RULES, SEAL, KEY, ID, "staff:1", NOW)
    (placed,) = await orders_of(db)
    async with db.begin() as tx:
        await security.give_up(tx, ID, "staff:1", NOW)
    assert await knock(db, told(placed)) is AdmissionStatus.BAD_PASSWORD
    assert (await orders_of(db))[0].state is OrderState.CANCELLED
    async with db.begin() as tx:
        await stations.clear_password(tx, ID, NOW)
    with pytest.raises(DomainError, match="station_without_password"):
        async with db.begin() as tx:
            await security.rotate(tx, RULES, SEAL, KEY, ID, "staff:1", NOW)


async def test_a_password_set_by_hand_meanwhile_leaves_the_ordered_one_good(db: Db) -> None:
    await begin(db)
    (placed,) = await orders_of(db)
    async with db.begin() as tx:
        await stations.set_password(tx, ID, KEY, NOW, "set by a technician")
    assert await knock(db, "set by a technician") is AdmissionStatus.OK
    assert await knock(db, told(placed)) is AdmissionStatus.OK


async def test_old_passwords_are_changed_some_at_a_time(db: Db) -> None:
    await build(db, "A", "B", "C", password=OLD)
    rules = Settings(rotate_every_days=30, rotate_at_once=2)
    later = NOW + dt.timedelta(days=31)
    async with db.begin() as tx:
        for id in ("A", "B", "C"):
            await stations.connected(tx, StationId(id), "node", "ocpp1.6", "10.0.0.1", later)
    assert await security.rotate_old(db, rules, SEAL, KEY, NOW + dt.timedelta(days=29)) == 0
    assert await security.rotate_old(db, rules, SEAL, KEY, later) == 2
    assert await security.rotate_old(db, rules, SEAL, KEY, later) == 0
    assert await security.rotate_old(db, Settings(), SEAL, KEY, later) == 0


async def test_over_a_real_socket_no_password_is_left_behind(db: Db, bus: NatsBus) -> None:
    """1.6: the station takes the key, comes back with its raw bytes; nothing readable is left in any row."""
    await build(db, password=OLD)
    business, trust = Business(), Trust()

    async def ended(tx: Tx, placed: Placed, now: dt.datetime) -> None:
        await security.rotation_concluded(tx, placed, now, trust)
        await stations.forget_secrets(tx, placed)

    rules = GatewaySettings(host="127.0.0.1", port=0, node="node-1", poll_orders_every_s=0.1)
    gateway = Gateway(
        db,
        bus,
        business.handlers,
        ended,
        Doors(),
        SystemClock(),
        rules,
        reveal=lambda order: security.revealed(order, SEAL),
    )
    await gateway.start()
    try:
        async with station(gateway, auth=basic(ID, OLD)) as box:
            await box.boot()
            async with db.begin() as tx:
                await security.rotate(tx, RULES, SEAL, KEY, ID, "staff:1", SystemClock().now())
            call = await box.hear()
            assert call[2:] == ["ChangeConfiguration", {"key": "AuthorizationKey", "value": call[3]["value"]}]
            new = call[3]["value"]
            await box.say(f'[3,"{call[1]}",{{"status":"Accepted"}}]')
            await asyncio.sleep(0.3)
        async with station(gateway, auth=basic(ID, bytes.fromhex(new))) as box:
            await box.boot()
        with pytest.raises(websockets.InvalidStatus):
            async with station(gateway, auth=basic(ID, OLD)):
                pass
        await until(lambda: not gateway.connections)
        await asyncio.sleep(0.7)
    finally:
        await gateway.stop()
    assert [each.state for each in await life(db)] == ["done"]
    found = await everything(db)
    assert new not in found


@asynccontextmanager
async def crashing(db: Db) -> AsyncIterator[Tx]:
    """A transaction whose process dies before the commit."""
    with contextlib.suppress(ZeroDivisionError):
        async with db.begin() as tx:
            yield tx
            raise ZeroDivisionError


async def everything(db: Db) -> str:
    """All rows of all tables as text."""
    texts: list[Any] = []
    async with db.begin() as tx:
        named = sa.text(
            "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        )
        for table in (await tx.execute(named)).scalars().all():
            texts += (await tx.execute(sa.text(f'select t::text from "{table}" t'))).scalars().all()
    return "\n".join(map(str, texts))
