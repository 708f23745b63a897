"""What a station tells us, in our own words. No OCPP version is visible from here up.

A fact has happened: it can be judged, never refused. Energy is milliwatt-hours, power milliwatts,
current milliamperes, voltage millivolts; `at` is the station's clock (as corrected by the codec to
UTC), `received_at` ours.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Literal

import msgspec

from zaryad.link.kinds.certificates import CertificateUse
from zaryad.link.kinds.control import TokenKind
from zaryad.link.kinds.profiles import Profile
from zaryad.link.kinds.settings import Attribute, MonitorKind, Variable
from zaryad.link.kinds.tokens import CertificateHash, DisplayMessage
from zaryad.link.station import StationId as StationId  # noqa: PLC0414  # told on from here: facts are about stations


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
    reason: str | None = None  # 2.x: why it booted, in the standard's word
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


class ContractShown(msgspec.Struct, frozen=True, kw_only=True):
    """The contract certificate that comes with an eMAID: as a PEM chain, or as the hashes of its certificates."""

    chain: str | None = None
    hashes: tuple[CertificateHash, ...] = ()


class TokenPresented(Fact, frozen=True, kw_only=True):
    """Authorize: may this card charge here? What may not charge is answered, never refused."""

    token: str
    token_kind: TokenKind = "rfid"  # noqa: S105  # a kind, not a secret
    contract: ContractShown | None = None


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
    """FirmwareStatusNotification, the station's own word for the step it is at; signed or not.

    `request`: the number of the order that asked for it, where the station names it.
    """

    status: str
    request: int | None = None


class FirmwarePublished(Fact, frozen=True, kw_only=True):
    """PublishFirmwareStatusNotification (2.x) of a local controller."""

    status: str
    request: int | None = None
    urls: tuple[str, ...] = ()


class DiagnosticsReported(Fact, frozen=True, kw_only=True):
    """DiagnosticsStatusNotification, the station's own word for the step it is at."""

    status: str


class LogReported(Fact, frozen=True, kw_only=True):
    """LogStatusNotification, the station's own word for the step its upload is at."""

    status: str
    request: int | None = None


class SecurityEvent(Fact, frozen=True, kw_only=True):
    """SecurityEventNotification; the list of kinds is open."""

    kind: str
    at: dt.datetime | None
    info: str | None = None


class CertificateAsked(Fact, frozen=True, kw_only=True):
    """SignCertificate: a PKCS#10 request in PEM. Judged before it is accepted; the certificate follows as an order."""

    csr: str
    use: CertificateUse = "station"
    request: int | None = None
    root: CertificateHash | None = None


class ContractAsked(Fact, frozen=True, kw_only=True):
    """Get15118EVCertificate: an EXI request that a provider of contracts answers; passed on unread."""

    schema: str
    exi: str
    action: Literal["install", "update"]
    chains_max: int | None = None
    emaids: tuple[str, ...] = ()


class OcspAsked(Fact, frozen=True, kw_only=True):
    """GetCertificateStatus: is this certificate revoked?"""

    hash: CertificateHash


class ChainAsked(Fact, frozen=True, kw_only=True):
    """GetCertificateChainStatus (2.1): the same of several; each with where to ask, by OCSP or CRL."""

    asked: tuple[tuple[CertificateHash, Literal["crl", "ocsp"], tuple[str, ...]], ...]


class Told(Enum):
    """What a TransactionReported says happened (2.x TransactionEventEnum)."""

    STARTED = "started"
    UPDATED = "updated"
    ENDED = "ended"


class ChargingState(Enum):
    """What a transaction is doing (2.x ChargingStateEnum)."""

    IDLE = "idle"
    EV_CONNECTED = "ev_connected"
    CHARGING = "charging"
    SUSPENDED_EV = "suspended_ev"
    SUSPENDED_EVSE = "suspended_evse"


class TransactionReported(Fact, frozen=True, kw_only=True):
    """TransactionEvent (2.x). Known by (station, charge_ref, seq_no); arrives late, doubled and out of order.

    `connector` is named once, when it is known: None afterwards, and -1 for one that we have no number for.
    `outlet_named`: whether the station said which connector of the EVSE it is. `trigger` is the standard's word.
    """

    told: Told
    charge_ref: str
    seq_no: int
    at: dt.datetime
    trigger: str
    offline: bool = False
    connector: int | None = None
    outlet_named: bool = False
    state: ChargingState | None = None
    token: str | None = None
    token_kind: TokenKind = "rfid"  # noqa: S105  # a kind, not a secret
    readings: tuple[Reading, ...] = ()
    cause: StopCause | None = None  # only of an end
    remote_start: int | None = None  # the number of the order that asked for it
    reservation_id: int | None = None
    phases: int | None = None


