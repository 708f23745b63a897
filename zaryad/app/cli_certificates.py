"""`zaryad certificates ...`: our own CA, certificates for servers and stations."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from cryptography import x509
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Column, Table

from zaryad import certificates
from zaryad.app.config import Config
from zaryad.app.load import load
from zaryad.app.services import database_url
from zaryad.app.wiring_security import Guard
from zaryad.certificates import Certificate, Status, listed
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.errors import DomainError
from zaryad.platform.db import Db, Tx
from zaryad.ui.i18n import catalogue

T = TypeVar("T")

File = Annotated[Path | None, Parameter("--config", help="the configuration; else ZARYAD_CONFIG, else ./zaryad.toml")]
Demo = Annotated[bool, Parameter(negative="", help="of the demo network")]

verbs = App(
    name="certificates",
    help="Our own CA: its root, certificates for servers, what stations have.\n\nExample: zaryad certificates list",
    help_format="plaintext",
)


@verbs.command
def ca(*, out: Path | None = None, demo: Demo = False, config: File = None) -> int:
    """Print the root that stations install to know us by, in PEM; made at the first need.

    Example: zaryad certificates ca --out root.pem
    """

    async def read(tx: Tx, guard: Guard) -> str:
        return await certificates.root_pem(tx, guard.rules, guard.seal, SystemClock().now())

    text = _asked(config, demo, read)
    if text is None:
        return 1
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="ascii")
        root = x509.load_pem_x509_certificate(text.encode())
        sys.stdout.write(f"{out}: {root.subject.rfc4514_string()}, until {root.not_valid_after_utc:%Y-%m-%d}\n")
    return 0


@verbs.command
def issue(
    names: list[str],
    *,
    out: Path = Path(),
    kind: Literal["both", "rsa", "ec"] = "both",
    demo: Demo = False,
    config: File = None,
) -> int:
    """Make a server's certificates for these names and write them: NAME-rsa.pem and .key, NAME-ec.pem and .key.

    Name the .pem files in gateway.tls.certificates; a running gateway takes new ones by itself.

    Example: zaryad certificates issue ocpp.example.kg 203.0.113.7 --out /etc/zaryad/tls
    """
    kinds = ("rsa", "ec") if kind == "both" else (kind,)

    async def make(tx: Tx, guard: Guard) -> list[certificates.Made]:
        return await certificates.issue_server(tx, guard.rules, guard.seal, names, SystemClock().now(), kinds)

    made = _asked(config, demo, make)
    if made is None:
        return 1
    out.mkdir(parents=True, exist_ok=True)
    for each in made:
        file = out / f"{names[0].replace('*', '_').replace(':', '_')}-{each.kind}.pem"
        _write_private(file.with_suffix(".key"), each.key)
        file.write_text(each.chain, encoding="ascii")
        sys.stdout.write(f"{file}: until {each.row.not_after:%Y-%m-%d}\n")
    return 0


@verbs.command(name="list")
def list_certificates(
    *, station: str | None = None, status: Status | None = None, demo: Demo = False, config: File = None
) -> int:
    """List certificates of stations and servers, newest first.

    Example: zaryad certificates list --station KG-BIS-0001
    """

    async def read(tx: Tx, _guard: Guard) -> list[Certificate]:
        return await listed(tx, station_id=station, status=status, limit=1_000)

    found = _asked(config, demo, read)
    if found is None:
        return 1
    table = Table(Column("id", no_wrap=True), "station", "use", "status", "until", "subject", box=None, padding=(0, 2))
    for each in found:
        table.add_row(
            str(each.id), each.station_id or "", each.use, each.status.value, f"{each.not_after:%Y-%m-%d}", each.subject
        )
    # What is piped on is not cut to the width of a terminal that is not there.
    Console(highlight=False, width=None if sys.stdout.isatty() else 240).print(table)
    return 0


@verbs.command
def revoke(id: UUID, *, why: str = "", demo: Demo = False, config: File = None) -> int:
    """Take a certificate back: its station is turned away from its next connection on.

    Example: zaryad certificates revoke 019aa6f2-7d1c-7cc4-8b3e-2f6a0d4be1a7 --why "the station was stolen"
    """

    async def act(tx: Tx, _guard: Guard) -> Certificate:
        return await certificates.revoke(tx, id, why, "command line", SystemClock().now())

    done = _asked(config, demo, act)
    if done is None:
        return 1
    sys.stdout.write(f"{done.subject}: {done.status.value}\n")
    return 0


def _write_private(file: Path, text: str) -> None:
    """Write a key so that nobody but its owner ever could read it."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as open_file:  # noqa: PTH123  # only a descriptor can be born private
        open_file.write(text)
    draft.rename(file)


def _asked(config: Path | None, demo: bool, act: Callable[[Tx, Guard], Awaitable[T]]) -> T | None:
    """Do it on the configured database; an expected error is told in words, and is None."""
    loaded: Config = load(config, demo=demo)

    async def run() -> T:
        db = Db.connect(database_url(loaded), pool=2)
        try:
            async with db.begin() as tx:
                return await act(tx, Guard(loaded))
        finally:
            await db.close()

    try:
        return asyncio.run(run())
    except DomainError as error:
        words = catalogue().text("en", f"error.{error.code}", **error.facts)
        Console(stderr=True, highlight=False).print(f"zaryad: {words}", markup=False)
        return None
