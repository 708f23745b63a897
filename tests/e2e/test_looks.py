"""Nothing runs out of the screen, everything can be tapped: three languages, from the smallest phone to a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.conftest import Watch
from tests.e2e.test_driver import sign_in
from tests.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("/", "/?q=zzz&kind=ccs2", "/start/KG-BIS-0001/1", "/balance", "/history", "/demo", "/nowhere", "/sign-in")
WIDTHS = (320, 360, 390, 1440)
TAP_MIN = 44

# Whatever passes the viewport, and whatever is to be tapped and is too low; links inside sentences are text.
SWEEP = """() => {
  const width = document.documentElement.clientWidth, found = [];
  const told = (what, each) => found.push(what + ': ' + each.tagName + ' ' + each.textContent.trim().slice(0, 40));
  for (const each of document.querySelectorAll('body *')) {
    const box = each.getBoundingClientRect();
    if (!box.width || each.closest('.visually-hidden, .skip, svg')) continue;
    if (box.right > width + 0.5 || box.left < -0.5) told('over', each);
  }
  for (const each of document.querySelectorAll('a, button, select, input:not([type=hidden])')) {
    const box = each.getBoundingClientRect();
    if (!box.height || each.closest('p, li, td, h2, .skip') || each.matches('.skip')) continue;
    if (box.height < TAP_MIN) told('low', each);
  }
  for (const field of document.querySelectorAll('input:not([type=hidden]), select'))
    if (!field.labels.length) found.push('no label: ' + field.name);
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  return found;
}""".replace("TAP_MIN", str(TAP_MIN))


@pytest.fixture(scope="module")
def someone(browser: Browser, platform: Platform) -> dict[str, object]:
    """Somebody who is signed in, as a browser keeps it."""
    context = browser.new_context(base_url=platform.url, locale="ru-RU")
    sign_in(context, context.new_page(), "+996 700 22-33-44", "/history")
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ru", "ky", "en"])
def test_fits_every_screen(
    browser: Browser, platform: Platform, someone: dict[str, object], language: str, scheme: str
) -> None:
    context = browser.new_context(base_url=platform.url, storage_state=someone, color_scheme=scheme)  # type: ignore[arg-type]  # as it came
    watch = Watch({"127.0.0.1"})
    context.on("page", watch.on)
    page = context.new_page()
    page.goto(f"/language/{language}")
    bad = []
    paths = [*PAGES, location_path(page)]
    for width in WIDTHS if scheme == "light" else WIDTHS[:1]:
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            page.goto(path)
            bad += [f"{width} {path} {each}" for each in page.evaluate(SWEEP)]
    context.close()
    bad += [each for each in watch.found if "/nowhere" not in each and "404" not in each]
    assert not bad, "\n".join(bad)


def location_path(page: Page) -> str:
    page.goto("/")
    return page.locator("a.cover").first.get_attribute("href") or ""


def test_works_without_script(browser: Browser, platform: Platform, someone: dict[str, object]) -> None:
    """A payment is asked for, and its page renews itself, without a line of script."""
    context = browser.new_context(base_url=platform.url, storage_state=someone, java_script_enabled=False)  # type: ignore[arg-type]  # as it came
    page = context.new_page()
    page.goto("/balance")
    page.locator("input[name=preset][value='100000']").check(force=True)
    page.locator("form[action='/balance/top-up'] button").click()
    page.wait_for_selector("text=1000")
    page.wait_for_selector("a[href*='/pay/']", timeout=15_000)
    context.close()


def test_goes_by_keyboard(context: BrowserContext, page: Page) -> None:
    """The first tab stop skips to the content; a place is opened with Enter."""
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("a.cover").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/locations/**")
