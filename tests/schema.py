"""Make the schema in an empty database, as `zaryad migrate` does."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.resources import files

import psycopg
import sqlalchemy as sa

import zaryad
from zaryad.platform.db import metadata


def make_schema(url: str) -> None:
    """Create every table of every module, and the job queue's."""
    for module in pkgutil.walk_packages(zaryad.__path__, "zaryad."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    metadata.create_all(engine)
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((files("procrastinate") / "sql" / "schema.sql").read_bytes())
