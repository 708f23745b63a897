"""The bank's door for its merchant, the fault switches, and the application that serves it all."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
import structlog
from litestar import Litestar, Request, Response, get, post, put
from litestar.di import Provide
from litestar.enums import MediaType

from zaryad.kernel.clock import Clock, SystemClock
from zaryad.platform.db import Db, Tx
from zaryad.sandbox.testbank import orders, pages, store
from zaryad.sandbox.testbank.model import BankError, BankRefund, Call, Fault, Settings
from zaryad.sandbox.testbank.pay import settle_due
from zaryad.sandbox.testbank.signing import check_call
from zaryad.sandbox.testbank.tell import Teller, shown

log = structlog.get_logger()

BODY_MAX = 64 << 10
T = TypeVar("T")
Answer = Response[bytes]
Asked = Request[Any, Any, Any]


class FaultWanted(msgspec.Struct, frozen=True):
    """Arm a fault for the next `left` calls; `what` null disarms."""

    call: Call
    what: Fault | None = None
    left: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 1


@put("/v1/payments/{id:uuid}", status_code=200)
async def create(id: UUID, request: Asked, db: Db, settings: Settings, now: dt.datetime) -> Answer:
    """Make a payment."""
    body = await _signed(request, settings, now)
    wanted = _read(body, orders.Wanted)

    async def act(tx: Tx) -> dict[str, object]:
        return shown(await orders.create(tx, settings, id, wanted, now), settings.public_url)

    return await _call(db, settings, Call.CREATE, act)


@get("/v1/payments/{id:uuid}")
async def read(id: UUID, request: Asked, db: Db, settings: Settings, now: dt.datetime) -> Answer:
    """Read a payment."""
    await _signed(request, settings, now)

    async def act(tx: Tx) -> dict[str, object]:
        return shown(await orders.read(tx, id), settings.public_url)

    return await _call(db, settings, Call.READ, act)


@post("/v1/payments/{id:uuid}/cancel", status_code=200)
async def cancel(id: UUID, request: Asked, db: Db, settings: Settings, now: dt.datetime) -> Answer:
    """Cancel an unpaid payment."""
    await _signed(request, settings, now)

    async def act(tx: Tx) -> dict[str, object]:
        return shown(await orders.cancel(tx, id, now), settings.public_url)

    return await _call(db, settings, Call.CANCEL, act)


@put("/v1/payments/{id:uuid}/refunds/{refund_id:uuid}", status_code=200)
async def refund(id: UUID, refund_id: UUID, request: Asked, db: Db, settings: Settings, *, now: dt.datetime) -> Answer:
    """Give back all or a part."""
    body = await _signed(request, settings, now)
    wanted = _read(body, orders.RefundWanted)

    async def act(tx: Tx) -> dict[str, object]:
        return _refund(await orders.refund(tx, id, refund_id, wanted, now))

    return await _call(db, settings, Call.REFUND, act)


@get("/v1/payments/{id:uuid}/refunds/{refund_id:uuid}")
async def read_refund(
    id: UUID, refund_id: UUID, request: Asked, db: Db, settings: Settings, *, now: dt.datetime
) -> Answer:
    """Read a refund."""
    await _signed(request, settings, now)

    async def act(tx: Tx) -> dict[str, object]:
        return _refund(await orders.read_refund(tx, id, refund_id))

    return await _call(db, settings, Call.READ, act)


@put("/control/fault", status_code=200)
async def set_fault(request: Asked, db: Db, settings: Settings, now: dt.datetime) -> Answer:
    """Arm a fault; signed like any call, so that nobody else can break the bank."""
    wanted = _read(await _signed(request, settings, now), FaultWanted)
    async with db.begin() as tx:
        await store.set_fault(tx, wanted.call, wanted.what, wanted.left)
    return _json(200, {"armed": wanted.what is not None})


async def _signed(request: Asked, settings: Settings, now: dt.datetime) -> bytes:
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    check_call(settings, request.method, request.url.path, headers, body, now=now)
    return body


def _read(body: bytes, type: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BankError(422, "bad_body") from error


async def _call(db: Db, settings: Settings, call: Call, act: Callable[[Tx], Awaitable[dict[str, object]]]) -> Answer:
    """Do it, with the fault that is armed for such calls."""
    async with db.begin() as tx:
        fault = await store.take_fault(tx, call)
    match fault:
        case Fault.TIMEOUT_BEFORE:
            await asyncio.sleep(settings.slow_s)
            return _json(504, {"code": "timeout"})
        case Fault.ERROR_500:
            return _json(500, {"code": "internal"})
        case Fault.HTML:
            return Response(b"<html><body>Bad Gateway</body></html>", media_type=MediaType.HTML)
    async with db.begin() as tx:
        answer = await act(tx)
    if fault is Fault.TIMEOUT_AFTER:
        await asyncio.sleep(settings.slow_s)
    return _json(200, answer)


def _refund(refund: BankRefund) -> dict[str, object]:
    return {
        "id": refund.id,
        "state": refund.state,
        "amount": refund.amount_minor,
        "currency": refund.currency,
    }


def _json(status: int, body: dict[str, object]) -> Answer:
    return Response(msgspec.json.encode(body), status_code=status, media_type=MediaType.JSON)


def _refused(_request: Asked, error: BankError) -> Answer:
    return _json(error.status, {"code": error.code})


async def _look_after(db: Db, settings: Settings, clock: Clock, teller: Teller) -> None:
    """Expire, let late money arrive, send notices; whatever fails is tried again at the next tick."""
    while True:
        try:
            async with db.begin() as tx:
                await settle_due(tx, clock.now())
            while await teller.send_due(db, clock.now()):
                pass
        except Exception:
            log.exception("testbank.tick_failed")
        await asyncio.sleep(settings.tick_s)


def make_app(db: Db, settings: Settings, clock: Clock | None = None) -> Litestar:
    """Make the bank's ASGI application; its lifespan runs the loop that sends notices."""
    time = clock or SystemClock()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        teller = Teller(settings)
        loop = asyncio.create_task(_look_after(db, settings, time, teller), name="testbank")
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
            await teller.close()

    return Litestar(
        [create, read, cancel, refund, read_refund, set_fault, pages.show, pages.press],
        dependencies={
            "db": Provide(lambda: db, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "now": Provide(time.now, sync_to_thread=False),
        },
        exception_handlers={BankError: _refused},
        lifespan=[lifespan],
        request_max_body_size=BODY_MAX,
        openapi_config=None,
        logging_config=None,
    )
