"""Sampled values into one wide reading per moment. The hot path: tables and integers, no surprises.

Defaults of what is absent: Energy.Active.Import.Register, Wh, Sample.Periodic, Outlet, no phase (OCPP 1.6, 7.43).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import Reading
from zaryad.ocpp.quantities import (
    CURRENT,
    ENERGY,
    EXTRA_TEXT_MAX,
    PLANS_MAX,
    POWER,
    READINGS_MAX,
    SOC,
    VOLTAGE,
    Plan,
    combine,
    from_elsewhere,
    keep,
    plan,
)
from zaryad.ocpp.repair import NUMBER_LENGTH_MAX, Violation, decimal
from zaryad.ocpp.v16 import wire

SIGNED_MAX = 3_000


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


_Words = tuple[str | None, str | None, str | None, str | None, str | None]
_plans: dict[_Words, Plan] = {}


def reading(at: dt.datetime, samples: list[wire.SampledValue], notes: list[Violation]) -> Reading:
    """Sort the samples of one moment into columns; what has none is kept in `extra`."""
    columns: dict[str, int] = {}
    phases: dict[str, dict[str, int]] = {}
    extra: dict[str, str] = {}
    elsewhere: list[tuple[Plan, int, str]] = []
    for sample in samples:
        words = (sample.measurand, sample.unit, sample.phase, sample.location, sample.format)
        it = _plans.get(words) or _plan(words)
        column, text = it.column, sample.value
        if column is None:
            _keep(extra, it, text)
            continue
        value = amount(text, it.scale)
        if value is None or (column == SOC and not 0 <= value <= 100):
            notes.append(Violation("not_a_quantity", it.key))
            _keep(extra, it, text)
            continue
        if "," in text:
            notes.append(Violation("comma", it.key))
        if it.elsewhere:
            elsewhere.append((it, value, text))
        elif it.line is None:
            columns[column] = value
        else:
            phases.setdefault(column, {})[it.line] = value
    if elsewhere:
        from_elsewhere(elsewhere, columns, phases, extra)
    for column, lines in phases.items():
        combine(column, lines, columns)
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


def _plan(words: _Words) -> Plan:
    measurand, unit, phase, location, format_ = words
    made = plan(measurand, unit, phase, location)
    if format_ == "SignedData":
        made = made._replace(column=None, key=f"{made.key}#signed"[:EXTRA_TEXT_MAX])
    if len(_plans) < PLANS_MAX:
        _plans[words] = made
    return made


def _keep(extra: dict[str, str], it: Plan, text: str) -> None:
    keep(extra, it, text, SIGNED_MAX if it.key.endswith("#signed") else EXTRA_TEXT_MAX)


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
