"""What hands do to a station: cables, cards, hammers, mains switches."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.sandbox import model
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.timekeeping import tell

if TYPE_CHECKING:
    from zaryad.sandbox.body import Body


def do(station: Body, command: model.AnyCommand, now: dt.datetime) -> None:
    """Do it; DomainError when that cannot be done to this station as it stands."""
    match command:
        case model.PlugIn():
            _plug_in(station, _outlet(station, command.connector), command, now)
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
        case model.SetClock() | model.FreezeMeter() | model.JumpMeter() | model.SetSpeed():
            _tune(station, command, now)
        case _:
            _instruct(station, command, now)


def _instruct(
    station: Body,
    command: model.Disturb | model.Behave | model.Say | model.RequestCertificate | model.PresentContract,
    now: dt.datetime,
) -> None:
    match command:
        case model.Disturb():
            station.memory.trouble = command.trouble
        case model.Behave():
            station.memory.behaviour = command.behaviour
        case model.Say():
            if command.unanswered and not station.sends:
                raise DomainError(Kind.CONFLICT, "sandbox_cannot_say", action=command.action, station=station.model.id)
            station.say(command.action, command.body, unanswered=command.unanswered)
        case model.RequestCertificate():
            station.sign_certificate(now)
        case model.PresentContract():
            if not station.present_contract(_outlet(station, command.connector), command, now):
                raise DomainError(Kind.CONFLICT, "no_free_connector", station=station.model.id)


def _outlet(station: Body, number: int) -> Outlet:
    if number not in station.outlets:
        raise DomainError(Kind.NOT_FOUND, "no_such_connector", station=station.model.id, connector=number)
    return station.outlets[number]


def _plug_in(station: Body, outlet: Outlet, command: model.PlugIn, now: dt.datetime) -> None:
    if outlet.memory.car is not None:
        raise DomainError(Kind.CONFLICT, "cable_is_taken", connector=outlet.model.number)
    outlet.memory.car, outlet.memory.spent = command.car(), False
    if station.powered:
        station.plugged(outlet, now)


def _unplug(station: Body, outlet: Outlet, now: dt.datetime) -> None:
    if outlet.memory.car is None:
        raise DomainError(Kind.CONFLICT, "no_car_there", connector=outlet.model.number)
    outlet.memory.car = None
    if station.powered:
        station.unplugged(outlet, now)
    outlet.memory.spent, outlet.permission, outlet.power_mw = False, None, 0


def _present(station: Body, command: model.PresentCard, now: dt.datetime) -> None:
    if command.connector is not None:
        _outlet(station, command.connector)
    if not (station.powered and station.present(command.token, command.connector, now)):
        raise DomainError(Kind.CONFLICT, "no_free_connector", station=station.model.id)


def _set_mood(outlet: Outlet, command: model.SetMood) -> None:
    car = outlet.memory.car
    if car is None:
        raise DomainError(Kind.CONFLICT, "no_car_there", connector=outlet.model.number)
    full_at = car.full_at_percent if command.full_at_percent is None else command.full_at_percent
    outlet.memory.car = msgspec.structs.replace(car, takes_power=command.takes_power, full_at_percent=full_at)


def _interrupt(station: Body, command: model.Reboot | model.DropLink | model.SetNetwork, now: dt.datetime) -> None:
    match command:
        case model.Reboot(hard=True):
            station.cut_power(now, command.seconds)
        case model.Reboot():
            station.restart("Reboot", now)
        case model.SetNetwork(up=True):
            station.memory.network = True
        case model.SetNetwork():
            station.memory.network = False
            station.hang_up()
        case model.DropLink():
            station.hang_up(command.times, command.back_ms)


def _tune(
    station: Body, command: model.SetClock | model.FreezeMeter | model.JumpMeter | model.SetSpeed, now: dt.datetime
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


def _break(station: Body, command: model.SetFault | model.ClearFault | model.EmergencyStop, now: dt.datetime) -> None:
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
            station.broken(outlet, reason, now)
        outlet.memory.fault = fault
