"""Virtual stations and drivers: the demo network, swarms for load, and the twins of outside systems."""

from zaryad.sandbox.control import all_stations, do, one
from zaryad.sandbox.fleet import adopt, run
from zaryad.sandbox.model import AnyCommand, OutletModel, Quirks, StationModel
from zaryad.sandbox.settings import SPEED_MAX, Settings
from zaryad.sandbox.view import StationView

__all__ = [
    "SPEED_MAX",
    "AnyCommand",
    "OutletModel",
    "Quirks",
    "Settings",
    "StationModel",
    "StationView",
    "adopt",
    "all_stations",
    "do",
    "one",
    "run",
]
