"""What `up` and `check` show to a person: lines of the children, URLs and logins, what would start."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import time
from collections.abc import Mapping, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from zaryad.app.config import Config
from zaryad.app.services import DOES, DemoLogin, chosen, listeners, urls
from zaryad.app.supervisor import Told
from zaryad.platform.log import clean_text

COLOURS = {"postgres": 34, "nats": 36, "prepare": 33, "gateway": 32, "http": 35, "worker": 94, "sandbox": 95, "up": 97}
FOREIGN = ("postgres", "nats")
COMPLAINT = re.compile(r"\b(FATAL|PANIC)\b|\[(ERR|FTL)\]|error while loading", re.IGNORECASE)
EXPECTED = re.compile(
    r"database system is (starting up|shutting down|in recovery)|terminating connection|not yet accept"
)
LOG_BYTES_MAX = 20 << 20


class Announcer:
    """Prints what children say, with a prefix; keeps all of it in `logs/` of the data directory."""

    def __init__(self, directory: Path, *, began: float | None = None, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._directory = directory
        self._files: dict[str, logging.Logger] = {}
        self._began = time.monotonic() if began is None else began

    @property
    def told(self) -> Told:
        """Return what the supervisor speaks through."""
        return Told(line=self.line, event=self.event, ready=self.ready)

    def line(self, name: str, text: str) -> None:
        """Show a line of a child; of foreign programs only complaints."""
        self._keep(name, text)
        if name in FOREIGN:
            if not COMPLAINT.search(text) or EXPECTED.search(text):
                return
            text = clean_text(text)
        self._print(name, text)

    def event(self, name: str, text: str) -> None:
        """Show what the supervisor has to say of a child, or of itself."""
        self._keep("up", f"{name}: {text}")
        self._print("up", text if name == "up" else f"{name} {text}")

    def ready(self, found: Mapping[str, str], notes: Sequence[str]) -> None:
        """Show where everything is, and who may sign in."""
        self._keep("up", "ready")
        with contextlib.suppress(BrokenPipeError):
            grid = Table.grid(padding=(0, 2))
            for name, url in found.items():
                grid.add_row(f"  {name}", f"[bold]{url}[/bold]")
            self._console.print(f"\n[bold green]Zaryad is ready[/bold green] in {time.monotonic() - self._began:.1f} s")
            self._console.print(grid)
            logins = [login for note in notes for login in _logins(note)]
            if logins:
                table = Table(
                    "who", "login", "password", title="Demo logins", title_justify="left", box=None, padding=(0, 2)
                )
                for login in logins:
                    table.add_row(login.who, login.login, login.secret)
                self._console.print(table)
            self._console.print("  Ctrl-C stops everything.\n")

    def _print(self, name: str, text: str) -> None:
        prefix = f"{name:>8} | "
        if self._console.is_terminal and not self._console.no_color:
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
        with contextlib.suppress(BrokenPipeError):
            print(prefix + text, file=self._console.file, flush=True)

    def _keep(self, name: str, text: str) -> None:
        with contextlib.suppress(OSError):
            self._file(name).info(text)

    def _file(self, name: str) -> logging.Logger:
        if name not in self._files:
            directory = self._directory / "logs"
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o700)
            kept = logging.Logger(f"kept.{name}")  # noqa: LOG001  # apart from all other loggers on purpose
            handler = RotatingFileHandler(directory / f"{name}.log", maxBytes=LOG_BYTES_MAX, backupCount=2, delay=True)
            handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
            kept.addHandler(handler)
            self._files[name] = kept
        return self._files[name]


def _logins(note: str) -> list[DemoLogin]:
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.json.decode(note, type=list[DemoLogin])
    return []


def show_plan(config: Config, file: Path | None) -> None:
    """Print what `up` would start with this configuration."""
    console = Console(highlight=False)
    console.print(f"configuration: {file or 'no file; defaults and environment'}")
    console.print(f"data: {config.data.path}" + ("   [yellow]demo mode[/yellow]" if config.demo.enabled else ""))
    table = Table("service", "does", "listens on", box=None, padding=(0, 2))
    names = chosen(config)
    for name, does in DOES.items():
        ports = ", ".join(f"{where.host}:{where.port}" for where in listeners(config, name))
        if name in names:
            table.add_row(f"[green]{name}[/green]", does, ports or ("unix socket" if name == "postgres" else ""))
        elif name in FOREIGN and (config.database.url if name == "postgres" else config.nats.url):
            table.add_row(name, does, "outside, by url")
        else:
            table.add_row(f"[dim]{name}[/dim]", does, "off")
    console.print(table)
    console.print(f"modules: {', '.join(config.modules.run)}")
    for name, url in urls(config).items():
        console.print(f"{name}: {url}")
    console.print("[green]the configuration is good[/green]")


def show_values(values: Mapping[str, object]) -> None:
    """Print effective values, one key a line."""
    for section, keys in values.items():
        for key, value in keys.items() if isinstance(keys, dict) else []:
            sys.stdout.write(f"{section}.{key} = {json.dumps(value, ensure_ascii=False)}\n")
