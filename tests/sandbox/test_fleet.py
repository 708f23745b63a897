"""The fleet on a real database and a real bus; its stations talk to a server of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest
from websockets.asyncio.server import serve

from tests.sandbox.central import AC
from tests.sandbox.test_client import Kept, Server
from zaryad import sandbox
from zaryad.accounts import PersonId
from zaryad.app.cli import call
from zaryad.auth import Caller, Role
from zaryad.kernel.clock import SystemClock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db
from zaryad.sandbox import AnyCommand, StationView, api
from zaryad.sandbox.model import PlugIn, Reboot, SetNetwork, SetSpeed, StationModel, Unplug


class Deaf(Server):
    """A central system that only answers."""

    def __init__(self) -> None:
        super().__init__(Kept({"KG 1": b'{"outlets":{}}'}))


@asynccontextmanager
async def fleet(db: Db, bus: NatsBus) -> AsyncIterator[Deaf]:
    server = Deaf()
    async with serve(server.handle, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as listening:  # type: ignore[list-item]  # a NewType of str
        port = next(iter(listening.sockets)).getsockname()[1]
        rules = sandbox.Settings(gateway_url=f"ws://127.0.0.1:{port}/ocpp", speed=60, speed_believed=120)
        task = asyncio.create_task(sandbox.run(db, bus, rules, SystemClock(), secret=b"s"))
        try:
            yield server
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def linked(bus: NatsBus, id: str) -> StationView:
    async with asyncio.timeout(10):
        while True:
            with suppress(DomainError):
                if (view := await sandbox.one(bus, id)).boot == "accepted":
                    return view
            await asyncio.sleep(0.05)


async def test_adopted_stations_live_answer_hands_and_remember(db: Db, bus: NatsBus) -> None:
    async with fleet(db, bus):
        async with db.begin() as tx:
            await sandbox.adopt(tx, [StationModel(id=f"KG-{n}", outlets=(AC,)) for n in (2, 1)])
            hints = tx.hints
        for subject, payload in hints:
            bus.publish(subject, payload)
        await linked(bus, "KG-2")  # taken in after the other
        assert (await linked(bus, "KG-1")).speed == 60
        assert [view.id for view in await sandbox.all_stations(bus)] == ["KG-1", "KG-2"]
        assert (await sandbox.do(bus, "KG-1", SetSpeed(speed=120))).speed == 120
        with pytest.raises(DomainError, match="speed_not_believed"):
            await sandbox.do(bus, "KG-1", SetSpeed(speed=121))
        view = await sandbox.do(bus, "KG-1", PlugIn())
        assert view.outlets[0].status == "Preparing"
        with pytest.raises(DomainError, match="no_car_there"):
            await sandbox.do(bus, "KG-2", Unplug())
        with pytest.raises(DomainError, match="no_such_virtual_station"):
            await sandbox.one(bus, "KG-3")
        await sandbox.do(bus, "KG-1", SetNetwork(up=False))
    async with fleet(db, bus):
        await linked(bus, "KG-2")
        again = await sandbox.one(bus, "KG-1")
        assert again.outlets[0].car is not None
        assert not again.network


async def test_without_a_fleet_the_control_says_so(bus: NatsBus) -> None:
    with pytest.raises(DomainError) as raised:
        await sandbox.all_stations(bus)
    assert (raised.value.kind, raised.value.code) == (Kind.UNAVAILABLE, "sandbox_is_off")


async def test_the_command_line_lays_hands_on_a_station(
    db: Db, bus: NatsBus, nats_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with db.begin() as tx:
        await sandbox.adopt(tx, [StationModel(id="KG-1", outlets=(AC,))])
    async with fleet(db, bus):
        await linked(bus, "KG-1")

        async def said(*words: str) -> tuple[int, str, str]:
            code = await asyncio.to_thread(call, ["sandbox", *words, "--nats", nats_url])
            captured = capsys.readouterr()
            return code, captured.out, captured.err

        _, shown, _ = await said("plug", "KG-1", "1", "--soc", "40", "--json")
        assert msgspec.json.decode(shown)[0]["outlets"][0]["car"]["soc_percent"] == 40
        _, shown, _ = await said("list")
        assert "KG-1" in shown
        assert "Preparing" in shown
        _, shown, _ = await said("do", "KG-1", '{"do": "jump_meter", "wh": 5000}', "--json")
        assert msgspec.json.decode(shown)[0]["outlets"][0]["register_wh"] == 5_000
        for words, complaint in [
            (("plug", "KG-1", "1"), "cable_is_taken"),
            (("fault", "KG-1", "--code", "Boredom"), "Boredom"),
            (("do", "KG-1", "plug!"), "no JSON"),
        ]:
            with pytest.raises(SystemExit) as left:
                await said(*words)
            assert left.value.code == 1
            assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("role", "open_to_drivers", "command", "may"),
    [
        (Role.OPERATOR, False, Reboot(), True),
        (Role.DRIVER, False, PlugIn(), False),
        (Role.DRIVER, True, PlugIn(), True),
        (Role.DRIVER, True, Reboot(), False),
        (Role.ACCOUNTANT, True, Reboot(), False),
    ],
)
def test_drivers_may_only_plug_and_only_in_a_demonstration(
    role: Role, open_to_drivers: bool, command: AnyCommand, may: bool
) -> None:
    caller = Caller(PersonId(new_id()), frozenset({role}))
    rules = sandbox.Settings(drivers_may_act=open_to_drivers)
    if may:
        api._let_in(caller, rules, command)
    else:
        with pytest.raises(DomainError):
            api._let_in(caller, rules, command)
