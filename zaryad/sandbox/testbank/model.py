"""Words of the Test Bank: it plays an outside party and shares nothing with the platform but the database server."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from uuid import UUID

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One merchant, whose calls and pages this bank serves."""

    merchant: str
    secret: str  # the merchant signs its calls with it
    notice_secret: str  # the bank signs its notices with it
    public_url: str  # where payers reach this bank's pages
    notify_origins: tuple[str, ...] = ()  # where notices may go: scheme://host:port
    return_origins: tuple[str, ...] = ()  # where payers may be sent back to
    tick_s: float = 0.2  # how often the bank looks after what is due
    slow_s: float = 30  # how long a call hangs under a time-out fault
    clock_skew_s: int = 300  # how far a call's time may be from ours


class State(Enum):
    """A payment at the bank, in the bank's own words."""

    WAITING = "waiting"
    PAID = "paid"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELED = "canceled"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class Telling(Enum):
    """How the bank's notices of a payment behave."""

    NORMAL = "normal"
    NONE = "none"
    TWICE = "twice"
    LATE = "late"  # a minute later


class BankPayment(msgspec.Struct, frozen=True):
    """A payment as the bank keeps it."""

    id: UUID  # the merchant's
    order: str
    token: str  # the unguessable part of the page's address
    state: State
    telling: Telling
    amount_minor: int
    paid_minor: int
    refunded_minor: int
    currency: str
    description: str
    return_url: str
    notify_url: str
    expires_at: dt.datetime
    pay_at: dt.datetime | None  # "pay after the link has expired"


class BankRefund(msgspec.Struct, frozen=True):
    """Money given back."""

    id: UUID
    payment_id: UUID
    amount_minor: int
    currency: str
    state: str


class BankError(Exception):
    """What the bank refuses, in its own words."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Fault(Enum):
    """What can go wrong with the next calls."""

    TIMEOUT_BEFORE = "timeout_before"  # hangs, and nothing was done
    TIMEOUT_AFTER = "timeout_after"  # done, and then hangs
    ERROR_500 = "error_500"
    HTML = "html"  # 200, and a page where JSON was promised


class Call(Enum):
    """Which calls a fault is for."""

    CREATE = "create"
    READ = "read"
    CANCEL = "cancel"
    REFUND = "refund"
