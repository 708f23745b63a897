"""A small PKI of a test: a root, certificates signed by it, signatures over files."""

from __future__ import annotations

import base64
import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


class Root:
    def __init__(self, name: str, now: dt.datetime) -> None:
        self.now = now
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self.sign(self.name, self.key.public_key(), ca=True)
        self.pem = self.certificate.public_bytes(PEM).decode()

    def sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool = False, days: int = 30
    ) -> x509.Certificate:
        day = dt.timedelta(days=1)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - day)
            .not_valid_after(self.now + days * day)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def certify(self, csr: str, *, days: int = 30) -> str:
        asked = x509.load_pem_x509_csr(csr.encode())
        key = asked.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert asked.is_signature_valid
        return self.sign(asked.subject, key, days=days).public_bytes(PEM).decode()

    def issue(self, name: str) -> tuple[ec.EllipticCurvePrivateKey, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return key, self.sign(subject, key.public_key()).public_bytes(PEM).decode()


def signature(key: ec.EllipticCurvePrivateKey, content: bytes) -> str:
    return base64.b64encode(key.sign(content, ec.ECDSA(hashes.SHA256()))).decode()
