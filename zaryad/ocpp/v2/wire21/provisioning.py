"""Block B: boot, the device model, network profiles, reset, as 2.1 has it."""

# ruff: noqa: D101  # the standard describes its messages; a docstring here says only what it does not

from __future__ import annotations

from typing import Literal

from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.wire.base import (
    At,
    EvseNumber,
    Natural,
    Positive,
    Some,
    Text48,
    Text50,
    Text64,
    Text255,
    Text2000,
    Text2500,
    Whole,
    Wire,
)

OCPPInterface = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3", "Any"
]
OCPPVersion = Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20", "OCPP201", "OCPP21"]


class VariableCharacteristics(wire.VariableCharacteristics, frozen=True, kw_only=True):
    max_elements: Positive | None = None


class ReportData(wire.ReportData, frozen=True, kw_only=True):
    variable_characteristics: VariableCharacteristics | None = None


class APN(wire.APN, frozen=True, kw_only=True):
    apn: Text2000
    apn_user_name: Text50 | None = None
    apn_password: Text64 | None = None


class VPN(Wire, frozen=True, kw_only=True):
    server: Text2000
    user: Text50
    password: Text64
    key: Text255
    type: Literal["IKEv2", "IPSec", "L2TP", "PPTP"]
    group: Text50 | None = None


class NetworkConnectionProfile(Wire, frozen=True, kw_only=True):
    ocpp_interface: OCPPInterface
    ocpp_transport: Literal["SOAP", "JSON"]
    message_timeout: Whole
    ocpp_csms_url: Text2000
    security_profile: Natural
    apn: APN | None = None
    ocpp_version: OCPPVersion | None = None
    identity: Text48 | None = None
    basic_auth_password: Text64 | None = None
    vpn: VPN | None = None


class SetVariableData(wire.SetVariableData, frozen=True, kw_only=True):
    attribute_value: Text2500


class NotifyReportRequest(Wire, frozen=True, kw_only=True):
    request_id: Whole
    generated_at: At
    seq_no: Natural
    report_data: Some[ReportData] | None = None
    tbc: bool | None = None


class SetVariablesRequest(Wire, frozen=True, kw_only=True):
    set_variable_data: Some[SetVariableData]


class SetNetworkProfileRequest(Wire, frozen=True, kw_only=True):
    configuration_slot: Whole
    connection_data: NetworkConnectionProfile


class ResetRequest(Wire, frozen=True, kw_only=True):
    type: Literal["Immediate", "OnIdle", "ImmediateAndResume"]
    evse_id: EvseNumber | None = None
