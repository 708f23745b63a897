from collections.abc import AsyncIterator

import pytest

from tests.payments.world import World, opened
from zaryad.platform.db import Db


@pytest.fixture
async def world(db: Db) -> AsyncIterator[World]:
    """A shop and a bank."""
    async with opened(db) as world:
        yield world
