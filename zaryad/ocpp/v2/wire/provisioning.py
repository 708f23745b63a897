"""Block B: boot, the device model, network profiles, reset."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from zaryad.ocpp.v2.wire.base import (
    At,
    EvseNumber,
    Natural,
    Some,
    Text6,
    Text16,
    Text20,
    Text25,
    Text50,
    Text255,
    Text512,
    Text1000,
    Text2500,
    Whole,
    Wire,
)
from zaryad.ocpp.v2.wire.parts import Component, ComponentVariable, GenericDeviceModelStatus, StatusInfo, Variable

Attribute = Literal["Actual", "Target", "MinSet", "MaxSet"]
BootReason = Literal[
    "ApplicationReset",
    "FirmwareUpdate",
    "LocalReset",
    "PowerUp",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
    "Unknown",
    "Watchdog",
]
DataType = Literal["string", "decimal", "integer", "dateTime", "boolean", "OptionList", "SequenceList", "MemberList"]
GetVariableStatus = Literal["Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"]
OCPPInterface = Literal["Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3"]
RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
ReportBase = Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]
SetVariableStatus = Literal[
    "Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType", "RebootRequired"
]


class Modem(Wire, frozen=True, kw_only=True):
    iccid: Text20 | None = None
    imsi: Text20 | None = None


class ChargingStation(Wire, frozen=True, kw_only=True):
    model: Text20
    vendor_name: Text50
    serial_number: Text25 | None = None
    modem: Modem | None = None
    firmware_version: Text50 | None = None


class GetVariableData(Wire, frozen=True, kw_only=True):
    component: Component
    variable: Variable
    attribute_type: Attribute | None = None


class GetVariableResult(Wire, frozen=True, kw_only=True):
    attribute_status: GetVariableStatus
    component: Component
    variable: Variable
    attribute_status_info: StatusInfo | None = None
    attribute_type: Attribute | None = None
    attribute_value: Text2500 | None = None


class VariableAttribute(Wire, frozen=True, kw_only=True):
    type: Attribute | None = None
    value: Text2500 | None = None
    mutability: Literal["ReadOnly", "WriteOnly", "ReadWrite"] | None = None
    persistent: bool | None = None
    constant: bool | None = None


class VariableCharacteristics(Wire, frozen=True, kw_only=True):
    data_type: DataType
    supports_monitoring: bool
    unit: Text16 | None = None
    min_limit: Decimal | None = None
    max_limit: Decimal | None = None
    values_list: Text1000 | None = None


class ReportData(Wire, frozen=True, kw_only=True):
    component: Component
    variable: Variable
    variable_attribute: Annotated[list[VariableAttribute], Meta(min_length=1, max_length=4)]
    variable_characteristics: VariableCharacteristics | None = None


class APN(Wire, frozen=True, kw_only=True):
    apn: Text512
    apn_authentication: Literal["CHAP", "NONE", "PAP", "AUTO"]
    apn_user_name: Text20 | None = None
    apn_password: Text20 | None = None
    sim_pin: Whole | None = None
    preferred_network: Text6 | None = None
    use_only_preferred_network: bool | None = None


class VPN(Wire, frozen=True, kw_only=True):
    server: Text512
    user: Text20
    password: Text20
    key: Text255
    type: Literal["IKEv2", "IPSec", "L2TP", "PPTP"]
    group: Text20 | None = None


class NetworkConnectionProfile(Wire, frozen=True, kw_only=True):
    ocpp_version: Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20"]
    ocpp_transport: Literal["JSON", "SOAP"]
    ocpp_csms_url: Text512
    message_timeout: Whole
    security_profile: Natural
    ocpp_interface: OCPPInterface
    apn: APN | None = None
    vpn: VPN | None = None


class SetVariableData(Wire, frozen=True, kw_only=True):
    attribute_value: Text1000
    component: Component
    variable: Variable
    attribute_type: Attribute | None = None


class SetVariableResult(Wire, frozen=True, kw_only=True):
    attribute_status: SetVariableStatus
    component: Component
    variable: Variable
    attribute_type: Attribute | None = None
    attribute_status_info: StatusInfo | None = None


class BootNotificationRequest(Wire, frozen=True, kw_only=True):
    charging_station: ChargingStation
    reason: BootReason


class BootNotificationResponse(Wire, frozen=True, kw_only=True):
    current_time: At
    interval: Whole
    status: RegistrationStatus
    status_info: StatusInfo | None = None


class GetBaseReportRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    report_base: ReportBase


class GetBaseReportResponse(Wire, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: StatusInfo | None = None


class GetReportRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    component_variable: Some[ComponentVariable] | None = None
    component_criteria: (
        Annotated[list[Literal["Active", "Available", "Enabled", "Problem"]], Meta(min_length=1, max_length=4)] | None
    ) = None


class GetReportResponse(Wire, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: StatusInfo | None = None


class NotifyReportRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    generated_at: At
    seq_no: Natural
    report_data: Some[ReportData] | None = None
    tbc: bool | None = None


class NotifyReportResponse(Wire, frozen=True):
    pass


class GetVariablesRequest(Wire, frozen=True, kw_only=True):
    get_variable_data: Some[GetVariableData]


class GetVariablesResponse(Wire, frozen=True, kw_only=True):
    get_variable_result: Some[GetVariableResult]


class SetVariablesRequest(Wire, frozen=True, kw_only=True):
    set_variable_data: Some[SetVariableData]


class SetVariablesResponse(Wire, frozen=True, kw_only=True):
    set_variable_result: Some[SetVariableResult]


class SetNetworkProfileRequest(Wire, frozen=True, kw_only=True):
    configuration_slot: Whole
    connection_data: NetworkConnectionProfile


class SetNetworkProfileResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Failed"]
    status_info: StatusInfo | None = None


class ResetRequest(Wire, frozen=True, kw_only=True):
    type: Literal["Immediate", "OnIdle"]
    evse_id: EvseNumber | None = None


class ResetResponse(Wire, frozen=True, kw_only=True):
    status: Literal["Accepted", "Rejected", "Scheduled"]
    status_info: StatusInfo | None = None
