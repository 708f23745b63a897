"""OCTT's cases of a 1.6 central system about cards, and about what is told afterwards (TC_023, 024, 037, 039)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.conformance.bench import CARD, NOW, Bench


@pytest.mark.parametrize(
    ("about", "status"),
    [
        (None, "Invalid"),
        ({"expires_at": NOW - dt.timedelta(days=1)}, "Expired"),
        ({"status": "blocked"}, "Blocked"),
    ],
    ids=["tc_023_1_invalid", "tc_023_2_expired", "tc_023_3_blocked"],
)
async def test_tc_023_a_card_that_may_not_charge(bench: Bench, about: dict[str, Any] | None, status: str) -> None:
    if about is not None:
        await bench.card("0BADCAFE", **about)
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing")
        said = await box.call("Authorize", {"idTag": "0BADCAFE"})
        assert said["idTagInfo"]["status"] == status
    assert bench.value("select count(*) from session") == 0


@pytest.mark.parametrize(("about", "status"), [(None, "Invalid"), ({"status": "blocked"}, "Blocked")])
async def test_a_card_that_was_refused_at_the_start_is_not_accepted_at_the_stop(
    bench: Bench, about: dict[str, Any] | None, status: str
) -> None:
    """A station caches what it hears: "Accepted" would let the card charge whenever the station is offline."""
    if about is not None:
        await bench.card("0BADCAFE", **about)
    async with bench.booted() as box:
        begun = await bench.begin(box, "0BADCAFE")
        assert begun["idTagInfo"]["status"] == status
        said = await bench.end(box, begun["transactionId"], 0, 1, idTag="0BADCAFE", reason="DeAuthorized")
        assert said["idTagInfo"]["status"] == status


async def test_concurrent_is_a_word_for_starts_alone(bench: Bench) -> None:
    await bench.card("04AABB02")
    async with bench.booted() as box:
        tx = (await bench.begin(box))["transactionId"]
        second = await bench.begin(box, connector=2)
        assert second["idTagInfo"]["status"] == "ConcurrentTx"
        assert (await box.call("Authorize", {"idTag": CARD}))["idTagInfo"]["status"] == "Accepted"
        assert (await bench.end(box, tx, 100, 1, idTag="04AABB02"))["idTagInfo"]["status"] == "Accepted"
        said = await bench.end(box, second["transactionId"], 0, 1, idTag=CARD, reason="DeAuthorized")
        assert said["idTagInfo"]["status"] == "Accepted"


async def test_tc_024_lock_failure(bench: Bench) -> None:
    async with bench.booted() as box:
        await bench.status(box, 1, "Preparing")
        await box.call("Authorize", {"idTag": CARD})
        await bench.status(box, 1, "Faulted", 1, error="ConnectorLockFailure")
    found = bench.rows("select state, error_code from connector where number = 1")
    assert found == [("faulted", "ConnectorLockFailure")]
    assert bench.value("select count(*) from session") == 0


async def test_tc_037_1_start_while_offline_with_a_good_card(bench: Bench) -> None:
    bench.later(60)
    async with bench.booted() as box:
        begun = await bench.begin(box, minutes=10)
        assert begun["idTagInfo"]["status"] == "Accepted"
        await bench.status(box, 1, "Charging", 60)
    assert bench.rows("select state, began_at from session") == [("charging", NOW + dt.timedelta(minutes=10))]


async def test_tc_037_3_start_while_offline_with_a_bad_card(bench: Bench) -> None:
    bench.later(60)
    async with bench.booted() as box:
        begun = await bench.begin(box, "0BADCAFE", minutes=10)
        assert begun["idTagInfo"] == {"status": "Invalid"}
        assert begun["transactionId"] > 0
        assert await bench.end(box, begun["transactionId"], 2_000, 60, reason="DeAuthorized") == {}
    assert bench.value("select count(*) from session where captured_minor > 0") == 0


async def test_tc_039_a_whole_transaction_while_offline(bench: Bench) -> None:
    bench.later(120)
    async with bench.booted() as box:
        begun = await bench.begin(box, minutes=10)
        said = await bench.end(box, begun["transactionId"], 4_000, 40, idTag=CARD)
        assert said == {"idTagInfo": {"status": "Accepted"}}
        await bench.status(box, 1, "Available", 120)
    await bench.settle()
    assert bench.rows("select state, energy_mwh, captured_minor from session") == [("settled", 4_000_000, 60_00)]
