"""2.x sampled values into one wide reading per moment, in integers. What is absent has a default (2.0.1, J).

`unitOfMeasure` is a unit and a power of ten. A known measurand with a unit that is not here is kept as text: better
unread than misread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import Reading
from zaryad.ocpp.quantities import (
    CURRENT,
    ENERGY,
    EXTRA_MAX,
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
from zaryad.ocpp.repair import Violation, sane
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import text_of, utc

SIGNED_MAX = 33_000  # a signature that is cut is worth nothing
MULTIPLIER_MAX = 24

MeterValue = wire.MeterValue | wire21.MeterValue
SampledValue = wire.SampledValue | wire21.SampledValue


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


_Words = tuple[str | None, str | None, str | None, str | None]
_plans: dict[_Words, Plan] = {}


def reading(at: dt.datetime, samples: Sequence[SampledValue], notes: list[Violation]) -> Reading:
    """Sort the samples of one moment into columns; what has none is kept in `extra`."""
    columns: dict[str, int] = {}
    phases: dict[str, dict[str, int]] = {}
    extra: dict[str, str] = {}
    elsewhere: list[tuple[Plan, int, str]] = []
    for sample in samples:
        measure = sample.unit_of_measure
        words = (sample.measurand, None if measure is None else measure.unit, sample.phase, sample.location)
        it = _plans.get(words) or _plan(words)
        if sample.signed_meter_value is not None:
            _keep_signed(extra, it.key, sample.signed_meter_value)
        multiplier = 0 if measure is None else measure.multiplier or 0
        if not sane(sample.value) or abs(multiplier) > MULTIPLIER_MAX:
            notes.append(Violation("not_a_quantity", it.key))
            continue
        number = sample.value.scaleb(multiplier) if multiplier else sample.value
        value = None if it.column is None else int(number * it.scale)
        if value is not None and (abs(value) >= QUANTITY_MAX or (it.column == SOC and not 0 <= value <= 100)):
            notes.append(Violation("not_a_quantity", it.key))
            value = None
        if it.column is None or value is None:
            keep(extra, it, text_of(number))
        elif it.elsewhere:
            elsewhere.append((it, value, text_of(number)))
        elif it.line is None:
            columns[it.column] = value
        else:
            phases.setdefault(it.column, {})[it.line] = value
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


def _plan(words: _Words) -> Plan:
    made = plan(*words)
    if len(_plans) < PLANS_MAX:
        _plans[words] = made
    return made


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
