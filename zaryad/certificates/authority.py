"""Our own small CA: a root, and under it the key that signs. Or one of the operator's own, from files.

Both keys are made at the first need and kept sealed in the database, so that every process of a deployment has the same
CA and a stolen dump has none.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from zaryad.certificates import path, read, store
from zaryad.certificates.model import Settings
from zaryad.certificates.read import Key
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Tx
from zaryad.platform.seal import Seal, UnsealError

_PURPOSE = "certificate-authority"
_SLACK = dt.timedelta(minutes=5)  # clocks of stations that are a little behind


class Authority(NamedTuple):
    """Who signs. `above`: the certificates over the signing one, the root last; empty where it is a root itself."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...]

    @property
    def root(self) -> x509.Certificate:
        """Return what stations have to trust."""
        return self.above[-1] if self.above else self.certificate

    @property
    def middle(self) -> tuple[x509.Certificate, ...]:
        """Return what goes with a certificate so that whoever trusts the root can check it."""
        return (self.certificate, *self.above)[: len(self.above)]


async def authority(tx: Tx, rules: Settings, seal: Seal, now: dt.datetime) -> Authority:
    """Return the CA of this deployment, making it when there is none."""
    if rules.ca_chain_file:
        return from_files(rules, now)
    found = await store.authorities(tx)
    if not _fresh(found, rules, now):
        await store.lock_authorities(tx)
        found = await store.authorities(tx)
    if "root" not in found:
        return await _make(tx, rules, seal, now)
    root, root_key = _opened(found["root"], seal)
    if not _fresh(found, rules, now):
        return await _renew(tx, rules, seal, now, root, root_key)
    issuing, key = _opened(found["issuing"], seal)
    return Authority(issuing, key, (root,))


def _fresh(found: Mapping[str, Any], rules: Settings, now: dt.datetime) -> bool:
    """Whether there is a CA that outlives what it would sign today, as far as its root lets it."""
    if set(found) != {"root", "issuing"}:
        return False
    needed = now + dt.timedelta(days=max(rules.station_days, rules.server_days))
    ends: dt.datetime = found["issuing"]["not_after"]
    return ends >= needed or ends >= found["root"]["not_after"]


def _opened(row: Any, seal: Seal) -> tuple[x509.Certificate, Key]:
    try:
        key = load_der_private_key(seal.open(_PURPOSE, row["sealed_key"]), password=None)
    except UnsealError as error:
        raise DomainError(Kind.UNAVAILABLE, "ca_key_sealed") from error
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return read.chain(row["certificate"])[0], key


async def root_pem(tx: Tx, rules: Settings, seal: Seal, now: dt.datetime) -> str:
    """Return the root that stations install to trust us."""
    return read.pem([(await authority(tx, rules, seal, now)).root])


def from_files(rules: Settings, now: dt.datetime) -> Authority:
    """Return the operator's own CA; DomainError `ca_files_unusable` says what is wrong with the files."""
    try:
        certificates = read.chain(Path(rules.ca_chain_file).expanduser().read_text(encoding="utf-8"))
        key = load_pem_private_key(Path(rules.ca_key_file).expanduser().read_bytes(), password=None)
    except (OSError, ValueError, TypeError, read.UnreadableError) as error:
        raise DomainError(Kind.UNAVAILABLE, "ca_files_unusable", why=str(error)[:200]) from error
    if not certificates or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise DomainError(Kind.UNAVAILABLE, "ca_files_unusable", why="no certificate, or a key that is not RSA or EC")
    if key.public_key() != certificates[0].public_key():
        raise DomainError(Kind.UNAVAILABLE, "ca_files_unusable", why="the key is not the first certificate's")
    in_order = all(path.signed(low, by=high) for low, high in itertools.pairwise(certificates))
    if not in_order or not path.signed(certificates[-1], by=certificates[-1]):
        raise DomainError(
            Kind.UNAVAILABLE, "ca_files_unusable", why="the chain is not: the issuing certificate first, its root last"
        )
    if certificates[0].not_valid_after_utc <= now:
        raise DomainError(Kind.UNAVAILABLE, "ca_files_unusable", why="the issuing certificate has expired")
    return Authority(certificates[0], key, tuple(certificates[1:]))


async def _make(tx: Tx, rules: Settings, seal: Seal, now: dt.datetime) -> Authority:
    key = new_key(rules.ca_key)
    name = _name(rules, "root")
    root = _ca(name, key.public_key(), name, key, now, now + dt.timedelta(days=rules.ca_days), below=1)
    await _keep(tx, seal, "root", root, key, now)
    return await _renew(tx, rules, seal, now, root, key)


async def _renew(  # noqa: PLR0917  # the parts of a CA
    tx: Tx, rules: Settings, seal: Seal, now: dt.datetime, root: x509.Certificate, root_key: Key
) -> Authority:
    """Make a new signing key under the root; what the old one signed stays good."""
    key, until = new_key(rules.ca_key), min(now + dt.timedelta(days=rules.ca_days) / 2, root.not_valid_after_utc)
    issuing = _ca(_name(rules, "issuing"), key.public_key(), root.subject, root_key, now, until, below=0)
    await store.retire_authority(tx, "issuing", now)
    await _keep(tx, seal, "issuing", issuing, key, now)
    return Authority(issuing, key, (root,))


async def _keep(tx: Tx, seal: Seal, level: str, certificate: x509.Certificate, key: Key, now: dt.datetime) -> None:  # noqa: PLR0917
    await store.put_authority(
        tx,
        id=new_id(),
        level=level,
        certificate=read.pem([certificate]),
        sealed_key=seal.close(_PURPOSE, key_der(key)),
        not_after=certificate.not_valid_after_utc,
        made_at=now,
    )


def new_key(kind: str) -> Key:
    """Make a key: P-256, or RSA of 3072 bits."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65_537, key_size=3_072)
    return ec.generate_private_key(ec.SECP256R1())


def key_der(key: Key) -> bytes:
    """Return a private key, open: only to be sealed, or written where nobody else reads."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _name(rules: Settings, what: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, rules.operator),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{rules.operator} stations {what} CA"[:64]),
        ]
    )


def _ca(  # noqa: PLR0917  # the parts of a certificate
    subject: x509.Name,
    public_key: Any,
    issuer: x509.Name,
    signer: Key,
    now: dt.datetime,
    until: dt.datetime,
    *,
    below: int,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())  # 159 random bits
        .not_valid_before(now - _SLACK)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
        .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, SHA256())
    )


def usage(**what: bool) -> x509.KeyUsage:
    """Return a key usage with these bits and no other."""
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: what.get(name, False) for name in names})
