"""kill -9 of any process at any point of a session: same energy, same money, one settlement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.running import Person, Platform, running, until

pytestmark = pytest.mark.slow

TOP_UP_MINOR = 1_000_00
LIMIT_WH = 3_000
PRICES_MINOR = {1_200, 1_500, 1_800}  # a kWh at night, by day and in the peak

# Each of them dies three times in one session: when it is asked for, in its middle, and as it ends.
VICTIMS = {
    "gateway": "KG-BIS-0004",
    "worker": "KG-KAR-0001",
    "http": "KG-NAR-0001",
    "postgres": "KG-TAL-0001",
    "nats": "KG-OSH-0002",
    "sandbox": "KG-BAT-0001",
}
SPEAKS_2_0_1 = "KG-TKG-0001"  # its first EVSE has two connectors
ALL_AT_ONCE = ("gateway", "worker", "http", "postgres")


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with running(ZARYAD_SANDBOX__SPEED="20") as platform:
        yield platform


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_session_survives(platform: Platform, victim: str) -> None:
    _survives(platform, VICTIMS[victim], f"+996555{list(VICTIMS).index(victim):06}", (victim,))


def test_a_session_of_2_0_1_survives(platform: Platform) -> None:
    """A transaction told by numbered events, while all four die at each of the three points."""
    _survives(platform, SPEAKS_2_0_1, "+996555000099", ALL_AT_ONCE)


def _survives(platform: Platform, station: str, phone: str, victims: tuple[str, ...]) -> None:
    driver = Person(platform, phone)
    driver.top_up(TOP_UP_MINOR, str(uuid4()))
    register_before = _outlet(driver, station)["register_wh"]

    def kill() -> None:
        for victim in victims:
            platform.kill(victim)

    session = str(uuid4())
    wanted = {"station_id": station, "connector": 1, "limit": {"energy_wh": LIMIT_WH}}
    assert driver.ask("PUT", f"/sessions/{session}", json=wanted).status_code in (200, 202)
    kill()
    again = driver.ask("PUT", f"/sessions/{session}", json=wanted)
    assert again.status_code in (200, 202), again.text
    plug = {"do": "plug_in", "connector": 1}
    until(lambda: driver.ask("POST", f"/sandbox/stations/{station}/do", json=plug).status_code == 200)

    until(lambda: driver.get(f"/sessions/{session}")["energy_mwh"] > 300_000, 90)
    kill()
    until(lambda: _ending(driver, session), 120)
    kill()
    until(lambda: driver.get(f"/sessions/{session}")["state"] == "settled", 120)

    view = driver.get(f"/sessions/{session}")
    until(lambda: _idle(driver, station), 60)
    delivered_wh = _outlet(driver, station)["register_wh"] - register_before
    assert view["energy_mwh"] == delivered_wh * 1_000
    assert view["reason"] == "limit_energy"
    assert view["flags"] == []
    bill = driver.get(f"/sessions/{session}/bill")
    assert bill["total_minor"] == view["cost_minor"] == sum(line["amount_minor"] for line in bill["lines"])
    if len(bill["lines"]) == 1:  # no change of price in the middle
        assert any(abs(delivered_wh * price - view["cost_minor"] * 1_000) <= 500 for price in PRICES_MINOR)

    wallet = driver.get("/wallet")
    assert wallet["held_minor"] == 0
    assert wallet["balance_minor"] == TOP_UP_MINOR - view["cost_minor"] + view["receivable_minor"]
    lines = driver.get("/wallet/statement")["items"]
    assert [line["reason"] for line in lines].count("charging") == 1, lines
    assert [line["reason"] for line in lines].count("top_up") == 1, lines
    until(lambda: driver.ask("GET", f"/sessions/{session}/receipt").status_code == 200, 60)
    driver.ask("POST", f"/sandbox/stations/{station}/do", json={"do": "unplug", "connector": 1})
    assert "the books are exact" in platform.verify_ledger()


def test_nobody_was_left_over(platform: Platform) -> None:
    """After all those deaths every child lives, and each died only by our hand."""
    time.sleep(1)
    for child in VICTIMS:
        assert platform.pid(child) > 0


def _ending(driver: Person, session: str) -> bool:
    view = driver.get(f"/sessions/{session}")
    return view["stop_reason"] is not None or view["state"] not in ("starting", "charging")


def _idle(driver: Person, station: str) -> bool:
    outlet = _outlet(driver, station)
    return outlet["transaction_id"] is None and outlet["transaction"] is None


def _outlet(driver: Person, station: str) -> dict:  # type: ignore[type-arg]
    def found() -> bool:
        answer = driver.ask("GET", f"/sandbox/stations/{station}")
        return answer.status_code == 200

    until(found, 60)
    outlets = driver.get(f"/sandbox/stations/{station}")["outlets"]
    return dict(outlets[0])
