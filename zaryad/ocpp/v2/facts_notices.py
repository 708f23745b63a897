"""What 2.x stations tell that is kept as it was said: steps of an update or upload, vendors' own, and notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from zaryad.link.facts import (
    DataReceived,
    FirmwarePublished,
    FirmwareReported,
    LogReported,
    Notice,
    StationId,
    Topic,
)
from zaryad.ocpp.repair import Violation, sane
from zaryad.ocpp.v2 import wire
from zaryad.ocpp.v2.words import number_of

_encode = msgspec.json.Encoder(decimal_format="number").encode

TOPICS = {
    "NotifyChargingLimit": Topic.CHARGING_LIMIT,
    "ClearedChargingLimit": Topic.LIMIT_CLEARED,
    "NotifyEVChargingNeeds": Topic.CHARGING_NEEDS,
    "NotifyEVChargingSchedule": Topic.CHARGING_SCHEDULE,
    "NotifyPriorityCharging": Topic.PRIORITY_CHARGING,
    "PullDynamicScheduleUpdate": Topic.SCHEDULE_PULLED,
    "NotifySettlement": Topic.SETTLEMENT,
    "VatNumberValidation": Topic.VAT_NUMBER,
    "BatterySwap": Topic.BATTERY_SWAP,
    "NotifyDERAlarm": Topic.DER_ALARM,
    "NotifyDERStartStop": Topic.DER_STARTED_STOPPED,
    "ReportDERControl": Topic.DER_CONTROLS,
    "OpenPeriodicEventStream": Topic.STREAM_OPENED,
    "ClosePeriodicEventStream": Topic.STREAM_CLOSED,
    "NotifyPeriodicEventStream": Topic.STREAM_DATA,
}


def notice(topic: Topic) -> Callable[[Any, StationId, dt.datetime, list[Violation]], Notice]:
    """Return what reads a message of this topic: its payload, and what it names that we know by other names."""

    def read(said: msgspec.Struct, station_id: StationId, now: dt.datetime, _: list[Violation]) -> Notice:
        body = plain(said)
        assert isinstance(body, dict)
        evse, ref, request = body.get("evseId"), body.get("transactionId"), body.get("requestId")
        return Notice(
            station_id=station_id,
            received_at=now,
            topic=topic,
            body=body,
            connector=number_of(evse, None) if isinstance(evse, int) else None,
            charge_ref=ref if isinstance(ref, str) else None,
            request=request if isinstance(request, int) else None,
        )

    return read


def plain(said: object) -> object:
    """Return a message as JSON has it; a number that nobody can count with is null."""
    return _plain(msgspec.to_builtins(said, builtin_types=(Decimal,)))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        if not sane(value):
            return None
        return int(value) if value == value.to_integral_value() else msgspec.json.decode(_encode(value))
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def data_transfer(
    said: wire.DataTransferRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> DataReceived:
    """Read DataTransfer; its data may be anything, and we keep a text."""
    data = said.data
    text = None if data is None else data if isinstance(data, str) else _encode(data).decode()
    return DataReceived(
        station_id=station_id, received_at=now, vendor=said.vendor_id, message=said.message_id, data=text
    )


def firmware_status(
    said: wire.FirmwareStatusNotificationRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> FirmwareReported:
    """Read FirmwareStatusNotification; a word that is not the standard's is kept."""
    return FirmwareReported(station_id=station_id, received_at=now, status=said.status, request=said.request_id)


def published_status(
    said: wire.PublishFirmwareStatusNotificationRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> FirmwarePublished:
    """Read PublishFirmwareStatusNotification."""
    return FirmwarePublished(
        station_id=station_id,
        received_at=now,
        status=said.status,
        request=said.request_id,
        urls=tuple(said.location or ()),
    )


def log_status(
    said: wire.LogStatusNotificationRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> LogReported:
    """Read LogStatusNotification; a word that is not the standard's is kept."""
    return LogReported(station_id=station_id, received_at=now, status=said.status, request=said.request_id)
