"""How stations become ours, over HTTP: inbox, bans, tokens, files, the doctor."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.http.site import SECRET, START, Client, Site
from tests.stations.network import PLACE, place
from tests.stations.test_admit import approach
from zaryad import stations
from zaryad.auth import Role
from zaryad.stations import AdmissionStatus

KEY = SECRET.encode()
PLUG = {"number": 1, "kind": "ccs2", "power_w": 60_000}


@pytest.fixture
async def operator(site: Site) -> dict[str, str]:
    async with site.db.begin() as tx:
        await stations.put_location(tx, place())
    return site.bearer(await site.person(Role.OPERATOR, login="operator"))


async def knocks(site: Site, *ids: str) -> None:
    async with site.db.begin() as tx:
        for id in ids:
            await stations.admit(tx, approach(id), START, KEY)


async def ask(client: Client, method: str, path: str, who: dict[str, str], **how: Any) -> Any:
    answer = await client.request(method, f"/api/v1{path}", headers=who | how.pop("headers", {}), **how)
    return answer.status_code, answer.json() if answer.content else None


async def test_one_is_approved_and_several_at_once(site: Site, operator: dict[str, str]) -> None:
    await knocks(site, "NEW-1", "NEW-2", "NEW-3")
    async with site.client() as client:
        status, page = await ask(client, "GET", "/knocks", operator)
        assert (status, {it["reason_text"] for it in page["items"]}) == (200, {"unknown"})
        wanted = {"location_id": str(PLACE), "connectors": [PLUG], "with_password": True}
        status, given = await ask(client, "POST", "/knocks/NEW-1/approve", operator, json=wanted)
        assert status == 200
        ids = ["NEW-2", "NEW-2", "NEW-1", "NOBODY"]
        status, told = await ask(client, "POST", "/knocks/approve", operator, json=wanted | {"station_ids": ids})
        assert [(it["station_id"], it["outcome"], it["error"]) for it in told] == [
            ("NEW-2", "approved", None),
            ("NEW-1", "refused", "station_known"),
            ("NOBODY", "refused", "knock_unknown"),
        ]
        assert (await ask(client, "POST", "/knocks/forget", operator, json={"station_ids": ["NEW-3"]}))[0] == 204
        assert (await ask(client, "GET", "/knocks", operator))[1]["items"] == []
    async with site.db.begin() as tx:
        verdict = await stations.admit(tx, approach("NEW-1", given["password"].encode()), START, KEY)
        assert verdict.status is AdmissionStatus.OK
        assert len(await stations.connectors_of(tx, START, stations=["NEW-1", "NEW-2"])) == 2


async def test_an_identity_is_banned_and_forgiven(site: Site, operator: dict[str, str]) -> None:
    await knocks(site, "NEW-1")
    async with site.client() as client:
        for _ in range(2):
            assert (await ask(client, "PUT", "/bans/NEW-1", operator, json={"note": "a toy"}))[0] == 204
        status, page = await ask(client, "GET", "/bans", operator)
        assert [(it["station_id"], it["note"]) for it in page["items"]] == [("NEW-1", "a toy")]
        assert (await ask(client, "GET", "/knocks", operator))[1]["items"] == []
        assert (await ask(client, "DELETE", "/bans/NEW-1", operator))[0] == 204
        await ask(client, "PUT", "/stations/KG-1", operator, json={"location_id": str(PLACE)})
        status, told = await ask(client, "PUT", "/bans/KG-1", operator, json={})
        assert (status, told["code"]) == (409, "ban_of_a_station")


async def test_a_token_is_shown_once_and_revoked(site: Site, operator: dict[str, str]) -> None:
    wanted = {
        "location_id": str(PLACE),
        "connectors": [PLUG],
        "max_uses": 2,
        "expires_at": (START + dt.timedelta(days=1)).isoformat(),
        "note": "the car park",
    }
    async with site.client() as client:
        status, made = await ask(client, "POST", "/registration-tokens", operator, json=wanted)
        assert status == 201
        text = made["token"]
        assert made["path"] == f"/ocpp/{text}/{{station_id}}"
        status, page = await ask(client, "GET", "/registration-tokens", operator)
        assert [it["note"] for it in page["items"]] == ["the car park"]
        assert text not in str(page)
        async with site.db.begin() as tx:
            verdict = await stations.admit(tx, approach("NEW-1", token=text), START, KEY)
            assert verdict.status is AdmissionStatus.OK
        assert (await ask(client, "DELETE", f"/registration-tokens/{made['about']['id']}", operator))[0] == 204
        async with site.db.begin() as tx:
            verdict = await stations.admit(tx, approach("NEW-2", token=text), START, KEY)
            assert verdict.status is AdmissionStatus.TOKEN_REVOKED
        for wrong, code in (
            ({"max_uses": 0}, "token_uses_invalid"),
            ({"expires_at": START.isoformat()}, "token_expiry_invalid"),
            ({"note": "x" * 301}, "note_too_long"),
            ({"connectors": [PLUG, PLUG]}, "connectors_repeat"),
            ({"connectors": [PLUG | {"power_w": 0}]}, "connector_power_invalid"),
            ({"location_id": "00000000-0000-0000-0000-000000000001"}, "location_unknown"),
        ):
            _, told = await ask(client, "POST", "/registration-tokens", operator, json=wanted | wrong)
            assert told["code"] == code
        technician = site.bearer(await site.person(Role.TECHNICIAN, login="technician"))
        assert (await ask(client, "POST", "/registration-tokens", technician, json=wanted))[0] == 403


async def test_a_file_is_tried_then_applied(site: Site, operator: dict[str, str]) -> None:
    text = "станция"
    good = f"station_id;location;connector;kind;power_kw\nKG-1;{place().name};1;ccs2;60\n".encode("cp1251")
    bad = good + f"{text}:1;;;;\n".encode("cp1251")
    how = {"headers": {"Content-Type": "text/csv", "Accept-Language": "ru"}}
    async with site.client() as client:
        status, told = await ask(client, "POST", "/stations/import", operator, content=bad, **how)
        assert (status, told["applied"], told["new"], told["problems"]) == (200, False, 1, 1)
        assert told["lines"][1]["problems"][0]["text"]
        status, told = await ask(client, "POST", "/stations/import?apply=true", operator, content=bad, **how)
        assert (status, told["applied"]) == (422, False)
        status, told = await ask(
            client, "POST", "/stations/import?apply=true&passwords=true", operator, content=good, **how
        )
        assert (status, told["applied"], list(told["passwords"])) == (200, True, ["KG-1"])
        status, told = await ask(
            client, "POST", "/stations/import?apply=true&passwords=true", operator, content=good, **how
        )
        assert (told["same"], told["passwords"]) == (1, {})
        status, told = await ask(client, "POST", "/stations/import", operator, content=b"x" * (5 << 20), **how)
        assert status in (413, 422)


async def test_the_doctor_speaks_the_callers_language_of_anybody(site: Site, operator: dict[str, str]) -> None:
    await knocks(site, "NEW-1")
    async with site.client() as client:
        status, told = await ask(client, "GET", "/stations/NEW-1/doctor", operator)
        assert (status, told["known"], told["knock"]["user_agent"]) == (200, False, "MicroOcpp")
        assert [it["code"] for it in told["findings"]] == ["unknown_station"]
        assert "inbox" in told["findings"][0]["remedy"]
        assert (await ask(client, "GET", "/stations/nobody%20at%20all/doctor", operator))[0] == 200
        driver = site.bearer(await site.person(phone="+996555000111"))
        assert (await ask(client, "GET", "/stations/NEW-1/doctor", driver))[0] == 403
