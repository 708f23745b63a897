"""Blocks C to H of a 2.x station: start, stop, unlock, trigger, availability, lists, reservations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zaryad.link.station import connector_number, evse_of
from zaryad.ocpp.v2 import wire
from zaryad.sandbox import limits, reserve
from zaryad.sandbox.kept import Reservation
from zaryad.sandbox.line import Outcome, Reply
from zaryad.sandbox.model import KnownToken
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.v2.energy import profile_of
from zaryad.sandbox.v2.upkeep import idle_words

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

Body = dict[str, Any]
After = Callable[[dt.datetime], None]
TRIGGERS = (
    "BootNotification", "FirmwareStatusNotification", "Heartbeat", "LogStatusNotification", "MeterValues",
    "SignChargingStationCertificate", "StatusNotification", "TransactionEvent",
)  # fmt: skip


def _start(  # noqa: C901  # every way to say no
    station: Station2, asked: wire.RequestStartTransactionRequest, _now: dt.datetime
) -> Body | tuple[Body, After]:
    token, kind = asked.id_token.id_token, asked.id_token.type
    group = asked.group_id_token.id_token if asked.group_id_token is not None else None
    outlet = station.cards.startable(asked.evse_id, token, group)
    profile = asked.charging_profile
    if outlet is None or not station.accepted:
        return {"status": "Rejected"}
    if profile is not None and profile.charging_profile_purpose != "TxProfile":
        return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}

    def permit(group: str | None, at: dt.datetime) -> None:
        if station.cards.permit(outlet, token or None, kind, group, at, asked.remote_start_id) and profile is not None:
            charge = station.charges.at(outlet)
            if charge is not None:
                kept = profile_of(profile, evse_of(outlet.model.number)[0], charge.uid)
                station.memory.profiles = limits.placed(station.memory.profiles, kept, charge.began_at)

    def authorised(reply: Reply, at: dt.datetime) -> None:
        if reply.outcome is Outcome.ANSWERED:
            known = station.cards.remember(token, reply.body.get("idTokenInfo"))
            if known.status == "Accepted":
                permit(known.group, at)

    def start(at: dt.datetime) -> None:
        if station.model.quirks.never_starts:
            return
        if station.device.on("AuthCtrlr/AuthorizeRemoteStart") and kind != "NoAuthorization":
            station.ask("Authorize", {"idToken": {"idToken": token, "type": kind}}, authorised)
        else:
            permit(group, at)

    charge = station.charges.at(outlet)
    running = {} if charge is None else {"transactionId": charge.uid}  # it began with the cable: F02
    return {"status": "Accepted"} | running, start


def _stop(station: Station2, asked: wire.RequestStopTransactionRequest, _now: dt.datetime) -> Body | tuple[Body, After]:
    charge = station.charges.with_uid(asked.transaction_id)
    if charge is None:
        return {"status": "Rejected"}
    outlet = station.outlets[charge.connector]
    return {"status": "Accepted"}, lambda at: station.charges.released(outlet, "RemoteStop", "Remote", at)


def _status_of(station: Station2, asked: wire.GetTransactionStatusRequest, _now: dt.datetime) -> Body:
    queue, uid = station.memory.queue, asked.transaction_id
    if uid is None:
        return {"messagesInQueue": bool(queue)}
    charge = next((it for it in station.memory.charges.values() if it.uid == uid), None)
    waiting = charge is not None and any(m.transaction == charge.number for m in queue)
    return {"ongoingIndicator": charge is not None and not charge.ended, "messagesInQueue": waiting}


def _unlock(station: Station2, asked: wire.UnlockConnectorRequest, _now: dt.datetime) -> Body:
    outlet = station.outlets.get(connector_number(asked.evse_id, asked.connector_id))
    if outlet is None:
        return {"status": "UnknownConnector"}
    if outlet.memory.grant is not None and station.busy(outlet):
        return {"status": "OngoingAuthorizedTransaction"}
    return {"status": "Unlocked"}


def _trigger(station: Station2, asked: wire.TriggerMessageRequest, _now: dt.datetime) -> Body | tuple[Body, After]:
    message = asked.requested_message
    if message not in TRIGGERS:
        return {"status": "NotImplemented"}
    evse = asked.evse
    if message == "StatusNotification" and (evse is None or not evse.connector_id):
        return {"status": "Rejected"}  # F06.FR.12
    outlets = _meant(station, evse)
    if evse is not None and evse.id and not outlets:
        return {"status": "Rejected"}
    if message == "BootNotification" and station.accepted:
        return {"status": "Rejected"}  # F06.FR.17
    if message == "TransactionEvent" and not any(station.busy(outlet) for outlet in outlets):
        return {"status": "Rejected"}
    return {"status": "Accepted"}, lambda at: _triggered(station, message, outlets, at)


def _triggered(  # noqa: C901  # a table
    station: Station2, message: str, outlets: list[Outlet], at: dt.datetime
) -> None:
    match message:
        case "BootNotification":
            station.boot_again(at)
        case "Heartbeat":
            station.registration.heartbeat_due = at
        case "StatusNotification":
            for outlet in outlets:
                station.conditions[outlet.model.number].told = None
        case "TransactionEvent":
            for outlet in outlets:
                station.charges.triggered(outlet, at)
        case "MeterValues":
            for outlet in outlets:
                evse, connector = evse_of(outlet.model.number)
                if connector == 1:
                    value = station.charges.reading(outlet, at, "AlignedDataCtrlr/Measurands", "Trigger")
                    station.ask("MeterValues", {"evseId": evse, "meterValue": [value]})
        case "SignChargingStationCertificate":
            station.sign_certificate(at)
        case _:
            idle_words(station, message)


def _meant(station: Station2, evse: wire.EVSE | None) -> list[Outlet]:
    if evse is None or not evse.id:
        return list(station.outlets.values())
    found = {n: o for n, o in station.outlets.items() if evse_of(n)[0] == evse.id}
    return [o for n, o in found.items() if evse.connector_id in (None, 0, evse_of(n)[1])]


def _availability(station: Station2, asked: wire.ChangeAvailabilityRequest, _now: dt.datetime) -> Body:
    operative = asked.operational_status == "Operative"
    outlets = _meant(station, asked.evse)
    if not outlets:
        return {"status": "Rejected"}
    whole = asked.evse is None or not asked.evse.id
    if whole and (operative or not any(station.busy(outlet) for outlet in outlets)):
        station.memory.operative = operative
    scheduled = False
    for outlet in outlets:
        if station.busy(outlet) and not operative:
            outlet.memory.operative_next, scheduled = operative, True
        else:
            outlet.memory.operative, outlet.memory.operative_next = operative, None
            outlet.memory.grant = outlet.memory.grant if operative else None
    return {"status": "Scheduled" if scheduled else "Accepted"}


def _clear_cache(station: Station2, _asked: wire.ClearCacheRequest, _now: dt.datetime) -> Body:
    if not station.device.on("AuthCacheCtrlr/Enabled"):
        return {"status": "Rejected"}
    station.memory.cache.clear()
    return {"status": "Accepted"}


def _list_version(station: Station2, _asked: wire.GetLocalListVersionRequest, _now: dt.datetime) -> Body:
    on = station.device.on("LocalAuthListCtrlr/Enabled")
    return {"versionNumber": station.memory.list_version if on else 0}


def _send_list(station: Station2, asked: wire.SendLocalListRequest, _now: dt.datetime) -> Body:
    entries = asked.local_authorization_list or []
    if not station.device.on("LocalAuthListCtrlr/Enabled"):
        return {"status": "Failed"}
    if len(entries) > station.device.number("LocalAuthListCtrlr/ItemsPerMessage"):
        return {"status": "Failed", "statusInfo": {"reasonCode": "TooManyElements"}}
    told = []
    for it in entries:
        info = it.id_token_info
        group = info.group_id_token.id_token if info is not None and info.group_id_token is not None else None
        known = None if info is None else KnownToken(info.status, info.cache_expiry_date_time, group)
        told.append((it.id_token.id_token, known))
    full = asked.update_type == "Full"
    return {"status": reserve.send_list(station.memory, asked.version_number, told, full=full)}


def _reserve(station: Station2, asked: wire.ReserveNowRequest, _now: dt.datetime) -> Body:
    if not station.device.on("ReservationCtrlr/Enabled"):
        return {"status": "Rejected"}
    evse = asked.evse_id or 0
    if not evse and not station.device.on("ReservationCtrlr/NonEvseSpecific"):
        return {"status": "Rejected"}
    outlets = [o for n, o in station.outlets.items() if evse in (0, evse_of(n)[0])]
    if not outlets:
        return {"status": "Rejected"}
    taken = {it.connector for it in station.memory.reservations.values() if it.id != asked.id}
    free = [o for o in outlets if station.usable(o) and o.memory.car is None]
    free = [o for o in free if evse_of(o.model.number)[0] not in taken]
    if not free or not station.memory.operative:
        if all(o.memory.fault is not None for o in outlets):
            return {"status": "Faulted"}
        closed = not station.memory.operative or all(not o.memory.operative for o in outlets)
        return {"status": "Unavailable" if closed else "Occupied"}
    group = asked.group_id_token.id_token if asked.group_id_token is not None else None
    kept = Reservation(asked.id, evse, asked.id_token.id_token, asked.expiry_date_time, group)
    station.memory.reservations[kept.id] = kept
    return {"status": "Accepted"}


def _cancel(station: Station2, asked: wire.CancelReservationRequest, _now: dt.datetime) -> Body:
    found = station.memory.reservations.pop(asked.reservation_id, None)
    return {"status": "Rejected" if found is None else "Accepted"}


ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    "CancelReservation": _cancel,
    "ChangeAvailability": _availability,
    "ClearCache": _clear_cache,
    "GetLocalListVersion": _list_version,
    "GetTransactionStatus": _status_of,
    "RequestStartTransaction": _start,
    "RequestStopTransaction": _stop,
    "ReserveNow": _reserve,
    "SendLocalList": _send_list,
    "TriggerMessage": _trigger,
    "UnlockConnector": _unlock,
}
