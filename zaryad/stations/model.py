"""Words of the network: locations, stations, connectors, who is connected, who knocks."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated, Literal, NewType
from uuid import UUID

import msgspec
from msgspec import Meta

from zaryad.link.answers import BootStatus
from zaryad.link.facts import ConnectorState, StationId

LocationId = NewType("LocationId", UUID)

# "unknown": the station reported a connector that nobody has described yet. It is kept, and not offered to drivers.
ConnectorKind = Literal["type2", "ccs2", "chademo", "gbt_ac", "gbt_dc", "unknown"]
AdminState = Literal["active", "maintenance", "disabled"]  # what we want of it; apart from what it reports
LocationStatus = Literal["open", "planned", "closed"]

STATION_ID_MAX = 48  # characters of an OCPP identity
CONNECTORS_MAX = 64  # numbers a station may report; more is noise, and would grow the table without bound
KNOCKS_MAX = 1_000


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[stations]`.

    A heartbeat has to arrive, delayed and jittered, before `online_within_s` is over: else idle stations flicker.
    """

    heartbeat_interval_s: int = 180
    retry_boot_s: int = 60  # told to a station whose boot is pending or rejected
    online_within_s: int = 300
    orders_kept_days: int = 400  # orders that are over, bulk orders, reservations, changes of passwords and profiles

    def __post_init__(self) -> None:
        if not 30 <= self.orders_kept_days <= 36_500:
            raise ValueError("orders_kept_days is 30 to 36500")
        if not 10 <= self.heartbeat_interval_s <= 86_400 or not 5 <= self.retry_boot_s <= 86_400:
            raise ValueError("heartbeat_interval_s is 10 to 86400, retry_boot_s 5 to 86400")
        if self.online_within_s * 10 <= self.heartbeat_interval_s * 11:
            raise ValueError("online_within_s must exceed heartbeat_interval_s by more than a tenth")


DEFAULTS = Settings()


class OcppSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[ocpp]`: what becomes of a station that nobody has described.

    `inbox`: it is turned away and waits for a person; `inbox_listens` lets it say who it is first. `accept`: it becomes
    a station under maintenance in the location `accept_into`. `refuse`: it is turned away without a trace.
    """

    unknown_stations: Literal["inbox", "accept", "refuse"] = "inbox"
    inbox_listens: bool = False
    accept_into: UUID | None = None  # absent: into a location of their own, which drivers do not see
    accept_per_hour: Annotated[int, Meta(ge=1, le=10_000)] = 100  # then they go to the inbox
    knock_keep_days: Annotated[int, Meta(ge=1, le=3_650)] = 90
    attempt_keep_days: Annotated[int, Meta(ge=1, le=3_650)] = 30


OCPP_DEFAULTS = OcppSettings()


def speakable(station_id: str) -> bool:
    """Whether it can be an OCPP identity: 1 to 48 printable characters without a colon (OCPP-J 3.1, Part 4)."""
    return 0 < len(station_id) <= STATION_ID_MAX and station_id.isprintable() and ":" not in station_id


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A site. Coordinates are integer microdegrees (WGS 84); `timezone` is an IANA name that tariffs follow."""

    id: LocationId
    name: str
    names: dict[str, str] = {}  # language -> name, where it differs
    address: str
    city: str
    latitude_udeg: int
    longitude_udeg: int
    timezone: str
    currency: str
    access_notes: str = ""
    status: LocationStatus = "open"

    def name_in(self, language: str) -> str:
        """Return the name in a language, or as it stands."""
        return self.names.get(language, self.name)


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A station as its row stands; `id` is its OCPP identity."""

    id: StationId
    location_id: LocationId
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    protocol: str | None = None
    has_password: bool = False
    boot_status: BootStatus = BootStatus.ACCEPTED  # what its next BootNotification is answered with
    last_boot_at: dt.datetime | None = None
    admin_state: AdminState = "active"
    firmware_status: str | None = None
    diagnostics_status: str | None = None
    online: bool = False
    node: str | None = None
    address: str | None = None
    connected_at: dt.datetime | None = None
    last_seen_at: dt.datetime | None = None
    disconnected_at: dt.datetime | None = None


class Connector(msgspec.Struct, frozen=True, kw_only=True):
    """A connector with all that a start decides by: its own row, its station, its location, the link.

    `admin_state` is the strictest of connector, station and location. `online`: connected, and heard within
    `Settings.online_within_s`. `state` is the last word of the connector itself, however old.
    """

    station_id: StationId
    number: int
    kind: ConnectorKind
    power_w: int
    state: ConnectorState | None
    state_at: dt.datetime | None
    error_code: str | None
    admin_state: AdminState
    online: bool
    last_seen_at: dt.datetime | None
    station_state: ConnectorState | None  # what connector 0, the station as a whole, says
    location_id: LocationId
    location_name: str
    address: str
    timezone: str
    tariff_id: UUID | None
    currency: str

    @property
    def confirmed(self) -> bool:
        """Whether somebody has said what it is; only such a connector is offered to drivers."""
        return self.kind != "unknown" and self.power_w > 0


class ConnectorPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What people decide about a connector."""

    number: int
    kind: ConnectorKind
    power_w: int
    tariff_id: UUID | None = None
    admin_state: AdminState = "active"


class AdmissionStatus(Enum):
    """What a handshake is answered with; the gateway turns it into an HTTP status."""

    OK = "ok"
    LISTEN = "listen"  # unknown, and let in only to say who it is
    UNKNOWN = "unknown"
    TOO_MANY_NEW = "too_many_new"  # unknown ones are accepted, but not so many at once
    TOKEN_UNKNOWN = "token_unknown"  # noqa: S105  # a verdict, not a token
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    TOKEN_USED_UP = "token_used_up"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    BAD_PATH = "bad_path"
    BAD_PASSWORD = "bad_password"  # noqa: S105
    WRONG_USER = "wrong_user"
    PLAIN = "plain_where_tls_required"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_UNREADABLE = "certificate_unreadable"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_REVOKED = "certificate_revoked"
    CERTIFICATE_NOT_TRUSTED = "certificate_not_trusted"
    CERTIFICATE_OF_ANOTHER = "certificate_of_another"
    DISABLED = "disabled"
    BANNED = "banned"


class Admission(msgspec.Struct, frozen=True):
    """The verdict at the door; `boot_status` only for a known station. `auth` and `detail`: see `link.door.Attempt`."""

    status: AdmissionStatus
    boot_status: BootStatus | None = None
    auth: str = "none"
    detail: dict[str, str] = {}
    noted: bool = True  # False: nothing is to be written about it, an attempt neither
    vendor: str | None = None  # these three as it last said them: it need not boot again to be known
    model: str | None = None
    firmware: str | None = None


class Knock(msgspec.Struct, frozen=True, kw_only=True):
    """A station that was turned away: unknown here, or with a wrong password.

    Vendor to firmware are its own word from its BootNotification, where strangers are listened to.
    """

    station_id: StationId
    first_at: dt.datetime
    last_at: dt.datetime
    attempts: int
    address: str
    user_agent: str
    subprotocols: list[str]
    had_password: bool
    reason: str
    tls: dict[str, str] | None = None
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    learned_at: dt.datetime | None = None


class Ban(msgspec.Struct, frozen=True, kw_only=True):
    """An identity that is turned away without a trace."""

    station_id: StationId
    banned_at: dt.datetime
    banned_by: UUID
    note: str
