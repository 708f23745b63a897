"""OCTT's cases of a 1.6 central system: Core, and what concerns cards, power and connections (TC_001 to TC_040)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.bench import CARD, DONE, NOT_SUPPORTED, REFUSED, Bench, at
from tests.ocpp.rig import Station
from zaryad import charging
from zaryad.link.orders import (
    AnyOrder,
    ChangeAvailability,
    ChangeConfiguration,
    OrderState,
    RawCall,
    ReadConfiguration,
    ResetStation,
    StopCharging,
    UnlockConnector,
)


async def test_tc_001_cold_boot(bench: Bench) -> None:
    async with bench.station() as box:
        said = await bench.boot(box)
        assert said["status"] == "Accepted"
        assert said["currentTime"] == at()
        assert said["interval"] > 0
        for connector in (0, 1, 2):
            await bench.status(box, connector, "Available", 0.1)
        assert await box.call("Heartbeat") == {"currentTime": at()}
    assert bench.rows("select state from connector where number in (1, 2)") == [("available",), ("available",)]
    assert bench.value("select boot_status from station") == "accepted"


async def charge(bench: Bench, box: Station, begun: Any, reason: str | None = None) -> None:
    """From the start's answer to the paid end."""
    assert begun["idTagInfo"]["status"] == "Accepted"
    tx = begun["transactionId"]
    assert tx > 0
    await bench.status(box, 1, "Charging", 1)
    bench.later(10)
    sample = {"value": "5000", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    body = {"connectorId": 1, "transactionId": tx, "meterValue": [{"timestamp": at(10), "sampledValue": [sample]}]}
    assert await box.call("MeterValues", body) == {}
    bench.later(20)
    said = await bench.end(box, tx, 10_000, 20, **({"reason": reason} if reason else {}), idTag=CARD)
    assert said == {"idTagInfo": {"status": "Accepted"}}
    await bench.status(box, 1, "Finishing", 20)
    await bench.settle()
    assert bench.rows("select state, energy_mwh, captured_minor from session") == [("settled", 10_000_000, 150_00)]
    await bench.status(box, 1, "Available", 21)
    assert bench.value("select state from connector where number = 1") == "available"


async def test_tc_003_regular_session_plugged_in_first(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing")
        assert await box.call("Authorize", {"idTag": CARD}) == {"idTagInfo": {"status": "Accepted"}}
        await charge(bench, box, await bench.begin(box, minutes=1))


async def test_tc_004_1_regular_session_identified_first(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Available")
        assert await box.call("Authorize", {"idTag": CARD}) == {"idTagInfo": {"status": "Accepted"}}
        await bench.status(box, 1, "Preparing", 0.5)
        await charge(bench, box, await bench.begin(box, minutes=1))


async def test_tc_004_2_identified_and_never_plugged_in(bench: Bench) -> None:
    async with bench.booted() as box:
        await box.call("Authorize", {"idTag": CARD})
        await bench.status(box, 1, "Preparing")
        await bench.status(box, 1, "Available", 1)
    assert bench.value("select count(*) from session") == 0
    assert bench.value("select state from connector where number = 1") == "available"


async def test_tc_005_1_cable_pulled_out_at_the_car(bench: Bench) -> None:
    async with bench.booted() as box:
        begun = await bench.begin(box)
        await bench.status(box, 1, "SuspendedEV", 19)
        await charge(bench, box, begun, "EVDisconnected")
    assert bench.value("select reason from session") == "unplugged"


async def test_tc_007_a_cached_card_starts_without_asking(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing")
        await charge(bench, box, await bench.begin(box, minutes=0.5))


async def remote(bench: Bench, box: Station) -> str:
    """Start from the app; the station accepts: the token."""
    _, token = await bench.remote_start()
    asked = await bench.asked(box, "RemoteStartTransaction")
    assert asked.body == {"connectorId": 1, "idTag": token}
    await asked.answer(status="Accepted")
    return token


async def test_tc_010_remote_start_cable_first(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing")
        token = await remote(bench, box)
        begun = await bench.begin(box, token, minutes=1)
        assert begun["idTagInfo"]["status"] == "Accepted"
        await bench.status(box, 1, "Charging", 1)
    assert bench.rows("select state, origin from session") == [("charging", "app")]


async def test_tc_011_1_remote_start_before_the_cable(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Available")
        token = await remote(bench, box)
        await bench.status(box, 1, "Preparing", 0.5)
        assert (await bench.begin(box, token, minutes=1))["idTagInfo"]["status"] == "Accepted"
    assert bench.value("select state from session") == "charging"


async def test_tc_011_2_remote_start_and_never_plugged_in(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Available")
        await remote(bench, box)
        bench.later(12)
        await bench.status(box, 1, "Available", 12)
        await bench.sweep()
    assert bench.rows("select state, reason from session") == [("failed", "never_started")]
    assert bench.value("select count(*) from hold where state = 'open'") == 0


async def test_tc_012_remote_stop(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing")
        tx = (await bench.begin(box))["transactionId"]
        id = bench.value("select id from session")
        bench.later(5)
        await charging.stop(bench.db, id, f"driver:{bench.driver}", bench.clock.now())
        asked = await bench.asked(box, "RemoteStopTransaction")
        assert asked.body == {"transactionId": tx}
        await asked.answer(status="Accepted")
        assert await bench.end(box, tx, 2_000, 5, reason="Remote") == {}
        await bench.status(box, 1, "Finishing", 5)
    assert bench.rows("select state, reason from session") == [("ended", "driver")]


@pytest.mark.parametrize(("hard", "word"), [(True, "Hard"), (False, "Soft")], ids=["tc_013_hard", "tc_014_soft"])
async def test_tc_013_014_reset_without_a_transaction(bench: Bench, hard: bool, word: str) -> None:
    async with bench.booted() as box:
        placed, body = await bench.carried_out(box, ResetStation(hard=hard), "Reset", status="Accepted")
        assert (placed.state, body) == (DONE, {"type": word})
        box.drop()
    async with bench.booted() as box:
        for connector in (0, 1):
            await bench.status(box, connector, "Available", 1)


async def test_tc_015_016_reset_with_a_transaction(bench: Bench) -> None:
    """Soft: it is ended first. Hard: its end is told after the boot."""
    async with bench.booted() as box:
        tx = (await bench.begin(box))["transactionId"]
        await bench.carried_out(box, ResetStation(), "Reset", status="Accepted")
        assert await bench.end(box, tx, 1_000, 4, reason="SoftReset") == {}
        tx = (await bench.begin(box, connector=2))["transactionId"]
        await bench.carried_out(box, ResetStation(hard=True), "Reset", status="Accepted")
        box.drop()
    async with bench.booted() as box:
        assert await bench.end(box, tx, 1_000, 4, reason="HardReset") == {}
    assert bench.rows("select state from session") == [("ended",), ("ended",)]


@pytest.mark.parametrize("order", [ResetStation(hard=True), RawCall("Reset", {"type": "Hard"})], ids=["order", "raw"])
async def test_a_reset_that_comes_before_its_answer_is_not_asked_for_again(bench: Bench, order: AnyOrder) -> None:
    """Else a station that restarts before it answers would never come to rest."""
    async with bench.booted() as box:
        id = await bench.place(order)
        await bench.asked(box, "Reset")
        box.drop()
    async with bench.booted() as box:
        with pytest.raises(TimeoutError):
            await box.hear(0.6)
        assert "currentTime" in await box.call("Heartbeat")
        bench.later(6)
        await bench.sweep()
    assert (await bench.ended(id)).state is OrderState.EXPIRED


ORDERS: list[tuple[str, AnyOrder, str, dict[str, Any], dict[str, Any], OrderState]] = [
    (
        "tc_017_1_unlock_detachable_cable",
        UnlockConnector(connector=1),
        "UnlockConnector",
        {"connectorId": 1},
        {"status": "Unlocked"},
        DONE,
    ),
    (
        "tc_017_2_unlock_fixed_cable",
        UnlockConnector(connector=1),
        "UnlockConnector",
        {"connectorId": 1},
        {"status": "NotSupported"},
        NOT_SUPPORTED,
    ),
    (
        "tc_030_unlock_failure",
        UnlockConnector(connector=1),
        "UnlockConnector",
        {"connectorId": 1},
        {"status": "UnlockFailed"},
        REFUSED,
    ),
    (
        "tc_031_unlock_unknown_connector",
        UnlockConnector(connector=9),
        "UnlockConnector",
        {"connectorId": 9},
        {"status": "NotSupported"},
        NOT_SUPPORTED,
    ),
    (
        "tc_019_1_all_configuration",
        ReadConfiguration(),
        "GetConfiguration",
        {},
        {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]},
        DONE,
    ),
    (
        "tc_019_2_one_key",
        ReadConfiguration(keys=("SupportedFeatureProfiles",)),
        "GetConfiguration",
        {"key": ["SupportedFeatureProfiles"]},
        {"configurationKey": [{"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core"}]},
        DONE,
    ),
    (
        "tc_021_change_configuration",
        ChangeConfiguration(key="MeterValueSampleInterval", value="15"),
        "ChangeConfiguration",
        {"key": "MeterValueSampleInterval", "value": "15"},
        {"status": "Accepted"},
        DONE,
    ),
    (
        "tc_040_1_key_not_supported",
        ChangeConfiguration(key="Nothing", value="1"),
        "ChangeConfiguration",
        {"key": "Nothing", "value": "1"},
        {"status": "NotSupported"},
        NOT_SUPPORTED,
    ),
    (
        "tc_040_2_value_rejected",
        ChangeConfiguration(key="MeterValueSampleInterval", value="-1"),
        "ChangeConfiguration",
        {"key": "MeterValueSampleInterval", "value": "-1"},
        {"status": "Rejected"},
        REFUSED,
    ),
    (
        "tc_028_remote_stop_rejected",
        StopCharging(charge_ref="7"),
        "RemoteStopTransaction",
        {"transactionId": 7},
        {"status": "Rejected"},
        REFUSED,
    ),
]


@pytest.mark.parametrize(
    ("order", "action", "body", "answer", "state"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
async def test_an_order_is_asked_and_its_answer_understood(
    bench: Bench, order: AnyOrder, action: str, body: dict[str, Any], answer: dict[str, Any], state: OrderState
) -> None:
    async with bench.booted() as box:
        placed, asked = await bench.carried_out(box, order, action, **answer)
        assert asked == body
        assert (placed.state, placed.detail) == (state, answer)


async def test_tc_018_1_unlock_while_charging(bench: Bench) -> None:
    async with bench.booted() as box:
        tx = (await bench.begin(box))["transactionId"]
        await bench.carried_out(box, UnlockConnector(connector=1), "UnlockConnector", status="Unlocked")
        assert await bench.end(box, tx, 500, 2, reason="UnlockCommand") == {}
        await bench.status(box, 1, "Finishing", 2)
        await bench.status(box, 1, "Available", 3)
    assert bench.rows("select state, stop_cause from session") == [("ended", "unlock_command")]


async def test_tc_026_remote_start_rejected(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing")
        await bench.remote_start()
        await (await bench.asked(box, "RemoteStartTransaction")).answer(status="Rejected")
        await bench.ended(bench.value("select id from station_order"))
    assert bench.rows("select state, reason from session") == [("failed", "station_refused")]
    assert bench.value("select count(*) from hold where state = 'open'") == 0


async def test_tc_032_1_power_failure_while_charging(bench: Bench) -> None:
    async with bench.booted() as box:
        tx = (await bench.begin(box))["transactionId"]
        box.drop()
    bench.later(30)
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing", 30)
        assert bench.value("select state from session") == "charging"  # a boot ends nothing by itself
        assert await bench.end(box, tx, 3_000, 6, reason="PowerLoss") == {}
    assert bench.rows("select state, reason, energy_mwh from session") == [("ended", "power_lost", 3_000_000)]


async def test_tc_034_power_failure_while_unavailable(bench: Bench) -> None:
    async with bench.booted() as box:
        order = ChangeAvailability(connector=1, operative=False)
        await bench.carried_out(box, order, "ChangeAvailability", status="Accepted")
        await bench.status(box, 1, "Unavailable", 1)
        box.drop()
    async with bench.booted() as box:
        await bench.status(box, 1, "Unavailable", 5)
    assert bench.value("select state from connector where number = 1") == "unavailable"
