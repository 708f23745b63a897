"""Routes of the sandbox: look at virtual stations, and lay hands on them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.bus import Bus
from zaryad.sandbox import control
from zaryad.sandbox.model import AnyCommand, PlugIn, PresentCard, Unplug
from zaryad.sandbox.settings import Settings
from zaryad.sandbox.view import StationView

StationIdPath = Annotated[str, Parameter(max_length=48)]
After = Annotated[str | None, Parameter(max_length=48, description="the `next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=200)]

STAFF = (Role.OPERATOR, Role.TECHNICIAN, Role.ADMIN)
DRIVERS_DO = (PlugIn, Unplug, PresentCard)  # what a driver does with hands at a real station too


class StationsShown(msgspec.Struct, frozen=True):
    """A page of virtual stations, by id."""

    items: list[StationView]
    next: str | None


def _let_in(caller: Caller, rules: Settings, command: AnyCommand | None = None) -> None:
    if caller.has(*STAFF):
        return
    if not rules.drivers_may_act or (command is not None and not isinstance(command, DRIVERS_DO)):
        raise DomainError(Kind.FORBIDDEN, "role_missing")


@get("/sandbox/stations", opt=needs(*STAFF, Role.DRIVER), tags=["sandbox"])
async def list_virtual_stations(
    bus: Bus, caller: Caller, sandbox_rules: Settings, after: After = None, limit: Limit = 100
) -> StationsShown:
    """List the virtual stations. Drivers may where the deployment is a demonstration."""
    _let_in(caller, sandbox_rules)
    found = [station for station in await control.all_stations(bus) if after is None or station.id > after]
    page = found[:limit]
    return StationsShown(page, page[-1].id if len(found) > limit else None)


@get("/sandbox/stations/{station_id:str}", opt=needs(*STAFF, Role.DRIVER), tags=["sandbox"])
async def get_virtual_station(
    station_id: StationIdPath, bus: Bus, caller: Caller, sandbox_rules: Settings
) -> StationView:
    """Look at a virtual station."""
    _let_in(caller, sandbox_rules)
    return await control.one(bus, station_id)


@post("/sandbox/stations/{station_id:str}/do", status_code=200, opt=needs(*STAFF, Role.DRIVER), tags=["sandbox"])
async def do_to_virtual_station(
    station_id: StationIdPath, data: AnyCommand, bus: Bus, caller: Caller, sandbox_rules: Settings
) -> StationView:
    """Plug in, unplug, present a card, break, repair, reboot, cut the link: `do` in the body says what."""
    _let_in(caller, sandbox_rules, data)
    return await control.do(bus, station_id, data)


routes: list[Any] = [list_virtual_stations, get_virtual_station, do_to_virtual_station]
