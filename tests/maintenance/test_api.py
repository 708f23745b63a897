"""The routes of upkeep as a technician uses them."""

from __future__ import annotations

import hashlib

import pytest

from tests.http.site import Client, Site
from tests.maintenance.world import Network, accepted
from zaryad.auth import Role
from zaryad.kernel.ids import new_id
from zaryad.link.orders import ChangeConfiguration, OrderState, ReadConfiguration
from zaryad.platform.db import Db

API = "/api/v1"


async def signed_in(site: Site, client: Client, role: Role) -> None:
    client.headers.update(site.bearer(await site.person(role, login=f"the-{role.value}")))


async def test_settings_are_read_wished_and_templated(site: Site, db: Db) -> None:
    net = await Network.build(db)
    net.now = site.clock.now()
    await net.connect()
    async with site.client() as tech:
        await signed_in(site, tech, Role.TECHNICIAN)
        asked = await tech.post(f"{API}/stations/{net.id}/configuration/read")
        assert asked.status_code == 202
        keys = [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]
        assert await net.answer(lambda _: (OrderState.DONE, {"configurationKey": keys})) == [ReadConfiguration()]
        wished = await tech.patch(
            f"{API}/stations/{net.id}/configuration", json={"settings": {"OCPPCommCtrlr/HeartbeatInterval": "60"}}
        )
        assert (wished.status_code, len(wished.json()["orders"])) == (202, 1)
        assert await net.answer(accepted) == [ChangeConfiguration("HeartbeatInterval", "60")]
        found = (await tech.get(f"{API}/stations/{net.id}/configuration", params={"state": "as_wanted"})).json()
        assert [(it["key"], it["value"]) for it in found["settings"]] == [("HeartbeatInterval", "60")]
        assert found["complete_at"] is not None
        found = (await tech.get(f"{API}/stations/{net.id}/configuration", params={"text": "ping"})).json()
        assert found["settings"] == []
        template = f"{API}/setting-templates/{new_id()}"
        body = {"name": "All", "settings": {"WebSocketPingInterval": "30"}, "vendor": "star*"}
        assert (await tech.put(template, json=body)).status_code == 200
        assert (await tech.put(template, json=body)).status_code == 409, "written by one who had not read it"
        dry = (await tech.post(f"{template}/apply")).json()
        assert (dry["dry_run"], dry["fits"], dry["stations"][0]["differs"][0]["state"]) == (True, 1, "unknown")
        assert await net.answer(accepted) == []
        drift = (await tech.get(f"{API}/setting-drift")).json()["items"]
        assert [it["station_id"] for it in drift] == [net.id]
        wet = (await tech.post(f"{template}/apply", params={"dry_run": "false"})).json()
        assert len(wet["stations"][0]["orders"]) == 1
        assert await net.answer(accepted) == [ChangeConfiguration("WebSocketPingInterval", "30")]
        assert (await tech.get(f"{API}/setting-drift")).json()["items"] == []
        assert (await tech.delete(template)).status_code == 204
        assert (await tech.get(template)).json()["code"] == "template_unknown"


async def test_firmware_goes_from_a_file_to_a_campaign(site: Site, db: Db) -> None:
    net = await Network.build(db)
    net.now = site.clock.now()
    await net.connect()
    body = b"firmware" * 1_000
    async with site.client() as tech:
        await signed_in(site, tech, Role.TECHNICIAN)
        params = {"name": "box.bin", "sha256": hashlib.sha256(body).hexdigest()}
        file = await tech.post(f"{API}/files", params=params, content=body)
        assert file.status_code == 201
        damaged = await tech.post(f"{API}/files", params=params, content=body[:-1])
        assert damaged.json()["code"] == "file_hash_wrong"
        firmware = str(new_id())
        said = {"file_id": file.json()["id"], "vendor": "Star*", "model": "*", "version": "2.0"}
        assert (await tech.put(f"{API}/firmware/{firmware}", json=said)).status_code == 200
        assert [it["version"] for it in (await tech.get(f"{API}/firmware")).json()] == ["2.0"]
        plan = {"name": "Spring", "firmware_id": firmware, "plan": {"from_hour": 0, "to_hour": 24}}
        reached = (await tech.post(f"{API}/campaigns/reach", json=plan)).json()["stations"]
        assert [(it["station_id"], it["version"]) for it in reached] == [(net.id, "1.0")]
        campaign = f"{API}/campaigns/{new_id()}"
        assert (await tech.put(campaign, json=plan)).json()["counts"]["waiting"] == 1
        assert (await tech.post(f"{campaign}/start")).json()["state"] == "running"
        assert (await tech.post(f"{campaign}/cancel")).json()["state"] == "cancelled"
        assert (await tech.post(f"{campaign}/resume")).json()["code"] == "campaign_not_now"
        assert (await tech.post(f"{campaign}/explode")).status_code == 400
        items = (await tech.get(f"{campaign}/stations", params={"state": "waiting"})).json()["items"]
        assert [it["station_id"] for it in items] == [net.id]
        update = await tech.put(f"{API}/stations/{net.id}/updates/{new_id()}", json={"firmware_id": firmware})
        assert (update.status_code, update.json()["state"]) == (202, "asked")
        assert len((await tech.get(f"{API}/updates", params={"station": net.id})).json()["items"]) == 1
        assert (await tech.delete(f"{API}/firmware/{firmware}")).status_code == 204
        assert (await tech.get(f"{API}/firmware")).json() == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.DRIVER, Role.PARTNER])
async def test_only_technicians_change_what_stations_run(site: Site, role: Role) -> None:
    async with site.client() as other:
        await signed_in(site, other, role)
        for method, path in (
            ("PUT", f"/firmware/{new_id()}"),
            ("POST", "/files?name=x"),
            ("PATCH", "/stations/KG-1/configuration"),
            ("POST", f"/campaigns/{new_id()}/start"),
        ):
            answer = await other.request(method, f"{API}{path}", json={})
            assert answer.status_code == 403, (method, path)
