"""2.x's words and ours for the same things, both ways. One table each; the direction is the caller's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final, Literal, TypeVar

from zaryad.link import orders
from zaryad.link.answers import TokenStatus
from zaryad.link.facts import ChargingState, ConnectorState, StopCause, Told
from zaryad.link.kinds.certificates import CertificateUse, RootUse
from zaryad.link.kinds.profiles import ProfileKind, Purpose, RateUnit
from zaryad.link.kinds.settings import Attribute, MonitorKind
from zaryad.link.station import connector_number

K = TypeVar("K")
V = TypeVar("V")


def _turned(table: dict[K, V]) -> dict[V, K]:
    return {theirs: ours for ours, theirs in table.items()}


TOLD: Final = {"Started": Told.STARTED, "Updated": Told.UPDATED, "Ended": Told.ENDED}
CHARGING_STATES: Final = {
    "Idle": ChargingState.IDLE,
    "EVConnected": ChargingState.EV_CONNECTED,
    "Charging": ChargingState.CHARGING,
    "SuspendedEV": ChargingState.SUSPENDED_EV,
    "SuspendedEVSE": ChargingState.SUSPENDED_EVSE,
}
CONNECTOR_STATES: Final = {
    "Available": ConnectorState.AVAILABLE,
    "Occupied": ConnectorState.PREPARING,  # taken; what it is doing, its transaction says
    "Reserved": ConnectorState.RESERVED,
    "Unavailable": ConnectorState.UNAVAILABLE,
    "Faulted": ConnectorState.FAULTED,
}
CAUSES: Final = {
    None: StopCause.LOCAL,  # what an absent reason means
    "DeAuthorized": StopCause.DEAUTHORIZED,
    "EmergencyStop": StopCause.EMERGENCY_STOP,
    "EVDisconnected": StopCause.EV_DISCONNECTED,
    "ImmediateReset": StopCause.HARD_RESET,
    "Local": StopCause.LOCAL,
    "LocalOutOfCredit": StopCause.DEAUTHORIZED,
    "MasterPass": StopCause.LOCAL,
    "PowerLoss": StopCause.POWER_LOSS,
    "Reboot": StopCause.REBOOT,
    "Remote": StopCause.REMOTE,
}  # every other word: OTHER

TOKEN_KINDS: Final[dict[orders.TokenKind, str]] = {
    "app": "Central",
    "rfid": "ISO14443",
    "rfid_iso15693": "ISO15693",
    "emaid": "eMAID",
    "key_code": "KeyCode",
    "local": "Local",
    "mac": "MacAddress",
    "plate": "LicensePlate",  # 2.1 lets anything be a kind
    "direct_payment": "DirectPayment",
    "none": "NoAuthorization",
    "other": "Other",
}
KINDS_OF_TOKEN: Final = {word.lower(): kind for kind, word in TOKEN_KINDS.items()}
TOKEN_STATUS: Final = {
    TokenStatus.ACCEPTED: "Accepted",
    TokenStatus.BLOCKED: "Blocked",
    TokenStatus.EXPIRED: "Expired",
    TokenStatus.INVALID: "Invalid",
    TokenStatus.CONCURRENT: "ConcurrentTx",
    TokenStatus.UNKNOWN: "Unknown",
    TokenStatus.NO_CREDIT: "NoCredit",
    TokenStatus.NOT_HERE: "NotAtThisLocation",
    TokenStatus.NOT_NOW: "NotAtThisTime",
}

HASHES: Final[dict[str, Literal["sha256", "sha384", "sha512"]]] = {
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
}
CERTIFICATE_USES: Final[dict[CertificateUse, str]] = {
    "station": "ChargingStationCertificate",
    "v2g": "V2GCertificate",
    "v2g20": "V2G20Certificate",
}
USES_OF_CERTIFICATE: Final = _turned(CERTIFICATE_USES)
ROOTS: Final[dict[RootUse, str]] = {
    "csms_root": "CSMSRootCertificate",
    "manufacturer_root": "ManufacturerRootCertificate",
    "v2g_root": "V2GRootCertificate",
    "mo_root": "MORootCertificate",
    "oem_root": "OEMRootCertificate",
    "v2g_chain": "V2GCertificateChain",
}

PURPOSES: Final[dict[Purpose, str]] = {
    "station_max": "ChargingStationMaxProfile",
    "transaction_default": "TxDefaultProfile",
    "transaction": "TxProfile",
    "external": "ChargingStationExternalConstraints",
    "priority": "PriorityCharging",
    "local_generation": "LocalGeneration",
}
PURPOSE_OF: Final = _turned(PURPOSES)
KINDS: Final[dict[ProfileKind, tuple[str, str | None]]] = {
    "absolute": ("Absolute", None),
    "recurring_daily": ("Recurring", "Daily"),
    "recurring_weekly": ("Recurring", "Weekly"),
    "relative": ("Relative", None),
}
KIND_OF: Final = _turned(KINDS)
UNITS: Final[dict[RateUnit, str]] = {"watts": "W", "amperes": "A"}
UNIT_OF: Final = _turned(UNITS)

ATTRIBUTES: Final[dict[Attribute, str]] = {
    "actual": "Actual",
    "target": "Target",
    "min_set": "MinSet",
    "max_set": "MaxSet",
}
ATTRIBUTE_OF: Final = _turned(ATTRIBUTES)
MONITORS: Final[dict[MonitorKind, str]] = {
    "upper_threshold": "UpperThreshold",
    "lower_threshold": "LowerThreshold",
    "delta": "Delta",
    "periodic": "Periodic",
    "periodic_clock_aligned": "PeriodicClockAligned",
    "target_delta": "TargetDelta",
    "target_delta_relative": "TargetDeltaRelative",
}
MONITOR_OF: Final = _turned(MONITORS)
FORMATS: Final[dict[Literal["utf8", "ascii", "html", "uri", "qrcode"], str]] = {
    "utf8": "UTF8",
    "ascii": "ASCII",
    "html": "HTML",
    "uri": "URI",
    "qrcode": "QRCODE",
}
FORMAT_OF: Final = _turned(FORMATS)
PRIORITIES: Final[dict[Literal["always_front", "in_front", "normal_cycle"], str]] = {
    "always_front": "AlwaysFront",
    "in_front": "InFront",
    "normal_cycle": "NormalCycle",
}
PRIORITY_OF: Final = _turned(PRIORITIES)


def number_of(evse: int, outlet: int | None) -> int:
    """Return our number of a connector; a connector 0 within an EVSE names none."""
    return connector_number(evse, outlet or None)


def text_of(number: Decimal) -> str:
    """Write a decimal number as people do; it has been found sane."""
    return format(number.normalize(), "f") if number else "0"


def tenths(number: Decimal) -> int:
    """Return a sane limit as whole tenths."""
    return int(number * 10)


def utc(at: dt.datetime | None) -> dt.datetime | None:
    """Return the time in UTC; None for one at the edge of the calendar that has none."""
    if at is None or at.tzinfo is dt.UTC:
        return at
    try:
        return at.astimezone(dt.UTC)
    except OverflowError:
        return None
