"""Orders about certificates in 2.x's words; 1.6 says the same of V2G inside DataTransfer."""

from __future__ import annotations

from zaryad.link import orders
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import CERTIFICATE_USES, HASHES, ROOTS

_HASH_WORDS = {ours: theirs for theirs, ours in HASHES.items()}


def hash_said(hash: orders.CertificateHash) -> wire.CertificateHashData:
    """Say which certificate is meant."""
    return wire.CertificateHashData(
        hash_algorithm=_HASH_WORDS[hash.algorithm],  # type: ignore[arg-type]  # the table holds its words
        issuer_name_hash=hash.issuer_name_hash,
        issuer_key_hash=hash.issuer_key_hash,
        serial_number=hash.serial,
    )


def install(order: orders.InstallCertificate, _number: int) -> wire.Wire:
    """Say InstallCertificate."""
    return wire21.InstallCertificateRequest(
        certificate_type=ROOTS[order.use],  # type: ignore[arg-type]  # the table holds its words
        certificate=order.certificate,
    )


def delete(order: orders.DeleteCertificate, _number: int) -> wire.Wire:
    """Say DeleteCertificate."""
    return wire.DeleteCertificateRequest(certificate_hash_data=hash_said(order.hash))


def installed(order: orders.ListCertificates, _number: int) -> wire.Wire:
    """Say GetInstalledCertificateIds."""
    return wire21.GetInstalledCertificateIdsRequest(
        certificate_type=[ROOTS[use] for use in order.uses] or None  # type: ignore[misc]  # the table's words
    )


def give(order: orders.GiveCertificate, _number: int, *, newer: bool) -> wire.Wire:
    """Say CertificateSigned; only 2.1 knows which request it answers."""
    return wire21.CertificateSignedRequest(
        certificate_chain=order.chain,
        certificate_type=CERTIFICATE_USES[order.use],  # type: ignore[arg-type]  # the table holds its words
        request_id=order.request if newer else None,
    )
