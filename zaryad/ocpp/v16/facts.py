"""OCPP 1.6 requests turned into facts. The only file that knows how 1.6 says what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from zaryad.kernel.energy import wh
from zaryad.link.facts import (
    Beat,
    Booted,
    CertificateAsked,
    ChargingBegan,
    ChargingEnded,
    ConnectorChanged,
    ConnectorState,
    DataReceived,
    DiagnosticsReported,
    Fact,
    FirmwareReported,
    LogReported,
    MeterRead,
    SecurityEvent,
    StationId,
    StopCause,
    TokenPresented,
)
from zaryad.ocpp.repair import StandIns, UntranslatableError, Violation
from zaryad.ocpp.rpc import Fault
from zaryad.ocpp.v16 import wire
from zaryad.ocpp.v16.readings import last_register, readings

STATES = {
    "Available": ConnectorState.AVAILABLE,
    "Preparing": ConnectorState.PREPARING,
    "Charging": ConnectorState.CHARGING,
    "SuspendedEVSE": ConnectorState.SUSPENDED_EVSE,
    "SuspendedEV": ConnectorState.SUSPENDED_EV,
    "Finishing": ConnectorState.FINISHING,
    "Reserved": ConnectorState.RESERVED,
    "Unavailable": ConnectorState.UNAVAILABLE,
    "Faulted": ConnectorState.FAULTED,
    "Occupied": ConnectorState.PREPARING,  # OCPP 1.5's word: taken, and no more is known
}
CAUSES = {
    None: StopCause.LOCAL,  # what an absent reason means (1.6, 6.47)
    "EmergencyStop": StopCause.EMERGENCY_STOP,
    "EVDisconnected": StopCause.EV_DISCONNECTED,
    "HardReset": StopCause.HARD_RESET,
    "Local": StopCause.LOCAL,
    "Other": StopCause.OTHER,
    "PowerLoss": StopCause.POWER_LOSS,
    "Reboot": StopCause.REBOOT,
    "Remote": StopCause.REMOTE,
    "SoftReset": StopCause.SOFT_RESET,
    "UnlockCommand": StopCause.UNLOCK_COMMAND,
    "DeAuthorized": StopCause.DEAUTHORIZED,
}

REF_MAX = 40
TOKEN_MAX = 255  # the standard says 20; what is longer is kept and judged by whoever knows tokens
NO_METER = -(10**13)  # stands in for a register that cannot be read; out of any real one's range

ToFact = Callable[[Any, StationId, dt.datetime, list[Violation]], Fact]


def stand_ins(now: dt.datetime) -> StandIns:
    """Return what is taken for required fields that cannot be read: an error would block a queue for ever."""
    return {
        wire.StartTransaction: {"id_tag": "", "timestamp": now},
        wire.StopTransaction: {"transaction_id": -1, "timestamp": now, "meter_stop": NO_METER},
        wire.MeterValues: {"meter_value": []},
        wire.MeterValue: {"timestamp": now, "sampled_value": []},
        wire.SampledValue: {"value": ""},
        wire.StatusNotification: {"error_code": "NoError"},
        wire.BootNotification: {"charge_point_vendor": "", "charge_point_model": ""},
        wire.DataTransfer: {"vendor_id": ""},
        wire.SecurityEventNotification: {"timestamp": now},
    }


def authorize(said: wire.Authorize, station_id: StationId, now: dt.datetime, _: list[Violation]) -> TokenPresented:
    """Read Authorize."""
    return TokenPresented(station_id=station_id, received_at=now, token=said.id_tag[:TOKEN_MAX])


def boot_notification(
    said: wire.BootNotification, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> Booted:
    """Read BootNotification. The box's serial stands in for the point's, as OCPP 1.5's stations have it."""
    details = {
        "chargeBoxSerialNumber": said.charge_box_serial_number,
        "iccid": said.iccid,
        "imsi": said.imsi,
        "meterType": said.meter_type,
        "meterSerialNumber": said.meter_serial_number,
    }
    return Booted(
        station_id=station_id,
        received_at=now,
        vendor=said.charge_point_vendor,
        model=said.charge_point_model,
        serial=said.charge_point_serial_number or said.charge_box_serial_number,
        firmware=said.firmware_version,
        protocol="ocpp1.6",
        details={name: value for name, value in details.items() if value} or None,
    )


def heartbeat(_said: wire.Heartbeat, station_id: StationId, now: dt.datetime, _: list[Violation]) -> Beat:
    """Read Heartbeat."""
    return Beat(station_id=station_id, received_at=now)


