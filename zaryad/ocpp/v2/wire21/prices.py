"""Price schedules of ISO 15118-20, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from zaryad.ocpp.v2.wire.base import (
    At,
    Natural,
    Percent,
    Text3,
    Text8,
    Text32,
    Text80,
    Text100,
    Text160,
    Text2000,
    Whole,
    Wire,
)


class RationalNumber(Wire, frozen=True, kw_only=True):
    exponent: Whole
    value: Whole


class PriceRule(Wire, frozen=True, kw_only=True):
    energy_fee: RationalNumber
    power_range_start: RationalNumber
    parking_fee_period: Whole | None = None
    carbon_dioxide_emission: Natural | None = None
    renewable_generation_percentage: Percent | None = None
    parking_fee: RationalNumber | None = None


class PriceRuleStack(Wire, frozen=True, kw_only=True):
    duration: Whole
    price_rule: Annotated[list[PriceRule], Meta(min_length=1, max_length=8)]


class TaxRule(Wire, frozen=True, kw_only=True):
    tax_rule_id: Natural = field(name="taxRuleID")
    applies_to_energy_fee: bool
    applies_to_parking_fee: bool
    applies_to_overstay_fee: bool
    applies_to_minimum_maximum_cost: bool
    tax_rate: RationalNumber
    tax_rule_name: Text100 | None = None
    tax_included_in_price: bool | None = None


class OverstayRule(Wire, frozen=True, kw_only=True):
    overstay_fee: RationalNumber
    start_time: Whole
    overstay_fee_period: Whole
    overstay_rule_description: Text32 | None = None


class OverstayRuleList(Wire, frozen=True, kw_only=True):
    overstay_rule: Annotated[list[OverstayRule], Meta(min_length=1, max_length=5)]
    overstay_power_threshold: RationalNumber | None = None
    overstay_time_threshold: Whole | None = None


class AdditionalSelectedServices(Wire, frozen=True, kw_only=True):
    service_fee: RationalNumber
    service_name: Text80


class AbsolutePriceSchedule(Wire, frozen=True, kw_only=True):
    time_anchor: At
    price_schedule_id: Natural = field(name="priceScheduleID")
    currency: Text3
    language: Text8
    price_algorithm: Text2000
    price_rule_stacks: Annotated[list[PriceRuleStack], Meta(min_length=1, max_length=1024)]
    price_schedule_description: Text160 | None = None
    minimum_cost: RationalNumber | None = None
    maximum_cost: RationalNumber | None = None
    tax_rules: Annotated[list[TaxRule], Meta(min_length=1, max_length=10)] | None = None
    overstay_rule_list: OverstayRuleList | None = None
    additional_selected_services: (
        Annotated[list[AdditionalSelectedServices], Meta(min_length=1, max_length=5)] | None
    ) = None


class PriceLevelScheduleEntry(Wire, frozen=True, kw_only=True):
    duration: Whole
    price_level: Natural


class PriceLevelSchedule(Wire, frozen=True, kw_only=True):
    price_level_schedule_entries: Annotated[list[PriceLevelScheduleEntry], Meta(min_length=1, max_length=100)]
    time_anchor: At
    price_schedule_id: Natural
    number_of_price_levels: Natural
    price_schedule_description: Text32 | None = None
