"""What a certificate says, in our words. Reading only: nothing is believed here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from zaryad.certificates.model import CHAIN_CERTIFICATES_MAX
from zaryad.link.orders import CertificateHash

Key: TypeAlias = "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey"
HASHES: dict[str, type[HashAlgorithm]] = {"sha256": SHA256, "sha384": SHA384, "sha512": SHA512}
TEXT_MAX = 64_000


class UnreadableError(Exception):
    """It is no certificate, or not one that can be read."""


def chain(text: str) -> list[x509.Certificate]:
    """Return the certificates of a PEM text in their order; at most ten. Raises UnreadableError."""
    if len(text) > TEXT_MAX:
        raise UnreadableError("too long")
    try:
        found = x509.load_pem_x509_certificates(text.encode())
        for each in found:
            _ = each.subject, each.extensions, each.public_key()
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise UnreadableError(str(error)[:200]) from error
    except Exception as error:  # keys and curves that the library cannot handle have errors of their own
        raise UnreadableError(type(error).__name__) from error
    if len(found) > CHAIN_CERTIFICATES_MAX:
        raise UnreadableError("too many certificates")
    return found


def from_der(body: bytes) -> x509.Certificate:
    """Return a certificate of DER bytes. Raises UnreadableError."""
    try:
        found = x509.load_der_x509_certificate(body)
        _ = found.subject, found.extensions, found.public_key()
    except Exception as error:
        raise UnreadableError(type(error).__name__) from error
    return found


def pem(certificates: Iterable[x509.Certificate]) -> str:
    """Return them as one PEM text."""
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of it, in hex."""
    return certificate.fingerprint(SHA256()).hex()


def serial_text(number: int) -> str:
    """Return a serial as OCPP's errata want it: hex, lower case, without leading zeros."""
    return f"{number:x}"


def normal_serial(text: str) -> str:
    """Return a serial that somebody wrote, in the same form."""
    return text.strip().lower().removeprefix("0x").lstrip("0") or "0"


def name_part(name: x509.Name, oid: x509.ObjectIdentifier = NameOID.COMMON_NAME) -> str | None:
    """Return the only value of a part of a name; None for none, and for several."""
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else None


def common_name(certificate: x509.Certificate) -> str | None:
    """Return its CN."""
    return name_part(certificate.subject)


def subject(certificate: x509.Certificate) -> str:
    """Return its subject for people, bounded."""
    return certificate.subject.rfc4514_string()[:300]


def key_bytes(certificate: x509.Certificate) -> bytes:
    """Return the bits of its public key as OCSP hashes them: the BIT STRING of SubjectPublicKeyInfo without its frame.

    The key identifier of RFC 5280 (method 1) hashes the same bits.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    raise UnreadableError("a kind of key that nobody uses here")


def hash_of(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str = "sha256") -> CertificateHash:
    """Return how OCPP names it without sending it."""
    return CertificateHash(
        algorithm=algorithm,  # type: ignore[arg-type]  # one of HASHES
        issuer_name_hash=_hashed(algorithm, issuer.subject.public_bytes()),
        issuer_key_hash=_hashed(algorithm, key_bytes(issuer)),
        serial=serial_text(certificate.serial_number),
        responder_url=next(iter(responders(certificate)), None),
    )


def issued(by: x509.Certificate, named: CertificateHash) -> bool:
    """Whether `by` is the issuer that the hashes name."""
    try:
        return (
            _hashed(named.algorithm, by.subject.public_bytes()) == named.issuer_name_hash.lower()
            and _hashed(named.algorithm, key_bytes(by)) == named.issuer_key_hash.lower()
        )
    except UnreadableError:
        return False


def responders(certificate: x509.Certificate) -> list[str]:
    """Return the OCSP URLs that stand in it."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        each.access_location.value
        for each in access
        if each.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
    ]


def _hashed(algorithm: str, body: bytes) -> str:
    return hashlib.new(algorithm, body).hexdigest()
