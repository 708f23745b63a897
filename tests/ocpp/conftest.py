"""A network of two stations, a gateway with a business that only remembers."""

from collections.abc import AsyncIterator

import pytest

from tests.ocpp.rig import BOX, Business, running
from tests.stations.network import build
from zaryad.ocpp.gateway import Gateway
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db


@pytest.fixture
def business() -> Business:
    return Business()


@pytest.fixture
async def gateway(db: Db, bus: NatsBus, business: Business) -> AsyncIterator[Gateway]:
    await build(db, BOX, "KG-BIS-0002")
    async with running(db, bus, business) as gateway:
        yield gateway
