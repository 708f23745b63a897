"""What an EV says of its needs, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, field

from zaryad.ocpp.v2.wire.base import At, Percent, Some, Text3, Text50, Text2000, Whole, Wire
from zaryad.ocpp.v2.wire21.parts import DERControl

EnergyTransferMode = Literal[
    "AC_single_phase",
    "AC_two_phase",
    "AC_three_phase",
    "DC",
    "AC_BPT",
    "AC_BPT_DER",
    "AC_DER",
    "DC_BPT",
    "DC_ACDP",
    "DC_ACDP_BPT",
    "WPT",
]
IslandingDetection = Literal[
    "NoAntiIslandingSupport",
    "RoCoF",
    "UVP_OVP",
    "UFP_OFP",
    "VoltageVectorShift",
    "ZeroCrossingDetection",
    "OtherPassive",
    "ImpedanceMeasurement",
    "ImpedanceAtFrequency",
    "SlipModeFrequencyShift",
    "SandiaFrequencyShift",
    "SandiaVoltageShift",
    "FrequencyJump",
    "RCLQFactor",
    "OtherActive",
]


class ACChargingParameters(Wire, frozen=True, kw_only=True):
    energy_amount: Decimal
    ev_min_current: Decimal
    ev_max_current: Decimal
    ev_max_voltage: Decimal


class DERChargingParameters(Wire, frozen=True, kw_only=True):
    ev_supported_der_control: Some[DERControl] | None = field(default=None, name="evSupportedDERControl")
    ev_over_excited_max_discharge_power: Decimal | None = None
    ev_over_excited_power_factor: Decimal | None = None
    ev_under_excited_max_discharge_power: Decimal | None = None
    ev_under_excited_power_factor: Decimal | None = None
    max_apparent_power: Decimal | None = None
    max_charge_apparent_power: Decimal | None = None
    max_charge_apparent_power_l2: Decimal | None = field(default=None, name="maxChargeApparentPower_L2")
    max_charge_apparent_power_l3: Decimal | None = field(default=None, name="maxChargeApparentPower_L3")
    max_discharge_apparent_power: Decimal | None = None
    max_discharge_apparent_power_l2: Decimal | None = field(default=None, name="maxDischargeApparentPower_L2")
    max_discharge_apparent_power_l3: Decimal | None = field(default=None, name="maxDischargeApparentPower_L3")
    max_charge_reactive_power: Decimal | None = None
    max_charge_reactive_power_l2: Decimal | None = field(default=None, name="maxChargeReactivePower_L2")
    max_charge_reactive_power_l3: Decimal | None = field(default=None, name="maxChargeReactivePower_L3")
    min_charge_reactive_power: Decimal | None = None
    min_charge_reactive_power_l2: Decimal | None = field(default=None, name="minChargeReactivePower_L2")
    min_charge_reactive_power_l3: Decimal | None = field(default=None, name="minChargeReactivePower_L3")
    max_discharge_reactive_power: Decimal | None = None
    max_discharge_reactive_power_l2: Decimal | None = field(default=None, name="maxDischargeReactivePower_L2")
    max_discharge_reactive_power_l3: Decimal | None = field(default=None, name="maxDischargeReactivePower_L3")
    min_discharge_reactive_power: Decimal | None = None
    min_discharge_reactive_power_l2: Decimal | None = field(default=None, name="minDischargeReactivePower_L2")
    min_discharge_reactive_power_l3: Decimal | None = field(default=None, name="minDischargeReactivePower_L3")
    nominal_voltage: Decimal | None = None
    nominal_voltage_offset: Decimal | None = None
    max_nominal_voltage: Decimal | None = None
    min_nominal_voltage: Decimal | None = None
    ev_inverter_manufacturer: Text50 | None = None
    ev_inverter_model: Text50 | None = None
    ev_inverter_serial_number: Text50 | None = None
    ev_inverter_sw_version: Text50 | None = None
    ev_inverter_hw_version: Text50 | None = None
    ev_islanding_detection_method: Some[IslandingDetection] | None = None
    ev_islanding_trip_time: Decimal | None = None
    ev_maximum_level1_dc_injection: Decimal | None = field(default=None, name="evMaximumLevel1DCInjection")
    ev_duration_level1_dc_injection: Decimal | None = field(default=None, name="evDurationLevel1DCInjection")
    ev_maximum_level2_dc_injection: Decimal | None = field(default=None, name="evMaximumLevel2DCInjection")
    ev_duration_level2_dc_injection: Decimal | None = field(default=None, name="evDurationLevel2DCInjection")
    ev_reactive_susceptance: Decimal | None = None
    ev_session_total_discharge_energy_available: Decimal | None = None


class EVPriceRule(Wire, frozen=True, kw_only=True):
    energy_fee: Decimal
    power_range_start: Decimal


class EVAbsolutePriceScheduleEntry(Wire, frozen=True, kw_only=True):
    duration: Whole
    ev_price_rule: Annotated[list[EVPriceRule], Meta(min_length=1, max_length=8)]


class EVAbsolutePriceSchedule(Wire, frozen=True, kw_only=True):
    time_anchor: At
    currency: Text3
    ev_absolute_price_schedule_entries: Annotated[
        list[EVAbsolutePriceScheduleEntry], Meta(min_length=1, max_length=1024)
    ]
    price_algorithm: Text2000


class EVPowerScheduleEntry(Wire, frozen=True, kw_only=True):
    duration: Whole
    power: Decimal


class EVPowerSchedule(Wire, frozen=True, kw_only=True):
    ev_power_schedule_entries: Annotated[list[EVPowerScheduleEntry], Meta(min_length=1, max_length=1024)]
    time_anchor: At


class EVEnergyOffer(Wire, frozen=True, kw_only=True):
    ev_power_schedule: EVPowerSchedule
    ev_absolute_price_schedule: EVAbsolutePriceSchedule | None = None


class DCChargingParameters(Wire, frozen=True, kw_only=True):
    ev_max_current: Decimal
    ev_max_voltage: Decimal
    ev_max_power: Decimal | None = None
    ev_energy_capacity: Decimal | None = None
    energy_amount: Decimal | None = None
    state_of_charge: Percent | None = None
    full_soc: Percent | None = field(default=None, name="fullSoC")
    bulk_soc: Percent | None = field(default=None, name="bulkSoC")


class V2XChargingParameters(Wire, frozen=True, kw_only=True):
    min_charge_power: Decimal | None = None
    min_charge_power_l2: Decimal | None = field(default=None, name="minChargePower_L2")
    min_charge_power_l3: Decimal | None = field(default=None, name="minChargePower_L3")
    max_charge_power: Decimal | None = None
    max_charge_power_l2: Decimal | None = field(default=None, name="maxChargePower_L2")
    max_charge_power_l3: Decimal | None = field(default=None, name="maxChargePower_L3")
    min_discharge_power: Decimal | None = None
    min_discharge_power_l2: Decimal | None = field(default=None, name="minDischargePower_L2")
    min_discharge_power_l3: Decimal | None = field(default=None, name="minDischargePower_L3")
    max_discharge_power: Decimal | None = None
    max_discharge_power_l2: Decimal | None = field(default=None, name="maxDischargePower_L2")
    max_discharge_power_l3: Decimal | None = field(default=None, name="maxDischargePower_L3")
    min_charge_current: Decimal | None = None
    max_charge_current: Decimal | None = None
    min_discharge_current: Decimal | None = None
    max_discharge_current: Decimal | None = None
    min_voltage: Decimal | None = None
    max_voltage: Decimal | None = None
    ev_target_energy_request: Decimal | None = None
    ev_min_energy_request: Decimal | None = None
    ev_max_energy_request: Decimal | None = None
    ev_min_v2x_energy_request: Decimal | None = None
    ev_max_v2x_energy_request: Decimal | None = None
    target_soc: Percent | None = field(default=None, name="targetSoC")


class ChargingNeeds(Wire, frozen=True, kw_only=True):
    requested_energy_transfer: EnergyTransferMode
    ac_charging_parameters: ACChargingParameters | None = None
    der_charging_parameters: DERChargingParameters | None = None
    ev_energy_offer: EVEnergyOffer | None = None
    dc_charging_parameters: DCChargingParameters | None = None
    v2x_charging_parameters: V2XChargingParameters | None = None
    available_energy_transfer: Some[EnergyTransferMode] | None = None
    control_mode: Literal["ScheduledControl", "DynamicControl"] | None = None
    mobility_needs_mode: Literal["EVCC", "EVCC_SECC"] | None = None
    departure_time: At | None = None
