"""What hands do to a station: cables, cards, hammers, mains switches."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.sandbox import cards16, model
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.timekeeping import tell

if TYPE_CHECKING:
    from zaryad.sandbox.station16 import Station16


def do(station: Station16, command: model.AnyCommand, now: dt.datetime) -> None:
    """Do it; DomainError when that cannot be done to this station as it stands."""
    match command:
        case model.PlugIn():
            _plug_in(_outlet(station, command.connector), command)
        case model.Unplug():
            _unplug(station, _outlet(station, command.connector), now)
        case model.PresentCard():
            _present(station, command, now)
        case model.SetMood():
            _set_mood(_outlet(station, command.connector), command)
        case model.SetFault() | model.ClearFault() | model.EmergencyStop():
            _break(station, command, now)
        case model.Reboot() | model.DropLink() | model.SetNetwork():
            _interrupt(station, command, now)
        case _:
            _tune(station, command, now)


def _outlet(station: Station16, number: int) -> Outlet:
    if number not in station.outlets:
        raise DomainError(Kind.NOT_FOUND, "no_such_connector", station=station.model.id, connector=number)
    return station.outlets[number]


def _plug_in(outlet: Outlet, command: model.PlugIn) -> None:
    if outlet.memory.car is not None:
        raise DomainError(Kind.CONFLICT, "cable_is_taken", connector=outlet.model.number)
    outlet.memory.car, outlet.memory.spent = command.car(), False


def _unplug(station: Station16, outlet: Outlet, now: dt.datetime) -> None:
    if outlet.memory.car is None:
        raise DomainError(Kind.CONFLICT, "no_car_there", connector=outlet.model.number)
    outlet.memory.car = None
    if station.powered and station.configuration.on("StopTransactionOnEVSideDisconnect"):
        station.end(outlet, "EVDisconnected", now)
    outlet.memory.spent, outlet.permission, outlet.power_mw = False, None, 0


def _present(station: Station16, command: model.PresentCard, now: dt.datetime) -> None:
    if command.connector is not None:
        _outlet(station, command.connector)
    if not (station.powered and cards16.present(station, command.token, command.connector, now)):
        raise DomainError(Kind.CONFLICT, "no_free_connector", station=station.model.id)


def _set_mood(outlet: Outlet, command: model.SetMood) -> None:
    car = outlet.memory.car
    if car is None:
        raise DomainError(Kind.CONFLICT, "no_car_there", connector=outlet.model.number)
    full_at = car.full_at_percent if command.full_at_percent is None else command.full_at_percent
    outlet.memory.car = msgspec.structs.replace(car, takes_power=command.takes_power, full_at_percent=full_at)


def _interrupt(station: Station16, command: model.Reboot | model.DropLink | model.SetNetwork, now: dt.datetime) -> None:
    match command:
        case model.Reboot(hard=True):
            station.cut_power(now)
        case model.Reboot():
            station.restart("Reboot", now)
        case model.SetNetwork(up=True):
            station.memory.network = True
        case model.SetNetwork():
            station.memory.network = False
            station.hang_up()
        case model.DropLink():
            station.hang_up()


def _tune(
    station: Station16, command: model.SetClock | model.FreezeMeter | model.JumpMeter | model.SetSpeed, now: dt.datetime
) -> None:
    match command:
        case model.SetClock():
            tell(station.memory, now + dt.timedelta(seconds=command.offset_s), now)
            station.memory.clock_ppm = command.ppm
        case model.FreezeMeter():
            _outlet(station, command.connector).memory.frozen = command.frozen
        case model.JumpMeter():
            memory = _outlet(station, command.connector).memory
            memory.register_mwh = max(0, memory.register_mwh + command.wh * 1_000)
        case model.SetSpeed():
            station.memory.speed = command.speed


def _break(
    station: Station16, command: model.SetFault | model.ClearFault | model.EmergencyStop, now: dt.datetime
) -> None:
    fault: model.OutletFault | None
    match command:
        case model.SetFault():
            fault, connector, reason = model.OutletFault(command.code, command.info), command.connector, "Other"
        case model.EmergencyStop():
            fault, connector, reason = model.OutletFault("OtherError", "EmergencyStop"), 0, "EmergencyStop"
        case _:
            fault, connector, reason = None, command.connector, ""
    outlets = list(station.outlets.values()) if connector == 0 else [_outlet(station, connector)]
    if connector == 0:
        station.memory.fault = fault
    for outlet in outlets:
        if fault is not None and station.powered:
            station.end(outlet, reason, now)
        outlet.memory.fault = fault
