"""OCPP 2.x requests turned into facts: which function reads which message, and what stands in for what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from zaryad.link.facts import Fact, StationId
from zaryad.ocpp.repair import StandIns, Violation
from zaryad.ocpp.v2 import facts_certificates as certificates
from zaryad.ocpp.v2 import facts_notices as notices
from zaryad.ocpp.v2 import facts_reports as reports
from zaryad.ocpp.v2 import facts_transactions as transactions
from zaryad.ocpp.v2 import wire, wire21

ToFact = Callable[[Any, StationId, dt.datetime, list[Violation]], Fact]

_OWN: dict[str, ToFact] = {
    "Authorize": transactions.authorize,
    "DataTransfer": notices.data_transfer,
    "FirmwareStatusNotification": notices.firmware_status,
    "Get15118EVCertificate": certificates.contract_certificate,
    "GetCertificateChainStatus": certificates.chain_status,
    "GetCertificateStatus": certificates.certificate_status,
    "Heartbeat": transactions.heartbeat,
    "LogStatusNotification": notices.log_status,
    "MeterValues": transactions.meter_values,
    "NotifyCustomerInformation": reports.customer_information,
    "NotifyDisplayMessages": reports.display_messages,
    "NotifyEvent": reports.events,
    "NotifyMonitoringReport": reports.monitoring_report,
    "NotifyReport": reports.report,
    "PublishFirmwareStatusNotification": notices.published_status,
    "ReportChargingProfiles": reports.profiles_report,
    "ReservationStatusUpdate": transactions.reservation_status,
    "SecurityEventNotification": certificates.security_event,
    "SignCertificate": certificates.sign_certificate,
    "StatusNotification": transactions.status_notification,
    "TransactionEvent": transactions.transaction_event,
}
_TO_FACT = _OWN | {action: notices.notice(topic) for action, topic in notices.TOPICS.items()}


def to_fact(protocol: str) -> dict[str, ToFact]:
    """Return what reads each message of a version; the version's own table says which of them there are."""
    return _TO_FACT | {"BootNotification": partial(transactions.boot_notification, protocol=protocol)}


_NAN = Decimal("NaN")  # no quantity: the reading says so
_SPARE: dict[str, dict[str, object]] = {
    "SampledValue": {"value": _NAN},
    "MeterValue": {"sampled_value": []},
    "MeterValuesRequest": {"meter_value": []},
    "SignedMeterValue": {"encoding_method": "", "signing_method": "", "public_key": ""},
    "IdToken": {"type": "ISO14443"},
    "ChargingStation": {"model": "", "vendor_name": ""},
    "BootNotificationRequest": {"reason": "Unknown"},
    "TransactionEventRequest": {"trigger_reason": ""},
    "VariableCharacteristics": {"data_type": "string", "supports_monitoring": False},
    "VariableMonitoring": {"transaction": False, "severity": 9},
    "ReportData": {"variable_attribute": []},
    "MonitoringData": {"variable_monitoring": []},
    "ChargingSchedule": {"id": 0},
    "EventData": {"event_id": 0, "trigger": "Alerting", "event_notification_type": "", "actual_value": ""},
    "OCSPRequestData": {"responder_url": ""},
    "NotifyEventRequest": {"seq_no": 0},
    "NotifyReportRequest": {"seq_no": 0},
    "NotifyMonitoringReportRequest": {"seq_no": 0},
    "NotifyCustomerInformationRequest": {"seq_no": 0},
    "MessageContent": {"format": "UTF8"},
    "MessageInfo": {"priority": "NormalCycle"},
}
_NOW: dict[str, str] = {
    "MeterValue": "timestamp",
    "TransactionEventRequest": "timestamp",
    "StatusNotificationRequest": "timestamp",
    "SecurityEventNotificationRequest": "timestamp",
    "EventData": "timestamp",
    "NotifyEventRequest": "generated_at",
    "NotifyReportRequest": "generated_at",
    "NotifyMonitoringReportRequest": "generated_at",
    "NotifyCustomerInformationRequest": "generated_at",
}
_SHAPES: list[tuple[str, type[msgspec.Struct]]] = [
    (name, shape)
    for name in {**_SPARE, **_NOW}
    for shape in {vars(wire).get(name), vars(wire21).get(name)}
    if shape is not None
]


def stand_ins(now: dt.datetime) -> StandIns:
    """Return what is taken for required fields that cannot be read: an error would block a queue for ever."""
    return {shape: _SPARE.get(name, {}) | ({_NOW[name]: now} if name in _NOW else {}) for name, shape in _SHAPES}
