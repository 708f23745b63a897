"""A payment, its states, and the settings of payments."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import NewType
from uuid import UUID

import msgspec

from zaryad.kernel.ids import derived_id
from zaryad.kernel.money import Money
from zaryad.wallet import TransferId

PaymentId = NewType("PaymentId", UUID)


class PaymentState(Enum):
    """One machine for all providers; only forward moves. Being uncertain is a flag on the last sure state."""

    NEW = "new"
    CREATING = "creating"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    CAPTURING = "capturing"
    VOIDING = "voiding"
    EXPIRED = "expired"
    CANCELED = "canceled"
    FAILED = "failed"
    VOIDED = "voided"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class TestPayAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="provider", tag="testpay"):
    """An account at the sandbox's Test Bank. Refused unless the sandbox is enabled."""

    __test__ = False  # its name begins like a test's

    base_url: str  # where the Test Bank listens
    merchant: str
    secret: str  # signs our calls
    notice_secret: str  # signs the bank's notices
    hook_secret: str  # the unguessable part of our notice URL
    currency: str = "KGS"


AccountSettings = TestPayAccount  # a union as adapters are added


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section `[payments]`; each account is `[payments.accounts.NAME]` with its `provider`."""

    min_minor: int = 50_00
    max_minor: int = 100_000_00
    presets_minor: tuple[int, ...] = (500_00, 1000_00, 2000_00)
    description: str = "Zaryad"  # what the payer reads at the provider, beside the sum
    lifetime_s: int = 30 * 60  # a link is good for this long; money that comes later is credited all the same
    open_max: int = 10  # unpaid payments of one person at a time
    public_url: str = "http://127.0.0.1:8000"  # where payers come back to when the client names a path only
    return_origins: tuple[str, ...] = ()  # further origins that payers may be sent back to
    hook_url: str | None = None  # where providers reach us, when it is not public_url
    default: str | None = None  # the account used when none is named; absent: the first
    accounts: dict[str, AccountSettings] = {}


class Payment(msgspec.Struct, frozen=True):
    """A payment as it stands in its row."""

    id: PaymentId
    person_id: UUID
    account: str  # the name of a configured account
    amount: Money
    state: PaymentState
    uncertain: bool  # the last call's outcome is unknown
    quarantine: str | None  # why no money is credited until a person has looked
    late: bool  # paid after it had expired, failed or been cancelled
    error: str | None  # the provider's code of a refusal
    external: dict[str, str]
    url: str | None
    qr: str | None
    app: str | None
    return_url: str
    created_at: dt.datetime
    expires_at: dt.datetime
    paid_at: dt.datetime | None
    turn: int  # the step of its chain of checks
    next_check_at: dt.datetime | None

    @property
    def credit_id(self) -> TransferId:
        """The id of the transfer that credits it: one for ever."""
        return TransferId(derived_id("payment", self.id, "credit"))

    @property
    def debt_id(self) -> TransferId:
        """The id of the transfer by which this payment pays a debt."""
        return TransferId(derived_id("payment", self.id, "debt"))
