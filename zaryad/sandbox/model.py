"""What a virtual station is made of, what it remembers without power, and what people can do to it.

Everything here is data: msgspec Structs that go to JSON and back, so that a station's memory survives its host.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from zaryad.link.station import CONNECTOR_MAX
from zaryad.sandbox.battery import Car
from zaryad.sandbox.kept import (
    Behaviour,
    Charge,
    Display,
    Grant,
    Installed,
    LogOrder,
    Monitor,
    Profile,
    Reservation,
    Trouble,
    Update,
)

Protocol = Literal["1.6", "2.0.1", "2.1"]
OutletKind = Literal["type2", "ccs2", "chademo", "gbt_ac", "gbt_dc"]
AC_KINDS = frozenset({"type2", "gbt_ac"})

ConnectorNumber = Annotated[int, Meta(ge=1, le=CONNECTOR_MAX)]
AnyConnector = Annotated[int, Meta(ge=0, le=CONNECTOR_MAX)]
Token = Annotated[str, Meta(min_length=1, max_length=64)]  # longer than any version allows: field stations do that


class OutletModel(msgspec.Struct, frozen=True):
    """A connector as built. In 2.x the number is `zaryad.link.station.connector_number` of EVSE and connector."""

    number: int
    kind: OutletKind
    power_w: int

    @property
    def dc(self) -> bool:
        """Whether the station rectifies, and so knows the battery's state of charge."""
        return self.kind not in AC_KINDS


class Quirks(msgspec.Struct, frozen=True, omit_defaults=True):
    """Ways in which stations of the field differ from the standard; each was seen on a wire."""

    spaced_json: bool = False  # [2, "1", ...] with blanks
    minus_one_stop: bool = False  # a start that got no answer is forgotten; its stop says transactionId -1
    doubles_messages: bool = False  # every transaction message goes out twice
    clock_1970: bool = False  # no battery behind the clock: 1970 until somebody tells the time
    boots_on_reconnect: bool = False  # BootNotification on every new socket
    pipelines_boot: bool = False  # StatusNotifications right behind the BootNotification
    replays_statuses: bool = False  # every status of the offline time, with its old timestamp
    keeps_message_ids: bool = False  # a repeated message has the id it had the first time
    kwh_unit: bool = False  # energy register in kWh with three decimals
    unitless_power: bool = False  # power in W, unit left out
    comma_decimals: bool = False  # "230,1"
    wants_replug: bool = False  # refuses a remote start in Finishing
    never_starts: bool = False  # says Accepted to a remote start and does nothing
    ignores_time: bool = False  # keeps its own idea of time whatever it is told
    events_for_states: bool = False  # 2.1: NotifyEvent of AvailabilityState in place of StatusNotification
    posts_files: bool = False  # uploads with POST in place of PUT


class StationModel(msgspec.Struct, frozen=True, kw_only=True):
    """A station as built and installed."""

    id: str
    outlets: tuple[OutletModel, ...]
    protocol: Protocol = "1.6"
    strict: bool = False  # hangs up on whatever the central system does against the standard
    vendor: str = "Zaryad"
    model: str = "Virtual"
    serial: str = ""
    firmware: str = "1.0.0"
    password: str | None = None
    quirks: Quirks = Quirks()
    configuration: dict[str, str] = {}  # differs from the defaults; 2.x by "TxCtrlr/TxStartPoint"
    start_delay_s: int = 1  # from permission to energy
    reboot_s: int = 15
    answer_within_s: int = 30
    step_s: int = 5  # how often a charging outlet looks at its car
    stops_when_full_s: int | None = None  # None: stays SuspendedEV until somebody acts
    queue_max: int = 3_000  # transaction messages kept; beyond it every second reading is given up


class OutletFault(msgspec.Struct, frozen=True):
    """Why an outlet is Faulted: OCPP 1.6 ChargePointErrorCode and words."""

    code: str = "OtherError"
    info: str = ""


class OutletMemory(msgspec.Struct):
    """An outlet's part of the memory, the plugged car with it (the world outlives our process too)."""

    register_mwh: int = 0
    carry_mwms: int = 0
    car: Car | None = None
    spent: bool = False  # the plugged car has had its charge: Finishing
    operative: bool = True
    operative_next: bool | None = None  # a change that waits for the end of the transaction
    fault: OutletFault | None = None
    frozen: bool = False  # the meter stands still while energy flows
    transaction: int | None = None  # our own number of it
    counted_to: dt.datetime | None = None
    grant: Grant | None = None  # 2.x: who may charge here


