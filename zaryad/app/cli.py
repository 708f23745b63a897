"""The command line. Verbs import what they need when they are called, so that `--help` is there at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

if TYPE_CHECKING:
    from zaryad.app.config import Config

FAILURE, CONFIGURATION = 1, 2

app = App(
    name="zaryad",
    help="Zaryad runs networks of EV charging stations.\n\nBegin with: zaryad up --demo",
    help_format="plaintext",
    version="0.1.0",
    result_action="return_value",
)
ledger = App(name="ledger", help="The books: check that they are exact.\n\nExample: zaryad ledger verify")
app.command(ledger)

# Verbs of other modules. `help` stands here so that listing them imports nothing.
app.command(
    "zaryad.app.cli_user:users",
    name="user",
    help="People who sign in: create, list, set a password, roles.\n\nExample: zaryad user list",
)
app.command(
    "zaryad.app.cli_stations:stations",
    name="stations",
    help="Stations by the file.\n\nExample: zaryad stations import stations.csv",
)
app.command(
    "zaryad.app.cli_stations:doctor",
    name="doctor",
    help="Say why a station does not connect, and what to do.\n\nExample: zaryad doctor KG-BIS-0001",
)
app.command(
    "zaryad.app.cli_certificates:verbs",
    name="certificates",
    help="Our own CA: its root, certificates for servers, what stations have.\n\nExample: zaryad certificates list",
)
app.command(
    "zaryad.app.cli_sandbox:hands",
    name="sandbox",
    help="Virtual stations: list, plug in, present cards, break.\n\nExample: zaryad sandbox list",
)
app.command(
    "zaryad.app.cli_replay:replay",
    name="replay",
    help="Play a recorded conversation again, as its station.\n\nExample: zaryad replay log.jsonl --check",
)
app.command(
    "zaryad.app.cli_swarm:swarm",
    name="swarm",
    help="Raise thousands of virtual stations and measure.\n\n"
    "Example: zaryad swarm --stations 1000 --sessions 200 --interval 10 --create",
)

File = Annotated[Path | None, Parameter("--config", help="the configuration; else ZARYAD_CONFIG, else ./zaryad.toml")]
Demo = Annotated[bool, Parameter(negative="", help="demo network, logins and payments; never in production")]


@app.command
def up(*, demo: Demo = False, config: File = None) -> int:
    """Start everything this installation needs, and keep it running until Ctrl-C.

    Example: zaryad up --demo
    """
    import asyncio  # noqa: PLC0415  # see the module's docstring

    return asyncio.run(_supervise(config, demo=demo))


async def _supervise(file: Path | None, *, demo: bool) -> int:
    import time  # noqa: PLC0415

    from zaryad.app.nursery import AVAILABLE, Nursery  # noqa: PLC0415

    began = time.monotonic()
    nursery = Nursery(os.environ) if AVAILABLE else None
    if nursery is not None:
        await nursery.start()  # it imports the platform while we do
    try:
        from zaryad.app.announce import Announcer  # noqa: PLC0415
        from zaryad.app.services import specs, urls  # noqa: PLC0415
        from zaryad.app.supervisor import Bounds, Supervisor  # noqa: PLC0415

        loaded = _load(file, demo=demo)
        supervisor = Supervisor(
            loaded.data.path,
            specs(loaded),
            Announcer(loaded.data.path, began=began).told,
            urls=urls(loaded),
            environment=_for_children(loaded, file, demo=demo),
            bounds=Bounds(ready_within_s=loaded.services.ready_within_s, stop_within_s=loaded.services.stop_within_s),
            nursery=nursery,
        )
        return await supervisor.run()
    finally:
        if nursery is not None:
            await nursery.close()


@app.command(show=False)
def nursery(control: str) -> int:
    """Fork services for `up`; `control` is the descriptor it speaks through."""
    import socket  # noqa: PLC0415

    from zaryad.app.nursery import nurse  # noqa: PLC0415

    nurse(socket.socket(fileno=int(control)))


@app.command
def run(service: Literal["gateway", "http", "worker", "sandbox"], *, demo: Demo = False, config: File = None) -> int:
    """Run one service in the foreground: for many nodes, or under a supervisor of your own.

    Example: zaryad run gateway --config /etc/zaryad.toml
    """
    from zaryad.platform import lifecycle  # noqa: PLC0415

    loaded = _load(config, demo=demo)
    _logs(loaded, service)
    from zaryad.app.build import run_service  # noqa: PLC0415

    return lifecycle.run(
        lambda stop: run_service(service, loaded, stop), service=service, stop_within_s=loaded.services.stop_within_s
    )


@app.command
def migrate(*, config: File = None) -> int:
    """Bring the database's schema to this release. Safe to repeat, and while the platform runs.

    Example: zaryad migrate --config /etc/zaryad.toml
    """
    from zaryad.app.migrate import head, migrate  # noqa: PLC0415
    from zaryad.app.services import database_url  # noqa: PLC0415

    changed = migrate(database_url(_load(config)), lambda step: _say(f"  {step}"))
    _say(f"the schema {'is now' if changed else 'was already'} at {head() or 'nothing'}")
    return 0


@app.command(show=False)
def prepare(*, demo: Demo = False, config: File = None) -> int:
    """Do what `up` does between the databases and the services: create, migrate, and fill the demo network."""
    from zaryad.app.prepare import prepare as do  # noqa: PLC0415

    loaded = _load(config, demo=demo)
    _logs(loaded, "prepare")
    return do(loaded)


@app.command
def check(
    *,
    demo: Demo = False,
    config: File = None,
    values: Annotated[
        bool, Parameter("--print", negative="", help="show every effective value, secrets masked")
    ] = False,
) -> int:
    """Read the configuration exactly as `up` and `run` do, and say what would start.

    Example: zaryad check --print
    """
    from zaryad.app.announce import show_plan, show_values  # noqa: PLC0415
    from zaryad.app.load import file_of, masked  # noqa: PLC0415

    loaded = _load(config, demo=demo)
    if values:
        show_values(masked(loaded))
    else:
        show_plan(loaded, file_of(config))
    return 0


@app.command
def openapi(*, demo: Demo = False, config: File = None) -> int:
    """Print the API's description (OpenAPI 3.1, JSON).

    Example: zaryad openapi > openapi.json
    """
    from zaryad.app.build import openapi_document  # noqa: PLC0415

    sys.stdout.buffer.write(openapi_document(_load(config, demo=demo)))
    return 0


@ledger.command
def verify(*, demo: Demo = False, config: File = None) -> int:
    """Check every invariant of the books; exit code 1 when one is broken.

    Example: zaryad ledger verify
    """
    import asyncio  # noqa: PLC0415

    from zaryad import wallet  # noqa: PLC0415
    from zaryad.app.services import database_url  # noqa: PLC0415
    from zaryad.platform.db import Db  # noqa: PLC0415

    async def violations() -> list[wallet.Violation]:
        db = Db.connect(database_url(_load(config, demo=demo)), pool=2)
        try:
            async with db.begin() as tx:
                return list(await wallet.verify(tx))
        finally:
            await db.close()

    found = asyncio.run(violations())
    for violation in found:
        _say(str(violation))
    _say(f"{len(found)} violations" if found else "the books are exact")
    return FAILURE if found else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _load(file: Path | None, *, demo: bool = False) -> Config:
    from zaryad.app.load import load  # noqa: PLC0415

    return load(file, demo=demo)


def _logs(loaded: Config, service: str) -> None:
    from zaryad.platform import log  # noqa: PLC0415

    log.configure(loaded.log.level, loaded.log.format, colour=loaded.log.colour, service=service)


def _for_children(loaded: Config, file: Path | None, *, demo: bool) -> dict[str, str]:
    """Return what children have to know besides our own environment: they read the same configuration again."""
    told = {"PYTHONUNBUFFERED": "1"}
    if file is not None:
        told["ZARYAD_CONFIG"] = str(file.absolute())
    if demo:
        told["ZARYAD_DEMO__ENABLED"] = "true"
    if loaded.log.format == "auto":
        told["ZARYAD_LOG__FORMAT"] = "console"
    if loaded.log.colour is None:
        told["ZARYAD_LOG__COLOUR"] = "true" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else "false"
    return told


def call(arguments: list[str]) -> int:
    """Carry out a command line; returns the exit code: 0 done, 1 failed, 2 configuration or usage."""
    complaints = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        result = app(arguments, exit_on_error=False, error_console=complaints)
    except CycloptsError:
        return CONFIGURATION  # it has said what is wrong
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from zaryad.app.config import ConfigError  # noqa: PLC0415  # only now, when all that is imported anyway
        from zaryad.platform.postgres import PostgresError  # noqa: PLC0415

        if _is_unreachable(error):
            complaints.print("zaryad: the database does not answer. Is the platform running? Start it: zaryad up")
            return FAILURE
        if not isinstance(error, ConfigError | PostgresError):
            raise
        complaints.print(f"zaryad: {error}", markup=False)
        return CONFIGURATION if isinstance(error, ConfigError) else FAILURE
    return result if isinstance(result, int) else 0


def _is_unreachable(error: Exception) -> bool:
    from zaryad.platform.db import UNAVAILABLE  # noqa: PLC0415  # only now

    return isinstance(error, UNAVAILABLE)


def main() -> None:
    """Be the program."""
    sys.exit(call(sys.argv[1:]))
