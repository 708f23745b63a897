"""Profile Core: boot, authorization, transactions, meter values, configuration."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v16.wire.base import (
    AcceptedRejected,
    At,
    Connector,
    Text20,
    Text25,
    Text50,
    Text255,
    Text500,
    Wh,
    Wire,
)
from zaryad.ocpp.v16.wire.profiles import ChargingProfile

AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
ErrorCode = Literal[
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "NoError",
    "OtherError",
    "OverCurrentFailure",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "OverVoltage",
    "WeakSignal",
]
ConnectorStatus = Literal[
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEVSE",
    "SuspendedEV",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
]
Reason = Literal[
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SoftReset",
    "UnlockCommand",
    "DeAuthorized",
]
Context = Literal[
    "Interruption.Begin",
    "Interruption.End",
    "Sample.Clock",
    "Sample.Periodic",
    "Transaction.Begin",
    "Transaction.End",
    "Trigger",
    "Other",
]
Measurand = Literal[
    "Energy.Active.Export.Register",
    "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval",
    "Energy.Active.Import.Interval",
    "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Import.Interval",
    "Power.Active.Export",
    "Power.Active.Import",
    "Power.Offered",
    "Power.Reactive.Export",
    "Power.Reactive.Import",
    "Power.Factor",
    "Current.Import",
    "Current.Export",
    "Current.Offered",
    "Voltage",
    "Frequency",
    "Temperature",
    "SoC",
    "RPM",
]
Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
Unit = Literal[
    "Wh",
    "kWh",
    "varh",
    "kvarh",
    "W",
    "kW",
    "VA",
    "kVA",
    "var",
    "kvar",
    "A",
    "V",
    "K",
    "Celcius",  # the specification's spelling; errata accept both
    "Celsius",
    "Fahrenheit",
    "Percent",
    "Hertz",
]


# From the station


class Authorize(Wire, frozen=True):
    id_tag: Text20


class BootNotification(Wire, frozen=True):
    charge_point_vendor: Text20
    charge_point_model: Text20
    charge_point_serial_number: Text25 | None = None
    charge_box_serial_number: Text25 | None = None
    firmware_version: Text50 | None = None
    iccid: Text20 | None = None
    imsi: Text20 | None = None
    meter_type: Text25 | None = None
    meter_serial_number: Text25 | None = None


class DataTransfer(Wire, frozen=True):
    """Both ways."""

    vendor_id: Text255
    message_id: Text50 | None = None
    data: str | None = None


class Heartbeat(Wire, frozen=True):
    pass


class SampledValue(Wire, frozen=True, kw_only=True, gc=False):
    """What is absent has a default in meaning (1.6, 7.43), which `readings` applies."""

    value: str
    context: Context | None = None
    format: Literal["Raw", "SignedData"] | None = None
    measurand: Measurand | None = None
    phase: Phase | None = None
    location: Literal["Cable", "EV", "Inlet", "Outlet", "Body"] | None = None
    unit: Unit | None = None


class MeterValue(Wire, frozen=True, kw_only=True):
    timestamp: At
    sampled_value: Annotated[list[SampledValue], Meta(min_length=1)]


class MeterValues(Wire, frozen=True, kw_only=True):
    connector_id: Connector
    transaction_id: int | None = None
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)]


class StartTransaction(Wire, frozen=True, kw_only=True):
    connector_id: Connector
    id_tag: Text20
    meter_start: Wh
    reservation_id: int | None = None
    timestamp: At


class StatusNotification(Wire, frozen=True, kw_only=True):
    connector_id: Connector
    error_code: ErrorCode
    info: Text50 | None = None
    status: ConnectorStatus
    timestamp: At | None = None
    vendor_id: Text255 | None = None
    vendor_error_code: Text50 | None = None


class StopTransaction(Wire, frozen=True, kw_only=True):
    id_tag: Text20 | None = None
    meter_stop: Wh
    timestamp: At
    transaction_id: int
    reason: Reason | None = None
    transaction_data: list[MeterValue] | None = None


# Our answers to them


class IdTagInfo(Wire, frozen=True, kw_only=True):
    expiry_date: At | None = None
    parent_id_tag: Text20 | None = None
    status: AuthorizationStatus


class AuthorizeAnswer(Wire, frozen=True):
    id_tag_info: IdTagInfo


class BootAnswer(Wire, frozen=True):
    status: RegistrationStatus
    current_time: At
    interval: int


class DataAnswer(Wire, frozen=True):
    """Both ways."""

    status: DataTransferStatus
    data: str | None = None


class HeartbeatAnswer(Wire, frozen=True):
    current_time: At


class StartAnswer(Wire, frozen=True):
    id_tag_info: IdTagInfo
    transaction_id: int


class StopAnswer(Wire, frozen=True):
    id_tag_info: IdTagInfo | None = None


# To the station


class ChangeAvailability(Wire, frozen=True):
    connector_id: Connector
    type: Literal["Inoperative", "Operative"]


class ChangeConfiguration(Wire, frozen=True):
    key: Text50
    value: Text500


class ClearCache(Wire, frozen=True):
    pass


class GetConfiguration(Wire, frozen=True):
    key: list[Text50] | None = None


class RemoteStartTransaction(Wire, frozen=True, kw_only=True):
    connector_id: Connector | None = None
    id_tag: Text20
    charging_profile: ChargingProfile | None = None


class RemoteStopTransaction(Wire, frozen=True):
    transaction_id: int


class Reset(Wire, frozen=True):
    type: Literal["Hard", "Soft"]


class UnlockConnector(Wire, frozen=True):
    connector_id: Connector


# Its answers to them


class AcceptedOrNot(Wire, frozen=True):
    """The answer to many requests, of either side."""

    status: AcceptedRejected


class AvailabilityAnswer(Wire, frozen=True):
    status: Literal["Accepted", "Rejected", "Scheduled"]


class ConfigurationChanged(Wire, frozen=True):
    status: Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]


class KeyValue(Wire, frozen=True):
    key: Text50
    readonly: bool
    value: Text500 | None = None


class Configuration(Wire, frozen=True):
    configuration_key: list[KeyValue] | None = None
    unknown_key: list[Text50] | None = None


class UnlockAnswer(Wire, frozen=True):
    status: Literal["Unlocked", "UnlockFailed", "NotSupported"]
