"""Energy is a whole number of milliwatt-hours, power of milliwatts: a meter's decimals survive, sums are exact."""

from __future__ import annotations

MWH_PER_WH = 1_000
MWH_PER_KWH = 1_000_000
MW_PER_W = 1_000
MW_PER_KW = 1_000_000

# Nothing a station says may pass this: 9 PWh, and still an exact JSON number.
QUANTITY_MAX = 2**53


def wh(value: int) -> int:
    """Watt-hours as milliwatt-hours."""
    return value * MWH_PER_WH


def kwh(value: int) -> int:
    """Whole kilowatt-hours as milliwatt-hours."""
    return value * MWH_PER_KWH
