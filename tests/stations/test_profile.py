"""A security profile rises step by step; at each there is a way back, and the row says where it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from tests.stations.network import ID, NOW, build
from tests.stations.test_rotation import Trust
from zaryad import stations
from zaryad.kernel.errors import DomainError
from zaryad.link import orders
from zaryad.link.orders import (
    ChangeConfiguration,
    InstallCertificate,
    OrderState,
    Placed,
    ReadVariables,
    ResetStation,
    SetNetworkProfile,
    WriteVariables,
)
from zaryad.platform.db import Db
from zaryad.stations import security
from zaryad.stations.security import ProfileChange, Settings
from zaryad.stations.security import store as changes

RULES = Settings(url="wss://ocpp.example.kg/ocpp", plain_url="ws://ocpp.example.kg/ocpp")
SLOTS = {"getVariableResult": [{"attributeStatus": "Accepted", "attributeValue": "1,0", "component": {"name": "x"}}]}


async def begin(
    db: Db, to: int, protocol: str, trust: Trust, *, have: int = 1, rules: Settings = RULES
) -> ProfileChange:
    await build(db, password="a password of it")
    async with db.begin() as tx:
        await tx.execute(
            sa.text("update station set protocol = :p, security_profile = :h, profile_floor = :h"),
            {"p": protocol, "h": have},
        )
    async with db.begin() as tx:
        return await security.begin_profile(tx, rules, trust, ID, to, "staff:1", NOW)


async def next_order(db: Db) -> Placed:
    async with db.begin() as tx:
        found = [each for each in await orders.of_station(tx, ID) if not each.state.ended]
    assert len(found) == 1
    return found[0]


async def end(
    db: Db,
    trust: Trust,
    state: OrderState = OrderState.DONE,
    detail: dict[str, Any] | None = None,
    at: dt.datetime = NOW,
) -> Any:
    placed = await next_order(db)
    async with db.begin() as tx:
        ended = await orders.conclude(tx, placed.id, state, detail or {}, at)
        assert ended is not None
        await security.profile_concluded(tx, RULES, trust, ended, at)
    return placed.order


async def came_in(db: Db, profile: int, at: dt.datetime) -> None:
    async with db.begin() as tx:
        await stations.connected(tx, ID, "node", "ocpp1.6", "10.0.0.1", at)
        await tx.execute(sa.text("update station set security_profile = :p"), {"p": profile})


async def state(db: Db) -> tuple[str, str | None]:
    async with db.begin() as tx:
        found = (await changes.changes(tx, ID, 1))[0]
    return found.state, found.why


async def test_1_6_root_first_then_the_setting_then_a_restart(db: Db) -> None:
    trust = Trust(root=False)
    await begin(db, 2, "ocpp1.6", trust)
    assert await end(db, trust) == InstallCertificate("csms_root", "ROOT")
    assert await end(db, trust) == ChangeConfiguration(key="SecurityProfile", value="2")
    assert await end(db, trust) == ResetStation()
    assert (await state(db))[0] == "returning"
    await security.profile_look(db, trust, NOW)
    assert (await state(db))[0] == "returning"
    await came_in(db, 2, NOW + dt.timedelta(seconds=90))
    await security.profile_look(db, trust, NOW + dt.timedelta(seconds=100))
    assert await state(db) == ("done", None)
    async with db.begin() as tx:
        told = [each["state"] for each in (await changes.changes(tx, ID, 1))[0].life]
    assert told == ["begun", "root", "writing", "resetting", "returning", "done"]


@pytest.mark.parametrize("protocol", ["ocpp2.0.1", "ocpp2.1"])
async def test_2_x_a_free_slot_before_the_others(db: Db, protocol: str) -> None:
    """TC_A_19."""
    trust = Trust()
    await begin(db, 3, protocol, trust, have=2)
    assert isinstance(await end(db, trust, detail=SLOTS), ReadVariables)
    order = await end(db, trust)
    assert order == SetNetworkProfile(slot=2, url=RULES.url, security_profile=3, protocol=protocol)  # type: ignore[arg-type]  # one of them
    order = await end(db, trust)
    assert isinstance(order, WriteVariables)
    assert (order.variables[0].variable.name, order.variables[0].value) == ("NetworkConfigurationPriority", "2,1,0")
    assert await end(db, trust, OrderState.EXPIRED) == ResetStation(), "many reset before they have answered"
    await came_in(db, 3, NOW + dt.timedelta(minutes=2))
    await security.profile_look(db, trust, NOW + dt.timedelta(minutes=3))
    assert await state(db) == ("done", None)
    assert trust.alarms == []


@pytest.mark.parametrize(("profile", "why"), [(1, "came_back_with_1"), (None, "not_back")])
async def test_a_station_that_falls_back_is_rolled_back_and_its_list_put_in_order(
    db: Db, profile: int | None, why: str
) -> None:
    trust = Trust()
    await begin(db, 2, "ocpp2.0.1", trust)
    await end(db, trust, detail=SLOTS)
    for _ in range(3):
        await end(db, trust)
    if profile is not None:
        await came_in(db, profile, NOW + dt.timedelta(minutes=5))
    await security.profile_look(db, trust, NOW + dt.timedelta(minutes=14))
    assert (await state(db))[0] == "returning"
    await security.profile_look(db, trust, NOW + dt.timedelta(minutes=16))
    assert await state(db) == ("rolled_back", why)
    order = (await next_order(db)).order
    assert isinstance(order, WriteVariables)
    assert order.variables[0].value == "1,0"
    assert trust.alarms == [("profile_change", f"rolled_back: {why}")]


@pytest.mark.parametrize("steps", range(4))
async def test_a_step_that_is_refused_ends_it(db: Db, steps: int) -> None:
    trust = Trust()
    await begin(db, 2, "ocpp2.0.1", trust)
    for step in range(steps):
        await end(db, trust, detail=SLOTS if step == 0 else None)
    await end(db, trust, OrderState.REFUSED, {"status": "Rejected"})
    name = ["reading", "writing", "priority", "resetting"][steps]
    assert await state(db) == ("failed", f"{name}: refused Rejected")
    async with db.begin() as tx:
        restored = [each for each in await orders.of_station(tx, ID) if not each.state.ended]
    assert len(restored) == (1 if steps >= 2 else 0), "where the list was touched it is put in order"


async def test_what_is_missing_is_said(db: Db) -> None:
    await build(db, password="a password of it")
    trust, cases = Trust(certificate=False), [
        ("ocpp1.6", 1, 3, RULES, "profile_needs_certificate"),
        ("ocpp1.6", 2, 1, RULES, "profile_not_downwards"),
        ("ocpp2.0.1", 3, 2, RULES, "profile_not_downwards"),
        ("ocpp2.0.1", 1, 2, Settings(), "profile_needs_url"),
        ("ocpp1.6", 2, 2, RULES, "profile_same"),
        ("ocpp1.6", 2, 7, RULES, "profile_invalid"),
    ]  # fmt: skip
    for protocol, have, to, rules, code in cases:
        async with db.begin() as tx:
            await tx.execute(
                sa.text("update station set protocol = :p, security_profile = :h"), {"p": protocol, "h": have}
            )
        with pytest.raises(DomainError, match=code):
            async with db.begin() as tx:
                await security.begin_profile(tx, rules, trust, ID, to, "staff:1", NOW)


async def test_2_1_may_go_from_3_to_2_and_the_floor_follows(db: Db) -> None:
    trust = Trust()
    await begin(db, 2, "ocpp2.1", trust, have=3)
    await end(db, trust, detail=SLOTS)
    await end(db, trust)
    await end(db, trust)
    async with db.begin() as tx:
        assert await tx.scalar(sa.text("select profile_floor from station")) == 2


async def test_one_at_a_time_and_by_hand_ended(db: Db) -> None:
    trust = Trust()
    change = await begin(db, 2, "ocpp1.6", trust)
    with pytest.raises(DomainError, match="profile_change_open"):
        async with db.begin() as tx:
            await security.begin_profile(tx, RULES, trust, ID, 2, "staff:1", NOW)
    async with db.begin() as tx:
        assert (await security.cancel_profile(tx, change.id, trust, "staff:1", NOW)).state == "cancelled"
