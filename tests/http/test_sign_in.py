"""Signing in over HTTP: the code, the tokens, the cookies, their renewal and their end."""

from __future__ import annotations

import datetime as dt

import msgspec
import psycopg
import pytest

from tests.http.site import CONFIG, PASSWORD, PHONE, Client, Site
from zaryad import auth
from zaryad.auth import Role
from zaryad.platform.db import Db


async def test_the_first_code_makes_a_driver(site: Site) -> None:
    async with site.client() as client:
        given = await client.sign_in("0555 12-34-56" if site.gate.people.phone_prefixes else PHONE)
        assert given["token_type"] == "Bearer"
        assert (given["expires_in"], given["refresh_expires_in"]) == (15 * 60, 7 * 86_400)
        me = (await client.get("/api/v1/me")).json()
    assert (me["phone"], me["roles"], me["status"]) == (PHONE, ["driver"], "active")
    assert given["me"]["id"] == me["id"]


async def test_cookies_have_their_attributes_on_plain_http(site: Site) -> None:
    async with site.client() as client:
        await client.post("/api/v1/auth/codes", json={"phone": PHONE})
        answer = await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": await site.sent_code()})
    lines = answer.headers.get_list("set-cookie")
    found = {line.partition("=")[0]: line for line in lines}
    assert set(found) == {"evp_access", "evp_refresh", "XSRF-TOKEN"}
    assert all("SameSite=Lax" in line and "Path=/" in line and "Domain" not in line for line in lines)
    assert not any("Secure" in line for line in lines)
    assert ["HttpOnly" in found[name] for name in ("evp_access", "evp_refresh", "XSRF-TOKEN")] == [True, True, False]
    assert "Max-Age=900" in found["evp_access"]
    assert "Max-Age=604800" in found["evp_refresh"]


async def test_over_https_they_are_secure_and_the_domain_is_the_allowed_one_with_stale_ones_taken_away(db: Db) -> None:
    rules = auth.Settings(cookie_domains=("example.kg", "example.com"))
    site = Site(db, msgspec.structs.replace(CONFIG, auth=rules))
    async with site.client("https://app.example.kg") as client:
        await client.post("/api/v1/auth/codes", json={"phone": PHONE})
        answer = await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": await site.sent_code()})
    lines = answer.headers.get_list("set-cookie")
    assert all("Secure" in line for line in lines)
    kept = [line for line in lines if "Max-Age=0" not in line]
    gone = [line for line in lines if "Max-Age=0" in line]
    assert len(kept) == 3
    assert all("Domain=example.kg" in line for line in kept)
    assert len(gone) == 3
    assert all("Domain" not in line for line in gone), "what an older configuration left with the host alone"


async def test_a_stale_cookie_of_the_same_name_locks_nobody_out(site: Site) -> None:
    async with site.client() as client:
        given = await client.sign_in()
        client.cookies.clear()
        cookie = f"evp_access=stale.from.elsewhere; evp_access={given['access_token']}"
        assert (await client.get("/api/v1/me", headers={"cookie": cookie})).status_code == 200


async def test_known_and_unknown_phones_are_answered_alike(site: Site) -> None:
    await site.person(Role.DRIVER, phone="+996700000001")
    async with site.client() as client:
        known = await client.post("/api/v1/auth/codes", json={"phone": "+996700000001"})
        unknown = await client.post("/api/v1/auth/codes", json={"phone": "+996700000002"})
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, known.content)
        wrong = [
            await client.post("/api/v1/auth/sessions", json={"phone": phone, "code": "000000"})
            for phone in ("+996700000001", "+996700000002", "+996700000003")
        ]
    told = [{**answer.json(), "request_id": ""} for answer in wrong]
    assert [answer.status_code for answer in wrong] == [422] * 3
    assert told[0] == told[1] == told[2]
    assert told[0]["code"] == "code_wrong"


