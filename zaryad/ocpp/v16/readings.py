"""Sampled values into one wide reading per moment. The hot path: tables and integers, no surprises.

Defaults of what is absent: Energy.Active.Import.Register, Wh, Sample.Periodic, Outlet, no phase (OCPP 1.6, 7.43).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import Reading
from zaryad.ocpp.repair import NUMBER_LENGTH_MAX, Violation, decimal
from zaryad.ocpp.v16 import wire

REGISTER = "Energy.Active.Import.Register"
READINGS_MAX = 2_000  # of one message; the newest are kept, since they decide a bill
EXTRA_MAX = 40
EXTRA_TEXT_MAX = 80
SIGNED_MAX = 3_000

ENERGY, POWER, CURRENT, VOLTAGE, SOC = "energy_mwh", "power_mw", "current_ma", "voltage_mv", "soc_percent"

# Measurand and unit on the wire -> our column, and how many of our units one of theirs is.
# A known measurand with a unit that is not here is kept as text: better unread than misread.
COLUMNS: dict[tuple[str | None, str | None], tuple[str, int]] = {
    ("Power.Active.Import", "W"): (POWER, 1_000),
    ("Power.Active.Import", "kW"): (POWER, 1_000_000),
    ("Power.Active.Import", None): (POWER, 1_000),  # Autel's chargers mean watts
    ("Power.Active.Import", "Wh"): (POWER, 1_000),  # the unit's default, written out
    ("Current.Import", "A"): (CURRENT, 1_000),
    ("Current.Import", "mA"): (CURRENT, 1),
    ("Current.Import", None): (CURRENT, 1_000),
    ("Voltage", "V"): (VOLTAGE, 1_000),
    ("Voltage", "mV"): (VOLTAGE, 1),
    ("Voltage", None): (VOLTAGE, 1_000),
    ("SoC", "Percent"): (SOC, 1),
    ("SoC", "%"): (SOC, 1),
    ("SoC", None): (SOC, 1),
}
for _measurand in (REGISTER, None):
    COLUMNS |= {
        (_measurand, "Wh"): (ENERGY, 1_000),
        (_measurand, "kWh"): (ENERGY, 1_000_000),
        (_measurand, None): (ENERGY, 1_000),
    }

LINES = {"L1": "L1", "L2": "L2", "L3": "L3", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}


def readings(values: list[wire.MeterValue], received_at: dt.datetime, notes: list[Violation]) -> tuple[Reading, ...]:
    """Turn meter values into readings, one for each moment, in the order they came."""
    if len(values) == 1:
        only = values[0]
        return (reading(_utc(only.timestamp, received_at), only.sampled_value, notes),)
    moments: dict[dt.datetime, list[wire.SampledValue]] = {}
    for value in values:
        moments.setdefault(_utc(value.timestamp, received_at), []).extend(value.sampled_value)
    kept = list(moments.items())
    if len(kept) > READINGS_MAX:
        notes.append(Violation("too_many", "meterValue"))
        kept = kept[-READINGS_MAX:]
    return tuple(reading(at, samples, notes) for at, samples in kept)


def reading(at: dt.datetime, samples: list[wire.SampledValue], notes: list[Violation]) -> Reading:
    """Sort the samples of one moment into columns; what has none is kept in `extra`."""
    columns: dict[str, int] = {}
    phases: dict[str, dict[str, int]] = {}
    extra: dict[str, str] = {}
    elsewhere: list[wire.SampledValue] = []
    for sample in samples:
        column = COLUMNS.get((sample.measurand, sample.unit))
        if column is None or sample.format == "SignedData":
            _keep(extra, sample)
        elif sample.location is None or sample.location == "Outlet" or column[0] == SOC:
            _sort(sample, column, columns, phases, extra=extra, notes=notes)
        else:
            elsewhere.append(sample)
    if elsewhere:  # the outlet is what counts; another place only where the outlet says nothing
        said = {*columns, *phases}
        for sample in elsewhere:
            column = COLUMNS[sample.measurand, sample.unit]
            if column[0] in said:
                _keep(extra, sample)
            else:
                _sort(sample, column, columns, phases, extra=extra, notes=notes)
    for name, lines in phases.items():
        _combine(name, lines, columns)
    context = samples[0].context if samples else None
    return Reading(
        at=at,
        energy_mwh=columns.get(ENERGY),
        power_mw=columns.get(POWER),
        current_ma=columns.get(CURRENT),
        voltage_mv=columns.get(VOLTAGE),
        soc_percent=columns.get(SOC),
        context="Sample.Periodic" if context is None else context[:EXTRA_TEXT_MAX],
        extra=extra or None,
    )


def amount(text: str, scale: int) -> int | None:
    """Read a number into whole units of ours; None for what is no number, or is too large to be true."""
    if len(text) > NUMBER_LENGTH_MAX:
        return None
    try:
        value = int(text) * scale
    except ValueError:
        number = decimal(text)
        if number is None:
            return None
        value = int(number * scale)
    return value if -QUANTITY_MAX < value < QUANTITY_MAX else None


def _sort(
    sample: wire.SampledValue,
    column: tuple[str, int],
    columns: dict[str, int],
    phases: dict[str, dict[str, int]],
    *,
    extra: dict[str, str],
    notes: list[Violation],
) -> None:
    """Put one sample where it belongs."""
    name, scale = column
    value = amount(sample.value, scale)
    if value is None or (name == SOC and not 0 <= value <= 100):
        notes.append(Violation("not_a_quantity", sample.measurand or REGISTER))
        _keep(extra, sample)
        return
    if "," in sample.value:
        notes.append(Violation("comma", sample.measurand or REGISTER))
    phase = sample.phase
    if phase is None or name == SOC:
        columns[name] = value
    elif phase in LINES or name == VOLTAGE:
        phases.setdefault(name, {})[phase if name == VOLTAGE else LINES[phase]] = value
    else:  # a current in the neutral, power between phases
        _keep(extra, sample)


def _combine(name: str, lines: dict[str, int], columns: dict[str, int]) -> None:
    """Make one number of the phases: energy and power are sums unless a total came too, current is the highest."""
    if name == CURRENT:
        columns[name] = max(lines.values())
    elif name in columns:
        return
    elif name == VOLTAGE:
        columns[name] = next((lines[phase] for phase in LINES if phase in lines), next(iter(lines.values())))
    else:
        columns[name] = sum(lines.values())


def _keep(extra: dict[str, str], sample: wire.SampledValue) -> None:
    """Keep as text: `Temperature@Body` -> `41.5 Celsius`."""
    if len(extra) >= EXTRA_MAX or not sample.value:
        return
    signed = sample.format == "SignedData"
    key = sample.measurand or REGISTER
    if sample.phase:
        key = f"{key}.{sample.phase}"
    if sample.location and sample.location != "Outlet":
        key = f"{key}@{sample.location}"
    if signed:
        key = f"{key}#signed"
    value = sample.value[: SIGNED_MAX if signed else EXTRA_TEXT_MAX]
    extra[key[:EXTRA_TEXT_MAX]] = f"{value} {sample.unit[:20]}" if sample.unit else value


def last_register(read: Iterable[Reading]) -> int | None:
    """Return the newest known energy register of these readings."""
    known = [(r.at, r.energy_mwh) for r in read if r.energy_mwh is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _utc(at: dt.datetime, received_at: dt.datetime) -> dt.datetime:
    if at.tzinfo is dt.UTC:
        return at
    try:
        return at.astimezone(dt.UTC)
    except OverflowError:  # the year 1 or 9999, with an offset
        return received_at
