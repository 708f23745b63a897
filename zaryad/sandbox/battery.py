"""How a car takes energy: state of charge, the taper of fast charging, the onboard charger, losses. Integers only.

Energy between two moments is power times time: milliwatt-milliseconds, of which 3,600,000 are a milliwatt-hour.
Nothing is rounded away: what does not make a whole unit yet is carried to the next step, so that
`drawn x efficiency = stored + carry` holds exactly for any sequence of steps.
"""

from __future__ import annotations

from itertools import pairwise

import msgspec

MWMS_PER_MWH = 3_600_000
PERMILLE = 1_000
_STORED_UNIT = MWMS_PER_MWH * PERMILLE  # the carry counts thousandths of a milliwatt-millisecond
_SLICE_MS = 30_000  # the curve is followed in steps of this length

# State of charge in thousandths -> percent of the car's greatest power; linear in between.
DC_CURVE = ((0, 90), (100, 100), (600, 100), (800, 50), (950, 18), (1000, 8))
AC_CURVE = ((0, 100), (970, 100), (1000, 30))


class Car(msgspec.Struct, frozen=True, kw_only=True):
    """A car at the cable. Energy in mWh, power in mW."""

    capacity_mwh: int = 60_000_000
    stored_mwh: int = 15_000_000
    dc_mw: int = 120_000_000  # most it ever takes from a DC station
    ac_mw: int = 11_000_000  # its onboard charger
    efficiency_permille: int = 920  # of what it draws, this much ends in the battery
    full_at_percent: int = 100  # the driver's own charge limit
    takes_power: bool = True  # False: plugged in and not interested
    carry: int = 0

    @property
    def soc_percent(self) -> int:
        """What the car would show: whole percent, rounded down."""
        return self.stored_mwh * 100 // self.capacity_mwh

    @property
    def target_mwh(self) -> int:
        """Where it stops by itself."""
        return self.capacity_mwh * min(self.full_at_percent, 100) // 100

    @property
    def full(self) -> bool:
        """Whether it wants no more."""
        return self.stored_mwh >= self.target_mwh


class Drawn(msgspec.Struct, frozen=True):
    """What left the station in one step, and the power at its end."""

    energy_mwms: int
    power_mw: int


def acceptable_mw(car: Car, offered_mw: int, *, dc: bool) -> int:
    """Return the power the car takes at this state of charge when so much is offered."""
    if car.full or not car.takes_power:
        return 0
    most, curve = (car.dc_mw, DC_CURVE) if dc else (car.ac_mw, AC_CURVE)
    soc = min(car.stored_mwh * PERMILLE // car.capacity_mwh, PERMILLE)
    return min(offered_mw, most * _percent_at(curve, soc) // 100)


def charge(car: Car, offered_mw: int, elapsed_ms: int, *, dc: bool) -> tuple[Car, Drawn]:
    """Let `elapsed_ms` pass with `offered_mw` at the plug; return the car after it and what it drew."""
    drawn = 0
    while elapsed_ms > 0:
        power = acceptable_mw(car, offered_mw, dc=dc)
        if not power:
            break
        slice_ms = min(elapsed_ms, _SLICE_MS)
        room = car.target_mwh * _STORED_UNIT - (car.stored_mwh * _STORED_UNIT + car.carry)
        energy = min(power * slice_ms, -(-room // car.efficiency_permille))
        stored, carry = divmod(energy * car.efficiency_permille + car.carry, _STORED_UNIT)
        car = msgspec.structs.replace(car, stored_mwh=car.stored_mwh + stored, carry=carry)
        drawn += energy
        elapsed_ms -= slice_ms
    return car, Drawn(drawn, acceptable_mw(car, offered_mw, dc=dc))


def _percent_at(curve: tuple[tuple[int, int], ...], soc: int) -> int:
    for (low, from_percent), (high, to_percent) in pairwise(curve):
        if soc <= high:
            return from_percent + (to_percent - from_percent) * (soc - low) // (high - low)
    return curve[-1][1]
