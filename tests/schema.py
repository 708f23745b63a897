"""The schema as `zaryad migrate` makes it, and as the `tables.py` files declare it."""

from __future__ import annotations

import importlib
import pkgutil

import zaryad
from zaryad.app.migrate import migrate


def import_tables() -> None:
    """Import every module's tables, so that the metadata is whole."""
    for module in pkgutil.walk_packages(zaryad.__path__, "zaryad."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)


def make_schema(url: str) -> None:
    """Migrate an empty database."""
    migrate(url)
