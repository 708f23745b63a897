"""Orders about firmware, logs and certificates in the words of 1.6 and its security extension."""

from __future__ import annotations

from zaryad.link import orders
from zaryad.ocpp.strict import UnsayableError, whole_seconds, whole_seconds_if
from zaryad.ocpp.v16 import contract, wire

Said = tuple[str, wire.Wire]

ROOTS: dict[orders.RootUse, wire.RootCertificate] = {
    "csms_root": "CentralSystemRootCertificate",
    "manufacturer_root": "ManufacturerRootCertificate",
}


def update(order: orders.UpdateFirmware, number: int) -> Said:
    """Say SignedUpdateFirmware where there is a signature; the plain one installs as soon as it has fetched."""
    if order.certificate is not None and order.signature is not None:
        return "SignedUpdateFirmware", wire.SignedUpdateFirmware(
            retries=order.retries,
            retry_interval=order.retry_interval_s,
            request_id=number,
            firmware=wire.Firmware(
                location=order.url,
                retrieve_date_time=whole_seconds(order.retrieve_at),
                install_date_time=whole_seconds_if(order.install_at),
                signing_certificate=order.certificate,
                signature=order.signature,
            ),
        )
    if order.install_at is not None and order.install_at > order.retrieve_at:
        raise UnsayableError("1.6 installs unsigned firmware as soon as it is there")
    return "UpdateFirmware", wire.UpdateFirmware(
        location=order.url,
        retries=order.retries,
        retrieve_date=whole_seconds(order.retrieve_at),
        retry_interval=order.retry_interval_s,
    )


def fetch_log(order: orders.FetchLog, number: int) -> Said:
    """Say GetLog, or GetDiagnostics to a station without the security extension."""
    since, until = whole_seconds_if(order.since), whole_seconds_if(order.until)
    if order.plain:
        if order.log != "diagnostics":
            raise UnsayableError("without its security extension 1.6 has diagnostics only")
        return "GetDiagnostics", wire.GetDiagnostics(
            location=order.url,
            retries=order.retries,
            retry_interval=order.retry_interval_s,
            start_time=since,
            stop_time=until,
        )
    if order.log == "data_collector":
        raise UnsayableError("1.6 has no such log")
    return "GetLog", wire.GetLog(
        log=wire.LogParameters(remote_location=order.url, oldest_timestamp=since, latest_timestamp=until),
        log_type="SecurityLog" if order.log == "security" else "DiagnosticsLog",
        request_id=number,
        retries=order.retries,
        retry_interval=order.retry_interval_s,
    )


def install(order: orders.InstallCertificate, number: int) -> Said:
    """Say InstallCertificate."""
    if order.use not in ROOTS:
        return contract.said(order, number)
    return "InstallCertificate", wire.InstallCertificate(
        certificate_type=ROOTS[order.use], certificate=order.certificate
    )


def delete(order: orders.DeleteCertificate, number: int) -> Said:
    """Say DeleteCertificate."""
    if order.use is not None and order.use not in ROOTS:
        return contract.said(order, number)
    return "DeleteCertificate", wire.DeleteCertificate(
        certificate_hash_data=wire.CertificateHashData(
            hash_algorithm=order.hash.algorithm.upper(),  # type: ignore[arg-type]  # SHA256 and so on
            issuer_name_hash=order.hash.issuer_name_hash,
            issuer_key_hash=order.hash.issuer_key_hash,
            serial_number=order.hash.serial,
        )
    )


def installed(order: orders.ListCertificates, number: int) -> Said:
    """Say GetInstalledCertificateIds: of one kind; those of V2G are asked for together."""
    if order.uses and not any(use in ROOTS for use in order.uses):
        return contract.said(order, number)
    if len(order.uses) != 1:
        raise UnsayableError("1.6 lists certificates of one kind at a time")
    return "GetInstalledCertificateIds", wire.GetInstalledCertificateIds(certificate_type=ROOTS[order.uses[0]])


def give(order: orders.GiveCertificate, number: int) -> Said:
    """Say CertificateSigned."""
    if order.use != "station":
        return contract.said(order, number)
    return "CertificateSigned", wire.CertificateSigned(certificate_chain=order.chain)
