"""A bench for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.conformance.bench import Bench, running
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db


@pytest.fixture
async def bench(db: Db, database_url: str, bus: NatsBus) -> AsyncIterator[Bench]:
    async with running(db, database_url, bus) as bench:
        yield bench