def status_notification(
    said: wire.StatusNotification, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> ConnectorChanged:
    """Read StatusNotification; an unknown state means nothing, an unknown error code is kept."""
    state = STATES.get(said.status)
    if state is None:
        raise UntranslatableError(Fault.PROPERTY, "status is not one of the nine")
    vendor = (said.vendor_id, said.vendor_error_code)
    return ConnectorChanged(
        station_id=station_id,
        received_at=now,
        connector=said.connector_id,
        state=state,
        error_code=said.error_code[:50],
        info=said.info or None,
        vendor_error=" ".join(text for text in vendor if text) or None,
        at=_utc(said.timestamp),
    )


def start_transaction(
    said: wire.StartTransaction, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> ChargingBegan:
    """Read StartTransaction."""
    return ChargingBegan(
        station_id=station_id,
        received_at=now,
        connector=said.connector_id,
        token=said.id_tag[:TOKEN_MAX],
        meter_start_mwh=wh(said.meter_start),
        at=_utc(said.timestamp) or now,
        reservation_id=said.reservation_id,
    )


def stop_transaction(
    said: wire.StopTransaction, station_id: StationId, now: dt.datetime, notes: list[Violation]
) -> ChargingEnded:
    """Read StopTransaction; where its register cannot be read, the last reading it brings says how far it got."""
    read = readings(said.transaction_data, now, notes) if said.transaction_data else ()
    meter = wh(said.meter_stop) if said.meter_stop != NO_METER else last_register(read)
    if meter is None:
        raise UntranslatableError(Fault.PROPERTY, "meterStop cannot be read and transactionData has no register")
    return ChargingEnded(
        station_id=station_id,
        received_at=now,
        charge_ref=str(said.transaction_id)[:REF_MAX],
        meter_stop_mwh=meter,
        at=_utc(said.timestamp) or now,
        cause=CAUSES.get(said.reason, StopCause.OTHER),
        token=said.id_tag[:TOKEN_MAX] if said.id_tag else None,
        readings=read,
    )


def meter_values(said: wire.MeterValues, station_id: StationId, now: dt.datetime, notes: list[Violation]) -> MeterRead:
    """Read MeterValues."""
    ref = said.transaction_id
    return MeterRead(
        station_id=station_id,
        received_at=now,
        connector=said.connector_id,
        charge_ref=None if ref is None else str(ref)[:REF_MAX],
        readings=readings(said.meter_value, now, notes),
    )


def data_transfer(said: wire.DataTransfer, station_id: StationId, now: dt.datetime, _: list[Violation]) -> DataReceived:
    """Read DataTransfer."""
    return DataReceived(
        station_id=station_id, received_at=now, vendor=said.vendor_id, message=said.message_id, data=said.data
    )


def firmware_status(
    said: wire.FirmwareStatusNotification, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> FirmwareReported:
    """Read FirmwareStatusNotification; a word that is not the standard's is kept."""
    return FirmwareReported(station_id=station_id, received_at=now, status=said.status)


def diagnostics_status(
    said: wire.DiagnosticsStatusNotification, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> DiagnosticsReported:
    """Read DiagnosticsStatusNotification; a word that is not the standard's is kept."""
    return DiagnosticsReported(station_id=station_id, received_at=now, status=said.status)


def log_status(
    said: wire.LogStatusNotification, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> LogReported:
    """Read LogStatusNotification; a word that is not the standard's is kept."""
    return LogReported(station_id=station_id, received_at=now, status=said.status, request=said.request_id)


def signed_firmware_status(
    said: wire.SignedFirmwareStatusNotification, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> FirmwareReported:
    """Read SignedFirmwareStatusNotification: the same as the plain one, and whose update it is."""
    return FirmwareReported(station_id=station_id, received_at=now, status=said.status, request=said.request_id)


def security_event(
    said: wire.SecurityEventNotification, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> SecurityEvent:
    """Read SecurityEventNotification; the list of kinds is open."""
    return SecurityEvent(
        station_id=station_id, received_at=now, kind=said.type, at=_utc(said.timestamp), info=said.tech_info
    )


def sign_certificate(
    said: wire.SignCertificate, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> CertificateAsked:
    """Read SignCertificate: always for the station itself; for V2G it is said inside DataTransfer."""
    return CertificateAsked(station_id=station_id, received_at=now, csr=said.csr)


def _utc(at: dt.datetime | None) -> dt.datetime | None:
    if at is None:
        return None
    try:
        return at.astimezone(dt.UTC)
    except OverflowError:
        return None


TO_FACT: dict[str, ToFact] = {
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "DataTransfer": data_transfer,
    "DiagnosticsStatusNotification": diagnostics_status,
    "FirmwareStatusNotification": firmware_status,
    "Heartbeat": heartbeat,
    "LogStatusNotification": log_status,
    "MeterValues": meter_values,
    "SecurityEventNotification": security_event,
    "SignCertificate": sign_certificate,
    "SignedFirmwareStatusNotification": signed_firmware_status,
    "StartTransaction": start_transaction,
    "StatusNotification": status_notification,
    "StopTransaction": stop_transaction,
}
