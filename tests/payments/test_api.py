"""The routes: whose money one may see, what a body may be, and the providers' door."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide

import zaryad.payments.api
import zaryad.wallet.api
from tests.payments.world import HOOK_SECRET, World
from zaryad import wallet
from zaryad.accounts import PersonId
from zaryad.auth import Caller, Role
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money
from zaryad.wallet import HoldId

STATUS = {Kind.INVALID: 400, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409, Kind.REFUSED: 422}


class Shop:
    """The routes on a real application, called as one person."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.caller = Caller(PersonId(world.person), frozenset({Role.DRIVER}))
        rules = wallet.Settings()
        app: Any = Litestar(
            [*zaryad.payments.api.routes, *zaryad.wallet.api.routes],
            path="/api/v1",
            dependencies={
                "db": Provide(lambda: world.db, sync_to_thread=False),
                "now": Provide(world.clock.now, sync_to_thread=False),
                "caller": Provide(lambda: self.caller, sync_to_thread=False),
                "payment_rules": Provide(lambda: world.rules, sync_to_thread=False),
                "payment_providers": Provide(lambda: world.providers, sync_to_thread=False),
                "wallet_rules": Provide(lambda: rules, sync_to_thread=False),
            },
            exception_handlers={DomainError: _told},
            openapi_config=None,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop/api/v1")

    async def get(self, path: str, status: int = 200) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def put(self, path: str, body: object, status: int = 202) -> Any:
        answer = await self.client.put(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def be(self, *roles: Role, person: UUID | None = None) -> None:
        self.caller = Caller(PersonId(person or new_id()), frozenset(roles))


def _told(_request: Request[Any, Any, Any], error: DomainError) -> Response[dict[str, str]]:
    return Response({"code": error.code}, status_code=STATUS[error.kind])


@pytest.fixture
async def shop(world: World) -> AsyncIterator[Shop]:
    """The routes over the world's database and bank."""
    shop = Shop(world)
    async with shop.client:
        yield shop


async def test_a_top_up_from_asking_to_the_statement(shop: Shop) -> None:
    options = await shop.get("/payments/options")
    assert (options["presets_minor"], options["min_minor"]) == ([500_00, 1000_00, 2000_00], 50_00)
    assert options["providers"][0]["presentations"] == ["qr", "url"]
    path = f"/payments/{new_id()}"
    asked = await shop.put(path, {"amount_minor": 500_00, "provider": "test", "return_url": "/wallet"})
    assert (asked["state"], asked["url"]) == ("new", None)
    await shop.world.run_jobs()
    waiting = await shop.get(path)
    assert waiting["state"] == "pending"
    await shop.world.payer.post(waiting["url"], data={"act": "pay", "telling": "none"})
    await shop.world.pass_time(5)
    paid = await shop.get(path)
    assert (paid["state"], paid["url"], paid["late"]) == ("paid", None, False)
    assert (await shop.get("/payments"))["items"] == [paid]
    has = await shop.get("/wallet")
    assert (has["balance_minor"], has["available_minor"], has["debt_minor"], has["holds"]) == (500_00, 500_00, 0, [])
    page = await shop.get("/wallet/statement")
    assert [(line["text"], line["amount_minor"]) for line in page["items"]] == [("ledger.reason.top_up", 500_00)]
    assert page["items"][0]["about"] == f"payment:{paid['id']}"


async def test_a_wallet_tells_what_is_held_and_looking_opens_none(shop: Shop) -> None:
    empty = await shop.get("/wallet")
    assert (empty["currency"], empty["balance_minor"]) == ("KGS", 0)
    async with shop.world.db.begin() as tx:
        now = shop.world.clock.now()
        with pytest.raises(DomainError):
            await wallet.standing(tx, wallet.wallet_of(shop.world.person, "KGS"))
        purse = await wallet.ensure_wallet(tx, shop.world.person, "KGS", now)
        bank = await wallet.system_account(tx, "clearing", "test", "KGS", now)
        line = wallet.Posting(bank, purse, Money(1000, "KGS"))
        await wallet.post(tx, wallet.Transfer(wallet.TransferId(new_id()), "top_up", (line,)), now)
        await wallet.hold(tx, HoldId(new_id()), purse, Money(475, "KGS"), now, about="session:1")
    shop.be(Role.ACCOUNTANT)
    has = await shop.get(f"/drivers/{shop.world.person}/wallet")
    assert (has["balance_minor"], has["held_minor"], has["available_minor"]) == (1000, 475, 525)
    assert [(one["text"], one["about"]) for one in has["holds"]] == [("ledger.hold.charging", "session:1")]
    year = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"
    page = await shop.get(f"/drivers/{shop.world.person}/wallet/statement?{year}")
    assert (page["opening_minor"], page["closing_minor"], len(page["items"])) == (0, 1000, 1)
    assert await shop.get("/ledger/verify") == {"sound": True, "violations": []}


async def test_payments_of_others_are_not_there(shop: Shop) -> None:
    path = f"/payments/{new_id()}"
    await shop.put(path, {"amount_minor": 500_00})
    shop.be(Role.DRIVER)
    assert await shop.get(path, 404) == {"code": "no_such_payment"}
    assert (await shop.get("/payments"))["items"] == []
    assert await shop.put(path, {"amount_minor": 500_00}, 409) == {"code": "payment_id_reused"}
    shop.be(Role.OPERATOR)
    await shop.get(path)


async def test_lists_are_paged(shop: Shop) -> None:
    for minute in range(5):
        shop.world.clock.advance(dt.timedelta(minutes=minute))
        await shop.put(f"/payments/{new_id()}", {"amount_minor": 500_00 + minute})
    seen, after = [], ""
    while after is not None:
        page = await shop.get(f"/payments?limit=2{after and '&after=' + after}")
        seen += [one["amount_minor"] for one in page["items"]]
        after = page["next"]
    assert seen == [500_04, 500_03, 500_02, 500_01, 500_00]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 500.5},
        {"amount_minor": 10**16},
        {"amount_minor": 50000, "currency": "som"},
        {"amount_minor": 50000, "unknown": 1},
        {"amount_minor": 50000, "return_url": "https://evil.example/"},
        {"amount_minor": 50000, "return_url": "//evil.example/"},
        {"amount_minor": 50000, "return_url": "/\\evil.example/"},
        {"amount_minor": 50000, "return_url": "http://127.0.0.1@evil.example/"},
        {"amount_minor": 50000, "return_url": "javascript:alert(1)"},
        {"amount_minor": 50000, "return_url": "http://127.0.0.1:notaport/"},
    ],
)
async def test_a_body_that_cannot_be_meant_is_refused(shop: Shop, body: object) -> None:
    await shop.put(f"/payments/{new_id()}", body, 400)


