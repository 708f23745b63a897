"""Bring a database's schema to what this release needs. Safe to run by several processes at once, and again.

Migrations go forward only: expand (add what both releases can live with), backfill, contract in a later release.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config as Alembic
from alembic.script import ScriptDirectory

import zaryad
from zaryad.platform import job_queue

LOCK = 0x7A617279  # "zary": the advisory lock of whoever migrates
ATTEMPTS = 5


class MigrationError(Exception):
    """The schema is not what it should be; the text says what to do."""


def directory() -> Path:
    """Return where the migrations are: beside the package in a checkout, inside it in a wheel."""
    package = Path(zaryad.__file__).parent
    for place in (package.parent / "migrations", package / "_migrations"):
        if (place / "env.py").exists():
            return place
    raise MigrationError(f"no migrations beside {package}: the installation is incomplete; install it anew")


def alembic(url: str, told: Callable[[str], None] = lambda _step: None) -> Alembic:
    """Return Alembic's configuration; there is no alembic.ini."""
    settings = Alembic()
    settings.set_main_option("script_location", str(directory()).replace("%", "%%"))
    settings.attributes["url"] = url
    settings.attributes["told"] = told
    return settings


def head() -> str | None:
    """Return the newest revision of this release; None while there is none."""
    return ScriptDirectory.from_config(alembic("")).get_current_head()


def migrate(url: str, told: Callable[[str], None] = lambda _step: None) -> bool:
    """Apply what is missing, telling each step; True when there was anything.

    A migration that does not get a table's lock within its lock_timeout gives way to running work and is tried again.
    """
    steps: list[str] = []

    def step(text: str) -> None:
        steps.append(text)
        told(text)

    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("select pg_advisory_lock(%s)", (LOCK,))  # released with the connection
        for name in job_queue.bring_up_to_date(connection):
            step(f"job queue: {name}")
        if revision(connection) != head():
            _upgrade(alembic(url, step))
    return bool(steps)


def revision(connection: psycopg.Connection[tuple[object, ...]]) -> str | None:
    """Return the revision a database is at; None when it is empty."""
    found = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
    if not found or not found[0]:
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return None if row is None else str(row[0])


def _upgrade(settings: Alembic) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            command.upgrade(settings, "head")
        except Exception as error:
            cause = getattr(error, "orig", None)
            if not isinstance(cause, psycopg.errors.LockNotAvailable) or attempt == ATTEMPTS:
                raise
            settings.attributes["told"](f"a table is busy; trying again ({attempt} of {ATTEMPTS})")
            time.sleep(attempt)
        else:
            return
