"""What a station tells us, in our own words. No OCPP version is visible from here up.

A fact has happened: it can be judged, never refused. Energy is milliwatt-hours, power milliwatts,
current milliamperes, voltage millivolts; `at` is the station's clock (as corrected by the codec to
UTC), `received_at` ours.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import NewType

import msgspec

StationId = NewType("StationId", str)  # the OCPP identity: the last segment of its URL, at most 48 characters


class ConnectorState(Enum):
    """What a connector says of itself; OCPP 1.6's nine words, which 2.x's fewer words map into."""

    AVAILABLE = "available"
    PREPARING = "preparing"
    CHARGING = "charging"
    SUSPENDED_EV = "suspended_ev"
    SUSPENDED_EVSE = "suspended_evse"
    FINISHING = "finishing"
    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    FAULTED = "faulted"


class StopCause(Enum):
    """Why a station says a transaction ended (OCPP 1.6 Reason; 2.x ReasonEnum maps into it)."""

    LOCAL = "local"  # the driver, at the station; also what an absent reason means
    REMOTE = "remote"  # we ordered it
    EV_DISCONNECTED = "ev_disconnected"
    EMERGENCY_STOP = "emergency_stop"
    DEAUTHORIZED = "deauthorized"
    HARD_RESET = "hard_reset"
    SOFT_RESET = "soft_reset"
    REBOOT = "reboot"
    POWER_LOSS = "power_loss"
    UNLOCK_COMMAND = "unlock_command"
    OTHER = "other"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of one meter: the common quantities as columns, the rest by name in `extra`."""

    at: dt.datetime
    energy_mwh: int | None = None  # Energy.Active.Import.Register, the whole connector
    power_mw: int | None = None
    current_ma: int | None = None
    voltage_mv: int | None = None
    soc_percent: int | None = None
    context: str = "Sample.Periodic"
    extra: dict[str, str] | None = None  # "Temperature@Body" -> "41.5 Celsius"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has happened at a station, whether we like it or not."""

    station_id: StationId
    received_at: dt.datetime


class Booted(Fact, frozen=True, kw_only=True):
    """BootNotification. Neither proof of a reboot nor its absence proof of continuity (field-stations 12)."""

    vendor: str
    model: str
    serial: str | None = None
    firmware: str | None = None
    protocol: str = "ocpp1.6"
    details: dict[str, str] | None = None  # iccid, imsi, meterType and the like


class Beat(Fact, frozen=True, kw_only=True):
    """Heartbeat: it is alive and asks what time it is."""


class ConnectorChanged(Fact, frozen=True, kw_only=True):
    """StatusNotification. Connector 0 is the station itself."""

    connector: int
    state: ConnectorState
    error_code: str = "NoError"
    info: str | None = None
    vendor_error: str | None = None
    at: dt.datetime | None = None  # None: the station gave no time


class TokenPresented(Fact, frozen=True, kw_only=True):
    """Authorize: may this card charge here?"""

    token: str


class ChargingBegan(Fact, frozen=True, kw_only=True):
    """StartTransaction: energy may be flowing already, whatever we answer."""

    connector: int
    token: str
    meter_start_mwh: int
    at: dt.datetime
    reservation_id: int | None = None
    charge_ref: str | None = None  # 2.x: the station's transaction id; 1.6 is given one in the answer


class MeterRead(Fact, frozen=True, kw_only=True):
    """MeterValues. Connector 0 is the site's meter."""

    connector: int
    charge_ref: str | None  # the running transaction's id as text; None when the station named none
    readings: tuple[Reading, ...]


class ChargingEnded(Fact, frozen=True, kw_only=True):
    """StopTransaction. `charge_ref` may be "-1" or "0": the station never heard our answer to its start."""

    charge_ref: str
    meter_stop_mwh: int
    at: dt.datetime
    cause: StopCause = StopCause.LOCAL
    token: str | None = None
    readings: tuple[Reading, ...] = ()


class DataReceived(Fact, frozen=True, kw_only=True):
    """DataTransfer: a vendor's own message."""

    vendor: str
    message: str | None = None
    data: str | None = None


class FirmwareReported(Fact, frozen=True, kw_only=True):
    """FirmwareStatusNotification, the station's own word for the step it is at."""

    status: str


class DiagnosticsReported(Fact, frozen=True, kw_only=True):
    """DiagnosticsStatusNotification, the station's own word for the step it is at."""

    status: str
