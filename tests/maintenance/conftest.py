"""A site of one's own."""

from __future__ import annotations

import pytest

from tests.http.site import Site
from zaryad.platform.db import Db


@pytest.fixture
async def site(db: Db) -> Site:
    """A demo deployment's application."""
    return Site(db)
