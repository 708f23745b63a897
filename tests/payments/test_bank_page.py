"""The payer's page: three languages, presses that count once, and no way to be sent elsewhere."""

import pytest

from tests.payments.world import World
from zaryad.sandbox.testbank.pages import TEXTS


@pytest.mark.parametrize(("query", "header", "word"), [
    ("", "en-GB,en;q=0.9", "Decline"),
    ("", "ky", "Баш тартуу"),
    ("", "de", "Отклонить"),
    ("?lang=en", "ru", "Decline"),
    ("?lang=xx", "ru", "Отклонить"),
])  # fmt: skip
async def test_the_page_speaks_the_payers_language(world: World, query: str, header: str, word: str) -> None:
    payment = await world.created()
    page = await world.payer.get(f"{payment.url}{query}", headers={"accept-language": header})
    assert word in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http" not in page.text.replace(str(payment.url), "")  # nothing from outside


async def test_every_language_has_every_text() -> None:
    assert {frozenset(texts) for texts in TEXTS.values()} == {frozenset(TEXTS["ru"])}


async def test_pressing_twice_is_one_payment(world: World) -> None:
    payment = await world.created()
    for act in ("pay", "pay", "decline", "pay_late"):
        await world.press(payment, act)
    read = (await world.signed("GET", f"/v1/payments/{payment.id}")).json()
    assert (read["state"], read["paid"]) == ("paid", 500_00)
    page = await world.payer.get(f"{payment.url}?lang=en")
    assert "Paid" in page.text
    assert f'href="{world.shop_url}/wallet"' in page.text
    assert 'name="act"' not in page.text


async def test_faults_are_armed_on_the_page_too(world: World) -> None:
    payment = await world.created()
    pressed = await world.press(payment, "faults", fault_read="error_500", fault_create="nonsense")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "?lang=ru")
    path = f"/v1/payments/{payment.id}"
    assert [(await world.signed("GET", path)).status_code for _ in range(2)] == [500, 200]


async def test_what_is_not_there_or_not_meant(world: World) -> None:
    payment = await world.created()
    assert (await world.payer.get(f"{world.bank_url}/pay/unknown")).status_code == 404
    assert (await world.payer.post(f"{world.bank_url}/pay/unknown", data={"act": "pay"})).status_code == 404
    assert (await world.press(payment, "nonsense")).status_code == 400


@pytest.mark.parametrize("field", ["return_url", "notify_url"])
async def test_the_bank_sends_nobody_to_foreign_addresses(world: World, field: str) -> None:
    payment = await world.created()
    wanted = {
        "amount": 1,
        "currency": "KGS",
        "description": "",
        "expires_at": payment.expires_at,
        "return_url": world.shop_url,
        "notify_url": world.shop_url,
        field: "https://evil.example/",
    }
    answer = await world.signed("PUT", "/v1/payments/00000000-0000-7000-8000-000000000001", wanted)
    assert (answer.status_code, answer.json()) == (422, {"code": f"{field}_not_allowed"})
