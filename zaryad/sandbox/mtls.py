"""How a station goes to `wss`: which roots it trusts, and the certificate it shows (security profiles 2 and 3)."""

from __future__ import annotations

import datetime as dt
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zaryad.sandbox.body import Body


def context(station: Body, given: ssl.SSLContext | None, now: dt.datetime) -> ssl.SSLContext | None:
    """Return the context of the next connection; None for whatever the host would do by itself."""
    memory = station.memory
    roots = [it.pem for it in memory.certificates if it.use == "CSMSRootCertificate"]
    pair = (memory.key, memory.chain)
    if memory.trouble.expired_certificate:
        pair = _expired(station.model.serial or station.model.id, now)
    if given is not None and pair[1] is None:
        return given
    if not roots and pair[1] is None:
        return None
    made = ssl.create_default_context(cadata="\n".join(roots) or None)
    if given is not None and not roots:
        made.check_hostname, made.verify_mode = given.check_hostname, given.verify_mode
        for der in given.get_ca_certs(binary_form=True):
            made.load_verify_locations(cadata=der)
    if pair[0] is not None and pair[1] is not None:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # ssl reads keys from files only
            file.write(pair[0] + pair[1])
            file.flush()
            made.load_cert_chain(file.name)
    return made


def _expired(name: str, now: dt.datetime) -> tuple[str, str]:
    """Return a key and a certificate whose time was over yesterday."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    day = dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * day)
        .not_valid_after(now - day)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), made.public_bytes(serialization.Encoding.PEM).decode()
