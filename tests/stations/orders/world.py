"""The HTTP application and a gateway on one database and one bus, as a deployment has them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.http.site import CONFIG, Client, Site
from tests.ocpp.rig import BOX, Business, Station, running_with, station
from tests.stations.network import build
from zaryad.app import wiring
from zaryad.auth import Role
from zaryad.kernel.clock import SystemClock
from zaryad.ocpp.gateway import Gateway
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db

API = "/api/v1"


class World:
    """An operator's and a technician's view of one network."""

    def __init__(self, site: Site, client: Client, gateway: Gateway, business: Business) -> None:
        self.site = site
        self.db = site.db
        self.client = client
        self.gateway = gateway
        self.business = business
        self.headers: dict[str, str] = {}

    async def sign_in(self, role: Role) -> None:
        self.headers = self.site.bearer(await self.site.person(role, login=f"{role.value}-{uuid4().hex[:6]}"))

    async def ask(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        return await self.client.request(method, API + path, json=body, params=query, headers=self.headers)

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def order(
        self, kind: str, body: Any = None, id: UUID | None = None, *, at: str = BOX, **query: Any
    ) -> httpx.Response:
        return await self.ask("PUT", f"/stations/{at}/orders/{id or uuid4()}/{kind}", body or {}, **query)

    @asynccontextmanager
    async def box(self, id: str = BOX, protocol: str = "ocpp1.6") -> AsyncIterator[Station]:
        """A station that has connected and booted."""
        async with station(self.gateway, id, subprotocols=(protocol,)) as box:
            if protocol == "ocpp1.6":
                await box.boot()
            yield box


@asynccontextmanager
async def world(database_url: str, bus: NatsBus, role: Role = Role.OPERATOR) -> AsyncIterator[World]:
    """Everything up; BOX and its neighbours are described, none is connected."""
    db = Db.connect(database_url, pool=20, hint=bus.publish)
    try:
        await build(db, BOX, "KG-BIS-0002", "KG-BIS-0003")
        site, business = Site(db, bus=bus), Business()
        site.clock.set(dt.datetime.now(dt.UTC))
        async with (
            running_with(db, bus, business.handlers, wiring.order_ended(CONFIG), SystemClock()) as gateway,
            site.client() as client,
        ):
            it = World(site, client, gateway, business)
            await it.sign_in(role)
            yield it
    finally:
        await db.close()


async def answer(box: Station, body: dict[str, Any] | None = None) -> list[Any]:
    """Take the next call that the station is given, and answer it."""
    call = await box.hear()
    assert call[0] == 2, call
    await box.say(json.dumps([3, call[1], {"status": "Accepted"} if body is None else body]))
    return list(call)


@asynccontextmanager
async def answering(box: Station, reply: Callable[[str, dict[str, Any]], dict[str, Any]]) -> AsyncIterator[list[Any]]:
    """A station that answers whatever it is asked; what it was asked is in the list."""
    heard: list[Any] = []

    async def go() -> None:
        while True:
            call = await box.hear(60)
            if call[0] == 2:
                heard.append((call[2], call[3]))
                await box.say(json.dumps([3, call[1], reply(call[2], call[3])]))

    task = asyncio.create_task(go())
    try:
        yield heard
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
