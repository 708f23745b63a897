"""The station's own idea of time: set when it is told, wrong before, running away in between."""

from __future__ import annotations

import datetime as dt

from zaryad.sandbox.model import StationMemory

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MILLION = 1_000_000


def read(memory: StationMemory, now: dt.datetime) -> dt.datetime:
    """Return what the station's clock shows at `now`, to the millisecond."""
    told, set_at = memory.clock_told or now, memory.clock_set_at or now
    shown = told + (now - set_at) * (MILLION + memory.clock_ppm) // MILLION
    return shown.replace(microsecond=shown.microsecond // 1_000 * 1_000)


def tell(memory: StationMemory, shown: dt.datetime, now: dt.datetime) -> None:
    """Set the clock: from `now` on it shows `shown` and what passes."""
    memory.clock_told, memory.clock_set_at = shown, now


def stamp(at: dt.datetime) -> str:
    """Return a time as stations write it: UTC, milliseconds, Z."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1_000:03d}Z"


def parse(text: object) -> dt.datetime | None:
    """Read a time out of an answer; None when it is none."""
    if not isinstance(text, str):
        return None
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
