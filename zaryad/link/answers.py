"""What a station waits for after it told us a fact. The codec turns these into its version's words."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Literal

import msgspec


class BootStatus(Enum):
    """Whether the station may work with us (OCPP 1.6 RegistrationStatus)."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"


class TokenStatus(Enum):
    """Whether a token may charge (OCPP 1.6 AuthorizationStatus)."""

    ACCEPTED = "accepted"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    INVALID = "invalid"
    CONCURRENT = "concurrent"  # only in the answer to a start
    UNKNOWN = "unknown"  # 2.x; said as Invalid in 1.6
    NO_CREDIT = "no_credit"  # 2.x; said as Blocked in 1.6
    NOT_HERE = "not_here"  # 2.x NotAtThisLocation, NotAllowedTypeEVSE; said as Invalid in 1.6
    NOT_NOW = "not_now"  # 2.x NotAtThisTime


class Noted(msgspec.Struct, frozen=True):
    """It is stored; there is nothing to say."""


class BootVerdict(msgspec.Struct, frozen=True):
    """Answer to Booted. `interval_s`: between heartbeats, or before the next try when not accepted."""

    status: BootStatus
    interval_s: int
    now: dt.datetime


class TimeTold(msgspec.Struct, frozen=True):
    """Answer to Beat."""

    now: dt.datetime


class ContractStatus(Enum):
    """What became of a contract certificate (2.x AuthorizeCertificateStatus; the unused words left out)."""

    ACCEPTED = "accepted"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_REVOKED = "certificate_revoked"
    CHAIN_ERROR = "chain_error"
    CANCELLED = "cancelled"


class TokenVerdict(msgspec.Struct, frozen=True):
    """Answer to TokenPresented, and part of others."""

    status: TokenStatus
    expires_at: dt.datetime | None = None
    group: str | None = None  # the parent idTag; in 2.x told in every verdict about a token that has one
    contract: ContractStatus | None = None  # only where a contract certificate was presented
    message: str | None = None  # for the display, in the token's language
    language: str | None = None


class BeginVerdict(msgspec.Struct, frozen=True):
    """Answer to ChargingBegan: always a transaction id, even when the token may not charge."""

    charge_ref: str
    token: TokenVerdict


class EndVerdict(msgspec.Struct, frozen=True):
    """Answer to ChargingEnded; `token` only when one was presented."""

    token: TokenVerdict | None = None


class DataStatus(Enum):
    """Fate of a vendor's message (OCPP 1.6 DataTransferStatus)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN_VENDOR = "unknown_vendor"
    UNKNOWN_MESSAGE = "unknown_message"


class DataVerdict(msgspec.Struct, frozen=True):
    """Answer to DataReceived."""

    status: DataStatus
    data: str | None = None


class TransactionVerdict(msgspec.Struct, frozen=True):
    """Answer to TransactionReported; `token` whenever one was presented. The cost is in minor units of a currency."""

    token: TokenVerdict | None = None
    total_minor: int | None = None
    exponent: int = 2
    message: str | None = None
    language: str | None = None
    limit_minor: int | None = None  # 2.1 transactionLimit
    limit_wh: int | None = None


class Judged(msgspec.Struct, frozen=True):
    """Whether something that a station asked for or told is taken up; `detail` is what the answer carries besides."""

    accepted: bool = True
    why: str | None = None
    detail: dict[str, object] | None = None


class ContractGiven(msgspec.Struct, frozen=True):
    """Answer to ContractAsked: the provider's EXI answer, uncut; "" where there is none."""

    accepted: bool
    exi: str = ""
    remaining: int | None = None
    why: str | None = None


class OcspGiven(msgspec.Struct, frozen=True):
    """Answer to OcspAsked: the responder's own answer (DER, base64)."""

    accepted: bool
    response: str | None = None
    why: str | None = None


class CertificateState(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate of a ChainVerdict, named by its place in the question."""

    index: int
    status: Literal["good", "revoked", "unknown", "failed"]
    source: Literal["crl", "ocsp"] = "ocsp"
    next_update: dt.datetime


class ChainVerdict(msgspec.Struct, frozen=True):
    """Answer to ChainAsked (2.1)."""

    states: tuple[CertificateState, ...]


Answer = (
    Noted
    | BootVerdict
    | TimeTold
    | TokenVerdict
    | BeginVerdict
    | EndVerdict
    | DataVerdict
    | TransactionVerdict
    | Judged
    | ContractGiven
    | OcspGiven
    | ChainVerdict
)
