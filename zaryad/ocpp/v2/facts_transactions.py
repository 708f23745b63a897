"""What 2.x stations say of themselves, their connectors, tokens and transactions."""

from __future__ import annotations

import datetime as dt

from zaryad.link.facts import (
    Beat,
    Booted,
    ConnectorChanged,
    ContractShown,
    MeterRead,
    ReservationEnded,
    StationId,
    StopCause,
    TokenPresented,
    Told,
    TransactionReported,
)
from zaryad.link.kinds.control import TokenKind
from zaryad.ocpp.repair import UntranslatableError, Violation
from zaryad.ocpp.rpc import Fault
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.facts_certificates import hash_of
from zaryad.ocpp.v2.readings import readings
from zaryad.ocpp.v2.words import (
    CAUSES,
    CHARGING_STATES,
    CONNECTOR_STATES,
    KINDS_OF_TOKEN,
    TOLD,
    number_of,
    utc,
)

REF_MAX = 40
TOKEN_MAX = 255
WORD_MAX = 50


def boot_notification(
    said: wire.BootNotificationRequest, station_id: StationId, now: dt.datetime, _: list[Violation], protocol: str
) -> Booted:
    """Read BootNotification."""
    station, modem = said.charging_station, said.charging_station.modem
    details = {"iccid": modem.iccid, "imsi": modem.imsi} if modem is not None else {}
    return Booted(
        station_id=station_id,
        received_at=now,
        vendor=station.vendor_name,
        model=station.model,
        serial=station.serial_number,
        firmware=station.firmware_version,
        protocol=protocol,
        reason=said.reason[:WORD_MAX] or None,
        details={name: value for name, value in details.items() if value} or None,
    )


def heartbeat(_said: wire.HeartbeatRequest, station_id: StationId, now: dt.datetime, _: list[Violation]) -> Beat:
    """Read Heartbeat."""
    return Beat(station_id=station_id, received_at=now)


def status_notification(
    said: wire.StatusNotificationRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> ConnectorChanged:
    """Read StatusNotification; an unknown state means nothing."""
    state = CONNECTOR_STATES.get(said.connector_status)
    if state is None:
        raise UntranslatableError(Fault.PROPERTY, "connectorStatus is not one of the five")
    return ConnectorChanged(
        station_id=station_id,
        received_at=now,
        connector=number_of(said.evse_id, said.connector_id),
        state=state,
        error_code="NoError" if said.connector_status != "Faulted" else "OtherError",
        at=utc(said.timestamp),
    )


def kind_of(word: str) -> TokenKind:
    """Return the kind of a token; in 2.1 anything can be one."""
    return KINDS_OF_TOKEN.get(word.lower(), "other")


def authorize(
    said: wire.AuthorizeRequest | wire21.AuthorizeRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> TokenPresented:
    """Read Authorize; a contract comes with its certificates, or with their hashes."""
    asked = said.iso15118_certificate_hash_data or ()
    hashes = tuple(hash_of(data, data.responder_url) for data in asked)
    shown = ContractShown(chain=said.certificate, hashes=hashes) if said.certificate or hashes else None
    return TokenPresented(
        station_id=station_id,
        received_at=now,
        token=said.id_token.id_token[:TOKEN_MAX],
        token_kind=kind_of(said.id_token.type),
        contract=shown,
    )


def transaction_event(
    said: wire.TransactionEventRequest | wire21.TransactionEventRequest,
    station_id: StationId,
    now: dt.datetime,
    notes: list[Violation],
) -> TransactionReported:
    """Read TransactionEvent. Why a transaction ended is told at its end only; an absent reason means the driver."""
    told = TOLD.get(said.event_type)
    if told is None:
        raise UntranslatableError(Fault.PROPERTY, "eventType is not one of the three")
    about, token, evse = said.transaction_info, said.id_token, said.evse
    cause = CAUSES.get(about.stopped_reason, StopCause.OTHER) if told is Told.ENDED else None
    return TransactionReported(
        station_id=station_id,
        received_at=now,
        told=told,
        charge_ref=about.transaction_id[:REF_MAX],
        seq_no=said.seq_no,
        at=utc(said.timestamp) or now,
        trigger=said.trigger_reason[:WORD_MAX],
        offline=bool(said.offline),
        connector=None if evse is None else number_of(evse.id, evse.connector_id),
        outlet_named=evse is not None and bool(evse.connector_id),
        state=None if about.charging_state is None else CHARGING_STATES.get(about.charging_state),
        token=None if token is None else token.id_token[:TOKEN_MAX],
        token_kind="rfid" if token is None else kind_of(token.type),  # a kind, not a secret
        readings=readings(said.meter_value, now, notes) if said.meter_value else (),
        cause=cause,
        remote_start=about.remote_start_id,
        reservation_id=said.reservation_id,
        phases=said.number_of_phases_used,
    )


def meter_values(
    said: wire.MeterValuesRequest | wire21.MeterValuesRequest,
    station_id: StationId,
    now: dt.datetime,
    notes: list[Violation],
) -> MeterRead:
    """Read MeterValues: what was measured outside of transactions."""
    return MeterRead(
        station_id=station_id,
        received_at=now,
        connector=number_of(said.evse_id, None),
        charge_ref=None,
        readings=readings(said.meter_value, now, notes),
    )


def reservation_status(
    said: wire.ReservationStatusUpdateRequest | wire21.ReservationStatusUpdateRequest,
    station_id: StationId,
    now: dt.datetime,
    _: list[Violation],
) -> ReservationEnded:
    """Read ReservationStatusUpdate."""
    match said.reservation_update_status:
        case "Expired":
            return ReservationEnded(
                station_id=station_id, received_at=now, reservation=said.reservation_id, how="expired"
            )
        case "NoTransaction":
            return ReservationEnded(
                station_id=station_id, received_at=now, reservation=said.reservation_id, how="no_transaction"
            )
        case _:  # whatever the word is, the reservation is no more
            return ReservationEnded(
                station_id=station_id, received_at=now, reservation=said.reservation_id, how="removed"
            )
