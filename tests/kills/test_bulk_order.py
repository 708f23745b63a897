"""A worker dies in the middle of an order to all stations: another goes on, and no station is asked twice."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest

from tests.running import Platform, running, until


def staff(platform: Platform, login: str) -> httpx.Client:
    """A member of staff, signed in with what the demo page shows."""
    client = httpx.Client(base_url=platform.api, timeout=30)
    found = re.search(rf"\b{login}-[0-9a-f]{{10}}\b", httpx.get(f"{platform.url}/demo").text)
    assert found is not None
    answer = client.post("/auth/staff-sessions", json={"login": login, "password": found[0]})
    client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


@pytest.mark.slow
def test_an_order_to_all_survives_its_worker() -> None:
    with running() as platform:
        client = staff(platform, "technician")

        def get(path: str) -> Any:
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            return answer.json()

        until(lambda: len(get("/station-cards?online=true")["items"]) >= 15)
        id = str(uuid.uuid4())
        order = {"kind": "trigger", "message": "Heartbeat"}
        body = {"id": id, "filter": {"online": True}, "order": order, "parallelism": 1, "deadline_s": 120}
        begun = client.post("/bulk-orders", json=body).json()
        until(lambda: get(f"/bulk-orders/{id}")["counts"].get("accepted", 0) >= 2)
        platform.kill("worker")
        until(lambda: get(f"/bulk-orders/{id}")["state"] == "done", 120)
        assert get(f"/bulk-orders/{id}")["counts"] == {"accepted": begun["total"]}
        placed = get(f"/orders?author=bulk:{id}&limit=500")["items"]
        assert len({each["station_id"] for each in placed}) == len(placed) == begun["total"]
