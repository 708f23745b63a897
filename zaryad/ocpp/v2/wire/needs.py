"""What an EV says of its needs."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from msgspec import field

from zaryad.ocpp.v2.wire.base import At, Percent, Whole, Wire


class ACChargingParameters(Wire, frozen=True, kw_only=True):
    energy_amount: Whole
    ev_min_current: Whole
    ev_max_current: Whole
    ev_max_voltage: Whole


class DCChargingParameters(Wire, frozen=True, kw_only=True):
    ev_max_current: Whole
    ev_max_voltage: Whole
    energy_amount: Whole | None = None
    ev_max_power: Whole | None = None
    state_of_charge: Percent | None = None
    ev_energy_capacity: Whole | None = None
    full_soc: Percent | None = field(default=None, name="fullSoC")
    bulk_soc: Percent | None = field(default=None, name="bulkSoC")


class ChargingNeeds(Wire, frozen=True, kw_only=True):
    requested_energy_transfer: Literal["DC", "AC_single_phase", "AC_two_phase", "AC_three_phase"]
    ac_charging_parameters: ACChargingParameters | None = None
    dc_charging_parameters: DCChargingParameters | None = None
    departure_time: At | None = None