class Transaction(msgspec.Struct, kw_only=True):
    """A charge that the central system has not wholly heard of yet."""

    number: int  # ours
    connector: int
    token: str
    began_at: dt.datetime  # by the station's clock
    meter_start_wh: int
    id: int | None = None  # theirs; None until told, -1 when the start was given up
    group: str | None = None
    suspended: bool = False  # the token was refused and the charge is held without energy
    next_sample: dt.datetime | None = None
    full_since: dt.datetime | None = None
    ended: bool = False


class Message(msgspec.Struct, kw_only=True):
    """A transaction message in the queue: stays until answered."""

    action: str
    transaction: int  # our number; the central system's id is filled in when it goes out
    body: dict[str, object]
    attempts: int = 0
    not_before: dt.datetime | None = None
    message_id: str | None = None


class KnownToken(msgspec.Struct, frozen=True):
    """An entry of the authorisation cache."""

    status: str
    expires_at: dt.datetime | None = None
    group: str | None = None


class StationMemory(msgspec.Struct, kw_only=True):
    """All that survives a power cut."""

    outlets: dict[int, OutletMemory]
    protocol: Protocol = "1.6"  # whose words the rest is in
    next_message: int = 1
    next_transaction: int = 1
    transactions: dict[int, Transaction] = {}
    queue: list[Message] = []
    cache: dict[str, KnownToken] = {}
    configuration: dict[str, str] = {}
    operative: bool = True  # the station as a whole
    fault: OutletFault | None = None  # of the station as a whole
    clock_told: dt.datetime | None = None  # what the clock was last set to,
    clock_set_at: dt.datetime | None = None  # when that was in truth,
    clock_ppm: int = 0  # and how fast it runs away
    speed: int = 1
    network: bool = True
    saved_at: dt.datetime | None = None
    given_up: int = 0  # transaction messages dropped after too many attempts
    trouble: Trouble = Trouble()
    behaviour: Behaviour = Behaviour()
    local_list: dict[str, KnownToken] = {}
    list_version: int = 0
    reservations: dict[int, Reservation] = {}
    profiles: list[Profile] = []
    firmware: str | None = None  # the version that an update has brought
    update: Update | None = None
    log_order: LogOrder | None = None
    certificates: list[Installed] = []
    key: str | None = None  # of our own certificate, PEM
    key_next: str | None = None  # of the certificate that is being asked for
    chain: str | None = None  # our own certificate and those above it, PEM
    # 2.x only
    charges: dict[int, Charge] = {}
    variables: dict[str, str] = {}
    variables_next: dict[str, str] = {}  # become true with the next boot
    boot_reason: str = "PowerUp"
    network_profiles: dict[int, dict[str, Any]] = {}
    slot: int = 0  # the network profile in use; 0 is the one it was delivered with
    monitors: list[Monitor] = []
    next_monitor: int = 1
    next_event: int = 1
    displays: dict[int, Display] = {}
    streams: dict[int, dict[str, Any]] = {}  # 2.1
    contract: str | None = None  # a car's contract certificate chain for Plug & Charge, PEM


# What people can do to a station. `do` names it in JSON: {"do": "plug_in", "connector": 1}.
class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True):
    """Base of all commands."""


class PlugIn(Command, frozen=True, tag="plug_in"):
    """Bring a car and plug it in; a car of another size by its numbers."""

    connector: ConnectorNumber = 1
    capacity_kwh: Annotated[int, Meta(ge=1, le=1_000)] = 60
    soc_percent: Annotated[int, Meta(ge=0, le=100)] = 25
    full_at_percent: Annotated[int, Meta(ge=1, le=100)] = 100
    dc_kw: Annotated[int, Meta(ge=1, le=1_000)] = 120
    ac_kw: Annotated[int, Meta(ge=1, le=100)] = 11
    takes_power: bool = True

    def car(self) -> Car:
        """Return the car so described."""
        capacity = self.capacity_kwh * 1_000_000
        return Car(
            capacity_mwh=capacity,
            stored_mwh=capacity * self.soc_percent // 100,
            dc_mw=self.dc_kw * 1_000_000,
            ac_mw=self.ac_kw * 1_000_000,
            full_at_percent=self.full_at_percent,
            takes_power=self.takes_power,
        )


class Unplug(Command, frozen=True, tag="unplug"):
    """Pull the cable and drive away."""

    connector: ConnectorNumber = 1


