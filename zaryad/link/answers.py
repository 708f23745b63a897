"""What a station waits for after it told us a fact. The codec turns these into its version's words."""

from __future__ import annotations

import datetime as dt
from enum import Enum

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


class TokenVerdict(msgspec.Struct, frozen=True):
    """Answer to TokenPresented, and part of others."""

    status: TokenStatus
    expires_at: dt.datetime | None = None
    group: str | None = None  # the parent idTag


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


Answer = Noted | BootVerdict | TimeTold | TokenVerdict | BeginVerdict | EndVerdict | DataVerdict
