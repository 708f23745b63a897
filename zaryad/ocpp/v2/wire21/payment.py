"""Block C: payment terminals and payment on the web, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import (
    At,
    EvseNumber,
    Text20,
    Text36,
    Text50,
    Text100,
    Text255,
    Text500,
    Text2000,
    Whole,
    Wire,
)


class Address(Wire, frozen=True, kw_only=True):
    name: Text50
    address1: Text100
    city: Text100
    country: Text50
    address2: Text100 | None = None
    postal_code: Text20 | None = None


class NotifySettlementRequest(Wire, frozen=True, kw_only=True):
    psp_ref: Text255
    status: Literal["Settled", "Canceled", "Rejected", "Failed"]
    settlement_amount: Decimal
    settlement_time: At
    transaction_id: Text36 | None = None
    status_info: Text500 | None = None
    receipt_id: Text50 | None = None
    receipt_url: Text2000 | None = None
    vat_company: Address | None = None
    vat_number: Text20 | None = None


class NotifySettlementResponse(Wire, frozen=True, kw_only=True):
    receipt_url: Text2000 | None = None
    receipt_id: Text50 | None = None


class VatNumberValidationRequest(Wire, frozen=True, kw_only=True):
    vat_number: Text20
    evse_id: EvseNumber | None = None


class VatNumberValidationResponse(Wire, frozen=True, kw_only=True):
    vat_number: Text20
    status: wire.GenericStatus
    company: Address | None = None
    status_info: wire.StatusInfo | None = None
    evse_id: EvseNumber | None = None


class NotifyWebPaymentStartedRequest(Wire, frozen=True, kw_only=True):
    evse_id: EvseNumber
    timeout: Whole


class NotifyWebPaymentStartedResponse(Wire, frozen=True):
    pass
