"""A station as people see it: for the demo page, the API and the command line."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.sandbox.body import Body
from zaryad.sandbox.timekeeping import read


class CarView(msgspec.Struct, frozen=True):
    """The plugged car."""

    soc_percent: int
    capacity_wh: int
    full_at_percent: int
    takes_power: bool


class OutletView(msgspec.Struct, frozen=True):
    """A connector."""

    number: int
    kind: str
    power_w: int  # as built
    status: str  # OCPP's word
    flowing_w: int
    register_wh: int
    car: CarView | None
    token: str | None
    transaction_id: int | None
    fault: str | None
    transaction: str | None = None  # 2.x: the id that the station made
    limit_w: int | None = None  # by charging profiles


class StationView(msgspec.Struct, frozen=True):
    """A virtual station."""

    id: str
    vendor: str
    model: str
    powered: bool
    network: bool
    linked: bool
    boot: str
    clock: dt.datetime
    speed: int
    queued: int  # transaction messages that wait to be heard
    given_up: int
    outlets: tuple[OutletView, ...]
    link_error: str | None = None
    protocol: str = "1.6"
    firmware: str = ""
    violations: tuple[str, ...] = ()  # what the central system did against the standard, the last of it
    displays: tuple[str, ...] = ()  # 2.x: what is on the screen
    reservations: tuple[int, ...] = ()
    certificate: bool = False  # has one of its own


def view(station: Body, now: dt.datetime, link_error: str | None = None) -> StationView:
    """Look at a station."""
    memory = station.memory
    return StationView(
        id=station.model.id,
        vendor=station.model.vendor,
        model=station.model.model,
        powered=station.powered,
        network=memory.network,
        linked=station.linked,
        boot=station.registration.state,
        clock=read(memory, now),
        speed=memory.speed,
        queued=len(memory.queue),
        given_up=memory.given_up,
        outlets=tuple(_outlet(station, number) for number in station.outlets),
        link_error=None if station.linked else link_error,
        protocol=station.model.protocol,
        firmware=station.firmware,
        violations=tuple(station.violations)[-10:],
        displays=tuple(str(it.raw.get("message", {}).get("content", "")) for it in memory.displays.values()),
        reservations=tuple(memory.reservations),
        certificate=memory.chain is not None,
    )


def _outlet(station: Body, number: int) -> OutletView:
    outlet = station.outlets[number]
    car, shown = outlet.memory.car, station.shown(outlet)
    return OutletView(
        number=number,
        kind=outlet.model.kind,
        power_w=outlet.model.power_w,
        status=station.conditions[number].word or "Unavailable",
        flowing_w=outlet.power_mw // 1_000,
        register_wh=outlet.register_wh,
        car=None
        if car is None
        else CarView(car.soc_percent, car.capacity_mwh // 1_000, car.full_at_percent, car.takes_power),
        token=shown.token,
        transaction_id=shown.id,
        fault=outlet.memory.fault.code if outlet.memory.fault is not None else None,
        transaction=shown.uid,
        limit_w=None if outlet.limit_mw is None else outlet.limit_mw // 1_000,
    )
