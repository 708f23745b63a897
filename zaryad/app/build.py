"""From a configuration to a running service: each gets its section, its neighbours, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

from zaryad import auth, certificates, charging, maintenance, notify, payments, sandbox
from zaryad.app import demo, services, wiring
from zaryad.app.config import Config, ConfigError
from zaryad.app.web import make_http_app
from zaryad.app.wiring_security import Guard
from zaryad.kernel.clock import Clock, SystemClock
from zaryad.kernel.errors import DomainError
from zaryad.ocpp.gateway import Gateway
from zaryad.platform import http, lifecycle, metrics
from zaryad.platform.bus import NatsBus, Silence
from zaryad.platform.db import Db
from zaryad.platform.http import serve
from zaryad.platform.http_docs import document
from zaryad.platform.worker import Worker
from zaryad.sandbox import testbank


class Neighbours(msgspec.Struct, frozen=True):
    """What every service has."""

    config: Config
    db: Db
    bus: NatsBus
    clock: Clock
    database_url: str


@asynccontextmanager
async def neighbours(config: Config, name: str) -> AsyncIterator[Neighbours]:
    """Connect to the bus and open the database, and close both on leaving."""
    url = services.database_url(config)
    bus = await NatsBus.connect(services.nats_url(config), f"zaryad-{name}")
    db = Db.connect(url, pool=config.database.pool, hint=bus.publish)
    try:
        yield Neighbours(config, db, bus, SystemClock(), url)
    finally:
        await db.close()
        await bus.close()


async def run_service(name: str, config: Config, stop: asyncio.Event) -> None:
    """Run one of our services until `stop` is set."""
    service = SERVICES[name]
    async with (
        neighbours(config, name) as near,
        metrics.listening(name, config.metrics.host, config.metrics.port_of(name)),
    ):
        await service(near, stop)


async def run_gateway(near: Neighbours, stop: asyncio.Event) -> None:
    """Serve stations' sockets."""
    config = near.config
    meter_book = charging.MeterBook(near.database_url, config.charging, near.bus.publish)
    desk, guard = certificates.PlugAndCharge(near.db, config.certificates), Guard(config)
    gateway = Gateway(
        near.db,
        near.bus,
        wiring.fact_handlers(near.db, config, meter_book, desk),
        wiring.order_ended(config),
        wiring.Door(config),
        near.clock,
        config.gateway,
        client_roots=lambda: guard.client_roots(near.db, near.clock),
        reveal=guard.reveal,
    )
    await gateway.start()
    lifecycle.ready()
    await stop.wait()
    await gateway.stop()
    await meter_book.close()
    await desk.close()


async def run_worker(near: Neighbours, stop: asyncio.Event) -> None:
    """Run jobs and sweeps."""
    config = near.config
    providers = make_providers(config, near.clock)
    channel = notify.build_channel(config.notify, demo=config.demo.enabled)
    worker = Worker(
        near.database_url,
        wiring.jobs(near.db, config, near.clock, providers, channel),
        wiring.sweeps(near.db, config, near.clock),
        near.clock,
    )
    lifecycle.ready()
    try:
        await worker.run(stop)
    finally:
        await providers.close()


async def run_http(near: Neighbours, stop: asyncio.Event) -> None:
    """Serve API and pages."""
    config = near.config
    providers = make_providers(config, near.clock)
    app = make_http_app(config, near.db, near.bus, near.clock, providers)
    ftp = config.upkeep.files.ftp
    door = maintenance.FtpDoor(near.db, near.clock, ftp) if ftp.enabled and config.has_module("maintenance") else None
    try:
        if door is not None:
            door.start()
        await serve(app, config.http, stop, lifecycle.ready)
    finally:
        if door is not None:
            await door.close()
        await providers.close()


async def run_sandbox(near: Neighbours, stop: asyncio.Event) -> None:
    """Live the virtual stations, and be the bank that only plays one."""
    config = near.config
    bank = testbank.make_app(near.db, demo.bank_settings(config), near.clock)
    living = asyncio.create_task(
        sandbox.run(near.db, near.bus, config.sandbox, near.clock, secret=config.secret.encode()),
        name="virtual stations",
    )
    door = http.Settings(host=config.testbank.host, port=config.testbank.port)
    serving = asyncio.create_task(serve(bank, door, stop, lifecycle.ready), name="test bank")
    await asyncio.wait({living, serving}, return_when=asyncio.FIRST_COMPLETED)
    for task in (living, serving):
        task.cancel()
    for result in await asyncio.gather(living, serving, return_exceptions=True):
        if isinstance(result, Exception) and not stop.is_set():
            raise result


SERVICES: dict[str, Callable[[Neighbours, asyncio.Event], Awaitable[None]]] = {
    "gateway": run_gateway,
    "http": run_http,
    "worker": run_worker,
    "sandbox": run_sandbox,
}


def make_providers(config: Config, clock: Clock) -> payments.Providers:
    """Make the configured payment accounts; in a demo there is the Test Bank's, and no other place has it."""
    rules = demo.with_bank(config) if config.demo.enabled else config.payments
    try:
        return payments.build_providers(rules, clock, sandbox=config.has_module("sandbox"))
    except DomainError as error:
        raise ConfigError(f"[payments.accounts]: {error}. Correct or remove the account.") from error


async def fill_demo(config: Config) -> list[services.DemoLogin]:
    """Make what is missing of the demo and return who may sign in; for `zaryad prepare`, before the services."""
    db = Db.connect(services.database_url(config), pool=2)
    try:
        await demo.make(db, config, SystemClock().now())
    finally:
        await db.close()
    staff = [services.DemoLogin(it.role.value, it.login, demo.password(config, it.login)) for it in demo.STAFF]
    driver = services.DemoLogin("driver", demo.DRIVER_PHONE, f"the code is shown at {config.public_url}/demo")
    return [driver, *staff]


def openapi_document(config: Config) -> bytes:
    """Return the API's description as JSON. Nothing is connected to: describing needs no database."""
    db = Db.connect("postgresql://localhost/nowhere")
    return document(make_http_app(config, db, Silence(), SystemClock(), payments.Providers([])), auth.RULE)