async def test_a_code_is_good_for_five_tries_and_five_minutes_and_once(site: Site) -> None:
    async with site.client() as client:

        async def sign_in(code: str) -> int:
            return (await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": code})).status_code

        async def fresh() -> str:
            site.clock.advance(dt.timedelta(minutes=13))
            assert (await client.post("/api/v1/auth/codes", json={"phone": PHONE})).status_code == 202
            return await site.sent_code()

        code = await fresh()
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        assert [await sign_in(wrong) for _ in range(5)] == [422] * 5
        assert await sign_in(code) == 422, "the tries are used up"

        code = await fresh()
        assert [await sign_in("1" * 6 if code != "1" * 6 else "2" * 6) for _ in range(4)] == [422] * 4
        assert await sign_in(f" {code[:3]} {code[3:]} ") == 201, "people copy spaces"
        assert await sign_in(code) == 422, "it was used"

        code = await fresh()
        site.clock.advance(dt.timedelta(minutes=5))
        assert await sign_in(code) == 422, "too late"


async def test_codes_are_paced_per_phone_and_a_car_park_behind_one_address_is_not_stopped(site: Site) -> None:
    async with site.client() as client:

        async def ask(phone: str = PHONE) -> tuple[int, str]:
            answer = await client.post("/api/v1/auth/codes", json={"phone": phone}, headers={"Accept-Language": "en"})
            return answer.status_code, answer.json().get("code", "")

        assert await ask() == (202, "")
        again = await client.post("/api/v1/auth/codes", json={"phone": PHONE}, headers={"Accept-Language": "en"})
        assert (again.status_code, again.json()["code"], again.headers["retry-after"]) == (429, "code_too_soon", "60")
        assert "in 1\u00a0min." in again.json()["detail"]
        for _ in range(4):
            site.clock.advance(dt.timedelta(minutes=1))
            assert await ask() == (202, "")
        site.clock.advance(dt.timedelta(minutes=1))
        assert await ask() == (429, "codes_too_many")
        site.clock.advance(dt.timedelta(minutes=56))
        assert await ask() == (202, "")
        assert {await ask(f"+9967001000{n:02}") for n in range(60)} == {(202, "")}


async def test_one_address_cannot_ask_for_codes_without_end(db: Db) -> None:
    rules = auth.Settings(codes_per_address_hour=3, failures_per_address_hour=2)
    site = Site(db, msgspec.structs.replace(CONFIG, auth=rules))
    async with site.client() as client, site.client(address="10.0.0.2") as other:

        async def ask(by: Client, n: int) -> int:
            return (await by.post("/api/v1/auth/codes", json={"phone": f"+9967001000{n:02}"})).status_code

        assert [await ask(client, n) for n in range(4)] == [202, 202, 202, 429]
        assert await ask(other, 9) == 202
        shown = {"phone": PHONE, "code": "123456"}
        tries = [(await client.post("/api/v1/auth/sessions", json=shown)).status_code for _ in range(3)]
        assert tries == [422, 422, 429]
        site.clock.advance(dt.timedelta(hours=1, minutes=1))
        assert await ask(client, 5) == 202


async def test_nothing_at_rest_opens_anything(site: Site, database_url: str) -> None:
    async with site.client() as client:
        await client.post("/api/v1/auth/codes", json={"phone": PHONE})
        code = await site.sent_code()
        given = await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": code})
    refresh = given.json()["refresh_token"]
    with psycopg.connect(database_url) as connection:
        for table in ("sign_in_code", "sign_in", "refresh_token", "sign_in_count", "procrastinate_jobs"):
            rows = str(connection.execute(f"select * from {table}").fetchall())
            assert code not in rows
            assert refresh not in rows


async def test_what_changes_things_by_cookie_needs_the_double_submit(site: Site) -> None:
    async with site.client() as client:
        given = await client.sign_in()
        assert (await client.patch("/api/v1/me", json={"name": "Айбек"})).json()["code"] == "csrf_mismatch"
        other = {"X-CSRF-Token": "x" * 32}
        assert (await client.patch("/api/v1/me", json={"name": "Айбек"}, headers=other)).status_code == 403
        changed = await client.patch("/api/v1/me", json={"name": "Айбек", "language": "ky"}, headers=client.csrf)
        assert (changed.status_code, changed.json()["name"], changed.json()["language"]) == (200, "Айбек", "ky")
        bearer = {"Authorization": f"Bearer {given['access_token']}"}
        assert (await client.patch("/api/v1/me", json={"name": ""}, headers=bearer)).json()["name"] is None
        assert (await client.get("/api/v1/me")).status_code == 200


async def test_another_sites_page_cannot_ask_for_anybody(site: Site) -> None:
    async with site.client() as client:
        foreign = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
        for headers in foreign:
            answer = await client.post("/api/v1/auth/codes", json={"phone": PHONE}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
        own = {"Origin": "http://zaryad.test", "Sec-Fetch-Site": "same-origin"}
        assert (await client.post("/api/v1/auth/codes", json={"phone": PHONE}, headers=own)).status_code == 202


async def test_a_refresh_token_is_good_once_and_its_last_use_may_be_repeated_for_a_moment(site: Site) -> None:
    async with site.client() as client:
        first = (await client.sign_in())["refresh_token"]
        client.cookies.clear()

        async def refresh(token: str) -> tuple[int, str]:
            answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": token})
            client.cookies.clear()
            return answer.status_code, answer.json().get("refresh_token", answer.json().get("code"))

        status, second = await refresh(first)
        assert status == 200
        assert second != first
        site.clock.advance(dt.timedelta(seconds=30))
        assert await refresh(first) == (200, second), "the answer was lost: the same successor again"
        assert (await refresh(second))[0] == 200
        assert await refresh(first) == (401, "sign_in_again"), "two generations old: somebody else has it"
        assert await refresh(second) == (401, "sign_in_again"), "and so nobody has anything any more"


async def test_the_grace_ends(site: Site) -> None:
    async with site.client() as client:
        first = (await client.sign_in())["refresh_token"]
        client.cookies.clear()
        second = (await client.post("/api/v1/auth/refresh", json={"refresh_token": first})).json()["refresh_token"]
        client.cookies.clear()
        site.clock.advance(dt.timedelta(seconds=61))
        for token in (first, second):
            answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": token})
            assert answer.status_code == 401


async def test_a_browser_refreshes_by_cookie_with_the_double_submit(site: Site) -> None:
    async with site.client() as client:
        await client.sign_in()
        site.clock.advance(dt.timedelta(minutes=16))
        assert (await client.get("/api/v1/me")).status_code == 401
        assert (await client.post("/api/v1/auth/refresh")).json()["code"] == "csrf_mismatch"
        before = client.cookies["XSRF-TOKEN"]
        assert (await client.post("/api/v1/auth/refresh", headers=client.csrf)).status_code == 200
        assert client.cookies["XSRF-TOKEN"] == before, "pages that are open go on"
        assert (await client.get("/api/v1/me")).status_code == 200
        site.clock.advance(dt.timedelta(days=8))
        gone = await client.post("/api/v1/auth/refresh", headers=client.csrf)
        assert gone.status_code == 401
        assert "evp_refresh" not in client.cookies


async def test_a_page_comes_back_to_life_by_itself(site: Site) -> None:
    async with site.client() as client:
        await client.sign_in()
        site.clock.advance(dt.timedelta(hours=5))
        page = await client.get("/balance", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert (await client.get("/api/v1/me")).status_code == 200
        await client.delete("/api/v1/auth/session", headers=client.csrf)
        assert not client.cookies
        away = await client.get("/balance", headers={"accept": "text/html"})
        assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=%2Fbalance")


async def test_devices_are_listed_and_revoked(site: Site) -> None:
    async with site.client() as phone, site.client() as laptop:
        await phone.sign_in()
        site.clock.advance(dt.timedelta(minutes=2))
        given = await laptop.sign_in()
        devices = (await laptop.get("/api/v1/auth/sessions")).json()
        assert [each["current"] for each in devices] == [True, False]
        other = next(each["id"] for each in devices if not each["current"])
        assert (await laptop.delete(f"/api/v1/auth/sessions/{other}", headers=laptop.csrf)).status_code == 204
        assert (await phone.post("/api/v1/auth/refresh", headers=phone.csrf)).status_code == 401
        assert (await laptop.delete(f"/api/v1/auth/sessions/{other}", headers=laptop.csrf)).status_code == 404
        assert (await laptop.delete("/api/v1/auth/sessions", headers=laptop.csrf)).status_code == 204
        again = await laptop.post("/api/v1/auth/refresh", json={"refresh_token": given["refresh_token"]})
        assert again.status_code == 401


async def test_staff_sign_in_with_a_password_and_both_mistakes_look_alike(site: Site) -> None:
    await site.person(Role.OPERATOR, login="Aibek")
    async with site.client() as client:

        async def sign_in(login: str, password: str) -> tuple[int, str | None]:
            answer = await client.post("/api/v1/auth/staff-sessions", json={"login": login, "password": password})
            return answer.status_code, answer.json().get("code")

        assert await sign_in("aibek", PASSWORD) == (201, None)
        assert await sign_in("aibek", PASSWORD + "x") == await sign_in("nobody", PASSWORD) == (422, "login_wrong")
        assert (await client.get("/api/v1/people?role=operator")).json()["items"][0]["login"] == "Aibek"


async def test_a_login_is_not_tried_without_end(db: Db) -> None:
    site = Site(db, msgspec.structs.replace(CONFIG, auth=auth.Settings(login_failures_per_hour=2)))
    await site.person(Role.OPERATOR, login="aibek")
    async with site.client() as client, site.client(address="10.9.9.9") as elsewhere:
        for _ in range(2):
            await client.post("/api/v1/auth/staff-sessions", json={"login": "aibek", "password": "no"})
        right = {"login": "aibek", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/staff-sessions", json=right)).status_code == 429
        assert (await elsewhere.post("/api/v1/auth/staff-sessions", json=right)).status_code == 201


async def test_a_blocked_person_is_out_at_the_next_refresh_and_cannot_come_back(site: Site) -> None:
    admin = await site.person(Role.ADMIN, login="admin")
    async with site.client() as client:
        given = await client.sign_in()
        body = {"status": "blocked"}
        blocked = await client.put(f"/api/v1/people/{given['me']['id']}/status", json=body, headers=site.bearer(admin))
        assert blocked.json()["status"] == "blocked"
        assert (await client.post("/api/v1/auth/refresh", headers=client.csrf)).status_code == 401
        site.clock.advance(dt.timedelta(minutes=2))
        await client.post("/api/v1/auth/codes", json={"phone": PHONE})
        again = await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": await site.sent_code()})
        assert (again.status_code, again.json()["code"]) == (403, "person_blocked")


async def test_roles_are_read_again_at_the_refresh(site: Site) -> None:
    admin = await site.person(Role.ADMIN, login="admin")
    async with site.client() as client:
        given = await client.sign_in()
        await client.put(
            f"/api/v1/people/{given['me']['id']}/roles",
            json={"roles": ["driver", "operator"]},
            headers=site.bearer(admin),
        )
        assert (await client.get("/api/v1/people")).status_code == 403
        await client.post("/api/v1/auth/refresh", headers=client.csrf)
        assert (await client.get("/api/v1/people")).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "é" * 50])
async def test_a_bad_token_is_nobody(site: Site, token: str) -> None:
    async with site.client() as client:
        answer = await client.get("/api/v1/me", headers=[(b"authorization", f"Bearer {token}".encode())])
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="zaryad"')


async def test_the_settings_are_told_by_their_names_and_written_by_nobody(site: Site) -> None:
    person = await site.person(Role.DRIVER, phone=PHONE)
    async with site.client() as client:
        told = (await client.get("/api/v1/settings", headers=site.bearer(person))).json()
        assert told["System.Language"] == "ru"
        assert told["System.UserPasswordMinimumEntrophy"] == 30
        assert len(told) == 6
        for method in ("PUT", "PATCH", "POST", "DELETE"):
            answer = await client.request(method, "/api/v1/settings", headers=site.bearer(person))
            assert answer.status_code == 405
