"""2.x sampled values into one wide reading per moment, in integers. What is absent has a default (2.0.1, J).

`unitOfMeasure` is a unit and a power of ten. A known measurand with a unit that is not here is kept as text: better
unread than misread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import Reading
from zaryad.ocpp.repair import Violation, sane
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import text_of, utc

REGISTER: Final = "Energy.Active.Import.Register"
READINGS_MAX = 2_000  # of one message; the newest are kept, since they decide a bill
EXTRA_MAX = 40
EXTRA_TEXT_MAX = 80
SIGNED_MAX = 33_000  # a signature that is cut is worth nothing
MULTIPLIER_MAX = 24
PLANS_MAX = 1_000

ENERGY, POWER, CURRENT, VOLTAGE, SOC = "energy_mwh", "power_mw", "current_ma", "voltage_mv", "soc_percent"

MeterValue = wire.MeterValue | wire21.MeterValue
SampledValue = wire.SampledValue | wire21.SampledValue

# Measurand and unit on the wire -> our column, and how many of our units one of theirs is.
COLUMNS: Final[dict[tuple[str | None, str | None], tuple[str, int]]] = {
    ("Power.Active.Import", "W"): (POWER, 1_000),
    ("Power.Active.Import", "kW"): (POWER, 1_000_000),
    ("Power.Active.Import", None): (POWER, 1_000),  # the unit's default is Wh, and watts are meant
    ("Power.Active.Import", "Wh"): (POWER, 1_000),
    ("Current.Import", "A"): (CURRENT, 1_000),
    ("Current.Import", "mA"): (CURRENT, 1),
    ("Current.Import", None): (CURRENT, 1_000),
    ("Voltage", "V"): (VOLTAGE, 1_000),
    ("Voltage", "mV"): (VOLTAGE, 1),
    ("Voltage", None): (VOLTAGE, 1_000),
    ("SoC", "Percent"): (SOC, 1),
    ("SoC", "%"): (SOC, 1),
    ("SoC", None): (SOC, 1),
} | {
    (measurand, unit): (ENERGY, scale)
    for measurand in (REGISTER, None)
    for unit, scale in (("Wh", 1_000), ("kWh", 1_000_000), (None, 1_000))
}
LINES: Final = {"L1": "L1", "L2": "L2", "L3": "L3", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}


def readings(values: Sequence[MeterValue], received_at: dt.datetime, notes: list[Violation]) -> tuple[Reading, ...]:
    """Turn meter values into readings, one for each moment, in the order they came."""
    if len(values) == 1:
        only = values[0]
        return (reading(utc(only.timestamp) or received_at, only.sampled_value, notes),)
    moments: dict[dt.datetime, list[SampledValue]] = {}
    for value in values:
        moments.setdefault(utc(value.timestamp) or received_at, []).extend(value.sampled_value)
    kept = list(moments.items())
    if len(kept) > READINGS_MAX:
        notes.append(Violation("too_many", "meterValue"))
        kept = kept[-READINGS_MAX:]
    return tuple(reading(at, samples, notes) for at, samples in kept)


class _Plan(NamedTuple):
    """What becomes of a sample with these words; worked out once for each combination."""

    column: str | None  # None: kept as text
    scale: int
    line: str | None  # a phase, to be combined with the others
    elsewhere: bool  # not at the outlet
    key: str  # its name in `extra`
    suffix: str


_Words = tuple[str | None, str | None, str | None, str | None]
_plans: dict[_Words, _Plan] = {}


def reading(at: dt.datetime, samples: Sequence[SampledValue], notes: list[Violation]) -> Reading:
    """Sort the samples of one moment into columns; what has none is kept in `extra`."""
    columns: dict[str, int] = {}
    phases: dict[str, dict[str, int]] = {}
    extra: dict[str, str] = {}
    elsewhere: list[tuple[_Plan, int, Decimal]] = []
    for sample in samples:
        measure = sample.unit_of_measure
        words = (sample.measurand, None if measure is None else measure.unit, sample.phase, sample.location)
        plan = _plans.get(words) or _plan(words)
        if sample.signed_meter_value is not None:
            _keep_signed(extra, plan.key, sample.signed_meter_value)
        multiplier = 0 if measure is None else measure.multiplier or 0
        if not sane(sample.value) or abs(multiplier) > MULTIPLIER_MAX:
            notes.append(Violation("not_a_quantity", plan.key))
            continue
        number = sample.value.scaleb(multiplier) if multiplier else sample.value
        value = None if plan.column is None else int(number * plan.scale)
        if value is not None and (abs(value) >= QUANTITY_MAX or (plan.column == SOC and not 0 <= value <= 100)):
            notes.append(Violation("not_a_quantity", plan.key))
            value = None
        if plan.column is None or value is None:
            _keep(extra, plan, number)
        elif plan.elsewhere:
            elsewhere.append((plan, value, number))
        elif plan.line is None:
            columns[plan.column] = value
        else:
            phases.setdefault(plan.column, {})[plan.line] = value
    if elsewhere:
        _from_elsewhere(elsewhere, columns, phases, extra)
    for column, lines in phases.items():
        _combine(column, lines, columns)
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


def _plan(words: _Words) -> _Plan:
    """Decide what becomes of a sample. The words of one message may be anybody's: few are remembered."""
    measurand, unit, phase, location = words
    column, scale = COLUMNS.get((measurand, unit), (None, 1))
    key = measurand or REGISTER
    line = None
    if phase is not None and column not in (None, SOC):
        line = phase if column == VOLTAGE else LINES.get(phase)
        if line is None:  # a current in the neutral, power between phases
            column = None
    if phase:
        key = f"{key}.{phase}"
    if location and location != "Outlet":
        key = f"{key}@{location}"
    plan = _Plan(
        column,
        scale,
        line,
        elsewhere=location not in (None, "Outlet") and column != SOC,
        key=key[:EXTRA_TEXT_MAX],
        suffix=f" {unit[:20]}" if unit else "",
    )
    if len(_plans) < PLANS_MAX:
        _plans[words] = plan
    return plan


def _from_elsewhere(
    elsewhere: list[tuple[_Plan, int, Decimal]],
    columns: dict[str, int],
    phases: dict[str, dict[str, int]],
    extra: dict[str, str],
) -> None:
    """Take what was measured at another place only where the outlet says nothing."""
    said = {*columns, *phases}
    for plan, value, number in elsewhere:
        assert plan.column is not None
        if plan.column in said:
            _keep(extra, plan, number)
        elif plan.line is None:
            columns[plan.column] = value
        else:
            phases.setdefault(plan.column, {})[plan.line] = value


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


def _keep(extra: dict[str, str], plan: _Plan, number: Decimal) -> None:
    """Keep as text: `Temperature@Body` -> `41.5 Celsius`."""
    if len(extra) < EXTRA_MAX:
        extra[plan.key] = text_of(number)[:EXTRA_TEXT_MAX] + plan.suffix


def _keep_signed(extra: dict[str, str], key: str, signed: wire.SignedMeterValue | wire21.SignedMeterValue) -> None:
    """Keep a signed value as it came, with what is needed to check it."""
    if len(extra) >= EXTRA_MAX:
        return
    extra[f"{key}#signed"] = signed.signed_meter_data[:SIGNED_MAX]
    extra[f"{key}#encoding"] = signed.encoding_method[:EXTRA_TEXT_MAX]
    if signed.signing_method:
        extra[f"{key}#signing"] = signed.signing_method[:EXTRA_TEXT_MAX]
    if signed.public_key:
        extra[f"{key}#public_key"] = signed.public_key[:SIGNED_MAX]