async def test_an_accountant_sees_what_is_quarantined(shop: Shop) -> None:
    payment = await shop.world.created()
    await shop.world.press(payment, "pay", telling="none", less="1")
    await shop.world.pass_time(5)
    assert (await shop.get(f"/payments/{payment.id}"))["under_review"]
    shop.be(Role.ACCOUNTANT)
    (item,) = (await shop.get("/payments/quarantined"))["items"]
    assert (item["quarantine"], item["person_id"]) == ("amount_changed", str(shop.world.person))


async def test_the_providers_door(shop: Shop) -> None:
    payment = await shop.world.created()
    notice = shop.world.signed_notice(payment)
    path = f"/hooks/testpay/test/{HOOK_SECRET}"

    async def send(path: str, body: bytes) -> tuple[int, bytes]:
        answer = await shop.client.post(path, content=body, headers=dict(notice.headers))
        return answer.status_code, answer.content

    assert await send(path, notice.body) == (200, b"OK")
    assert await send(path, notice.body) == (200, b"OK")
    assert await send(path, notice.body + b" ") == (403, b"NO")
    assert (await send(path + "x", notice.body))[0] == 404
    assert (await send("/hooks/testpay/other/" + HOOK_SECRET, notice.body))[0] == 404
    assert (await send(path, b"x" * (64 * 1024 + 1)))[0] == 413


def test_every_route_has_a_rule() -> None:
    for route in [*zaryad.payments.api.routes, *zaryad.wallet.api.routes]:
        assert "roles" in route.opt, route
