"""A station's certificates: roots it was given, its own key and certificate, and what it asks to be signed.

Hash data as OCSP makes it (RFC 6960): of the issuer's name and key, with the serial number in hex.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from zaryad.sandbox.kept import Installed
from zaryad.sandbox.model import StationMemory, StationModel

ROOTS_MAX = 10


class HashData(msgspec.Struct, frozen=True, rename="camel"):
    """How OCPP names a certificate."""

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


def read(pem: str) -> list[x509.Certificate]:
    """Return the certificates of a chain; empty when there are none to read."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def named(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str = "SHA256") -> HashData:
    """Return a certificate's hash data."""
    digest = {"SHA256": hashlib.sha256, "SHA384": hashlib.sha384, "SHA512": hashlib.sha512}[algorithm]
    spki = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return HashData(
        algorithm,
        digest(certificate.issuer.public_bytes()).hexdigest(),
        digest(_key_bits(spki)).hexdigest(),
        f"{certificate.serial_number:x}",
    )


def install(memory: StationMemory, use: str, pem: str, now: dt.datetime) -> str:
    """Take a root certificate: Accepted, Rejected (it is no good) or Failed (there is no room)."""
    found = read(pem)
    if not found or not found[0].not_valid_before_utc <= now < found[0].not_valid_after_utc:
        return "Rejected"
    if len(memory.certificates) >= ROOTS_MAX:
        return "Failed"
    memory.certificates = [it for it in memory.certificates if it.pem != pem] + [Installed(use, pem)]
    return "Accepted"


def listed(memory: StationMemory, uses: list[str] | None) -> list[tuple[str, HashData]]:
    """Return the names of the roots of these uses; of all, when none is named."""
    return [(it.use, _own_name(it)) for it in memory.certificates if uses is None or it.use in uses]


def delete(memory: StationMemory, wanted: HashData) -> str:
    """Take a root out by its name: Accepted, Failed (it is the last that knows the central system) or NotFound."""
    for it in memory.certificates:
        if _same(_own_name(it, wanted.hash_algorithm), wanted):
            if it.use == "CSMSRootCertificate" and sum(o.use == it.use for o in memory.certificates) == 1:
                return "Failed"
            memory.certificates.remove(it)
            return "Accepted"
    return "NotFound"


def request(model: StationModel, memory: StationMemory, organization: str) -> str:
    """Make a new key and return the request to sign it, PEM; the key waits for its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    memory.key_next = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, (model.serial or model.id)[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64] or "Zaryad"),
        ]
    )
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return asked.public_bytes(serialization.Encoding.PEM).decode()


def accept(memory: StationMemory, chain: str, now: dt.datetime) -> str | None:
    """Take a signed certificate; return why not, or None when it is ours from now on."""
    found = read(chain)
    if not found:
        return "no certificate to read"
    if memory.key_next is None:
        return "no request is open"
    key = serialization.load_pem_private_key(memory.key_next.encode(), None)
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*form) != found[0].public_key().public_bytes(*form):
        return "it is for another key"
    if not found[0].not_valid_before_utc <= now < found[0].not_valid_after_utc:
        return "it is not valid now"
    roots = [read(it.pem)[0] for it in memory.certificates if it.use == "CSMSRootCertificate"]
    if roots and not any(_signed_by(found[-1], root) for root in roots):
        return "nobody known has signed it"
    memory.key, memory.chain, memory.key_next = memory.key_next, chain, None
    return None


def verifies(certificate_pem: str, signature: str, content: bytes) -> bool:
    """Whether the signature (base64) over a file's SHA-256 was made with the certificate's key."""
    found = read(certificate_pem)
    if not found:
        return False
    key = found[0].public_key()
    try:
        signed = base64.b64decode(signature)
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signed, content, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            _verify_rsa(key, signed, content)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def trusts(memory: StationMemory, certificate_pem: str, now: dt.datetime) -> bool:
    """Whether a firmware's signing certificate is good: readable, valid, of a known manufacturer where one is known."""
    found = read(certificate_pem)
    if not found or not found[0].not_valid_before_utc <= now < found[0].not_valid_after_utc:
        return False
    roots = [read(it.pem)[0] for it in memory.certificates if it.use == "ManufacturerRootCertificate"]
    return not roots or any(_signed_by(found[-1], root) for root in roots)


def _verify_rsa(key: rsa.RSAPublicKey, signed: bytes, content: bytes) -> None:
    try:
        key.verify(signed, content, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
        key.verify(signed, content, pss, hashes.SHA256())


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if certificate == issuer:
        return True
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _own_name(it: Installed, algorithm: str = "SHA256") -> HashData:
    certificate = read(it.pem)[0]
    return named(certificate, certificate, algorithm)


def _same(one: HashData, other: HashData) -> bool:
    def plain(it: HashData) -> tuple[str, ...]:
        serial = it.serial_number.lower().removeprefix("0x").lstrip("0")  # 2.0.1 errata: no zeros in front
        return it.hash_algorithm, it.issuer_name_hash.lower(), it.issuer_key_hash.lower(), serial

    return plain(one) == plain(other)


def _key_bits(spki: bytes) -> bytes:
    """Return the bits of a SubjectPublicKeyInfo's BIT STRING: what an issuer's key hash is made of."""

    def head(at: int) -> tuple[int, int]:
        """Return where the value of the DER element begins, and where it ends."""
        size, at = spki[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(spki[at : at + count]), at + count
        return at, at + size

    inside, _ = head(0)
    _, after_algorithm = head(inside)
    start, end = head(after_algorithm)
    return spki[start + 1 : end]  # the first byte counts unused bits
