"""`zaryad user ...`: people who sign in by login and password. What is typed as a password is not shown, nor logged."""

from __future__ import annotations

import asyncio
import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from zaryad import accounts, auth
from zaryad.accounts import Person
from zaryad.app.config import Config
from zaryad.app.load import load
from zaryad.app.services import database_url
from zaryad.auth import Role
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.errors import DomainError
from zaryad.platform.db import Db
from zaryad.ui.i18n import catalogue

T = TypeVar("T")

File = Annotated[Path | None, Parameter("--config", help="the configuration; else ZARYAD_CONFIG, else ./zaryad.toml")]
Demo = Annotated[bool, Parameter(negative="", help="of the demo network")]
Roles = Annotated[list[Role], Parameter("--role", negative="", help="may be given several times")]
Generate = Annotated[bool, Parameter(negative="", help="make a password and print it once")]

users = App(
    name="user",
    help="People who sign in: create, list, set a password, roles.\n\n"
    "A password is asked for, or read from the standard input when that is no terminal.",
    help_format="plaintext",
)


@users.command
def add(
    login: str,
    *,
    role: Roles,
    name: str | None = None,
    generate: Generate = False,
    demo: Demo = False,
    config: File = None,
) -> int:
    """Make a member of staff.

    Example: zaryad user add aibek --role operator --role technician --name "Айбек"
    """
    password = _password(generate=generate)
    return _do(
        config,
        demo,
        lambda db, rules: auth.create_staff(db, rules, login, password, role, name, SystemClock().now()),
        password if generate else None,
    )


@users.command(name="roles")
def set_roles(login: str, *, role: Roles, demo: Demo = False, config: File = None) -> int:
    """Replace the roles of a login; they hold from each device's next refresh, within a quarter of an hour.

    Example: zaryad user roles aibek --role admin
    """
    return _do(config, demo, lambda db, _rules: auth.set_roles(db, login, role))


@users.command(name="password")
def set_password(login: str, *, generate: Generate = False, demo: Demo = False, config: File = None) -> int:
    """Set a login's password, and sign it out everywhere.

    Example: zaryad user password aibek
    """
    password = _password(generate=generate)
    return _do(
        config,
        demo,
        lambda db, rules: auth.set_password(db, rules, login, password, SystemClock().now()),
        password if generate else None,
    )


@users.command(name="list")
def list_users(*, role: Role | None = None, demo: Demo = False, config: File = None) -> int:
    """List people with a login, or all with a role.

    Example: zaryad user list --role operator
    """

    async def read(db: Db, _rules: accounts.Settings) -> list[Person]:
        async with db.begin() as tx:
            found = await accounts.list_people(tx, role=None if role is None else role.value, limit=10_000)
        return [person for person in found if role is not None or person.login is not None]

    found = _asked(config, demo, read)
    if found is None:
        return 1
    _show(found)
    return 0


def _do(
    config: Path | None,
    demo: bool,
    act: Callable[[Db, accounts.Settings], Awaitable[Person]],
    generated: str | None = None,
) -> int:
    person = _asked(config, demo, act)
    if person is None:
        return 1
    _show([person])
    if generated is not None:
        sys.stdout.write(f"password: {generated}\n")
    return 0


def _asked(config: Path | None, demo: bool, act: Callable[[Db, accounts.Settings], Awaitable[T]]) -> T | None:
    """Do it on the configured database; an expected error is told in words, and is None."""
    loaded: Config = load(config, demo=demo)

    async def run() -> T:
        db = Db.connect(database_url(loaded), pool=2)
        try:
            return await act(db, loaded.people)
        finally:
            await db.close()

    try:
        return asyncio.run(run())
    except DomainError as error:
        words = catalogue().text("en", f"error.{error.code}", **error.facts)
        Console(stderr=True, highlight=False).print(f"zaryad: {words}", markup=False)
        return None


def _password(*, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(15)
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass("password: ")


def _show(found: list[Person]) -> None:
    table = Table("login", "phone", "name", "roles", "status", box=None, padding=(0, 2))
    for person in found:
        table.add_row(
            person.login or "",
            accounts.masked(person.phone) if person.phone else "",
            person.name or "",
            ", ".join(sorted(person.roles)),
            person.status,
        )
    Console(highlight=False).print(table)
