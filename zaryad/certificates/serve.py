"""Certificates for servers of ours, from our own CA: for demos, tests and deployments without another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from zaryad.certificates import issue, read
from zaryad.certificates.authority import authority
from zaryad.certificates.model import Certificate, Settings, Status
from zaryad.certificates.read import Key
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Tx
from zaryad.platform.seal import Seal

NAMES_MAX = 20


class Made(NamedTuple):
    """A server's certificate with its chain, and its private key; both PEM. The key is kept nowhere else."""

    kind: str
    row: Certificate
    chain: str
    key: str


async def issue_server(  # noqa: PLR0917  # the CA's neighbours
    tx: Tx, rules: Settings, seal: Seal, names: Sequence[str], now: dt.datetime, kinds: Sequence[str] = ("rsa", "ec")
) -> list[Made]:
    """Make a server's certificates for these names: an RSA and an EC one, so that all four required suites work."""
    if not 1 <= len(names) <= NAMES_MAX or any(not name or len(name) > 253 for name in names):
        raise DomainError(Kind.INVALID, "server_names_invalid", most=NAMES_MAX)
    by = await authority(tx, rules, seal, now)
    made = []
    for kind in kinds:
        key: Key = (
            rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
            if kind == "rsa"
            else ec.generate_private_key(ec.SECP256R1())
        )
        certificate = issue.sign_server(by, rules, names, key.public_key(), now)
        chain = [certificate, *by.middle]
        row = await issue.keep(tx, chain, station_id=None, use="server", ours=True, status=Status.ACTIVE, now=now)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        made.append(Made(kind, row, read.pem(chain), text))
    return made
