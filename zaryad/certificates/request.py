"""A station asks for a certificate: judged first, accepted then, signed by a job, given by an order.

Nothing that would be refused later is accepted now: the station is told "rejected" with the reason, and no certificate
is ever signed for whoever merely asked nicely.
"""

from __future__ import annotations

import datetime as dt
import hashlib

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.x509.oid import NameOID

from zaryad.certificates import read, store
from zaryad.certificates.model import (
    CSR_CHARACTERS_MAX,
    RSA_BITS_MAX,
    RSA_BITS_MIN,
    CertificateUse,
    KnownStation,
    Settings,
    WhoIs,
)
from zaryad.kernel.ids import new_id
from zaryad.link.answers import Judged
from zaryad.link.facts import CertificateAsked, StationId
from zaryad.platform import jobs
from zaryad.platform.db import Db, Tx

log = structlog.get_logger()

SIGN_JOB = "certificates.sign"
OPEN_FOR = dt.timedelta(hours=24)  # then the station may ask again, whatever became of it


class RefusedError(Exception):
    """Why a request is not taken up: a word for logs and for the answer."""


async def asked(db: Db, rules: Settings, who_is: WhoIs, fact: CertificateAsked) -> Judged:
    """Judge a request, and take it up: one at a time for a station and use, so many a day."""
    try:
        csr = judged_by_itself(rules, fact.csr, fact.use)
        async with db.begin() as tx:
            station = await who_is(tx, fact.station_id, fact.received_at)
            judged_for(rules, csr, fact.station_id, station, fact.use)
            await _take_up(tx, rules, fact)
    except RefusedError as error:
        log.warning("certificate.refused", station=fact.station_id, use=fact.use, why=str(error))
        return Judged(accepted=False, why=str(error))
    return Judged()


def judged_by_itself(rules: Settings, text: str, use: CertificateUse) -> x509.CertificateSigningRequest:
    """Return the request if it is one that may be signed for somebody. Raises RefusedError."""
    if len(text) > CSR_CHARACTERS_MAX:
        raise RefusedError("csr_too_long")
    try:
        csr = x509.load_pem_x509_csr(text.encode())
        key = csr.public_key()
        signed, subject = csr.is_signature_valid, csr.subject
    except InvalidSignature as error:
        raise RefusedError("csr_signature") from error
    except Exception as error:  # the library's parsers have many
        raise RefusedError("csr_unreadable") from error
    if not signed:
        raise RefusedError("csr_signature")
    _judge_key(key, use)
    if use != "station" and not rules.v2g.own and not rules.v2g.url:
        raise RefusedError("no_v2g_provider")
    if read.name_part(subject, NameOID.ORGANIZATION_NAME) != rules.operator:
        raise RefusedError("csr_organisation")
    return csr


def judged_for(
    rules: Settings,
    csr: x509.CertificateSigningRequest,
    station_id: StationId,
    station: KnownStation | None,
    use: CertificateUse,
) -> None:
    """Raise RefusedError unless the request is of the station it came from."""
    if station is None:
        raise RefusedError("station_unknown")
    serial: set[str | None] = {station.serial}
    mine: set[str | None] = serial if rules.common_name == "serial" else {str(station_id)}
    if rules.common_name == "either":
        mine |= serial
    if use != "station":
        mine.add(str(station_id))  # ISO 15118 names no serial
    if (read.name_part(csr.subject) or None) not in mine - {None, ""}:
        raise RefusedError("csr_common_name")


def _judge_key(key: object, use: CertificateUse) -> None:
    strong = False
    match use:
        case "station":
            if isinstance(key, rsa.RSAPublicKey):
                strong = RSA_BITS_MIN <= key.key_size <= RSA_BITS_MAX
            else:
                strong = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(
                    key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1
                )
        case "v2g":  # ISO 15118-2
            strong = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
        case "v2g20":  # ISO 15118-20
            curve = key.curve if isinstance(key, ec.EllipticCurvePublicKey) else None
            strong = isinstance(curve, ec.SECP521R1) or isinstance(key, ed448.Ed448PublicKey)
    if not strong:
        raise RefusedError("csr_key")


async def _take_up(tx: Tx, rules: Settings, fact: CertificateAsked) -> None:
    now, digest = fact.received_at, hashlib.sha256(fact.csr.encode()).digest()
    standing = await store.open_request(tx, fact.station_id, fact.use)
    if standing is not None:
        if standing["digest"] == digest:  # its answer was lost: it has our word already
            return
        if standing["asked_at"] > now - OPEN_FOR:
            raise RefusedError("request_open")
        await store.set_request(tx, standing["id"], state="failed", why="too_old", ended_at=now)
    if await store.requests_since(tx, fact.station_id, now - dt.timedelta(days=1)) >= rules.requests_per_day:
        raise RefusedError("too_many_requests")
    id = new_id()
    new = await store.put_request(
        tx,
        id=id,
        station_id=fact.station_id,
        use=fact.use,
        number=fact.request,
        csr=fact.csr,
        digest=digest,
        asked_at=now,
    )
    if not new:
        raise RefusedError("request_open")
    await jobs.defer(tx, SIGN_JOB, request_id=str(id))
