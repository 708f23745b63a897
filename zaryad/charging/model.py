"""Words of a charging session, and the settings that bound it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from enum import Enum
from typing import Any, NewType
from uuid import UUID

import msgspec

from zaryad.accounts import PersonId
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.link.facts import StationId
from zaryad.tariffs import TariffVersionId
from zaryad.wallet import AccountId, HoldId

SessionId = NewType("SessionId", UUID)

MEASURED_EVERY_S = 60  # what a station's interval is taken for until two readings have shown it


class State(Enum):
    """Forward only: starting -> charging -> ended -> settled; starting -> failed."""

    STARTING = "starting"  # ordered; the station has not begun
    CHARGING = "charging"  # the station said so
    ENDED = "ended"  # no more energy; the money is not moved yet
    SETTLED = "settled"
    FAILED = "failed"  # never charged; nothing is owed

    @property
    def live(self) -> bool:
        """Whether it occupies its connector and its driver."""
        return self in (State.STARTING, State.CHARGING)


class Origin(Enum):
    """Who asked for it."""

    APP = "app"  # ordered by us, on the driver's wish
    RFID = "rfid"  # a card at the station, which asked us
    OFFLINE = "offline"  # told later: the station was without a link when it began
    LATE = "late"  # it began after we had given up its order


class EndReason(Enum):
    """Why it ended; the text key is `end.{value}`."""

    DRIVER = "driver"
    LIMIT_AMOUNT = "limit_amount"
    LIMIT_ENERGY = "limit_energy"
    BALANCE_LOW = "balance_low"
    CAR_FULL = "car_full"
    UNPLUGGED = "unplugged"
    STATION_FAULT = "station_fault"
    EMERGENCY_STOP = "emergency_stop"
    POWER_LOST = "power_lost"
    OPERATOR = "operator"
    TIME_OUT = "time_out"
    NEVER_STARTED = "never_started"
    STATION_REFUSED = "station_refused"
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # a reason, not a password
    OTHER = "other"


class Flag(Enum):
    """What was odd about its meter; each is told once, as an event."""

    METER_BACKWARDS = "meter_backwards"
    METER_IMPLAUSIBLE = "meter_implausible"
    STOP_BELOW_START = "stop_below_start"
    STOP_BELOW_READINGS = "stop_below_readings"
    CLOCK_WRONG = "clock_wrong"
    READINGS_LATE = "readings_late"  # told after it was settled: kept, not billed
    UNPRICED = "unpriced"  # no tariff, or pricing failed on the way


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver wants at most: a sum, an energy, or neither. Never both."""

    amount_minor: int | None = None
    energy_wh: int | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[charging]`. Percents are whole; times are seconds unless the name says otherwise."""

    hold_percent_of_limit: int = 95
    hold_percent_of_balance: int = 90
    stop_percent: int = 95  # of the limit: where charging is stopped
    hold_max_minor: int = 10_000_000
    money_min_minor: int = 1_000  # least limit by amount, and least hold to begin with
    energy_min_wh: int = 500
    energy_max_wh: int = 200_000
    hours_max: int = 12
    one_session_per_driver: bool = True
    start_within_s: int = 600
    stop_within_s: int = 120  # how long an order to stop is worth sending
    stop_again_s: int = 150  # energy still flows after so long: order it again
    car_full_soc: int = 98
    offline_after_s: int = 600  # a start told later than this was made without a link
    clock_behind_max_days: int = 30  # a station's time older than this is not believed
    available_close_s: int = 600  # says "available" for so long, and no stop came: closed
    silent_close_s: int = 86_400  # its station has not been heard for so long: closed
    evidence_settle_s: int = 120  # a session closed without the station's word waits so long for it
    settle_again_s: int = 600
    token_within_s: int = 120  # energy may flow so long before its token is told (2.x)
    ask_after_s: int = 60  # events of a transaction missing for so long: the station is asked
    ask_again_s: int = 600
    missing_wait_s: int = 3_600  # how long the bill waits for them; again so long for each "they are queued"
    missing_wait_max_s: int = 86_400
    events_keep_days: int = 400
    believed_percent: int = 125  # of the plate: what a meter may say it gave; plates are rounded, clocks not exact
    interval_max_s: int = 300  # a longer gap between readings does not make the next one's cost dearer
    group_linger_ms: int = 3
    group_flush_rows: int = 250
    group_rows_max: int = 500
    group_waiting_max: int = 20_000

    def __post_init__(self) -> None:
        for name in ("hold_percent_of_limit", "hold_percent_of_balance", "stop_percent"):
            if not 1 <= getattr(self, name) <= 100:
                raise ValueError(f"{name} is 1 to 100")
        if not 0 < self.money_min_minor <= self.hold_max_minor or not 0 < self.energy_min_wh <= self.energy_max_wh:
            raise ValueError("a least value is above its greatest")
        if not 1 <= self.hours_max <= 168 or not 30 <= self.start_within_s <= 3_600:
            raise ValueError("hours_max is 1 to 168, start_within_s 30 to 3600")
        if not 1 <= self.group_flush_rows <= self.group_rows_max <= self.group_waiting_max:
            raise ValueError("group_flush_rows <= group_rows_max <= group_waiting_max")


DEFAULTS = Settings()


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its row stands. The place and the price are as they were when it began."""

    id: SessionId
    state: State
    origin: Origin
    station_id: StationId
    connector: int
    token: str  # what the station was told, or the card it read; upper case
    driver_id: PersonId | None = None
    payer_id: AccountId | None = None  # none: nobody pays, the cost is recorded as unpaid
    hold_id: HoldId | None = None
    hold_minor: int = 0
    limit_amount_minor: int | None = None
    limit_energy_wh: int | None = None
    tariff_version_id: TariffVersionId | None = None
    currency: str
    timezone: str
    location_id: UUID | None = None
    location_name: str = ""
    address: str = ""
    connector_kind: str = "unknown"
    power_w: int = 0
    believed_w: int = 0  # more than this its meter is not believed; 0: unknown
    on_connector: bool = True  # false: history, told when the connector had moved on
    sole: bool = True  # counts as its driver's one running session
    requested_at: dt.datetime
    charge_ref: str | None = None
    began_at: dt.datetime | None = None  # the time it is billed from
    meter_start_mwh: int | None = None
    meter_mwh: int | None = None  # the last trusted register
    energy_mwh: int = 0
    power_mw: int | None = None
    soc_percent: int | None = None
    cost_minor: int = 0
    running: list[Any] | None = None  # tariffs.Running
    last_reading_at: dt.datetime | None = None
    last_received_at: dt.datetime | None = None
    paused_by: str | None = None  # "ev", "evse"
    available_since: dt.datetime | None = None
    flags: list[str] = []
    stop_reason: EndReason | None = None  # why we ordered it to stop
    stop_ordered_at: dt.datetime | None = None
    stop_orders: int = 0
    ended_at: dt.datetime | None = None
    meter_stop_mwh: int | None = None
    stop_cause: str | None = None  # the station's word, or "evidence"
    reason: EndReason | None = None
    settled_at: dt.datetime | None = None
    captured_minor: int | None = None
    from_balance_minor: int | None = None
    receivable_minor: int | None = None
    unpaid_minor: int | None = None
    bill: list[dict[str, Any]] | None = None  # tariffs.Line

    @property
    def cost(self) -> Money:
        """What it has cost so far, or in the end."""
        return Money(self.cost_minor, self.currency)


def token_of(id: SessionId) -> str:
    """Return what the station is told and repeats: 20 characters are all that OCPP 1.6 leaves us.

    Made of the whole id, so that ids chosen alike by careless clients stay apart; letters and digits without
    case, since tokens are compared without it.
    """
    digest = hashlib.sha256(b"session:" + id.bytes).digest()
    return "S" + base64.b32encode(digest)[:19].decode()


def same_token(text: str) -> str:
    """Return the form in which tokens are compared and kept (OCPP 1.6, 3.14: without case)."""
    return text.strip().upper().replace("\0", "")[:36]


def check_limit(rules: Settings, limit: Limit) -> None:
    """Raise DomainError INVALID for a limit that is no limit."""
    if limit.amount_minor is not None and limit.energy_wh is not None:
        raise DomainError(Kind.INVALID, "limit_is_one")
    if limit.amount_minor is not None:
        most = rules.hold_max_minor * 100 // rules.hold_percent_of_limit
        if not rules.money_min_minor <= limit.amount_minor <= most:
            raise DomainError(
                Kind.INVALID, "limit_amount_out_of_bounds", least_minor=rules.money_min_minor, most_minor=most
            )
    if limit.energy_wh is not None and not rules.energy_min_wh <= limit.energy_wh <= rules.energy_max_wh:
        raise DomainError(
            Kind.INVALID, "limit_energy_out_of_bounds", least_wh=rules.energy_min_wh, most_wh=rules.energy_max_wh
        )