class VariableValue(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute of a variable as a station reports it; what it does not say is None."""

    variable: Variable
    attribute: Attribute = "actual"
    value: str | None = None
    mutability: Literal["read_only", "write_only", "read_write"] = "read_write"
    persistent: bool = False
    constant: bool = False
    unit: str | None = None
    data_type: str | None = None  # the standard's word
    minimum: str | None = None
    maximum: str | None = None
    values: str | None = None  # what it may be, comma separated
    monitored: bool = False


class Part(Fact, frozen=True, kw_only=True):
    """Base of reports that come in parts: `request` is the number of the order that asked, `last` ends it."""

    request: int
    seq_no: int
    last: bool
    at: dt.datetime | None = None


class VariablesPart(Part, frozen=True, kw_only=True):
    """NotifyReport (2.x)."""

    variables: tuple[VariableValue, ...] = ()


class MonitorValue(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor as a station reports it; `value` is the text of a decimal number."""

    variable: Variable
    id: int
    kind: MonitorKind
    value: str
    severity: int
    while_transaction: bool = False


class MonitorsPart(Part, frozen=True, kw_only=True):
    """NotifyMonitoringReport (2.x)."""

    monitors: tuple[MonitorValue, ...] = ()


class ProfilesPart(Part, frozen=True, kw_only=True):
    """ReportChargingProfiles (2.x); profiles of one source and EVSE."""

    connector: int
    source: str  # EMS, Other, SO, CSO: who set the limit
    profiles: tuple[Profile, ...] = ()


class DisplaysPart(Part, frozen=True, kw_only=True):
    """NotifyDisplayMessages (2.x)."""

    messages: tuple[DisplayMessage, ...] = ()


class CustomerPart(Part, frozen=True, kw_only=True):
    """NotifyCustomerInformation (2.x): a text in parts."""

    text: str


class StationEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a station watches has happened (2.x EventData)."""

    id: int
    at: dt.datetime
    variable: Variable
    value: str
    trigger: Literal["alerting", "delta", "periodic"] = "alerting"
    cause: int | None = None  # the event that caused it
    monitor: int | None = None
    severity: int | None = None
    cleared: bool = False
    code: str | None = None
    info: str | None = None
    charge_ref: str | None = None
    kind: str = ""  # HardWiredNotification and so on


class EventsTold(Fact, frozen=True, kw_only=True):
    """NotifyEvent (2.x); `last` is false while more of the same generation follow."""

    at: dt.datetime | None
    seq_no: int
    last: bool
    events: tuple[StationEvent, ...]


class ReservationEnded(Fact, frozen=True, kw_only=True):
    """ReservationStatusUpdate (2.x)."""

    reservation: int
    how: Literal["expired", "removed", "no_transaction"]


class Topic(Enum):
    """What a Notice is about: messages that are kept and shown, and that few stations send yet."""

    CHARGING_LIMIT = "charging_limit"  # NotifyChargingLimit
    LIMIT_CLEARED = "limit_cleared"  # ClearedChargingLimit
    CHARGING_NEEDS = "charging_needs"  # NotifyEVChargingNeeds
    CHARGING_SCHEDULE = "charging_schedule"  # NotifyEVChargingSchedule
    PRIORITY_CHARGING = "priority_charging"  # NotifyPriorityCharging
    SCHEDULE_PULLED = "schedule_pulled"  # PullDynamicScheduleUpdate
    SETTLEMENT = "settlement"  # NotifySettlement
    VAT_NUMBER = "vat_number"  # VatNumberValidation
    BATTERY_SWAP = "battery_swap"  # BatterySwap
    DER_ALARM = "der_alarm"  # NotifyDERAlarm
    DER_STARTED_STOPPED = "der_started_stopped"  # NotifyDERStartStop
    DER_CONTROLS = "der_controls"  # ReportDERControl
    STREAM_OPENED = "stream_opened"  # OpenPeriodicEventStream
    STREAM_CLOSED = "stream_closed"  # ClosePeriodicEventStream
    STREAM_DATA = "stream_data"  # NotifyPeriodicEventStream, a SEND: nobody waits for an answer


class Notice(Fact, frozen=True, kw_only=True):
    """A message kept as it was told; answered by Judged. `body` is the payload in the standard's own words."""

    topic: Topic
    body: dict[str, object]
    connector: int | None = None
    charge_ref: str | None = None
    request: int | None = None
