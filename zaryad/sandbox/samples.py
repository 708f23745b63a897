"""What the meter says, in OCPP 1.6's words: sampled values with decimals as text, whole numbers inside."""

from __future__ import annotations

import random

from zaryad.sandbox.model import Quirks
from zaryad.sandbox.outlet import Outlet

MAINS_MV = 230_000
THREE_PHASE_FROM_W = 11_000
ONE_PHASE_CAR_MW = 7_400_000

Sample = dict[str, str]


def sampled(outlet: Outlet, measurands: list[str], context: str, quirks: Quirks, chance: random.Random) -> list[Sample]:
    """Return the values of one moment for the measurands asked for; what this station cannot measure is left out."""
    values: list[Sample] = []
    for measurand in measurands:
        values += _samples(outlet, measurand, quirks, chance)
    if quirks.comma_decimals:
        values = [{**value, "value": value["value"].replace(".", ",")} for value in values]
    if context != "Sample.Periodic":
        values = [{**value, "context": context} for value in values]
    return values


def _samples(outlet: Outlet, measurand: str, quirks: Quirks, chance: random.Random) -> list[Sample]:
    values: list[Sample] = []
    match measurand:
        case "Energy.Active.Import.Register":
            values = [_energy(outlet, kwh=quirks.kwh_unit)]
        case "Power.Active.Import":
            values = [_value(tenths(outlet.power_mw, 1_000), measurand, "W")]
            if quirks.unitless_power:
                del values[0]["unit"]
        case "Current.Import" | "Voltage" if outlet.model.dc:
            volts = battery_mv(outlet)
            quantity = volts if measurand == "Voltage" else outlet.power_mw * 1_000 // volts
            values = [_value(tenths(quantity, 1_000), measurand, "V" if measurand == "Voltage" else "A")]
        case "Current.Import" | "Voltage":
            values = _phases(outlet, measurand, chance)
        case "SoC" if outlet.model.dc and outlet.memory.car is not None:
            values = [{**_value(str(outlet.memory.car.soc_percent), measurand, "Percent"), "location": "EV"}]
        case "Temperature":
            warmth_mc = 28_000 + outlet.power_mw // 10_000  # thousandths of a degree
            values = [{**_value(tenths(warmth_mc, 1_000), measurand, "Celsius"), "location": "Body"}]
    return values


def _energy(outlet: Outlet, *, kwh: bool) -> Sample:
    measurand = "Energy.Active.Import.Register"
    if not kwh:
        return _value(str(outlet.register_wh), measurand, "Wh")
    whole, part = divmod(outlet.register_wh, 1_000)
    return _value(f"{whole}.{part:03d}", measurand, "kWh")


def _phases(outlet: Outlet, measurand: str, chance: random.Random) -> list[Sample]:
    car = outlet.memory.car
    three = outlet.model.power_w >= THREE_PHASE_FROM_W and car is not None and car.ac_mw > ONE_PHASE_CAR_MW
    count = 3 if three else 1
    values = []
    for number in range(1, count + 1):
        volts = MAINS_MV + chance.randrange(-2_500, 2_500)
        quantity = volts if measurand == "Voltage" else outlet.power_mw * 1_000 // count // volts
        unit, phase = ("V", f"L{number}-N") if measurand == "Voltage" else ("A", f"L{number}")
        values.append({**_value(tenths(quantity, 1_000), measurand, unit), "phase": phase})
    return values


def battery_mv(outlet: Outlet) -> int:
    """Return the voltage of a car's battery."""
    car = outlet.memory.car
    return 350_000 + (car.soc_percent * 500 if car is not None else 0)  # 350 V empty, 400 V full


def _value(value: str, measurand: str, unit: str) -> Sample:
    return {"value": value, "measurand": measurand, "unit": unit}


def tenths(quantity: int, per_unit: int) -> str:
    """Write a whole number of small units with one decimal: 31,440 mA is "31.4" A."""
    whole, part = divmod(quantity * 10 // per_unit, 10)
    return f"{whole}.{part}"
