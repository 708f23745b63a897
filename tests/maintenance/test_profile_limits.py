"""A charging profile is held against what the station itself says it takes, before it is written down."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.ocpp.rig import BOX
from tests.stations.network import ID, NOW, build
from tests.stations.orders.world import answering, world
from zaryad import maintenance
from zaryad.auth import Role
from zaryad.kernel.errors import DomainError
from zaryad.link import orders as o
from zaryad.link.facts import StationId
from zaryad.maintenance.settings import store
from zaryad.maintenance.settings.model import Reported
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db
from zaryad.stations.orders.profiles.limits import ProfileLimit, ProfileLimits, check_limits

OLD = {
    "ChargingScheduleAllowedChargingRateUnit": "Current",
    "chargingschedulemaxperiods": "2",
    "ChargeProfileMaxStackLevel": "3",
    "MaxChargingProfilesInstalled": "1",
    "ConnectorSwitch3to1PhaseSupported": "false",
}


async def told(db: Db, station: str, settings: dict[str, str], **more: Any) -> ProfileLimits:
    async with db.begin() as tx:
        rows = [Reported(key=key, value=value, reported_at=NOW, **more) for key, value in settings.items()]
        await store.write_reported(tx, station, rows, most=100, whole=True)
        return (await maintenance.profile_limits(tx, [ID, StationId("ELSE")]))[ID]


def profile(**more: Any) -> o.Profile:
    made: dict[str, Any] = {
        "number": 1,
        "stack_level": 3,
        "purpose": "transaction_default",
        "kind": "relative",
        "schedule": schedule(16, 10),
    }
    return o.Profile(**made | more)


def schedule(
    *limits: int, unit: o.RateUnit = "amperes", phases: tuple[int | None, ...] = (), use: int | None = None
) -> o.Schedule:
    at = zip(limits, phases or [None] * len(limits), strict=True)
    periods = [
        o.Period(start_s=n * 60, limit_tenths=limit * 10, phases=count, phase_to_use=use)
        for n, (limit, count) in enumerate(at)
    ]
    return o.Schedule(unit=unit, periods=tuple(periods))


async def test_settings_of_1_6_are_limits(db: Db) -> None:
    await build(db)
    assert await told(db, ID, OLD) == ProfileLimits(
        units=frozenset({"amperes"}),
        units_name="ChargingScheduleAllowedChargingRateUnit",
        level=ProfileLimit("ChargeProfileMaxStackLevel", 3),
        periods=ProfileLimit("chargingschedulemaxperiods", 2),
        installed=ProfileLimit("MaxChargingProfilesInstalled", 1),
        switches_phases=False,
        switches_name="ConnectorSwitch3to1PhaseSupported",
    )


async def test_variables_of_2_x_are_limits(db: Db) -> None:
    await build(db)
    await told(db, ID, {"SmartChargingCtrlr/Entries(ChargingProfiles)": "7"}, maximum="50")
    said = {"RateUnit": "A, W", "PeriodsPerSchedule": "24", "ProfileStackLevel": "10", "Phases3to1": "true"}
    said["ACPhaseSwitchingSupported"] = "false"
    assert await told(db, ID, {f"SmartChargingCtrlr/{key}": value for key, value in said.items()}) == ProfileLimits(
        units=frozenset({"amperes", "watts"}),
        units_name="SmartChargingCtrlr/RateUnit",
        level=ProfileLimit("SmartChargingCtrlr/ProfileStackLevel", 10),
        periods=ProfileLimit("SmartChargingCtrlr/PeriodsPerSchedule", 24),
        installed=ProfileLimit("SmartChargingCtrlr/Entries(ChargingProfiles)", 50),
        switches_phases=True,
        switches_name="SmartChargingCtrlr/Phases3to1",
        chooses_phase=False,
        chooses_name="SmartChargingCtrlr/ACPhaseSwitchingSupported",
    )


async def test_what_means_nothing_limits_nothing(db: Db) -> None:
    await build(db)
    known = await told(db, ID, {**dict.fromkeys(OLD, ""), "ChargeProfileMaxStackLevel": "many"})
    check_limits(profile(stack_level=999, schedule=schedule(1, 2, 3, unit="watts", phases=(1, 3, 1))), known)
    check_limits(profile(stack_level=999), ProfileLimits())


@pytest.mark.parametrize(
    ("asked", "limit"),
    [
        ({"schedule": schedule(16, unit="watts")}, "ChargingScheduleAllowedChargingRateUnit"),
        ({"schedule": schedule(1, 2, 3)}, "chargingschedulemaxperiods"),
        ({"stack_level": 4}, "ChargeProfileMaxStackLevel"),
        ({"schedule": schedule(1, 2, phases=(1, None))}, "ConnectorSwitch3to1PhaseSupported"),
        ({"schedule": schedule(1, 2, phases=(1, 1))}, None),
        ({}, None),
    ],
)
async def test_each_limit_is_named(db: Db, asked: dict[str, Any], limit: str | None) -> None:
    await build(db)
    known = await told(db, ID, OLD)
    if limit is None:
        check_limits(profile(**asked), known)
        return
    with pytest.raises(DomainError, match="profile_beyond_station") as refused:
        check_limits(profile(**asked), known)
    assert refused.value.facts["limit"] == limit


def test_a_phase_is_not_chosen_where_it_cannot_be() -> None:
    known = ProfileLimits(chooses_phase=False, chooses_name="X")
    check_limits(profile(), known)
    with pytest.raises(DomainError, match="profile_beyond_station"):
        check_limits(profile(schedule=schedule(16, phases=(1,), use=2)), known)


def body(number: int, level: int = 0, **more: Any) -> dict[str, Any]:
    periods = [{"start_s": 0, "limit_tenths": 160}]
    return {
        "number": number,
        "stack_level": level,
        "purpose": "transaction_default",
        "kind": "relative",
        "schedule": {"unit": "amperes", "periods": periods},
        **more,
    }


def refused(answer: httpx.Response, limit: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (422, "profile_beyond_station"), answer.text
    assert answer.json()["params"]["limit"] == limit
    assert limit in answer.json()["detail"]


async def test_orders_are_refused_before_they_are_written_down(database_url: str, bus: NatsBus) -> None:
    async with world(database_url, bus, Role.TECHNICIAN) as it:
        level = {"connector": 1, "profile": body(1, 4)}
        assert (await it.order("set-profile", level)).status_code == 202, "nothing is known of it"
        async with it.db.begin() as tx:
            rows = [Reported(key=key, value=value, reported_at=NOW) for key, value in OLD.items()]
            await store.write_reported(tx, BOX, rows, most=100, whole=True)
        refused(await it.order("set-profile", level), "ChargeProfileMaxStackLevel")
        start = {"connector": 1, "token": "CARD", "profile": body(1, 4, purpose="transaction")}
        refused(await it.order("start-charging", start), "ChargeProfileMaxStackLevel")
        assert len((await it.get(f"/stations/{BOX}/orders"))["items"]) == 1

        bulk = {"order": {"kind": "set_profile", **level}, "filter": {"ids": [BOX]}, "dry_run": True}
        planned = (await it.ask("POST", "/bulk-orders", bulk)).json()["items"]
        assert [(item["state"], item["detail"]["limit"]) for item in planned] == [
            ("invalid", "ChargeProfileMaxStackLevel")
        ]


async def test_a_full_station_takes_what_replaces_only(database_url: str, bus: NatsBus) -> None:
    async with world(database_url, bus, Role.TECHNICIAN) as it:
        async with it.db.begin() as tx:
            rows = [Reported(key="MaxChargingProfilesInstalled", value="1", reported_at=NOW)]
            await store.write_reported(tx, BOX, rows, most=100, whole=True)
        async with it.box() as box, answering(box, lambda _action, _body: {"status": "Accepted"}):
            for number in (1, 2):  # the second in the place of the first
                asked = {"connector": 1, "profile": body(number)}
                assert (await it.order("set-profile", asked, await_s=10)).json()["outcome"] == "accepted"
            third = {"connector": 1, "profile": body(3, 1)}
            refused(await it.order("set-profile", third), "MaxChargingProfilesInstalled")
