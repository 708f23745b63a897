"""The schema as the `tables.py` files declare it; tests/app/test_migrate.py holds the migrations to the same."""

from __future__ import annotations

import importlib
import os
import pkgutil

import psycopg
import sqlalchemy as sa

import zaryad
from zaryad.app.migrate import migrate
from zaryad.platform import job_queue
from zaryad.platform.db import metadata


def import_tables() -> None:
    """Import every module's tables, so that the metadata is whole."""
    for module in pkgutil.walk_packages(zaryad.__path__, "zaryad."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)


def make_schema(url: str) -> None:
    """Migrate an empty database; ZARYAD_TEST_SCHEMA=declared creates it, while a migration is yet to be written."""
    if os.environ.get("ZARYAD_TEST_SCHEMA") == "declared":
        create(url)
    else:
        migrate(url)


def create(url: str) -> None:
    """Make what the declarations say, without a migration."""
    import_tables()
    with psycopg.connect(url, autocommit=True) as connection:
        job_queue.bring_up_to_date(connection)
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    metadata.create_all(engine)
    engine.dispose()
