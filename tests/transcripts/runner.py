"""Plays a transcript: frames both ways on a real socket, a real database, the platform's own wiring.

One line, one step; `#` is a comment, a line that begins with blanks continues the one before.

    at 2026-11-21T06:00:00Z      sets the platform's clock
    card 04AABB01 1000           a driver with this card and so many som in the wallet
    start 200                    a driver with 1000 som starts connector 1 with a limit of so many som; binds $token
    order {"kind": "reset_station"}
    connect [ocpp2.0.1]          opens a connection; an earlier one stays open until the platform closes it
    outlet 102 type2 22000       describes one more connector: its number, kind and power
    drop                         the present connection breaks
    restart                      the platform is stopped and started; so is nobody's connection
    > [2,"1","Heartbeat",{}]     the station says
    < [3,"1",{"currentTime":*}]  the platform says, compactly; `*` is anything, `$name` anything the first time and
                                 the same ever after, also in what is said
    quiet                        the platform says nothing
    settle                       ended sessions are settled, as the worker would
    sign                         certificates that stations asked for are signed, as the worker would
    sweep                        what timers look after is looked after, as the worker would
    rows select ...              and the rows that follow
    = ["charging", 1500]

Every field bug enters as a transcript of its own, named for what the station did.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from tests.charging.world import BOX, TARIFF, World
from tests.ocpp.rig import Station, running_with, station
from zaryad import certificates, charging, stations
from zaryad.app import wiring, wiring_security
from zaryad.app.config import Config, Security
from zaryad.charging import Limit, SessionId
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.orders import AnyOrder, OrderId
from zaryad.ocpp.gateway import Gateway
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan

ANYTHING = "\0anything"
ROW = "a row"
ROWS_WITHIN_S = 3
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PATTERN = re.compile(r'"(?:[^"\\]|\\.)*"|\*|\$\w+')


class Player:
    def __init__(self, db: Db, url: str, bus: Bus) -> None:
        self._db = db
        self._url = url
        self._bus = bus
        self._clock = ManualClock(dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC))
        self._known: dict[str, Any] = {}
        self._stack = AsyncExitStack()
        self._running = AsyncExitStack()
        self._gateway: Gateway | None = None
        self._box: Station | None = None
        self._result: list[list[Any]] = []
        self._asked = ""  # the query whose rows these are
        self._told: list[str] = []  # its rows as the transcript has them, so far
        self.said: list[tuple[str, str]] = []  # every frame: by whom ("station" or "platform"), and its text

    async def play(self, path: Path) -> None:
        self._world = await World.build(self._db)
        await self._start_platform()
        try:
            for number, line in lines(path):
                word, _, rest = line.partition(" ")
                try:
                    async with asyncio.timeout(10):
                        await self._step(word, rest.strip())
                except Exception as error:
                    raise AssertionError(f"{path.name}:{number}: {line}\n{error}") from error
            assert not self._result, f"rows that nobody asked for: {self._result}"
        finally:
            await self._stack.aclose()
            await self._running.aclose()

    async def _step(self, word: str, rest: str) -> None:
        if word not in ("=", "rows") and self._result:
            raise AssertionError(f"rows that nobody asked for: {self._result}")
        match word:
            case "at":
                self._clock.set(dt.datetime.fromisoformat(rest))
            case "card":
                card, som = rest.split()
                await self._world.driver(int(som), phone="+996555000002", card=card)
            case "start":
                await self._start(int(rest))
            case "order":
                await self._order(rest)
            case "connect":
                assert self._gateway is not None
                way = station(self._gateway, BOX, subprotocols=(rest or "ocpp1.6",))
                self._box = await self._stack.enter_async_context(way)
            case "outlet":
                await self._outlet(*rest.split())
            case "drop":
                assert self._box is not None
                self._box.drop()
                await asyncio.sleep(0.05)
            case "restart":
                await self._running.aclose()
                self._running = AsyncExitStack()
                await self._start_platform()
            case ">":
                assert self._box is not None
                self.said.append(("station", self._said(rest)))
                await self._box.say(self._said(rest))
            case "<":
                await self._hear(rest)
            case "quiet":
                await self._quiet()
            case "settle":
                await self._settle()
            case "sign":
                await self._sign()
            case "sweep":
                await self._sweep()
            case "rows":
                self._asked, self._told, self._result = rest, [], self._rows(rest)
            case "=":
                self._told.append(rest)
                await self._compare()
            case _:
                raise AssertionError("no such step")

    async def _compare(self) -> None:
        """The row is there, or will be soon: an order's end is written after its answer was heard."""
        deadline = asyncio.get_running_loop().time() + ROWS_WITHIN_S
        while True:
            try:
                assert self._result, "there are no more rows"
                self._match(self._pattern(self._told[-1]), self._result.pop(0), ROW)
            except AssertionError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.05)
                self._result = self._rows(self._asked)[len(self._told) - 1 :]
            else:
                return

    async def _start_platform(self) -> None:
        self._config = config = Config(security=Security(secret="transcripts-have-no-secrets-to-keep"))
        book = charging.MeterBook(self._url, config.charging)
        self._running.push_async_callback(book.close)
        handlers = wiring.fact_handlers(self._db, config, book)
        self._gateway = await self._running.enter_async_context(
            running_with(self._db, self._bus, handlers, wiring.order_ended(config), self._clock)
        )

    async def _start(self, som: int) -> None:
        driver = await self._world.driver(1_000)
        id = await self._world.start(driver, Limit(amount_minor=som * 100), now=self._clock.now())
        self._known["token"] = charging.token_of(id)

    async def _order(self, text: str) -> None:
        order: AnyOrder = msgspec.convert(json.loads(self._said(text)), AnyOrder)
        now = self._clock.now()
        async with self._db.begin() as tx:
            before = now + dt.timedelta(minutes=5)
            await orders.place(tx, OrderId(new_id()), BOX, order, author="staff:test", now=now, before=before)

    async def _outlet(self, number: str, kind: str, power_w: str) -> None:
        plan = ConnectorPlan(number=int(number), kind=kind, power_w=int(power_w), tariff_id=TARIFF)  # type: ignore[arg-type]  # a kind, or the table says no
        async with self._db.begin() as tx:
            await stations.put_connector(tx, BOX, plan)

    async def _sweep(self) -> None:
        rules, now = self._world.rules, self._clock.now()
        await charging.look_after(self._db, rules, now)
        await charging.sweep(self._db, rules, now)

    async def _sign(self) -> None:
        sign = wiring_security.Guard(self._config).jobs(self._db, self._clock)[certificates.SIGN_JOB]
        for (id,) in self._rows("select id from certificate_request where state = 'asked'"):
            await sign(request_id=id)

    async def _settle(self) -> None:
        rows = self._rows("select id from session where state = 'ended'")
        for (id,) in rows:
            await self._world.settle(SessionId(UUID(id)), self._clock.now())

    async def _hear(self, pattern: str) -> None:
        assert self._box is not None
        text = await self._box.hear_text()
        self.said.append(("platform", text))
        heard = json.loads(text)
        assert not re.search(r"\s", _STRING.sub("", text)), f"not compact: {text}"
        self._match(self._pattern(pattern), heard, text)

    async def _quiet(self) -> None:
        assert self._box is not None
        try:
            text = await self._box.hear_text(0.4)
        except TimeoutError:
            return
        raise AssertionError(f"the platform said {text}")

    def _rows(self, sql: str) -> list[list[Any]]:
        with psycopg.connect(self._url) as connection:
            found = connection.execute(self._said(sql).encode()).fetchall()
        return [[_plain(value) for value in row] for row in found]

    def _said(self, text: str) -> str:
        return re.sub(r"\$(\w+)", lambda name: str(self._known[name[1]]), text)

    def _pattern(self, text: str) -> Any:
        def stand(found: re.Match[str]) -> str:
            word = found[0]
            if word == "*":
                return json.dumps(ANYTHING)
            if not word.startswith("$"):
                return word
            return json.dumps(self._known[word[1:]] if word[1:] in self._known else f"{ANYTHING}{word[1:]}")

        return json.loads(_PATTERN.sub(stand, text))

    def _match(self, pattern: Any, value: Any, where: str) -> None:
        if isinstance(pattern, str) and pattern.startswith(ANYTHING):
            if name := pattern.removeprefix(ANYTHING):
                self._known[name] = value
        elif isinstance(pattern, dict) and isinstance(value, dict):
            ordered = list if where != ROW else sorted  # some stations' parsers need the order; jsonb has its own
            assert ordered(pattern) == ordered(value), f"fields or their order: {where}"
            for name, inner in pattern.items():
                self._match(inner, value[name], where)
        elif isinstance(pattern, list) and isinstance(value, list):
            assert len(pattern) == len(value), f"{len(value)} parts: {where}"
            for inner, part in zip(pattern, value, strict=True):
                self._match(inner, part, where)
        else:
            assert pattern == value, f"expected {pattern!r}, found {value!r}: {where}"


def lines(path: Path) -> list[tuple[int, str]]:
    """The steps with their line numbers."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            before, text = found.pop()
            found.append((before, f"{text} {line.strip()}"))
        else:
            found.append((number, line))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return value if isinstance(value, str | int | float | list | dict | None) else str(value)
