"""Between the databases and the services: the database is created, migrated and, in demo mode, filled."""

from __future__ import annotations

import asyncio
import time

import msgspec
import psycopg
import structlog

from zaryad.app.config import Config
from zaryad.app.migrate import migrate
from zaryad.app.services import database_url, postgres_server
from zaryad.platform import lifecycle

log = structlog.get_logger()

OUTSIDE_ANSWERS_WITHIN_S = 60


def prepare(config: Config) -> int:
    """Do all of it; safe to repeat. Returns the exit code."""
    if config.database.url is None:
        postgres_server(config).ensure_database()
    url = database_url(config)
    _wait(url)
    migrate(url, lambda step: log.info("migrate.step", step=step))
    if config.demo.enabled:
        from zaryad.app.build import fill_demo  # noqa: PLC0415  # brings every module with it

        lifecycle.note(msgspec.json.encode(asyncio.run(fill_demo(config))).decode())
    return 0


def _wait(url: str) -> None:
    """Wait for an outside database that is still starting."""
    deadline = time.monotonic() + OUTSIDE_ANSWERS_WITHIN_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise
            log.warning("database.unreachable", error=str(error).strip())
            time.sleep(1)
        else:
            return
