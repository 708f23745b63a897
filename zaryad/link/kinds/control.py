"""Orders that make a station do something now."""

from __future__ import annotations

from typing import Literal

from zaryad.link.kinds.base import Order
from zaryad.link.kinds.profiles import Profile

TokenKind = Literal[
    "app", "rfid", "rfid_iso15693", "emaid", "key_code", "local", "mac", "plate", "direct_payment", "none", "other"
]


class StartCharging(Order, frozen=True, tag="start_charging"):
    """RemoteStartTransaction / RequestStartTransaction."""

    connector: int
    token: str  # at most 20 characters: the station repeats it when charging starts
    token_kind: TokenKind = "app"  # noqa: S105  # a kind, not a secret
    group: str | None = None
    profile: Profile | None = None  # a transaction's own, without its id


class StopCharging(Order, frozen=True, tag="stop_charging"):
    """RemoteStopTransaction / RequestStopTransaction."""

    charge_ref: str


class ResetStation(Order, frozen=True, tag="reset_station"):
    """Reset; soft waits for transactions to end. A connector means its EVSE alone (2.x)."""

    hard: bool = False
    connector: int | None = None


class UnlockConnector(Order, frozen=True, tag="unlock_connector"):
    """UnlockConnector."""

    connector: int


class ChangeAvailability(Order, frozen=True, tag="change_availability"):
    """ChangeAvailability; connector 0 is the whole station.

    `whole_evse` (2.x): the EVSE of the connector rather than that connector alone.
    """

    connector: int
    operative: bool
    whole_evse: bool = True


class ClearCache(Order, frozen=True, tag="clear_cache"):
    """ClearCache of tokens."""


class SendData(Order, frozen=True, tag="send_data"):
    """DataTransfer to the station."""

    vendor: str
    message: str | None = None
    data: str | None = None


class Trigger(Order, frozen=True, tag="trigger"):
    """TriggerMessage: say this now, by OCPP's own name; 1.6's newer words go as ExtendedTriggerMessage."""

    message: str
    connector: int | None = None
    custom: str | None = None  # 2.1: customTrigger


class AskTransaction(Order, frozen=True, tag="ask_transaction"):
    """GetTransactionStatus (2.x): is it running, are messages of it queued? Without a reference: any messages."""

    charge_ref: str | None = None


class ShowCost(Order, frozen=True, tag="show_cost"):
    """CostUpdated (2.x): the cost so far, for the display; `exponent` is the currency's digits after the point."""

    charge_ref: str
    total_minor: int
    exponent: int = 2


class RawCall(Order, frozen=True, tag="raw_call"):
    """Any OCPP request of the station's version as it stands on the wire, for technicians; strictly validated."""

    action: str
    payload: dict[str, object] = {}  # noqa: RUF012  # msgspec copies it
