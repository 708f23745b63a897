"""What a 1.6 station answers beyond the core: lists, reservations, files, and the security extension."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.ocpp.v16 import wire
from zaryad.sandbox import keys, profiles16, reserve
from zaryad.sandbox.kept import LogOrder, Reservation, Update
from zaryad.sandbox.keys import HashData
from zaryad.sandbox.model import KnownToken

if TYPE_CHECKING:
    from zaryad.sandbox.station16 import Station16

Body = dict[str, Any]
After = Callable[[dt.datetime], None]
USES = {
    "CentralSystemRootCertificate": "CSMSRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}


def _list_version(station: Station16, _asked: wire.GetLocalListVersion, _now: dt.datetime) -> Body:
    off = not station.configuration.on("LocalAuthListEnabled")
    return {"listVersion": -1 if off else station.memory.list_version}


def _send_list(station: Station16, asked: wire.SendLocalList, _now: dt.datetime) -> Body:
    if not station.configuration.on("LocalAuthListEnabled"):
        return {"status": "NotSupported"}
    entries = asked.local_authorization_list or []
    if len(entries) > station.configuration.number("SendLocalListMaxLength"):
        return {"status": "Failed"}
    told = [
        (
            it.id_tag,
            None
            if it.id_tag_info is None
            else KnownToken(it.id_tag_info.status, it.id_tag_info.expiry_date, it.id_tag_info.parent_id_tag),
        )
        for it in entries
    ]
    full = asked.update_type == "Full"
    return {"status": reserve.send_list(station.memory, asked.list_version, told, full=full)}


def _reserve(station: Station16, asked: wire.ReserveNow, _now: dt.datetime) -> Body:
    number = asked.connector_id
    if number == 0 and not station.configuration.on("ReserveConnectorZeroSupported"):
        return {"status": "Rejected"}
    outlets = [o for n, o in station.outlets.items() if number in (0, n)]
    if not outlets:
        return {"status": "Rejected"}
    others = dict(station.memory.reservations)
    others.pop(asked.reservation_id, None)
    taken = {it.connector for it in others.values()}
    free = [o for o in outlets if o.usable and o.permission is None and o.memory.car is None]
    free = [o for o in free if o.model.number not in taken]
    if not free:
        if all(o.memory.fault is not None for o in outlets):
            return {"status": "Faulted"}
        closed = not station.memory.operative or all(not o.memory.operative for o in outlets)
        return {"status": "Unavailable" if closed else "Occupied"}
    kept = Reservation(asked.reservation_id, number, asked.id_tag, asked.expiry_date, asked.parent_id_tag)
    station.memory.reservations[kept.id] = kept
    return {"status": "Accepted"}


def _cancel(station: Station16, asked: wire.CancelReservation, _now: dt.datetime) -> Body:
    found = station.memory.reservations.pop(asked.reservation_id, None)
    return {"status": "Rejected" if found is None else "Accepted"}


def _diagnostics(station: Station16, asked: wire.GetDiagnostics, now: dt.datetime) -> Body:
    name = f"diagnostics-{station.model.id}.log"
    order = LogOrder(
        url=_at(asked.location, name),
        name=name,
        diagnostics16=True,
        retries=asked.retries or 0,
        retry_s=asked.retry_interval or 30,
    )
    station.logs.order(order, now)
    return {"fileName": name}


def _get_log(station: Station16, asked: wire.GetLog, now: dt.datetime) -> Body:
    name = f"{asked.log_type}-{asked.request_id}.log"
    order = LogOrder(
        url=_at(asked.log.remote_location, name),
        name=name,
        request_id=asked.request_id,
        security=asked.log_type == "SecurityLog",
        retries=asked.retries or 0,
        retry_s=asked.retry_interval or 30,
    )
    return {"status": station.logs.order(order, now), "filename": name}


def _update(station: Station16, asked: wire.UpdateFirmware, now: dt.datetime) -> Body | tuple[Body, After]:
    order = Update(
        url=asked.location,
        retrieve_at=asked.retrieve_date,
        retries=asked.retries or 0,
        retry_s=asked.retry_interval or 30,
    )
    station.updates.order(order, now)  # 1.6 has no way to refuse
    return {}


def _signed_update(station: Station16, asked: wire.SignedUpdateFirmware, now: dt.datetime) -> tuple[Body, After]:
    it = asked.firmware
    order = Update(
        url=it.location,
        retrieve_at=it.retrieve_date_time,
        install_at=it.install_date_time,
        request_id=asked.request_id,
        signature=it.signature,
        certificate=it.signing_certificate,
        signed=True,
        retries=asked.retries or 0,
        retry_s=asked.retry_interval or 30,
    )
    return {"status": station.updates.order(order, now)}, station.updates.begun


def _install(station: Station16, asked: wire.InstallCertificate, now: dt.datetime) -> Body:
    return {"status": keys.install(station.memory, USES[asked.certificate_type], asked.certificate, now)}


def _delete(station: Station16, asked: wire.DeleteCertificate, _now: dt.datetime) -> Body:
    it = asked.certificate_hash_data
    wanted = HashData(it.hash_algorithm, it.issuer_name_hash, it.issuer_key_hash, it.serial_number)
    return {"status": keys.delete(station.memory, wanted)}


def _installed(station: Station16, asked: wire.GetInstalledCertificateIds, _now: dt.datetime) -> Body:
    found = keys.listed(station.memory, [USES[asked.certificate_type]])
    if not found:
        return {"status": "NotFound"}
    return {"status": "Accepted", "certificateHashData": [msgspec.to_builtins(name) for _, name in found]}


def _signed(station: Station16, asked: wire.CertificateSigned, now: dt.datetime) -> Body | tuple[Body, After]:
    why = "refused" if station.memory.behaviour.certificate == "refused" else None
    why = why or keys.accept(station.memory, asked.certificate_chain, now)
    if why is None:
        return {"status": "Accepted"}
    return {"status": "Rejected"}, lambda at: station.security_event("InvalidChargePointCertificate", why, at)


def _at(location: str, name: str) -> str:
    """Return where a file goes: under its own name where a directory is named."""
    return location + name if location.endswith("/") else location


ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    "CancelReservation": _cancel,
    "CertificateSigned": _signed,
    "ClearChargingProfile": profiles16.clear,
    "DeleteCertificate": _delete,
    "GetCompositeSchedule": profiles16.composite,
    "GetDiagnostics": _diagnostics,
    "GetInstalledCertificateIds": _installed,
    "GetLocalListVersion": _list_version,
    "GetLog": _get_log,
    "InstallCertificate": _install,
    "ReserveNow": _reserve,
    "SendLocalList": _send_list,
    "SetChargingProfile": profiles16.take,
    "SignedUpdateFirmware": _signed_update,
    "UpdateFirmware": _update,
}
