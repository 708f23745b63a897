"""A reading as a row: within what the database can keep, one for each moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from zaryad.charging.model import Settings
from zaryad.charging.when import AHEAD_MAX
from zaryad.kernel.energy import QUANTITY_MAX
from zaryad.link.facts import Reading

Row = tuple[Any, ...]  # the columns in the order of `store`'s: at, received_at, station_at, energy_mwh and so on

_TICK = dt.timedelta(microseconds=1)
_PERIODIC = "Sample.Periodic"
_ENERGY = 3  # its place among the columns
_CONTEXT_MAX = 40
_EXTRA_MAX, _NAME_MAX, _TEXT_MAX = 40, 100, 200  # how many, and how long


def row_of(it: Reading, received_at: dt.datetime, nth: int, rules: Settings, earliest: dt.datetime | None) -> Row:
    """Return a reading's columns, within what the database can keep: one bad value must not fail a group.

    A time that cannot be true, or is from before the session (`earliest`), is replaced by ours, and kept beside.
    """
    at, station_at = it.at, None
    late = received_at - at  # of more than a day or below zero in few
    if (late.days and (late < -AHEAD_MAX or late > dt.timedelta(days=rules.clock_behind_max_days))) or (
        earliest is not None and at < earliest
    ):
        at, station_at = received_at + nth * _TICK, at
    soc, context, extra = it.soc_percent, it.context, it.extra
    energy, power, current, voltage = it.energy_mwh, it.power_mw, it.current_ma, it.voltage_mv
    return (
        at,
        received_at,
        station_at,
        energy if energy is None or 0 <= energy <= QUANTITY_MAX else None,
        power if power is None or -QUANTITY_MAX <= power <= QUANTITY_MAX else None,
        current if current is None or -QUANTITY_MAX <= current <= QUANTITY_MAX else None,
        voltage if voltage is None or -QUANTITY_MAX <= voltage <= QUANTITY_MAX else None,
        soc if soc is None or 0 <= soc <= 100 else None,
        None if context == _PERIODIC else context[:_CONTEXT_MAX].replace("\0", ""),
        extra if extra is None or _short(extra) else _cut(extra),
    )


def _short(extra: dict[str, str]) -> bool:
    """Whether it surely has neither a long name nor a long text nor many of them."""
    return len(extra) <= _EXTRA_MAX and len("".join(extra)) <= _NAME_MAX and len("".join(extra.values())) <= _TEXT_MAX


def _cut(extra: dict[str, str]) -> dict[str, str]:
    return {name[:_NAME_MAX]: value[:_TEXT_MAX] for name, value in list(extra.items())[:_EXTRA_MAX]}


def merged(known: Row, other: Row) -> Row:
    """Make one row of two about one moment, as the database does: fill what is missing, keep the higher register."""
    both = [theirs if ours is None else ours for ours, theirs in zip(known, other, strict=True)]
    if known[_ENERGY] is not None and other[_ENERGY] is not None:
        both[_ENERGY] = max(known[_ENERGY], other[_ENERGY])
    return tuple(both)
