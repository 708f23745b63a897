"""What 2.x stations ask and tell about certificates and security; 1.6 says the same inside DataTransfer."""

from __future__ import annotations

import datetime as dt

from zaryad.link.facts import (
    CertificateAsked,
    ChainAsked,
    ContractAsked,
    OcspAsked,
    SecurityEvent,
    StationId,
)
from zaryad.link.kinds.certificates import CertificateUse
from zaryad.link.kinds.tokens import CertificateHash
from zaryad.ocpp.repair import UntranslatableError, Violation
from zaryad.ocpp.rpc import Fault
from zaryad.ocpp.v2 import wire, wire21
from zaryad.ocpp.v2.words import HASHES, USES_OF_CERTIFICATE, utc


def hash_of(data: wire.CertificateHashData | wire.OCSPRequestData, url: str | None = None) -> CertificateHash:
    """Read hash data. Stations write the serial as they like: it has no `0x`, no zeros in front, no capitals."""
    algorithm = HASHES.get(data.hash_algorithm)
    if algorithm is None:
        raise UntranslatableError(Fault.PROPERTY, "hashAlgorithm is not one of the three")
    return CertificateHash(
        algorithm=algorithm,
        issuer_name_hash=data.issuer_name_hash.lower(),
        issuer_key_hash=data.issuer_key_hash.lower(),
        serial=data.serial_number.lower().removeprefix("0x").lstrip("0") or "0",
        responder_url=url,
    )


def sign_certificate(
    said: wire.SignCertificateRequest | wire21.SignCertificateRequest,
    station_id: StationId,
    now: dt.datetime,
    _: list[Violation],
) -> CertificateAsked:
    """Read SignCertificate; without a type it is for the station itself."""
    use: CertificateUse = "station"
    if said.certificate_type is not None:
        known = USES_OF_CERTIFICATE.get(said.certificate_type)
        if known is None:
            raise UntranslatableError(Fault.PROPERTY, "certificateType is not one of the standard's")
        use = known
    request, root = None, None
    if isinstance(said, wire21.SignCertificateRequest):
        request = said.request_id
        root = None if said.hash_root_certificate is None else hash_of(said.hash_root_certificate)
    return CertificateAsked(station_id=station_id, received_at=now, csr=said.csr, use=use, request=request, root=root)


def contract_certificate(
    said: wire.Get15118EVCertificateRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> ContractAsked:
    """Read Get15118EVCertificate; what the car asks is not looked into."""
    chains: int | None = None
    emaids: tuple[str, ...] = ()
    if isinstance(said, wire21.Get15118EVCertificateRequest):
        chains, emaids = said.maximum_contract_certificate_chains, tuple(said.prioritized_emaids or ())
    return ContractAsked(
        station_id=station_id,
        received_at=now,
        schema=said.iso15118_schema_version,
        exi=said.exi_request,
        action="update" if said.action == "Update" else "install",
        chains_max=chains,
        emaids=emaids,
    )


def certificate_status(
    said: wire.GetCertificateStatusRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> OcspAsked:
    """Read GetCertificateStatus."""
    asked = said.ocsp_request_data
    return OcspAsked(station_id=station_id, received_at=now, hash=hash_of(asked, asked.responder_url))


def chain_status(
    said: wire21.GetCertificateChainStatusRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> ChainAsked:
    """Read GetCertificateChainStatus."""
    return ChainAsked(
        station_id=station_id,
        received_at=now,
        asked=tuple(
            (hash_of(asked.certificate_hash_data), "crl" if asked.source == "CRL" else "ocsp", tuple(asked.urls))
            for asked in said.certificate_status_requests
        ),
    )


def security_event(
    said: wire.SecurityEventNotificationRequest, station_id: StationId, now: dt.datetime, _: list[Violation]
) -> SecurityEvent:
    """Read SecurityEventNotification; the list of kinds is open."""
    return SecurityEvent(
        station_id=station_id, received_at=now, kind=said.type, at=utc(said.timestamp), info=said.tech_info
    )
