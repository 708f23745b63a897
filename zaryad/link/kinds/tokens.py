"""Orders about who may charge when we cannot be asked: the local list, and reservations."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from zaryad.link.answers import TokenStatus
from zaryad.link.kinds.base import Order
from zaryad.link.kinds.control import TokenKind


class ListEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A token of the local list; without a status it is taken off (differential only)."""

    token: str
    kind: TokenKind = "rfid"
    status: TokenStatus | None = None
    expires_at: dt.datetime | None = None
    group: str | None = None


class SendLocalList(Order, frozen=True, tag="send_local_list"):
    """SendLocalList; `version` rises and is never 0."""

    version: int
    full: bool
    entries: tuple[ListEntry, ...]


class AskListVersion(Order, frozen=True, tag="ask_list_version"):
    """GetLocalListVersion: 0 is empty, -1 is unsupported (1.6)."""


class Reserve(Order, frozen=True, tag="reserve"):
    """ReserveNow; connector 0 keeps any one free. The same reservation again replaces itself."""

    reservation: int
    connector: int
    token: str
    expires_at: dt.datetime
    token_kind: TokenKind = "rfid"  # noqa: S105  # a kind, not a secret
    group: str | None = None


class CancelReservation(Order, frozen=True, tag="cancel_reservation"):
    """CancelReservation."""

    reservation: int


class DisplayMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A text on the station's display (2.x)."""

    number: int
    text: str
    language: str | None = None
    format: Literal["utf8", "ascii", "html", "uri", "qrcode"] = "utf8"
    priority: Literal["always_front", "in_front", "normal_cycle"] = "normal_cycle"
    state: Literal["charging", "faulted", "idle", "unavailable", "suspended", "discharging"] | None = None
    charge_ref: str | None = None
    from_at: dt.datetime | None = None
    until_at: dt.datetime | None = None


class SetDisplay(Order, frozen=True, tag="set_display"):
    """SetDisplayMessage (2.x)."""

    message: DisplayMessage


class ReportDisplays(Order, frozen=True, tag="report_displays"):
    """GetDisplayMessages (2.x); they come in parts."""

    numbers: tuple[int, ...] = ()


class ClearDisplay(Order, frozen=True, tag="clear_display"):
    """ClearDisplayMessage (2.x)."""

    number: int


class CertificateHash(msgspec.Struct, frozen=True, kw_only=True):
    """How a certificate is named without sending it: hex texts, lower case, the serial without leading zeros."""

    algorithm: Literal["sha256", "sha384", "sha512"]
    issuer_name_hash: str
    issuer_key_hash: str
    serial: str
    responder_url: str | None = None


class CustomerData(Order, frozen=True, tag="customer_data"):
    """CustomerInformation (2.x): tell, forget, or both, of one customer named in one of three ways."""

    report: bool
    clear: bool
    token: str | None = None
    token_kind: TokenKind = "rfid"  # noqa: S105  # a kind, not a secret
    customer: str | None = None
    certificate: CertificateHash | None = None
