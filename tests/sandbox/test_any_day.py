"""Whatever hands and the network do in whatever order, the meters and the messages agree."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.central import Central
from zaryad.kernel.errors import DomainError
from zaryad.sandbox.battery import MWMS_PER_MWH, PERMILLE
from zaryad.sandbox.model import (
    AnyCommand,
    ClearFault,
    DropLink,
    EmergencyStop,
    PlugIn,
    PresentCard,
    Reboot,
    SetFault,
    SetMood,
    Unplug,
)

connectors = st.integers(1, 2)
commands: Any = st.one_of(
    st.builds(PlugIn, connector=connectors, soc_percent=st.integers(0, 100)),
    st.builds(Unplug, connector=connectors),
    st.builds(PresentCard, token=st.sampled_from(["ONE", "TWO"]), connector=connectors),
    st.builds(SetFault, connector=connectors),
    st.builds(SetMood, connector=connectors, takes_power=st.booleans()),
    st.just(ClearFault()),
    st.just(EmergencyStop()),
    st.builds(Reboot, hard=st.booleans()),
    st.just(DropLink()),
    st.sampled_from(["cut", "restore", "deaf", "hearing"]),
    st.integers(1, 4_000),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(commands, max_size=40))
def test_the_books_of_a_station_close(day: list[AnyCommand | str | int]) -> None:
    central = Central(configuration={"AllowOfflineTxForUnknownId": "true"})
    registers = {1: 0, 2: 0}
    for event in [*day, "hearing", "restore", 4_000, Unplug(connector=1), Unplug(connector=2), 60]:
        match event:
            case int():
                central.wait(event)
            case "cut":
                central.cut()
            case "restore":
                central.restore()
            case str():
                central.deaf = event == "deaf"
            case _:
                try:
                    central.do(event)
                except DomainError:
                    continue
        for number, outlet in central.station.outlets.items():
            assert outlet.register_wh >= registers[number]
            registers[number] = outlet.register_wh
    assert not central.station.memory.transactions
    assert not central.station.memory.queue
    told(central, registers)


def told(central: Central, registers: dict[int, int]) -> None:
    """Each start has one stop, in between come its readings, and nothing flows outside of transactions."""
    starts = {central.begun[k]: k for k in central.begun}
    running: dict[int, int] = {}
    stops: dict[int, dict[str, Any]] = {}
    for action, body in central.heard:
        if action == "StopTransaction":
            assert stops.setdefault(body["transactionId"], body) == body
        elif action == "MeterValues":
            energy = int(body["meterValue"][0]["sampledValue"][0]["value"])
            assert energy >= running.get(body["transactionId"], 0)
            running[body["transactionId"]] = energy
    assert starts.keys() == stops.keys()
    total = 0
    for id, (_, _, meter_start, _) in starts.items():
        assert meter_start <= running.get(id, meter_start) <= stops[id]["meterStop"]
        total += stops[id]["meterStop"] - meter_start
    assert total == sum(registers.values())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=20))
def test_the_meter_and_the_battery_saw_the_same_energy(pauses: list[int]) -> None:
    central = Central()
    central.do(PlugIn(connector=2, soc_percent=10))
    car = central.station.memory.outlets[2].car
    assert car is not None
    central.ask("RemoteStartTransaction", connectorId=2, idTag="CARD")
    for pause in pauses:
        central.wait(pause)
    memory = central.station.memory.outlets[2]
    assert memory.car is not None
    stored = (memory.car.stored_mwh - car.stored_mwh) * MWMS_PER_MWH * PERMILLE + memory.car.carry
    assert (memory.register_mwh * MWMS_PER_MWH + memory.carry_mwms) * car.efficiency_permille == stored
