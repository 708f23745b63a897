"""The whole application of a demo deployment on a real database, and clients that behave like browsers or programs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar

from zaryad import accounts, auth, notify, payments
from zaryad.accounts import Person
from zaryad.app.config import Config, Demo, Security, Services
from zaryad.app.web import make_http_app
from zaryad.auth import Gate, Role
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db

START = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
SECRET = "a secret of the tests, long enough for anybody's taste"
PASSWORD = "correct horse battery staple 7"
PHONE = "+996555123456"
CONFIG = Config(
    security=Security(secret=SECRET),
    demo=Demo(enabled=True),
    services=Services(run=("gateway", "http", "worker", "sandbox")),
)


class NoBus:
    """A bus that nobody is on."""

    connected = True

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Say it to nobody."""

    async def subscribe(
        self, subject: str, heard: Callable[[str, bytes], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]]:
        async def leave() -> None:
            return None

        return leave

    async def answer(
        self, subject: str, asked: Callable[[str, bytes], Awaitable[bytes]]
    ) -> Callable[[], Awaitable[None]]:
        return await self.subscribe(subject, asked)  # type: ignore[arg-type]  # it is not called either

    async def request(self, subject: str, payload: bytes = b"", *, timeout_s: float = 5) -> bytes:
        raise DomainError(Kind.UNAVAILABLE, "nobody_answers", subject=subject)

    async def close(self) -> None:
        """Leave."""


class Site:
    """A deployment: its application, its clock, its people."""

    def __init__(self, db: Db, config: Config = CONFIG, *, bus: Any = None) -> None:
        self.db = db
        self.config = config
        self.clock = ManualClock(START)
        self.gate = Gate(auth.keys_of(config.secret.encode()), config.auth, config.people)
        self.app: Litestar = make_http_app(config, db, bus or NoBus(), self.clock, payments.Providers({}))

    def client(self, base_url: str = "http://zaryad.test", *, address: str = "10.0.0.1") -> Client:
        """Return a client; use it as a context."""
        return Client(self, base_url, address)

    async def person(self, *roles: Role, phone: str | None = None, login: str | None = None) -> Person:
        """Make a person."""
        async with self.db.begin() as tx:
            if phone is not None:
                made = await accounts.ensure_by_phone(tx, phone, "ru", self.clock.now())
                return await accounts.set_roles(tx, made.id, [role.value for role in roles])
        assert login is not None
        return await auth.create_staff(
            self.db, accounts.Settings(), login, PASSWORD, roles, None, self.clock.now(), language="en"
        )

    def bearer(self, person: Person) -> dict[str, str]:
        """Return the header of somebody signed in."""
        token = auth.access.issue_access(
            self.gate.keys.access, person, UUID(int=7), self.clock.now(), dt.timedelta(minutes=15)
        )
        return {"Authorization": f"Bearer {token}"}

    async def sent_code(self, phone: str = PHONE) -> str:
        """Return the code of the newest message to a phone."""
        found = re.search(r"\b\d{6}\b", await self.sent_text(phone))
        assert found is not None
        return found[0]

    async def sent_text(self, phone: str = PHONE) -> str:
        """Carry out the newest message's job and return its text."""
        async with self.db.begin() as tx:
            found = [each for each in await notify.recent(tx) if each.phone == phone]
        await notify.send(self.db, notify.DevelopmentSms(), self.clock.now(), str(found[0].id))
        assert found[0].text is not None
        return found[0].text


class Client(httpx.AsyncClient):
    """A browser or a program; cookies are kept as a browser would."""

    def __init__(self, site: Site, base_url: str, address: str) -> None:
        transport = httpx.ASGITransport(site.app, raise_app_exceptions=False, client=(address, 4321))  # type: ignore[arg-type]  # an ASGI application
        super().__init__(transport=transport, base_url=base_url)
        self.site = site

    async def sign_in(self, phone: str = PHONE) -> dict[str, Any]:
        """Go the whole way."""
        sent = await self.post("/api/v1/auth/codes", json={"phone": phone})
        assert sent.status_code == 202, sent.text
        code = await self.site.sent_code(phone)
        answer = await self.post("/api/v1/auth/sessions", json={"phone": phone, "code": code})
        assert answer.status_code == 201, answer.text
        return msgspec.json.decode(answer.content, type=dict[str, Any])

    @property
    def csrf(self) -> dict[str, str]:
        """Return the header a page adds to what changes things."""
        return {"X-CSRF-Token": self.cookies.get("XSRF-TOKEN") or ""}