class PresentCard(Command, frozen=True, tag="present_card"):
    """Hold an RFID card to the reader; without a connector the station picks the one that can use it."""

    token: Token
    connector: ConnectorNumber | None = None


class SetMood(Command, frozen=True, tag="set_mood"):
    """Change the plugged car's mind."""

    connector: ConnectorNumber = 1
    takes_power: bool = True
    full_at_percent: Annotated[int, Meta(ge=1, le=100)] | None = None


class SetFault(Command, frozen=True, tag="set_fault"):
    """Break an outlet; connector 0 breaks the station."""

    connector: AnyConnector = 1
    code: Literal[
        "ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError",
        "LocalListConflict", "OtherError", "OverCurrentFailure", "OverVoltage", "PowerMeterFailure",
        "PowerSwitchFailure", "ReaderFailure", "ResetFailure", "UnderVoltage", "WeakSignal",
    ] = "GroundFailure"  # fmt: skip
    info: Annotated[str, Meta(max_length=50)] = ""


class ClearFault(Command, frozen=True, tag="clear_fault"):
    """Repair it; connector 0 repairs all."""

    connector: AnyConnector = 0


class EmergencyStop(Command, frozen=True, tag="emergency_stop"):
    """Hit the red button: everything stops and stays Faulted until cleared."""


class Reboot(Command, frozen=True, tag="reboot"):
    """Restart; hard is a power cut in mid-sentence, which may last."""

    hard: bool = True
    seconds: Annotated[int, Meta(ge=0, le=86_400)] | None = None


class DropLink(Command, frozen=True, tag="drop_link"):
    """Lose the socket `times` in a row; the station comes back by itself, after `back_ms` if that is told."""

    times: Annotated[int, Meta(ge=1, le=1_000)] = 1
    back_ms: Annotated[int, Meta(ge=0, le=600_000)] | None = None


class SetNetwork(Command, frozen=True, tag="set_network"):
    """Take the network away, or give it back."""

    up: bool


class SetClock(Command, frozen=True, tag="set_clock"):
    """Put the station's clock `offset_s` off the truth, and let it run `ppm` millionths too fast."""

    offset_s: Annotated[int, Meta(ge=-2_000_000_000, le=2_000_000_000)] = 0
    ppm: Annotated[int, Meta(ge=-100_000, le=100_000)] = 0


class FreezeMeter(Command, frozen=True, tag="freeze_meter"):
    """Let the meter stand still, or go on."""

    connector: ConnectorNumber = 1
    frozen: bool = True


class JumpMeter(Command, frozen=True, tag="jump_meter"):
    """Move the register by so many Wh; backwards too."""

    wh: Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
    connector: ConnectorNumber = 1


class Disturb(Command, frozen=True, tag="disturb"):
    """Put the link into this kind of trouble until told otherwise; nothing said means all is well again."""

    trouble: Trouble = Trouble()


class Behave(Command, frozen=True, tag="behave"):
    """Let updates, uploads and certificates fail from now on, or go well again."""

    behaviour: Behaviour = Behaviour()


class Say(Command, frozen=True, tag="say"):
    """Let it ask this of the central system, as it stands: DataTransfer, a security event, anything."""

    action: Annotated[str, Meta(min_length=1, max_length=50)]
    body: dict[str, Any] = {}
    unanswered: bool = False  # 2.1: as SEND, whose answer nobody waits for


class RequestCertificate(Command, frozen=True, tag="request_certificate"):
    """Let it ask for a certificate of its own: SignCertificate."""


class PresentContract(Command, frozen=True, tag="present_contract"):
    """Plug & Charge (2.x): a plugged car tells its contract, with the chain of its certificate."""

    emaid: Annotated[str, Meta(min_length=1, max_length=36)]
    chain: Annotated[str, Meta(max_length=20_000)] | None = None
    hashes: list[dict[str, str]] = []  # iso15118CertificateHashData, when the central system shall ask OCSP
    connector: ConnectorNumber = 1


class SetSpeed(Command, frozen=True, tag="set_speed"):
    """Let batteries fill `speed` times as fast as the power says; clocks stay true."""

    speed: Annotated[int, Meta(ge=1, le=3_600)]


AnyCommand = (
    PlugIn
    | Unplug
    | PresentCard
    | SetMood
    | SetFault
    | ClearFault
    | EmergencyStop
    | Reboot
    | DropLink
    | SetNetwork
    | SetClock
    | FreezeMeter
    | JumpMeter
    | SetSpeed
    | Disturb
    | Behave
    | Say
    | RequestCertificate
    | PresentContract
)
