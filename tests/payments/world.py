"""A shop, its worker and the Test Bank: real HTTP between them, a real database under them, one clock for all."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import sqlalchemy as sa
import uvicorn

from zaryad import payments, wallet
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.payments import Account, Payment, PaymentId, Providers, RawRequest, Settings, TestPayAccount
from zaryad.payments.testpay import TestPay, sign
from zaryad.platform.db import Db
from zaryad.platform.outbound import Limits
from zaryad.sandbox import testbank

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HOOK_SECRET = "hook-secret-of-the-tests"
SECONDS = dt.timedelta(seconds=1)


class Server(uvicorn.Server):
    """Serves in the test's own loop and leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound() -> socket.socket:
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    return one


def url_of(one: socket.socket) -> str:
    return f"http://127.0.0.1:{one.getsockname()[1]}"


@contextlib.asynccontextmanager
async def serving(app: Any, at: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, interface="asgi3")
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[at]))
    while not server.started:
        await asyncio.sleep(0.005)
        assert not task.done(), "the server did not start"
    try:
        yield
    finally:
        server.should_exit = True
        await task


class World:
    """Everything a test of payments needs."""

    def __init__(self, db: Db, bank_url: str, shop_url: str) -> None:
        self.db = db
        self.clock = ManualClock(NOW)
        self.bank_url = bank_url
        self.shop_url = shop_url
        self.hooks = 0  # notices that reached the shop
        self.person = new_id()
        self.account = TestPayAccount(
            base_url=bank_url,
            merchant="shop",
            secret="secret-of-the-merchant",
            notice_secret="secret-of-the-notices",
            hook_secret=HOOK_SECRET,
        )
        self.rules = Settings(public_url=shop_url, accounts={"test": self.account})
        self.provider = TestPay(self.account, self.clock, Limits(connect_s=1, total_s=1.2))
        self.providers = Providers([Account("test", "testpay", self.provider, HOOK_SECRET)])
        self.payer = httpx.AsyncClient(follow_redirects=False, timeout=10)

    # the shop

    async def top_up(self, minor: int = 500_00, id: UUID | None = None) -> Payment:
        return await payments.start_top_up(
            self.db,
            self.providers,
            self.rules,
            PaymentId(id or new_id()),
            self.person,
            Money(minor, "KGS"),
            "/wallet",
            self.clock.now(),
        )

    async def find(self, id: UUID) -> Payment:
        async with self.db.begin() as tx:
            payment = await payments.find(tx, PaymentId(id))
        assert payment is not None
        return payment

    async def balance(self) -> int:
        async with self.db.begin() as tx:
            purse = await wallet.ensure_wallet(tx, self.person, "KGS", NOW)
            return (await wallet.standing(tx, purse)).posted.minor

    async def sound(self) -> bool:
        async with self.db.begin() as tx:
            return await wallet.verify(tx) == []

    async def hook(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """The shop's HTTP server, as far as the bank is concerned."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        kind, name, secret = scope["path"].removeprefix("/api/v1/hooks/").split("/")
        try:
            answer = await self.notice(RawRequest(headers, body), kind=kind, name=name, secret=secret)
            status, told = answer.status, answer.body
        except DomainError:
            status, told = 404, b""
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": told})
        self.hooks += 1

    async def notice(
        self, request: RawRequest, *, kind: str = "testpay", name: str = "test", secret: str = HOOK_SECRET
    ) -> payments.RawResponse:
        return await payments.take_notice(
            self.db, self.providers, kind=kind, name=name, secret=secret, request=request, now=self.clock.now()
        )

    # the worker

    async def run_jobs(self) -> int:
        """Run what is due now, as the worker would; return how many jobs ran."""
        ran = 0
        while True:
            async with self.db.begin() as tx:
                taken = await tx.execute(
                    sa.text(
                        "update procrastinate_jobs set status = 'doing' where id = (select id from procrastinate_jobs"
                        " where status = 'todo' and coalesce(scheduled_at, '-infinity') <= :now order by id limit 1)"
                        " returning id, task_name, args"
                    ),
                    {"now": self.clock.now()},
                )
                job = taken.one_or_none()
            if job is None:
                return ran
            await self.run_job(job.task_name, **job.args)
            ran += 1
            async with self.db.begin() as tx:
                await tx.execute(sa.text("delete from procrastinate_jobs where id = :id"), {"id": job.id})

    async def run_job(self, name: str, **args: Any) -> None:
        match name:
            case "payments.create":
                await payments.create_payment(self.db, self.providers, self.rules, self.clock.now(), **args)
            case "payments.check":
                await payments.check_payment(self.db, self.providers, self.clock.now(), **args)
            case _:
                raise AssertionError(name)

    async def pass_time(self, seconds: int, step: int = 1) -> None:
        """Let time pass, running jobs as they come due."""
        for _ in range(0, seconds, step):
            self.clock.advance(step * SECONDS)
            await self.run_jobs()

    # the payer and the bank

    async def created(self, minor: int = 500_00) -> Payment:
        payment = await self.top_up(minor)
        await self.run_jobs()
        payment = await self.find(payment.id)
        assert payment.url is not None
        return payment

    async def press(self, payment: Payment, act: str, **form: str) -> httpx.Response:
        assert payment.url is not None
        return await self.payer.post(payment.url, data={"act": act, **form})

    async def told(self, count: int = 1) -> None:
        """Wait until the bank's notices have reached the shop."""
        for _ in range(500):
            if self.hooks >= count:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.hooks} notices of {count} came")

    async def fault(self, call: str, what: str | None, left: int = 1) -> None:
        answer = await self.signed("PUT", "/control/fault", {"call": call, "what": what, "left": left})
        assert answer.status_code == 200, answer.text

    async def signed(self, method: str, path: str, body: object = None, **change: str) -> httpx.Response:
        raw = b"" if body is None else msgspec.json.encode(body)
        at = str(int(self.clock.now().timestamp()))
        headers = {
            "x-bank-merchant": "shop",
            "x-bank-time": at,
            "x-bank-signature": sign(self.account.secret, method.encode(), path.encode(), at.encode(), raw),
            **{name.replace("_", "-"): value for name, value in change.items()},
        }
        return await self.payer.request(method, self.bank_url + path, content=raw, headers=headers)

    def signed_notice(self, payment: Payment, state: str = "paid", event: str | None = None) -> RawRequest:
        told = {
            "event": event or str(uuid4()),
            "payment": {
                "id": payment.id,
                "order": "TB1",
                "state": state,
                "amount": payment.amount.minor,
                "currency": payment.amount.currency,
                "paid": payment.amount.minor,
                "refunded": 0,
                "page_url": "",
            },
        }
        body = msgspec.json.encode(told)
        at = str(int(self.clock.now().timestamp()))
        signature = sign(self.account.notice_secret, b"notice", at.encode(), body)
        headers = {"x-bank-merchant": "shop", "x-bank-time": at, "x-bank-signature": signature}
        return RawRequest(headers, body, "127.0.0.1")


@contextlib.asynccontextmanager
async def opened(db: Db) -> AsyncIterator[World]:
    bank_at, shop_at = bound(), bound()
    world = World(db, url_of(bank_at), url_of(shop_at))
    settings = testbank.Settings(
        merchant="shop",
        secret=world.account.secret,
        notice_secret=world.account.notice_secret,
        public_url=world.bank_url,
        notify_origins=(world.shop_url,),
        return_origins=(world.shop_url,),
        tick_s=0.02,
        slow_s=2,
    )
    async with serving(testbank.make_app(db, settings, world.clock), bank_at), serving(world.hook, shop_at):
        yield world
        await world.providers.close()
        await world.payer.aclose()
