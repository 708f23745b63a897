"""A hundred abrupt returns of each of four stations at once: never refused, never taken for absent, the newest wins."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.conformance.bench import CARD, V16, V201, Bench, card, meter
from tests.ocpp.rig import Station
from zaryad.link.facts import StationId
from zaryad.link.orders import ClearCache

STATIONS = [StationId(f"KG-BIS-000{number}") for number in (1, 2, 3, 4)]
RETURNS = 100


class Returning:
    """One station that loses its socket again and again, in the three ways there are."""

    def __init__(self, bench: Bench, id: StationId, version: str, stack: AsyncExitStack) -> None:
        self.bench, self.id, self.version, self.stack = bench, id, version, stack
        self.box: Station | None = None
        self.epoch = 0

    async def connect(self) -> Station:
        """A refusal raises here."""
        return await self.stack.enter_async_context(self.bench.station(self.version, self.id))

    async def present(self) -> None:
        """The one connection that counts is the newest, and what it says is heard."""
        assert self.box is not None
        assert "currentTime" in await self.box.call("Heartbeat")
        (row,) = self.bench.rows("select epoch, disconnected_at from presence where station_id = %s", self.id)
        assert row[0] > self.epoch, "an older connection counts"
        assert row[1] is None, "taken for absent"
        self.epoch = row[0]

    async def still_present(self) -> None:
        """The end of an older connection was not the station's."""
        (row,) = self.bench.rows("select epoch, disconnected_at from presence where station_id = %s", self.id)
        assert row == (self.epoch, None)

    async def run(self, returns: int) -> None:
        self.box = await self.connect()
        assert (await self.bench.boot(self.box))["status"] == "Accepted"
        await self.present()
        for turn in range(returns):
            before = self.box
            if turn % 3 == 0:  # gone, and at once back
                before.drop()
                self.box = await self.connect()
            elif turn % 3 == 1:  # as MicroOcpp: 20 ms later
                before.drop()
                await asyncio.sleep(0.02)
                self.box = await self.connect()
            else:  # back while the old one seems open, which breaks later or is closed by the platform
                self.box = await self.connect()
            await self.present()
            if turn % 3 == 2:
                if turn % 2:
                    before.drop()
                else:
                    assert await before.closed() is not None
            await self.still_present()


@pytest.mark.slow
@pytest.mark.parametrize("version", [V16, V201])
async def test_a_hundred_abrupt_returns_of_four_stations_at_once(bench: Bench, version: str) -> None:
    for id in STATIONS[1:]:
        await bench.world.add_station(id)
    async with AsyncExitStack() as stack:
        returning = [Returning(bench, id, version, stack) for id in STATIONS]
        await asyncio.gather(*(each.run(RETURNS) for each in returning))
        for each in returning:
            await each.still_present()
            assert each.box is not None
            order = await bench.place(ClearCache(), each.id)  # and orders go where it is
            await (await bench.asked(each.box, "ClearCache")).answer(status="Accepted")
            assert (await bench.ended(order)).state.value == "done"
        assert len(bench.gateway.connections) == len(STATIONS)


@pytest.mark.parametrize("version", [V16, V201])
async def test_a_transaction_goes_on_over_broken_sockets(bench: Bench, version: str) -> None:
    """Every reading on a connection of its own; each is there once, and the bill is the meter's."""
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(bench.booted(version))
        tx = await _begin(bench, box, version)
        for number in range(1, 21):
            box.drop()
            box = await stack.enter_async_context(bench.station(version))
            bench.later(number)
            for _ in (1, 2):  # its answer was lost: the same again
                await _measure(bench, box, version, tx, number)
        bench.later(21)
        await _end(bench, box, version, tx)
    assert bench.rows("select count(*) = count(distinct at), count(*) >= 20 from reading") == [(True, True)]
    await bench.settle()
    assert bench.rows("select state, energy_mwh, captured_minor from session") == [("settled", 2_100_000, 31_50)]


async def _begin(bench: Bench, box: Station, version: str) -> int:
    if version == V16:
        return int((await bench.begin(box))["transactionId"])
    evse = {"id": 1, "connectorId": 1}
    start = meter(0, 0, "Transaction.Begin")
    said = await bench.event(box, "Started", 0, "Authorized", idToken=card(CARD), evse=evse, meterValue=start)
    assert said["idTokenInfo"]["status"] == "Accepted"
    return 0


async def _measure(bench: Bench, box: Station, version: str, tx: int, number: int) -> None:
    read = meter(number * 100, number)
    if version == V16:
        sampled = [{"value": str(number * 100)}]
        values = [{"timestamp": read[0]["timestamp"], "sampledValue": sampled}]
        said = await box.call("MeterValues", {"connectorId": 1, "transactionId": tx, "meterValue": values})
    else:
        said = await bench.event(box, "Updated", number, "MeterValuePeriodic", number, meterValue=read)
    assert said == {}


async def _end(bench: Bench, box: Station, version: str, tx: int) -> None:
    if version == V16:
        await bench.end(box, tx, 2_100, 21)
    else:
        end = meter(2_100, 21, "Transaction.End")
        await bench.event(box, "Ended", 21, "StopAuthorized", 21, meterValue=end, info={"stoppedReason": "Local"})
