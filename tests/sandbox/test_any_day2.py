"""Whatever hands, the network and the central system do: every frame is valid, events are whole, the meters agree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.central2 import Strict
from zaryad.kernel.errors import DomainError
from zaryad.sandbox.model import (
    AnyCommand,
    ClearFault,
    DropLink,
    EmergencyStop,
    OutletModel,
    PlugIn,
    PresentCard,
    Reboot,
    SetFault,
    SetMood,
    Unplug,
)

OUTLETS = (OutletModel(1, "ccs2", 60_000), OutletModel(101, "chademo", 50_000), OutletModel(2, "type2", 22_000))
connectors = st.sampled_from([1, 101, 2])
Order = tuple[str, dict[str, Any]]
token = {"idToken": "ONE", "type": "ISO14443"}
place = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
orders: st.SearchStrategy[Order] = st.sampled_from(
    [
        ("RequestStartTransaction", {"idToken": token, "remoteStartId": 5, "evseId": 1}),
        ("RequestStartTransaction", {"idToken": token | {"idToken": "TWO"}, "remoteStartId": 6}),
        ("RequestStopTransaction", {"transactionId": "?"}),
        ("Reset", {"type": "Immediate"}),
        ("Reset", {"type": "OnIdle"}),
        ("Reset", {"type": "Immediate", "evseId": 1}),
        ("UnlockConnector", {"evseId": 1, "connectorId": 2}),
        ("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}}),
        ("ChangeAvailability", {"operationalStatus": "Operative"}),
        ("TriggerMessage", {"requestedMessage": "TransactionEvent"}),
        ("TriggerMessage", {"requestedMessage": "MeterValues", "evse": {"id": 1}}),
        ("TriggerMessage", {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}}),
        ("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"}),
        ("GetBaseReport", {"requestId": 1, "reportBase": "SummaryInventory"}),
        ("ReserveNow", {"id": 1, "expiryDateTime": "2026-05-01T09:00:00Z", "idToken": token, "evseId": 1}),
        ("CancelReservation", {"reservationId": 1}),
        (
            "SetVariableMonitoring",
            {"setMonitoringData": [place | {"value": 9, "type": "UpperThreshold", "severity": 2}]},
        ),
        ("GetCompositeSchedule", {"duration": 600, "evseId": 1, "chargingRateUnit": "A"}),
        ("GetLog", {"logType": "DiagnosticsLog", "requestId": 1, "log": {"remoteLocation": "http://logs/"}}),
        ("ClearCache", {}),
    ]
)
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
    orders,
    orders,
)
POINTS = [
    "Authorized,EVConnected",
    "EVConnected",
    "Authorized",
    "PowerPathClosed",
    "EnergyTransfer",
    "ParkingBayOccupancy",
]


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@settings(max_examples=60, deadline=None)
@given(day=st.lists(commands, max_size=40), start=st.sampled_from(POINTS), stop=st.sampled_from(POINTS))
def test_the_books_of_a_station_close(version: str, day: list[Any], start: str, stop: str) -> None:
    points = {"TxCtrlr/TxStartPoint": start, "TxCtrlr/TxStopPoint": stop}
    central = Strict(
        version,
        outlets=OUTLETS,
        configuration={"AuthCtrlr/OfflineTxForUnknownIdEnabled": "true"} | points,
    )
    end = [Unplug(connector=1), Unplug(connector=101), Unplug(connector=2), ClearFault(), 4_000, 60]
    for event in [*day, "hearing", "restore", 4_000, *end]:
        live(central, event)
    assert not central.station.memory.charges
    assert not central.station.memory.queue
    told(central)


def live(central: Strict, event: AnyCommand | str | int | Order) -> None:
    match event:
        case int():
            central.wait(event)
        case "cut":
            central.cut()
        case "restore":
            central.restore()
        case str():
            central.deaf = event == "deaf"
        case (str(action), dict(body)):
            if central.station.linked and not central.deaf:
                events = central.events()
                if body.get("transactionId") == "?":
                    body = {"transactionId": events[-1]["transactionInfo"]["transactionId"] if events else "none"}
                central.ask(action, **body)
        case _:
            try:
                central.do(event)  # type: ignore[arg-type]  # nothing else is left
            except DomainError:
                return


def told(central: Strict) -> None:
    """Each transaction has one start, one end, all numbers in between, and a meter that only goes up."""
    uids = {it["transactionInfo"]["transactionId"] for it in central.events()}
    total = 0
    for uid in uids:
        events: dict[int, dict[str, Any]] = {}
        for it in central.events(uid):
            assert events.setdefault(it["seqNo"], it) == it
        assert sorted(events) == list(range(len(events)))
        kinds = [events[number]["eventType"] for number in sorted(events)]
        assert kinds[0] == "Started"
        assert kinds[-1] == "Ended"
        assert set(kinds[1:-1]) <= {"Updated"}
        energy = [
            it["meterValue"][0]["sampledValue"][0]["value"]
            for it in (events[n] for n in sorted(events))
            if "meterValue" in it
        ]
        assert energy == sorted(energy)
        total += energy[-1] - energy[0]
    registers = sum(outlet.memory.register_mwh for outlet in central.station.outlets.values())
    assert abs(total - registers // 1_000) <= len(uids) + 1
