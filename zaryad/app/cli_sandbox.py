"""`zaryad sandbox ...` lays hands on virtual stations; `zaryad swarm ...` raises thousands for load.

Both find the running platform by its configuration, or by `--nats` and `--gateway`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.live import Live
from rich.table import Table

from zaryad import sandbox
from zaryad.app.config import Config, ConfigError, Data
from zaryad.app.load import load
from zaryad.app.services import database_url, nats_url
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.errors import DomainError
from zaryad.platform import log
from zaryad.platform.bus import Bus, NatsBus
from zaryad.platform.db import Db
from zaryad.sandbox import AnyCommand, StationView, model
from zaryad.sandbox.swarm import Plan, Report, Swarm
from zaryad.sandbox.swarm.network import create as create_network
from zaryad.stations import station_password

hands = App(name="sandbox", help="Virtual stations: list them, plug in, unplug, present cards, break and reboot them.")
swarm = App(name="swarm", help="Raise a swarm of stations against a gateway and report rates and latencies.")

Nats = Annotated[str | None, Parameter(env_var="ZARYAD_NATS_URL", help="the bus; else the configuration's")]
File = Annotated[Path | None, Parameter("--config", help="the configuration; else ZARYAD_CONFIG, else ./zaryad.toml")]
Json = Annotated[bool, Parameter(help="print JSON instead of a table")]
CONNECT_S = 3

T = TypeVar("T")

out = Console(width=None if sys.stdout.isatty() else 160)
complaints = Console(stderr=True)


@hands.command(name="list")
def list_(*, nats: Nats = None, json: Json = False) -> None:
    """List the virtual stations.

    Example: zaryad sandbox list
    """
    found = _asked(nats, sandbox.all_stations)
    _show(list(found), json=json)


@hands.command
def show(station: str, *, nats: Nats = None, json: Json = False) -> None:
    """Show one station.

    Example: zaryad sandbox show KG-BIS-0003
    """
    _show([_asked(nats, lambda bus: sandbox.one(bus, station))], json=json)


@hands.command
def plug(
    station: str,
    connector: int = 1,
    *,
    capacity: int = 60,
    soc: int = 25,
    full_at: int = 100,
    nats: Nats = None,
    json: Json = False,
) -> None:
    """Plug a car in: battery of `capacity` kWh at `soc` percent, full at `full_at` percent.

    Example: zaryad sandbox plug KG-BIS-0003 1 --soc 25
    """
    command = model.PlugIn(connector=connector, capacity_kwh=capacity, soc_percent=soc, full_at_percent=full_at)
    _do(nats, station, command, json=json)


@hands.command
def unplug(station: str, connector: int = 1, *, nats: Nats = None, json: Json = False) -> None:
    """Pull the cable.

    Example: zaryad sandbox unplug KG-BIS-0003 1
    """
    _do(nats, station, model.Unplug(connector=connector), json=json)


@hands.command
def card(station: str, token: str, connector: int | None = None, *, nats: Nats = None, json: Json = False) -> None:
    """Hold an RFID card to the reader.

    Example: zaryad sandbox card KG-BIS-0003 1 DEMO0001
    """
    _do(nats, station, model.PresentCard(token=token, connector=connector), json=json)


@hands.command
def fault(
    station: str,
    connector: int = 1,
    *,
    code: str = "GroundFailure",
    info: str = "",
    clear: bool = False,
    nats: Nats = None,
    json: Json = False,
) -> None:
    """Break a connector (0: the station), or `--clear` its fault.

    Example: zaryad sandbox fault KG-BIS-0003 1
    """
    told = {"do": "clear_fault", "connector": connector}
    if not clear:
        told = {"do": "set_fault", "connector": connector, "code": code, "info": info}
    _do(nats, station, told, json=json)


@hands.command
def emergency(station: str, *, nats: Nats = None, json: Json = False) -> None:
    """Hit the red button.

    Example: zaryad sandbox emergency KG-BIS-0003
    """
    _do(nats, station, model.EmergencyStop(), json=json)


@hands.command
def drop(station: str, *, keep_down: bool = False, nats: Nats = None, json: Json = False) -> None:
    """Drop the link once, or take the network away until `restore` with `--keep-down`.

    Example: zaryad sandbox drop KG-BIS-0003
    """
    _do(nats, station, model.SetNetwork(up=False) if keep_down else model.DropLink(), json=json)


@hands.command
def restore(station: str, *, nats: Nats = None, json: Json = False) -> None:
    """Give the network back.

    Example: zaryad sandbox restore KG-BIS-0003
    """
    _do(nats, station, model.SetNetwork(up=True), json=json)


@hands.command
def reboot(station: str, *, soft: bool = False, nats: Nats = None, json: Json = False) -> None:
    """Cut the power for a moment, or restart in good order with `--soft`.

    Example: zaryad sandbox reboot KG-BIS-0003
    """
    _do(nats, station, model.Reboot(hard=not soft), json=json)


@hands.command
def speed(station: str, times: int, *, nats: Nats = None, json: Json = False) -> None:
    """Let batteries fill so many times as fast; clocks stay true.

    Example: zaryad sandbox speed KG-BIS-0003 60
    """
    _do(nats, station, {"do": "set_speed", "speed": times}, json=json)


@hands.command
def do(station: str, command: str, *, nats: Nats = None, json: Json = False) -> None:
    """Do anything else by its JSON, as the API takes it.

    Example: zaryad sandbox do KG-BIS-0003 '{"do": "jump_meter", "connector": 1, "wh": 5000}'
    """
    try:
        told = msgspec.json.decode(command)
    except msgspec.DecodeError as error:
        _fail(f"this is no JSON: {error}")
    _do(nats, station, told, json=json)


@swarm.default
def raise_swarm(
    *,
    stations: Annotated[int, Parameter(help="how many")],
    gateway: Annotated[str | None, Parameter(help="else the configuration's")] = None,
    sessions: Annotated[int, Parameter(help="how many of them charge")] = 0,
    interval: Annotated[int, Parameter(help="seconds between readings of a session")] = 30,
    heartbeat: Annotated[int, Parameter(help="seconds between heartbeats")] = 60,
    seconds: Annotated[int, Parameter(help="how long sessions run")] = 60,
    idle: Annotated[int, Parameter(help="seconds of heartbeats only, before sessions")] = 0,
    storm: Annotated[bool, Parameter(negative="", help="cut all links at once, and let all come back")] = False,
    at_once: Annotated[int, Parameter(help="handshakes under way at a time")] = 100,
    prefix: Annotated[str, Parameter(help="what the stations' names begin with")] = "SWARM-",
    first: Annotated[int, Parameter(help="the number of the first: several swarms side by side")] = 1,
    create: Annotated[bool, Parameter(negative="", help="write the stations into the database first")] = False,
    password: Annotated[bool, Parameter(help="the passwords that --create gives")] = True,
    config: File = None,
    json: Json = False,
) -> None:
    """Raise `stations` stations; let `sessions` of them charge with a reading every `interval` seconds.

    Phases: connect (storm and boot), idle, sessions, reconnect (with --storm), stop. Each reports rates and latencies.

    Example: zaryad swarm --stations 1000 --sessions 200 --interval 10 --create
    """
    known = None if gateway is not None and not create and not password else _config(config)
    secret = known.secret.encode() if known is not None and password else None
    plan = Plan(
        gateway=gateway or (known.sandbox.gateway_url if known is not None else ""),
        stations=stations,
        prefix=prefix,
        first=first,
        at_once=at_once,
        heartbeat_s=heartbeat,
        sessions=min(sessions, stations),
        interval_s=interval,
        seconds=seconds,
        idle_seconds=idle,
        storm=storm,
        password=lambda name: None if secret is None else station_password(secret, name).encode(),
    )
    if create and known is not None:
        try:
            made = uvloop.run(_create(known, plan, secret))
        except Exception as error:  # noqa: BLE001  # the driver's errors are the database's own affair
            _fail(f"the stations could not be written: {str(error).splitlines()[0]}. Is the platform running?")
        complaints.print(f"{made} new stations")
    reports = uvloop.run(_swarm(plan, quiet=json))
    if json:
        sys.stdout.write(msgspec.json.encode(reports).decode() + "\n")


def _config(file: Path | None) -> Config:
    """Read the configuration; where there is none, that of a demo that has run here."""
    try:
        return load(file)
    except ConfigError:
        demo_secret = Path(os.environ.get("ZARYAD_DATA_DIR", Data().dir)) / "secrets" / "secret"
        if file is not None or not demo_secret.exists():
            raise
        return load(file, demo=True)


async def _create(config: Config, plan: Plan, secret: bytes | None) -> int:
    db = Db.connect(database_url(config), pool=2)
    try:
        return await create_network(db, plan, config.secret.encode(), secret, SystemClock().now())
    finally:
        await db.close()


async def _swarm(plan: Plan, *, quiet: bool) -> list[Report]:
    if quiet:
        return await Swarm(plan).run()
    running = Swarm(plan, told=lambda report: out.print(_phase_table(report)))
    task = asyncio.create_task(running.run())
    with Live(console=out, refresh_per_second=2, transient=True) as live:
        while not task.done():
            live.update(_progress(running))
            await asyncio.wait({task}, timeout=0.5)
    return await task


def _progress(running: Swarm) -> str:
    measure = running.measure
    return (
        f"{running.phase}: {running.connected}/{len(running.stations)} connected, {running.in_session} in session, "
        f"{measure.answered} answers ({measure.answered / max(measure.seconds, 0.1):.0f}/s), "
        f"{measure.reconnects} reconnects, {measure.errors.total()} errors"
    )


def _phase_table(report: Report) -> Table:
    title = (
        f"{report.phase}: {report.seconds} s, {report.connected}/{report.stations} connected, "
        f"{report.handshakes_per_second} handshakes/s, {report.answered_per_second} answers/s, "
        f"swarm's CPU {report.swarm_cpu_share:.0%}"
    )
    table = Table("action", "answers", "per second", "p50 ms", "p95 ms", "p99 ms", "max ms", title=title)
    for row in report.actions:
        table.add_row(
            row.action,
            *(str(value) for value in (row.answered, row.per_second, row.p50_ms, row.p95_ms, row.p99_ms, row.max_ms)),
        )
    for error, count in report.errors.items():
        table.add_row(f"[red]{error}", str(count))
    return table


def _do(nats: str | None, station: str, command: AnyCommand | dict[str, object], *, json: bool) -> None:
    try:
        ready: AnyCommand = msgspec.convert(msgspec.to_builtins(command), AnyCommand)
    except msgspec.ValidationError as error:
        _fail(str(error))
    _show([_asked(nats, lambda bus: sandbox.do(bus, station, ready))], json=json)


def _asked(nats: str | None, ask: Callable[[Bus], Awaitable[T]]) -> T:
    url = nats or nats_url(_config(None))
    log.configure("error", "console", service="cli")

    async def run() -> T:
        async with asyncio.timeout(CONNECT_S):  # the bus itself would try for ever
            bus = await NatsBus.connect(url, "cli")
        try:
            return await ask(bus)
        finally:
            await bus.close()

    try:
        return asyncio.run(run())
    except DomainError as error:
        _fail(str(error))
    except OSError:
        _fail(f"no bus at {url}: is the platform running? Name another with --nats or ZARYAD_NATS_URL")


def _show(stations: list[StationView], *, json: bool) -> None:
    if json:
        sys.stdout.write(msgspec.json.encode(stations).decode() + "\n")
        return
    table = Table()
    for name in ("station", "link", "connector", "state", "power", "register", "car", "transaction"):
        table.add_column(name, no_wrap=True)
    for station in stations:
        link = "linked" if station.linked else station.link_error or ("away" if station.network else "no network")
        for outlet in station.outlets:
            table.add_row(
                station.id,
                link,
                f"{outlet.number} {outlet.kind} {outlet.power_w // 1_000} kW",
                outlet.status,
                f"{outlet.flowing_w / 1_000:.1f} kW" if outlet.flowing_w else "",
                f"{outlet.register_wh / 1_000:.3f} kWh",
                "" if outlet.car is None else f"{outlet.car.soc_percent} %",
                "" if outlet.transaction_id is None else str(outlet.transaction_id),
            )
    out.print(table)


def _fail(why: str) -> NoReturn:
    complaints.print(f"[red]zaryad:[/red] {why}")
    raise SystemExit(1)
