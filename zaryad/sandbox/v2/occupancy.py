"""What the EVSEs and connectors of a 2.x station are: free, taken, kept; and what their meters say by the clock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from zaryad.link.station import evse_of
from zaryad.sandbox import reserve
from zaryad.sandbox.kept import Reservation
from zaryad.sandbox.outlet import Outlet

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2


def usable(station: Station2, outlet: Outlet) -> bool:
    """Whether somebody could begin to charge: nothing broken, and no other connector of the EVSE in use."""
    memory = outlet.memory
    taken = any(o.memory.car is not None or o.memory.transaction is not None for o in _others(station, outlet))
    return memory.fault is None and memory.operative and not taken and memory.grant is None


def busy_beside(station: Station2, outlet: Outlet) -> bool:
    """Whether a transaction runs at another connector of the outlet's EVSE: it has one at a time."""
    return any(o.memory.transaction is not None for o in _others(station, outlet))


def reserved(station: Station2, number: int) -> Reservation | None:
    """Return the reservation that keeps an outlet's EVSE."""
    if not station.memory.reservations:
        return None
    evse = evse_of(number)[0]
    free = {evse_of(n)[0] for n, o in station.outlets.items() if usable(station, o) and o.memory.car is None} - {evse}
    return reserve.kept_for(station.memory, evse, len(free))


def gather(station: Station2, outlet: Outlet) -> None:
    """Who may charge at this EVSE may do so at the connector that the cable went into."""
    if outlet.memory.grant is not None or outlet.memory.transaction is not None:
        return
    for other in _others(station, outlet):
        if other.memory.grant is not None and other.memory.car is None:
            outlet.memory.grant, other.memory.grant = other.memory.grant, None
            charge = station.charges.at(other)
            if charge is not None:
                charge.connector = outlet.model.number
                outlet.memory.transaction, other.memory.transaction = charge.number, None
            return


def word(station: Station2, number: int) -> str:
    """Return the ConnectorStatus that is true now; 0 is the station."""
    if number == 0:
        return "Faulted" if station.memory.fault else "Available" if station.memory.operative else "Unavailable"
    memory = station.outlets[number].memory
    if memory.fault is not None:
        return "Faulted"
    if memory.car is not None or memory.transaction is not None or memory.grant is not None:
        return "Occupied"
    if not (memory.operative and station.memory.operative):
        return "Unavailable"
    return "Reserved" if reserved(station, number) is not None else "Available"


def measure_by_the_clock(station: Station2, due: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """Tell the meters of all EVSEs when it is time (J01); return when it is next."""
    interval = station.device.number("AlignedDataCtrlr/Interval")
    if not interval or not station.accepted:
        return None
    if due is not None and now < due:
        return due
    if due is not None:
        for number, outlet in station.outlets.items():
            evse, connector = evse_of(number)
            if connector == 1:
                value = station.charges.reading(outlet, now, "AlignedDataCtrlr/Measurands", "Sample.Clock")
                station.ask("MeterValues", {"evseId": evse, "meterValue": [value]})
    return now.replace(microsecond=0) + dt.timedelta(seconds=interval - int(now.timestamp()) % interval)


def _others(station: Station2, outlet: Outlet) -> list[Outlet]:
    evse = evse_of(outlet.model.number)[0]
    return [o for n, o in station.outlets.items() if o is not outlet and evse_of(n)[0] == evse]
