"""A driver registers, tops up, charges until the limit stops it, and takes the receipt home."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIMIT = 60  # som
HELD = 57  # 95 % of it, and where it stops
ONE_READING = 20  # som, at the dearest hour: a meter that speaks every 30 s at 120 kW speaks once a kWh
CHARGED_WITHIN_MS = 240_000


def sign_in(context: BrowserContext, page: Page, phone: str, then: str) -> None:
    """Sign in with a code that the demo page shows."""
    page.goto(f"/sign-in?next={then}")
    page.get_by_label("Номер телефона").fill(phone)
    page.get_by_role("button", name="Получить код").click()
    expect(page.get_by_role("heading", name="Код из SMS")).to_be_visible()
    page.get_by_label("Код из SMS").fill(code_on_demo_page(context, phone))
    page.get_by_role("button", name="Войти").click()


def code_on_demo_page(context: BrowserContext, phone: str) -> str:
    demo = context.new_page()
    demo.goto("/demo")
    row = demo.locator("#codes tr").filter(has_text=phone).first
    expect(row).to_be_visible()
    found = re.search(r"\b(\d{3})[\s\u00a0]?(\d{3})\b", row.locator("td").nth(1).inner_text())
    demo.close()
    assert found is not None
    return "".join(found.groups())


def top_up(page: Page, preset: str) -> None:
    page.goto("/balance")
    page.get_by_role("radio", name=preset).check(force=True)
    page.get_by_role("button", name="Перейти к оплате").click()
    page.get_by_role("link", name="Открыть страницу банка").click()
    page.locator("button[value=pay]").click()
    expect(page.get_by_text("Оплачено", exact=True)).to_be_visible()


def choose_free_connector(page: Page) -> None:
    """Go to a place with a free connector, plug the virtual car in, and open the start form."""
    page.goto("/")
    page.get_by_role("searchbox").fill("Бишкек")
    page.get_by_label("Разъём", exact=True).select_option("gbt_dc")
    page.get_by_role("button", name="Найти").click()
    page.locator("li.card").filter(has=page.locator(".state-available")).first.get_by_role("link").click()
    connector = page.locator("article").filter(has=page.locator(".state-available")).first
    expect(connector).to_be_visible()
    name = connector.get_by_role("heading", level=3).inner_text()
    station = page.locator("section").filter(has=page.get_by_role("heading", name=name, level=3)).first
    chosen = station.locator("article").filter(has=page.get_by_role("heading", name=name, level=3))
    chosen.get_by_role("button", name="Подключить виртуальное авто").click()
    chosen = page.locator("article").filter(has=page.locator(".state-preparing")).first
    expect(chosen).to_be_visible()
    chosen.get_by_role("link", name="Зарядить на разъёме").click()


def test_registers_tops_up_charges_to_the_limit_and_downloads_the_receipt(context: BrowserContext, page: Page) -> None:
    sign_in(context, page, "+996 700 12-34-56", "/balance")
    expect(page.get_by_role("heading", name="Баланс", level=1)).to_be_visible()
    top_up(page, "500")
    page.get_by_role("link", name="Продолжить").click()
    expect(page.locator(".figure")).to_have_text(re.compile(r"^500\s+сом$"))

    choose_free_connector(page)
    page.get_by_role("radio", name="Другая сумма").check(force=True)
    page.get_by_label("Сумма, сом").fill(str(LIMIT))
    page.get_by_role("button", name="Начать зарядку").click()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}$"))
    expect(page.get_by_text("Мощность", exact=True)).to_be_visible(timeout=30_000)
    expect(page.locator("[data-part=money]")).to_contain_text(re.compile(rf"{HELD}\s+сом"))

    expect(page.get_by_role("heading", name="Зарядка закончена")).to_be_visible(timeout=CHARGED_WITHIN_MS)
    expect(page.locator("[data-part=reason]")).to_contain_text(re.compile("сумм", re.IGNORECASE))
    total = page.locator("[data-part=bill] .sum")
    expect(total).to_be_visible(timeout=30_000)
    paid = int(re.sub(r"\D", "", total.inner_text()))  # minor units: two decimals are always shown
    assert abs(paid - HELD * 100) <= ONE_READING * 100, "stopped at the reading that reached the limit"

    page.locator("[data-part=receipt]").wait_for(timeout=30_000)
    number = re.search(r"\d{4}-\d{6}", page.locator("[data-part=receipt] h2").inner_text())
    assert number is not None
    for name in ("Чек PDF, A4", "Чек PDF, 80 мм"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        document = pypdf.PdfReader(io.BytesIO(download.value.path().read_bytes()))
        text = re.sub(r"\s+", " ", document.pages[0].extract_text())
        assert number[0] in text
        assert f"{paid // 100},{paid % 100:02} сом" in text
        assert "+996 *** **-34-56" in text

    page.goto("/history")
    expect(page.locator("li.card")).to_have_count(1)
    page.goto("/balance")
    left = 500_00 - paid
    told = f"{left // 100},{left % 100:02}" if left % 100 else str(left // 100)
    expect(page.locator(".figure")).to_have_text(re.compile(rf"^{told}\s+сом$"))


def test_what_is_asked_for_twice_happens_once(context: BrowserContext, page: Page) -> None:
    """Back after paying, and pressing again, makes no second payment."""
    sign_in(context, page, "+996 700 12-34-57", "/balance")
    page.get_by_role("radio", name="500").check(force=True)
    identifier = page.locator("form[action='/balance/top-up'] input[name=id]").input_value()
    page.get_by_role("button", name="Перейти к оплате").click()
    expect(page).to_have_url(re.compile(identifier))
    token = page.evaluate("document.cookie.match(/XSRF-TOKEN=([^;]+)/)?.[1]")
    answer = page.request.post(
        "/balance/top-up", form={"csrf": token, "id": identifier, "preset": "50000", "amount": "", "next": "/balance"}
    )
    assert answer.ok
    assert identifier in answer.url
    payments = page.request.get("/api/v1/payments").json()
    assert [each["id"] for each in payments["items"]] == [identifier]


def test_a_declined_payment_says_that_nothing_was_taken(context: BrowserContext, page: Page) -> None:
    sign_in(context, page, "+996 700 12-34-58", "/balance")
    page.get_by_label(re.compile("Другая сумма")).fill("150,50")
    page.get_by_role("button", name="Перейти к оплате").click()
    expect(page.get_by_role("heading", name=re.compile(r"150,50"))).to_be_visible()
    page.get_by_role("link", name="Открыть страницу банка").click()
    page.locator("button[value=decline]").click()
    expect(page.get_by_text("Не оплачено", exact=True)).to_be_visible()


@pytest.mark.parametrize("language", ["ky", "en"])
def test_the_language_is_chosen_and_kept(page: Page, language: str) -> None:
    page.goto("/")
    page.locator(f".languages a[lang={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", language)
