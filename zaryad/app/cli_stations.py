"""`zaryad stations ...` and `zaryad doctor`: whole files of stations, and what is wrong with one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from zaryad import stations as network
from zaryad.app.config import Config
from zaryad.app.load import load
from zaryad.app.services import database_url
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.errors import DomainError
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.ui.i18n import t

T = TypeVar("T")
Language = Literal["ru", "ky", "en"]

File = Annotated[Path | None, Parameter("--config", help="the configuration; else ZARYAD_CONFIG, else ./zaryad.toml")]
Demo = Annotated[bool, Parameter(negative="", help="of the demo network")]
Tongue = Annotated[Language | None, Parameter("--language", help="of the answer; else System.Language")]
Apply = Annotated[bool, Parameter(negative="", help="do it; without, it is only said what would be done")]
Passwords = Annotated[bool, Parameter(negative="", help="give new stations a password each, and print them once")]

stations = App(
    name="stations",
    help="Stations by the file.\n\nExample: zaryad stations import stations.csv",
    help_format="plaintext",
)
doctor = App(name="doctor", help_format="plaintext")

LINES_SHOWN = 200
COLOURS = {"error": "red", "warning": "yellow", "info": "cyan", "ok": "green"}


@stations.command(name="import")
def import_file(
    file: Path,
    *,
    apply: Apply = False,
    passwords: Passwords = False,
    language: Tongue = None,
    demo: Demo = False,
    config: File = None,
) -> int:
    """Read a CSV file of stations and say what each line would do; with --apply do all of it, or nothing.

    Columns: station_id, location, vendor, model, admin_state, password, connector, kind, power_kw, tariff_id.

    Example: zaryad stations import stations.csv --apply
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        _complain(f"{file}: {error.strerror}")
        return 1

    async def act(db: Db, loaded: Config) -> network.Imported:
        async with db.begin() as tx:
            return await network.import_stations(
                tx,
                data,
                apply=apply,
                make_passwords=passwords,
                key=loaded.secret.encode(),
                now=SystemClock().now(),
            )

    loaded = load(config, demo=demo)
    done = _asked(loaded, language, act)
    if done is None:
        return 1
    _show_import(done, language or loaded.system.language)
    return 1 if done.count("problem") else 0


@doctor.default
def examine(station: str, *, language: Tongue = None, demo: Demo = False, config: File = None) -> int:
    """Say what came of a station's tries to connect, what is wrong and what to do; of unknown ones, too.

    Exit code 1 when something keeps it from working.

    Example: zaryad doctor KG-BIS-0001
    """
    loaded = load(config, demo=demo)
    tongue = language or loaded.system.language

    async def act(db: Db, loaded: Config) -> network.Report:
        async with db.begin() as tx:
            return await network.examine(tx, StationId(station), loaded.stations, SystemClock().now(), tongue)

    report = _asked(loaded, language, act)
    if report is None:
        return 1
    _show_report(report)
    return 1 if any(each.severity == "error" for each in report.findings) else 0


def _asked(config: Config, language: Language | None, act: Callable[[Db, Config], Awaitable[T]]) -> T | None:
    """Do it on the configured database; an expected error is told in words, and is None."""

    async def run() -> T:
        db = Db.connect(database_url(config), pool=2)
        try:
            return await act(db, config)
        finally:
            await db.close()

    try:
        return asyncio.run(run())
    except DomainError as error:
        _complain(t(language or config.system.language, f"error.{error.code}", **error.facts))
        return None


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False).print(f"zaryad: {text}", markup=False)


def _show_import(done: network.Imported, language: str) -> None:
    console = Console(highlight=False)
    told = [each for each in done.outcomes if each.outcome != "same"]
    table = Table("line", "station", "connector", "outcome", "", box=None, padding=(0, 2))
    for each in sorted(told, key=lambda each: (each.outcome != "problem", each.line))[:LINES_SHOWN]:
        why = "; ".join(f"{it.column}: {t(language, f'csv.{it.code}', **it.facts)}" for it in each.problems)
        number = "" if each.connector is None else str(each.connector)
        table.add_row(str(each.line), each.station_id, number, each.outcome, why)
    if told:
        console.print(table)
    if len(told) > LINES_SHOWN:
        console.print(f"and {len(told) - LINES_SHOWN} more")
    counts = ", ".join(f"{done.count(word)} {word}" for word in ("new", "changed", "same", "problem"))
    console.print(f"{counts}: {'applied' if done.applied else 'nothing was changed'}")
    for id, password in done.passwords.items():
        console.print(f"{id} {password}", markup=False, soft_wrap=True)


def _show_report(report: network.Report) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for each in report.findings:
        console.print(f"[{COLOURS[each.severity]}]{each.severity:8}[/]", end="")
        console.print(each.text, markup=False)
        console.print(f"        {each.remedy}", markup=False, style="dim")
    table = Table("at (UTC)", "from", "path", "password", "offered", "http", "closed", "", box=None, padding=(0, 2))
    for it in report.attempts[:20]:
        status = "" if it.status is None else str(it.status)
        closed = "" if it.close_code is None else f"{it.close_code} {it.close_reason or ''}".strip()
        at = f"{it.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(at, it.address, it.path, it.auth, ",".join(it.offered), status, closed, it.reason_text)
    if report.attempts:
        console.print()
        console.print(table, markup=False)
