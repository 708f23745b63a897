"""What our CA signs: stations' certificates, servers' certificates, the list of the revoked."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zaryad.certificates import read, store
from zaryad.certificates.authority import Authority, usage
from zaryad.certificates.model import Certificate, Settings, Status
from zaryad.kernel.ids import new_id
from zaryad.link.facts import StationId
from zaryad.platform.db import Tx

_SLACK = dt.timedelta(minutes=5)
CRL_DAYS = 7


def sign_station(
    by: Authority, rules: Settings, csr: x509.CertificateSigningRequest, use: str, now: dt.datetime
) -> x509.Certificate:
    """Sign a request that has been judged: its key, its CN, and our O. Nothing else of it is taken over."""
    name = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, rules.operator)]
    name.append(x509.NameAttribute(NameOID.COMMON_NAME, read.name_part(csr.subject) or ""))
    v2g = use != "station"
    if v2g:
        name.append(x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "CPO"))
    builder = _builder(by, x509.Name(name), csr.public_key(), now, rules.station_days).add_extension(
        usage(digital_signature=True, key_agreement=v2g), critical=True
    )
    if not v2g:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    return _with_crl(builder, rules).sign(by.key, SHA256())


def sign_server(
    by: Authority, rules: Settings, names: Sequence[str], public_key: Any, now: dt.datetime
) -> x509.Certificate:
    """Sign a server's certificate for these host names and addresses; the first is its CN."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, rules.operator),
            x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64]),
        ]
    )
    # Key encipherment: the suites TLS_RSA_* that OCPP asks for use the certificate's key to exchange keys.
    bits = usage(digital_signature=True, key_encipherment=isinstance(public_key, rsa.RSAPublicKey))
    builder = (
        _builder(by, name, public_key, now, rules.server_days)
        .add_extension(bits, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=False)
    )
    return _with_crl(builder, rules).sign(by.key, SHA256())


async def keep(
    tx: Tx,
    certificates: Sequence[x509.Certificate],
    *,
    station_id: StationId | None,
    use: str,
    ours: bool,
    status: Status,
    now: dt.datetime,
    order_id: UUID | None = None,
) -> Certificate:
    """Write a new certificate with its chain into the books."""
    leaf = certificates[0]
    row = Certificate(
        id=new_id(),
        station_id=station_id,
        use=use,
        serial=read.serial_text(leaf.serial_number),
        fingerprint=read.fingerprint(leaf),
        subject=read.subject(leaf),
        issuer=leaf.issuer.rfc4514_string()[:300],
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        status=status,
        issued_at=now,
        order_id=order_id,
    )
    await store.put_certificate(tx, row, read.pem(certificates), ours=ours)
    return row


def crl(by: Authority, revoked: Iterable[tuple[str, dt.datetime]], now: dt.datetime) -> bytes:
    """Return the list of the revoked (DER): serials in hex, and when."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  # the only use

    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(now - _SLACK)
        .next_update(now + dt.timedelta(days=CRL_DAYS))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for serial, at in revoked:
        one = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(at).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(by.key, SHA256()).public_bytes(Encoding.DER)


def _builder(
    by: Authority, subject: x509.Name, public_key: Any, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    until = min(now + dt.timedelta(days=days), by.certificate.not_valid_after_utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())  # 159 random bits
        .not_valid_before(now - _SLACK)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False)
    )


def _with_crl(builder: x509.CertificateBuilder, rules: Settings) -> x509.CertificateBuilder:
    if not rules.public_url:
        return builder
    url = x509.UniformResourceIdentifier(f"{rules.public_url}/api/v1/certificates/crl")
    return builder.add_extension(
        x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)]), critical=False
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode() if not name.isascii() else name)
