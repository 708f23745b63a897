"""The whole platform in its demo mode on ports of its own, and a real browser that notices every error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.running import Platform, running

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}


@dataclass
class Watch:
    """What went wrong in the browser, in the order in which it did."""

    ours: set[str]
    found: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.found.append(f"page error: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"console: {message.text} ({message.location.get('url')})")

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host is not None and host not in self.ours:
            self.found.append(f"foreign request: {request.url}")


def chromium() -> str | None:
    """Return the browser to drive; CI must have one."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    return None


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """`zaryad up --demo` from nothing, in a directory of its own; stopped as Ctrl-C stops it."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine: CI installs one")
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with running() as platform:
        yield platform


@pytest.fixture(scope="module")
def browser(platform: Platform) -> Iterator[Browser]:
    """One browser for a file; not for longer, since its driver holds an event loop that async tests would meet."""
    path = chromium()
    assert path is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fail the test on any page error, console error or request to a foreign host."""
    watch = Watch({"127.0.0.1"})
    yield watch
    assert not watch.found, "\n".join(watch.found)


@pytest.fixture
def context(browser: Browser, platform: Platform, watch: Watch) -> Iterator[BrowserContext]:
    """A new person's phone."""
    context = browser.new_context(base_url=platform.url, viewport=PHONE, locale="ru-RU", accept_downloads=True)
    context.on("page", watch.on)
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
