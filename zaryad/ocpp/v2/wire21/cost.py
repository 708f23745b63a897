"""Block I: tariffs and cost, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import At, EvseNumber, Natural, Some, Text3, Text20, Text36, Text60, Text255, Whole, Wire
from zaryad.ocpp.v2.wire21.parts import MessageContent

DayOfWeek = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
TariffChangeStatus = Literal[
    "Accepted", "Rejected", "TooManyElements", "ConditionNotSupported", "TxNotFound", "NoCurrencyChange"
]
TariffSetStatus = Literal["Accepted", "Rejected", "TooManyElements", "ConditionNotSupported", "DuplicateTariffId"]


class TaxRate(Wire, frozen=True, kw_only=True):
    type: Text20
    tax: Decimal
    stack: Natural | None = None


class Price(Wire, frozen=True, kw_only=True):
    excl_tax: Decimal | None = None
    incl_tax: Decimal | None = None
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1, max_length=5)] | None = None


class TariffConditionsFixed(Wire, frozen=True, kw_only=True):
    start_time_of_day: str | None = None
    end_time_of_day: str | None = None
    day_of_week: Annotated[list[DayOfWeek], Meta(min_length=1, max_length=7)] | None = None
    valid_from_date: str | None = None
    valid_to_date: str | None = None
    evse_kind: Literal["AC", "DC"] | None = None
    payment_brand: Text20 | None = None
    payment_recognition: Text20 | None = None


class TariffConditions(Wire, frozen=True, kw_only=True):
    start_time_of_day: str | None = None
    end_time_of_day: str | None = None
    day_of_week: Annotated[list[DayOfWeek], Meta(min_length=1, max_length=7)] | None = None
    valid_from_date: str | None = None
    valid_to_date: str | None = None
    evse_kind: Literal["AC", "DC"] | None = None
    min_energy: Decimal | None = None
    max_energy: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_time: Whole | None = None
    max_time: Whole | None = None
    min_charging_time: Whole | None = None
    max_charging_time: Whole | None = None
    min_idle_time: Whole | None = None
    max_idle_time: Whole | None = None


class TariffEnergyPrice(Wire, frozen=True, kw_only=True):
    price_kwh: Decimal
    conditions: TariffConditions | None = None


class TariffEnergy(Wire, frozen=True, kw_only=True):
    prices: Some[TariffEnergyPrice]
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1, max_length=5)] | None = None


class TariffFixedPrice(Wire, frozen=True, kw_only=True):
    price_fixed: Decimal
    conditions: TariffConditionsFixed | None = None


class TariffFixed(Wire, frozen=True, kw_only=True):
    prices: Some[TariffFixedPrice]
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1, max_length=5)] | None = None


class TariffTimePrice(Wire, frozen=True, kw_only=True):
    price_minute: Decimal
    conditions: TariffConditions | None = None


class TariffTime(Wire, frozen=True, kw_only=True):
    prices: Some[TariffTimePrice]
    tax_rates: Annotated[list[TaxRate], Meta(min_length=1, max_length=5)] | None = None


class Tariff(Wire, frozen=True, kw_only=True):
    tariff_id: Text60
    currency: Text3
    description: Annotated[list[MessageContent], Meta(min_length=1, max_length=10)] | None = None
    energy: TariffEnergy | None = None
    valid_from: At | None = None
    charging_time: TariffTime | None = None
    idle_time: TariffTime | None = None
    fixed_fee: TariffFixed | None = None
    reservation_time: TariffTime | None = None
    reservation_fixed: TariffFixed | None = None
    min_cost: Price | None = None
    max_cost: Price | None = None


class ClearTariffsResult(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "NoTariff"]
    status_info: wire.StatusInfo | None = None
    tariff_id: Text60 | None = None


class TariffAssignment(Wire, frozen=True, kw_only=True):
    tariff_id: Text60
    tariff_kind: Literal["DefaultTariff", "DriverTariff"]
    valid_from: At | None = None
    evse_ids: Some[Natural] | None = None
    id_tokens: Some[Text255] | None = None


class SetDefaultTariffRequest(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    tariff: Tariff


class SetDefaultTariffResponse(Wire, frozen=True, kw_only=True):
    status: TariffSetStatus
    status_info: wire.StatusInfo | None = None


class GetTariffsRequest(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber


class GetTariffsResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "NoTariff"]
    status_info: wire.StatusInfo | None = None
    tariff_assignments: Some[TariffAssignment] | None = None


class ClearTariffsRequest(Wire, frozen=True, kw_only=True):
    tariff_ids: Some[Text60] | None = None
    evse_id: EvseNumber | None = None


class ClearTariffsResponse(Wire, frozen=True, kw_only=True):
    clear_tariffs_result: Some[ClearTariffsResult]


class ChangeTransactionTariffRequest(Wire, frozen=True, kw_only=True):
    tariff: Tariff
    transaction_id: Text36


class ChangeTransactionTariffResponse(Wire, frozen=True, kw_only=True):
    status: TariffChangeStatus
    status_info: wire.StatusInfo | None = None
