"""`zaryad sandbox ...` lays hands on virtual stations; it finds the platform by its configuration, or `--nats`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar, get_args

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from zaryad import sandbox
from zaryad.app.config import Config, ConfigError, Data
from zaryad.app.load import load
from zaryad.app.services import nats_url
from zaryad.kernel.errors import DomainError
from zaryad.platform import log
from zaryad.platform.bus import Bus, NatsBus
from zaryad.sandbox import AnyCommand, StationView, model

hands = App(name="sandbox", help="Virtual stations: list them, plug in, unplug, present cards, break and reboot them.")

Nats = Annotated[str | None, Parameter(env_var="ZARYAD_NATS_URL", help="the bus; else the configuration's")]
File = Annotated[Path | None, Parameter("--config", help="the configuration; else ZARYAD_CONFIG, else ./zaryad.toml")]
Json = Annotated[bool, Parameter(help="print JSON instead of a table")]
CONNECT_S = 3
Kind = Literal[
    "well", "half_open", "doubled", "reordered", "lost", "lost_answers", "unheard", "slow_ms", "expired_certificate",
    "spaced_json", "unknown_fields", "no_subprotocol", "password_text", "password_hex", "password_raw",
    "password_wrong", "password_none",
]  # fmt: skip
PASSWORDS = frozenset(kind for kind in get_args(Kind) if kind.startswith("password_"))
SWITCHES = frozenset({"half_open", "expired_certificate", "spaced_json", "unknown_fields", "no_subprotocol"})

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
    """Let batteries fill so many times as fast; clocks stay true. Not faster than meters are believed: see docs.

    Example: zaryad sandbox speed KG-BIS-0003 60
    """
    _do(nats, station, {"do": "set_speed", "speed": times}, json=json)


@hands.command
def trouble(
    station: str,
    kind: Kind = "well",
    value: int | None = None,
    *,
    nats: Nats = None,
    json: Json = False,
) -> None:
    """Put the link into trouble: `kind` and how much of it (percent of frames, milliseconds); `well` ends it all.

    Example: zaryad sandbox trouble KG-BIS-0003 doubled 30
    """
    told: dict[str, object] = {}
    if kind in PASSWORDS:
        told = {"password": kind.removeprefix("password_")}
    elif kind in SWITCHES:
        told = {kind: value != 0}
    elif kind != "well":
        told = {kind: (3_000 if kind == "slow_ms" else 50) if value is None else value}
    _do(nats, station, {"do": "disturb", "trouble": told}, json=json)


@hands.command
def flap(station: str, times: int = 20, *, every_ms: int = 20, nats: Nats = None, json: Json = False) -> None:
    """Drop the link so many times in a row, and come back each time after `every_ms` milliseconds.

    Example: zaryad sandbox flap KG-BIS-0003 100
    """
    _do(nats, station, {"do": "drop_link", "times": times, "back_ms": every_ms}, json=json)


@hands.command
def behave(
    station: str,
    *,
    download: str = "works",
    signature: str = "checked",
    install: str = "works",
    upload: str = "works",
    certificate: str = "checked",
    nats: Nats = None,
    json: Json = False,
) -> None:
    """Say how updates, uploads and certificates go from now on: fails, breaks_once, denied, refused...

    Example: zaryad sandbox behave KG-BIS-0003 --install fails
    """
    told = {
        "download": download,
        "signature": signature,
        "install": install,
        "upload": upload,
        "certificate": certificate,
    }
    _do(nats, station, {"do": "behave", "behaviour": told}, json=json)


@hands.command
def do(station: str, command: str, *, nats: Nats = None, json: Json = False) -> None:
    """Do anything else by its JSON, as the API takes it.

    Example: zaryad sandbox do KG-BIS-0003 '{"do": "jump_meter", "connector": 1, "wh": 5000}'
    """
    try:
        told = msgspec.json.decode(command)
    except msgspec.DecodeError as error:
        fail(f"this is no JSON: {error}")
    _do(nats, station, told, json=json)


def config_of(file: Path | None) -> Config:
    """Read the configuration; where there is none, that of a demo that has run here."""
    try:
        return load(file)
    except ConfigError:
        demo_secret = Path(os.environ.get("ZARYAD_DATA_DIR", Data().dir)) / "secrets" / "secret"
        if file is not None or not demo_secret.exists():
            raise
        return load(file, demo=True)


def _do(nats: str | None, station: str, command: AnyCommand | dict[str, object], *, json: bool) -> None:
    try:
        ready: AnyCommand = msgspec.convert(msgspec.to_builtins(command), AnyCommand)
    except msgspec.ValidationError as error:
        fail(str(error))
    _show([_asked(nats, lambda bus: sandbox.do(bus, station, ready))], json=json)


def _asked(nats: str | None, ask: Callable[[Bus], Awaitable[T]]) -> T:
    url = nats or nats_url(config_of(None))
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
        fail(str(error))
    except OSError:
        fail(f"no bus at {url}: is the platform running? Name another with --nats or ZARYAD_NATS_URL")


def _show(stations: list[StationView], *, json: bool) -> None:
    if json:
        sys.stdout.write(msgspec.json.encode(stations).decode() + "\n")
        return
    table = Table()
    for name in ("station", "OCPP", "link", "connector", "state", "power", "register", "car", "transaction"):
        table.add_column(name, no_wrap=True)
    for station in stations:
        link = "linked" if station.linked else station.link_error or ("away" if station.network else "no network")
        for outlet in station.outlets:
            table.add_row(
                station.id,
                station.protocol,
                link,
                f"{outlet.number} {outlet.kind} {outlet.power_w // 1_000} kW",
                outlet.status,
                f"{outlet.flowing_w / 1_000:.1f} kW" if outlet.flowing_w else "",
                f"{outlet.register_wh / 1_000:.3f} kWh",
                "" if outlet.car is None else f"{outlet.car.soc_percent} %",
                outlet.transaction or ("" if outlet.transaction_id is None else str(outlet.transaction_id)),
            )
    out.print(table)


def fail(why: str) -> NoReturn:
    """Say why not, and leave."""
    complaints.print(f"[red]zaryad:[/red] {why}")
    raise SystemExit(1)
