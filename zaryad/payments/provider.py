"""What every payment provider can say, behind one interface. One adapter file per provider; nothing here does I/O.

Money is minor units and a currency; the wire's format is the adapter's affair. The id of a payment is ours, made
before the first call, and is the provider's idempotency key. A notice is a hint: the truth is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Protocol
from uuid import UUID

import msgspec

from zaryad.kernel.money import Money
from zaryad.payments.model import PaymentState
from zaryad.platform.outbound import Outcome


class Presentation(Enum):
    """How a payer may be sent to pay."""

    URL = "url"
    QR = "qr"
    APP = "app"


class Refunds(Enum):
    """What an account can give back. MANUAL: only a person in the provider's cabinet can."""

    NONE = "none"
    FULL = "full"
    PARTIAL = "partial"
    MANUAL = "manual"


class Mode(Enum):
    """SALE takes the money at once; HOLD reserves it on the payer's card until capture or void."""

    SALE = "sale"
    HOLD = "hold"


class NoticeAuth(Enum):
    """How a notice proves where it comes from."""

    NONE = "none"
    SHARED_HEADER = "shared_header"
    HMAC = "hmac"
    RSA = "rsa"


class Capabilities(msgspec.Struct, frozen=True):
    """What one configured account (not its class) can do."""

    currencies: frozenset[str]
    presentations: frozenset[Presentation]
    refunds: Refunds
    notice_auth: NoticeAuth
    min_minor: int = 1
    max_minor: int = 100_000_000_00
    hold: bool = False
    partial_capture: bool = False
    void: bool = False  # release a hold
    cancel_unpaid: bool = False
    hold_max: dt.timedelta | None = None
    captured_when_hold_expires: bool = False  # some providers take the money then, some give it back
    receipts_inline: bool = False  # fiscal receipt data travels inside the pay calls


class CreatePayment(msgspec.Struct, frozen=True):
    """What we ask for. `id` is the idempotency key."""

    id: UUID
    amount: Money
    description: str
    expires_at: dt.datetime
    return_url: str
    notify_url: str
    mode: Mode = Mode.SALE


class PaymentRef(msgspec.Struct, frozen=True):
    """A payment as the provider knows it: by our id, and by its own ids as learned so far."""

    id: UUID
    external: Mapping[str, str] = {}


class Ways(msgspec.Struct, frozen=True):
    """Where the payer goes; several may be given for one payment."""

    url: str | None = None
    qr: str | None = None  # text to draw as a QR code
    app: str | None = None


class Created(msgspec.Struct, frozen=True):
    """The provider has it and waits for the payer."""

    external: Mapping[str, str]
    ways: Ways
    expires_at: dt.datetime | None = None  # when the provider shortens our own deadline


class PaymentRead(msgspec.Struct, frozen=True):
    """The provider's truth. `state` is None for a word we do not know: no move, and an alarm."""

    state: PaymentState | None
    word: str  # the provider's own
    amount: Money  # what the payment is for, or, once paid, what was paid
    captured_minor: int = 0
    refunded_minor: int = 0
    external: Mapping[str, str] = {}


class RefundState(Enum):
    """A refund's life."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class RefundRead(msgspec.Struct, frozen=True):
    """The provider's truth about one refund. `state` None: an unknown word."""

    id: UUID
    state: RefundState | None
    word: str
    amount: Money


class RawRequest(msgspec.Struct, frozen=True):
    """A notice as it came. Header names are lower-case."""

    headers: Mapping[str, str]
    body: bytes
    address: str | None = None


class RawResponse(msgspec.Struct, frozen=True):
    """The exact answer a provider wants."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


class Notice(msgspec.Struct, frozen=True):
    """A believed hint: look at this payment. `key` tells one notice from another of the same account."""

    key: str
    payment_id: UUID | None  # None: it names no payment that could be ours
    word: str
    evidence: Mapping[str, str | int | None] = {}  # kept for disputes; no personal data, no secrets


class Forged(msgspec.Struct, frozen=True):
    """Not believed, and why (for the log)."""

    why: str


class PaymentProvider(Protocol):
    """One configured account of one provider.

    `create` is idempotent by id: an adapter whose provider refuses a duplicate reads the first one back.
    Codes of Rejected that everyone uses: `not_found`, `not_supported`, `credentials`, `throttled`.
    """

    @property
    def caps(self) -> Capabilities:
        """What this account can do."""
        ...

    async def create(self, wanted: CreatePayment) -> Outcome[Created]:
        """Make the payment at the provider, or find it made."""
        ...

    async def read(self, ref: PaymentRef) -> Outcome[PaymentRead]:
        """Ask for the truth."""
        ...

    async def capture(self, ref: PaymentRef, amount: Money, key: UUID) -> Outcome[PaymentRead]:
        """Take at most what is held; the rest is given back."""
        ...

    async def void(self, ref: PaymentRef, key: UUID) -> Outcome[PaymentRead]:
        """Release a hold, or cancel what is unpaid."""
        ...

    async def refund(self, ref: PaymentRef, amount: Money, refund_id: UUID, reason: str) -> Outcome[RefundRead]:
        """Give back all or a part; idempotent by `refund_id`."""
        ...

    async def read_refund(self, ref: PaymentRef, refund_id: UUID) -> Outcome[RefundRead]:
        """Ask for the truth about a refund."""
        ...

    def verify_notice(self, request: RawRequest) -> Notice | Forged:
        """Judge a notice: pure, on the raw bytes, comparing in constant time."""
        ...

    def ack(self, *, accepted: bool) -> RawResponse:
        """Return the exact answer to a notice."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
