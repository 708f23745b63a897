"""Sampled values into one wide reading per moment. The hot path: tables and integers, no surprises.

Defaults of what is absent: Energy.Active.Import.Register, Wh, Sample.Periodic, Outlet, no phase (OCPP 1.6, 7.43).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import Reading
from zaryad.ocpp.repair import NUMBER_LENGTH_MAX, Violation, decimal
from zaryad.ocpp.v16 import wire

REGISTER = "Energy.Active.Import.Register"
READINGS_MAX = 2_000  # of one message; the newest are kept, since they decide a bill
EXTRA_MAX = 40
EXTRA_TEXT_MAX = 80
SIGNED_MAX = 3_000
PLANS_MAX = 1_000

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


class _Plan(NamedTuple):
    """What becomes of a sample with these words; worked out once for each combination."""

    column: str | None  # None: kept as text
    scale: int
    line: str | None  # a phase, to be combined with the others
    elsewhere: bool  # not at the outlet
    key: str  # its name in `extra`
    suffix: str


_Words = tuple[str | None, str | None, str | None, str | None, str | None]
_plans: dict[_Words, _Plan] = {}


def reading(at: dt.datetime, samples: list[wire.SampledValue], notes: list[Violation]) -> Reading:
    """Sort the samples of one moment into columns; what has none is kept in `extra`."""
    columns: dict[str, int] = {}
    phases: dict[str, dict[str, int]] = {}
    extra: dict[str, str] = {}
    elsewhere: list[tuple[_Plan, int, str]] = []
    for sample in samples:
        words = (sample.measurand, sample.unit, sample.phase, sample.location, sample.format)
        plan = _plans.get(words) or _plan(words)
        column, text = plan.column, sample.value
        if column is None:
            _keep(extra, plan, text)
            continue
        value = amount(text, plan.scale)
        if value is None or (column == SOC and not 0 <= value <= 100):
            notes.append(Violation("not_a_quantity", plan.key))
            _keep(extra, plan, text)
            continue
        if "," in text:
            notes.append(Violation("comma", plan.key))
        if plan.elsewhere:
            elsewhere.append((plan, value, text))
        elif plan.line is None:
            columns[column] = value
        else:
            phases.setdefault(column, {})[plan.line] = value
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


def amount(text: str, scale: int) -> int | None:
    """Read a number into whole units of ours; None for what is no number, or is too large to be true."""
    if len(text) > NUMBER_LENGTH_MAX:
        return None
    try:
        whole, point, rest = text.partition(".")
        if not point:
            value = int(text) * scale
        elif (digits := whole + rest).isdigit() and digits.isascii():  # "59800.0": nearly always
            value = int(digits) * scale // 10 ** len(rest)
        elif -QUANTITY_MAX < (number := Decimal(text)) < QUANTITY_MAX:
            value = int(number * scale)
        else:
            return None
    except (ValueError, ArithmeticError):
        other = decimal(text)
        if other is None:
            return None
        value = int(other * scale)
    return value if -QUANTITY_MAX < value < QUANTITY_MAX else None


def _plan(words: _Words) -> _Plan:
    """Decide what becomes of a sample. The words of one message may be anybody's: few are remembered."""
    measurand, unit, phase, location, format_ = words
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
    if format_ == "SignedData":
        key, column = f"{key}#signed", None
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
    elsewhere: list[tuple[_Plan, int, str]],
    columns: dict[str, int],
    phases: dict[str, dict[str, int]],
    extra: dict[str, str],
) -> None:
    """Take what was measured at another place only where the outlet says nothing."""
    said = {*columns, *phases}
    for plan, value, text in elsewhere:
        assert plan.column is not None
        if plan.column in said:
            _keep(extra, plan, text)
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


def _keep(extra: dict[str, str], plan: _Plan, text: str) -> None:
    """Keep as text: `Temperature@Body` -> `41.5 Celsius`."""
    if text and len(extra) < EXTRA_MAX:
        most = SIGNED_MAX if plan.key.endswith("#signed") else EXTRA_TEXT_MAX
        extra[plan.key] = text[:most] + plan.suffix


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
