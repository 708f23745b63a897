"""Pages by HTTP: each stage of a session in three languages, forms that say what is wrong, other people's sessions."""

from __future__ import annotations

import datetime as dt
import io
import re
from uuid import UUID

import pypdf
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from tests.pages.conftest import STATION, World
from zaryad import accounts, charging, stations
from zaryad.charging import SessionId
from zaryad.kernel.ids import new_id
from zaryad.link.facts import ConnectorState
from zaryad.ui.i18n import LANGUAGES

Client = AsyncTestClient[Litestar]

KEY = re.compile(r"(?<![/\w.])(driver|ui|end|connector|receipt|error|ledger)\.[a-z_]+(\.[a-z_0-9]+)*(?![\w/])")


def plain(html: str) -> str:
    """Return what a person reads, with every run of white space as one space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#39;", "'")


async def read(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path, follow_redirects=False)
    assert answer.status_code == status, answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    text = plain(answer.text)
    assert not KEY.search(text), KEY.search(text)
    return text


async def place_id(world: World) -> UUID:
    async with world.db.begin() as tx:
        connector = await stations.find_connector(tx, STATION, 1, world.clock.now())
    assert connector is not None
    return connector.location_id


async def start(client: Client, limit: str = "20000", **form: str) -> SessionId:
    id = new_id()
    body = {"csrf": "token", "id": str(id), "limit": limit, **form}
    answer = await client.post(f"/start/{STATION}/1", data=body, follow_redirects=False)
    assert answer.status_code == 303, plain(answer.text)
    assert answer.headers["location"] == f"/sessions/{id}"
    return SessionId(id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_everyone_finds_a_place(world: World, client: Client, language: str, signed_in: bool) -> None:
    world.language, world.signed_in = language, signed_in
    text = await read(client, "/?q=Бишкек")
    assert {"ru": "2 из 4", "ky": "4 ичинен 2 бош", "en": "2 of 4 free"}[language] in text
    assert {"ru": "15,00 сом за кВт·ч", "ky": "кВт·саатына 15,00 сом", "en": "15.00 som per kWh"}[language] in text
    place = await read(client, f"/locations/{await place_id(world)}")
    assert "KG-BIS-0001" in place
    assert {"ru": "с 18:00: 18,00 сом", "ky": "18:00 тартып", "en": "from 18:00: 18.00 som"}[language] in place
    assert {"ru": "Войти", "ky": "Кирүү", "en": "Sign in"}[language] in place or signed_in
    await read(client, f"/start/{STATION}/1")


async def test_nothing_found_names_the_filter(client: Client) -> None:
    assert "Убрать «Атлантида»" in await read(client, "/?q=Атлантида&kind=ccs2")


async def test_a_silent_station_is_never_shown_as_free(world: World, client: Client) -> None:
    world.clock.advance(dt.timedelta(hours=2))
    text = await read(client, f"/locations/{await place_id(world)}")
    assert "Нет связи" in text
    assert "Последнее известное: Свободен" in text
    assert "Зарядить на разъёме" not in text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_whole_way(rich: World, client: Client, language: str) -> None:
    rich.language = language
    id = await start(client)
    page = f"/sessions/{id}"
    waiting = await read(client, page)
    assert {"ru": "Запускаем зарядку", "ky": "Кубаттоону баштап жатабыз", "en": "Starting the charge"}[
        language
    ] in waiting
    await rich.accept(id)
    assert {"ru": "до щелчка", "ky": "чык эткенче", "en": "until it clicks"}[language] in await read(client, page)
    await rich.say(ConnectorState.PREPARING)
    assert {"ru": "по расписанию", "ky": "график", "en": "scheduled"}[language] in await read(client, page)
    ref = await rich.begin(id)
    live = await read(client, page)
    assert {"ru": "190 сом", "ky": "190 сом", "en": "190 som"}[language] in live, "95 % of 200 are held"
    assert "18" in live, "the peak is warned of ten minutes before"
    await rich.end(id, ref, 8_000_000)
    settled = await read(client, page)
    # 4 kWh before six at 15, 4 kWh after at 18
    assert {"ru": "132,00 сом", "ky": "132,00 сом", "en": "132.00 som"}[language] in settled
    assert {"ru": "58,00 сом", "ky": "58,00 сом", "en": "58.00 som"}[language] in settled, "what came back"
    number = (await rich.receipt(id)).number
    assert number in await read(client, page)
    history = await read(client, "/history")
    assert {"ru": "132 сом", "ky": "132 сом", "en": "132 som"}[language] in history
    balance = await read(client, "/balance")
    assert {"ru": "368 сом", "ky": "368 сом", "en": "368 som"}[language] in balance
    for layout in ("a4", "80mm"):
        answer = await client.get(f"/api/v1/sessions/{id}/receipt.pdf?format={layout}&lang={language}")
        assert answer.headers["content-type"] == "application/pdf"
        told = re.sub(r"\s+", " ", pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text())
        assert number in told
        assert {"ru": "132,00 сом", "ky": "132,00 сом", "en": "132.00 som"}[language] in told
    assert (await client.get(f"/api/v1/sessions/{id}/receipt")).json()["total_minor"] == 132_00


async def test_pressing_twice_starts_once(rich: World, client: Client) -> None:
    id = await start(client)
    again = {"csrf": "token", "id": str(id), "limit": "20000"}
    answer = await client.post(f"/start/{STATION}/1", data=again, follow_redirects=False)
    assert answer.headers["location"] == f"/sessions/{id}"
    async with rich.db.begin() as tx:
        assert len((await charging.sessions_of(tx, rich.person.id))[0]) == 1


async def test_a_second_start_leads_to_the_one_that_runs(rich: World, client: Client) -> None:
    id = await start(client)
    other = {"csrf": "token", "id": str(new_id()), "limit": "none"}
    answer = await client.post(f"/start/{STATION}/2", data=other, follow_redirects=False)
    assert answer.headers["location"] == f"/sessions/{id}"
    assert "Идёт зарядка" in await read(client, "/")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"limit": "amount", "amount": "много"}, "Не понимаем предел"),
        ({"limit": "energy", "energy": ""}, "Не понимаем предел"),
        ({"limit": "amount", "amount": "999"}, ""),
    ],
)
async def test_a_bad_limit_keeps_what_was_typed(rich: World, client: Client, form: dict[str, str], told: str) -> None:
    body = {"csrf": "token", "id": str(new_id()), **form}
    answer = await client.post(f"/start/{STATION}/1", data=body, follow_redirects=False)
    assert answer.status_code == 422
    assert told in plain(answer.text)
    assert 'role="alert"' in answer.text
    if form.get("amount"):
        assert f'value="{form["amount"]}"' in answer.text


async def test_cancelling_a_start_gives_everything_back(rich: World, client: Client) -> None:
    id = await start(client)
    answer = await client.post(f"/sessions/{id}/stop", data={"csrf": "token"}, follow_redirects=False)
    assert answer.status_code == 303
    text = await read(client, f"/sessions/{id}")
    assert "Зарядка не началась" in text
    assert "Ничего не списано" in text
    assert "500 сом" in await read(client, "/balance")


async def test_stopping_says_that_it_was_sent(rich: World, client: Client) -> None:
    id = await start(client, "amount", amount="150,5")
    await rich.accept(id)
    await rich.say(ConnectorState.PREPARING)
    await rich.begin(id)
    await client.post(f"/sessions/{id}/stop", data={"csrf": "token"}, follow_redirects=False)
    assert "Отправили станции" in await read(client, f"/sessions/{id}")


async def test_other_peoples_sessions_are_not_there(rich: World, client: Client) -> None:
    id = await start(client)
    async with rich.db.begin() as tx:
        rich.person = await accounts.ensure_by_phone(tx, "+996555000000", "ru", rich.clock.now())
    await read(client, f"/sessions/{id}", 404)
    answer = await client.post(f"/sessions/{id}/stop", data={"csrf": "token"}, follow_redirects=False)
    assert answer.status_code == 404
    assert (
        await client.get(f"/api/v1/sessions/{id}/receipt", headers={"accept": "application/json"})
    ).status_code == 404


@pytest.mark.parametrize(("preset", "amount"), [("", ""), ("50000", "1"), ("", "10 000 000"), ("", "сто")])
async def test_a_bad_top_up_says_the_bounds(client: Client, preset: str, amount: str) -> None:
    body = {"csrf": "token", "id": str(new_id()), "preset": preset, "amount": amount, "next": "/balance"}
    answer = await client.post("/balance/top-up", data=body, follow_redirects=False)
    assert answer.status_code == 422
    assert "Впишите сумму от 50 сом до" in plain(answer.text)


async def test_the_language_link_leads_back_and_nowhere_else(client: Client) -> None:
    answer = await client.get("/language/ky?next=/balance", follow_redirects=False)
    assert answer.headers["location"] == "/balance"
    assert "language=ky" in answer.headers["set-cookie"]
    answer = await client.get("/language/ky?next=//evil.example/", follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert (await client.get("/language/xx")).status_code == 404


async def test_static_files_are_kept_for_a_year(client: Client) -> None:
    page = await client.get("/")
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(found) == 3
    for path in found:
        answer = await client.get(path)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await client.get(re.sub(r"/[0-9a-f]{10}/", "/old/", path))).headers["cache-control"] == "no-cache"
    assert (await client.get("/static/x/../../secret")).status_code == 404


async def test_a_form_without_its_token_changes_nothing(rich: World, client: Client) -> None:
    body = {"csrf": "wrong", "id": str(new_id()), "limit": "none"}
    answer = await client.post(f"/start/{STATION}/1", data=body, follow_redirects=False)
    assert answer.status_code == 403
    assert "Форма устарела" in plain(answer.text)
    async with rich.db.begin() as tx:
        assert (await charging.sessions_of(tx, rich.person.id))[0] == []


async def test_somebody_not_signed_in_is_led_to_the_door_and_back(world: World, client: Client) -> None:
    world.signed_in = False
    answer = await client.get("/balance?next=/start/A/1", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fbalance%3Fnext%3D%2Fstart%2FA%2F1"
    answer = await client.post("/balance/top-up", data={"csrf": ""}, follow_redirects=False)
    assert answer.status_code == 401
    assert 'href="/sign-in"' in answer.text


async def test_an_unknown_page_is_a_page(client: Client) -> None:
    assert "Такой страницы нет" in await read(client, "/nowhere", 404)
    assert (await client.get("/api/v1/nowhere")).headers["content-type"] == "application/problem+json"
