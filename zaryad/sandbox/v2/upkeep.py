"""Blocks A, L, M and N of a 2.x station: certificates, firmware, logs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.ocpp.v2 import wire
from zaryad.sandbox import keys
from zaryad.sandbox.kept import LogOrder, Update
from zaryad.sandbox.keys import HashData

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

Body = dict[str, Any]
After = Callable[[dt.datetime], None]


def idle_words(station: Station2, message: str) -> None:
    """Say how an update, or a log, stands, because somebody asked."""
    if message == "FirmwareStatusNotification":
        station.tell_update(*station.updates.status())
    else:
        station.tell_log(*station.logs.status())


def _install(station: Station2, asked: wire.InstallCertificateRequest, now: dt.datetime) -> Body:
    return {"status": keys.install(station.memory, asked.certificate_type, asked.certificate, now)}


def _delete(station: Station2, asked: wire.DeleteCertificateRequest, _now: dt.datetime) -> Body:
    it = asked.certificate_hash_data
    wanted = HashData(it.hash_algorithm, it.issuer_name_hash, it.issuer_key_hash, it.serial_number)
    return {"status": keys.delete(station.memory, wanted)}


def _installed(station: Station2, asked: wire.GetInstalledCertificateIdsRequest, _now: dt.datetime) -> Body:
    found = keys.listed(station.memory, None if asked.certificate_type is None else list(asked.certificate_type))
    if not found:
        return {"status": "NotFound"}
    chains = [{"certificateType": use, "certificateHashData": msgspec.to_builtins(name)} for use, name in found]
    return {"status": "Accepted", "certificateHashDataChain": chains}


def _signed(station: Station2, asked: wire.CertificateSignedRequest, now: dt.datetime) -> Body | tuple[Body, After]:
    if asked.certificate_type == "V2GCertificate":
        return {"status": "Rejected", "statusInfo": {"reasonCode": "UnsupportedRequest"}}
    why = "refused" if station.memory.behaviour.certificate == "refused" else None
    why = why or keys.accept(station.memory, asked.certificate_chain, now)
    if why is None:
        return {"status": "Accepted"}
    answer = {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidCertificate", "additionalInfo": why}}
    return answer, lambda at: station.security_event("InvalidChargingStationCertificate", why, at)


def _update(station: Station2, asked: wire.UpdateFirmwareRequest, now: dt.datetime) -> tuple[Body, After]:
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


def _get_log(station: Station2, asked: wire.GetLogRequest, now: dt.datetime) -> Body | tuple[Body, After]:
    name = f"{asked.log_type}-{asked.request_id}.log"
    where = asked.log.remote_location
    before = station.memory.log_order
    order = LogOrder(
        url=where + name if where.endswith("/") else where,
        name=name,
        request_id=asked.request_id,
        security=asked.log_type == "SecurityLog",
        retries=asked.retries or 0,
        retry_s=asked.retry_interval or 30,
    )
    answer = {"status": station.logs.order(order, now), "filename": name}
    if before is None:
        return answer
    return answer, lambda _at: station.tell_log("AcceptedCanceled", before)  # N01.FR.20


def _publish(_station: Station2, _asked: wire.PublishFirmwareRequest, _now: dt.datetime) -> Body:
    return {"status": "Rejected", "statusInfo": {"reasonCode": "UnsupportedRequest"}}  # no local controller


def _unpublish(_station: Station2, _asked: wire.UnpublishFirmwareRequest, _now: dt.datetime) -> Body:
    return {"status": "NoFirmware"}


ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    "CertificateSigned": _signed,
    "DeleteCertificate": _delete,
    "GetInstalledCertificateIds": _installed,
    "GetLog": _get_log,
    "InstallCertificate": _install,
    "PublishFirmware": _publish,
    "UnpublishFirmware": _unpublish,
    "UpdateFirmware": _update,
}
