"""What the meter says in 2.x's words: numbers with a unit and a power of ten."""

from __future__ import annotations

import random
from typing import Any

from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.samples import MAINS_MV, ONE_PHASE_CAR_MW, THREE_PHASE_FROM_W, battery_mv

ENERGY = "Energy.Active.Import.Register"
Sample = dict[str, Any]


def sampled(
    outlet: Outlet, register_mwh: int, measurands: list[str], context: str, chance: random.Random, *, kilo: bool = False
) -> list[Sample]:
    """Return the values of one moment; what this station cannot measure is left out. `kilo`: energy in units of 10³."""
    values: list[Sample] = []
    for measurand in measurands:
        values += _samples(outlet, register_mwh, measurand, chance, kilo=kilo)
    return [{**value, "context": context} for value in values]


def _samples(outlet: Outlet, register_mwh: int, measurand: str, chance: random.Random, *, kilo: bool) -> list[Sample]:
    match measurand:
        case "Energy.Active.Import.Register":
            wh = register_mwh // 1_000
            return [_value(wh / 1_000 if kilo else wh, measurand, "Wh", 3 if kilo else 0)]
        case "Power.Active.Import":
            return [_value(_tenths(outlet.power_mw), measurand, "W")]
        case "Current.Import" | "Voltage" if outlet.model.dc:
            volts = battery_mv(outlet)
            quantity = volts if measurand == "Voltage" else outlet.power_mw * 1_000 // volts
            return [_value(_tenths(quantity), measurand, "V" if measurand == "Voltage" else "A")]
        case "Current.Import" | "Voltage":
            return _phases(outlet, measurand, chance)
        case "SoC" if outlet.model.dc and outlet.memory.car is not None:
            return [{**_value(outlet.memory.car.soc_percent, measurand, "Percent"), "location": "EV"}]
        case _:
            return []


def _phases(outlet: Outlet, measurand: str, chance: random.Random) -> list[Sample]:
    car = outlet.memory.car
    three = outlet.model.power_w >= THREE_PHASE_FROM_W and car is not None and car.ac_mw > ONE_PHASE_CAR_MW
    count = 3 if three else 1
    values = []
    for number in range(1, count + 1):
        volts = MAINS_MV + chance.randrange(-2_500, 2_500)
        quantity = volts if measurand == "Voltage" else outlet.power_mw * 1_000 // count // volts
        unit, phase = ("V", f"L{number}-N") if measurand == "Voltage" else ("A", f"L{number}")
        values.append({**_value(_tenths(quantity), measurand, unit), "phase": phase})
    return values


def _tenths(milli: int) -> float:
    return milli // 100 / 10  # a number of JSON, to one decimal


def _value(value: float, measurand: str, unit: str, multiplier: int = 0) -> Sample:
    measure: dict[str, Any] = {"unit": unit} | ({"multiplier": multiplier} if multiplier else {})
    return {"value": value, "measurand": measurand, "unitOfMeasure": measure}
