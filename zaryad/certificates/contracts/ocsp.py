"""Is a certificate revoked? Asked by OCSP of responders that are allowed, kept as long as the answer holds.

The responder's URL comes from a station or from a certificate that a car showed. It is called only where its origin is
configured, or where a certificate of our trust store names its host; the latter only at a public address.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from zaryad.certificates import path, read
from zaryad.certificates.contracts import store
from zaryad.certificates.model import Ocsp
from zaryad.link.orders import CertificateHash
from zaryad.platform.db import Db
from zaryad.platform.outbound import Accepted, Limits, Outcome, Rejected, Reply, Site, settled
from zaryad.platform.outbound_public import Resolve, call_public, resolve

ANSWER_BYTES_MAX = 13_500  # 18,000 characters of base64: what 2.1's GetCertificateStatus carries; 2.0.1's 5,500
SLACK = dt.timedelta(minutes=5)
KEPT_MAX = dt.timedelta(days=8)
_HEADERS = {"content-type": "application/ocsp-request", "accept": "application/ocsp-response"}


class NoAnswerError(Exception):
    """Nobody tells whether it is revoked; the text is a word for why."""


class Answer(NamedTuple):
    """A responder's answer: its bytes, its word, how long it holds."""

    response: bytes
    status: Literal["good", "revoked", "unknown"]
    next_update: dt.datetime


class Responders:
    """Whom we may ask, and asking them."""

    def __init__(self, rules: Ocsp, *, ask: Resolve = resolve) -> None:
        self._rules = rules
        self._limits = Limits(total_s=rules.timeout_s, connect_s=min(2, rules.timeout_s), body_bytes=ANSWER_BYTES_MAX)
        self._ask = ask
        self._sites = {_origin(url): Site(_base(url), self._limits) for url in rules.responders}

    async def close(self) -> None:
        """Close their connections."""
        for site in self._sites.values():
            await site.close()

    async def status(self, db: Db, named: CertificateHash, url: str | None, now: dt.datetime) -> Answer:
        """Return what the responder says of a certificate, fetched or kept. Raises NoAnswerError."""
        asked = f"{named.algorithm}:{named.issuer_name_hash}:{named.issuer_key_hash}:{named.serial}"
        async with db.begin() as tx:
            kept = await store.answer(tx, asked, now)
            hosts = {urlsplit(each).hostname for each in await store.named_responders(tx)}
        if kept is not None:
            return Answer(kept["response"], kept["status"], kept["next_update"])
        body = await self._fetch(url or "", request_of(named), hosts)
        found = read_answer(body, named, now, self._rules.keep_s)
        async with db.begin() as tx:
            await store.put_answer(
                tx,
                asked=asked,
                response=found.response,
                status=found.status,
                next_update=found.next_update,
                fetched_at=now,
            )
        return found

    async def _fetch(self, url: str, body: bytes, hosts: set[str | None]) -> bytes:
        outcome: Outcome[Reply]
        try:
            origin, parts = _origin(url), urlsplit(url)
        except ValueError as error:
            raise NoAnswerError("responder_not_allowed") from error
        site = self._sites.get(origin)
        if site is not None and url.isprintable() and not parts.path.startswith("//"):
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            outcome = await site.call("POST", target, what="ocsp", headers=_HEADERS, body=body)
        elif parts.hostname is not None and parts.hostname in hosts:
            outcome = await call_public("POST", url, _HEADERS, body, self._limits, what="ocsp", ask=self._ask)
        else:
            raise NoAnswerError("responder_not_allowed" if url else "no_responder")
        if isinstance(outcome, Accepted):
            outcome = settled(outcome.value)
        if isinstance(outcome, Rejected):
            raise NoAnswerError(outcome.code)
        if not isinstance(outcome, Accepted):
            raise NoAnswerError(outcome.cause)
        if outcome.value.status != 200:
            raise NoAnswerError(f"http_{outcome.value.status}")
        return outcome.value.body


def request_of(named: CertificateHash) -> bytes:
    """Return the question (DER). Raises NoAnswerError for hashes that are none."""
    try:
        algorithm = read.HASHES[named.algorithm]()
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            bytes.fromhex(named.issuer_name_hash),
            bytes.fromhex(named.issuer_key_hash),
            int(read.normal_serial(named.serial), 16),
            algorithm,
        )
        return builder.build().public_bytes(Encoding.DER)
    except (ValueError, KeyError) as error:
        raise NoAnswerError("hash_unreadable") from error


def read_answer(body: bytes, named: CertificateHash, now: dt.datetime, keep_s: int) -> Answer:
    """Return what an answer says of the certificate it was asked about; its signature is judged by `vouched`."""
    single = _single(body, named)
    begins, ends = single.this_update_utc, single.next_update_utc
    if begins > now + SLACK or (ends is not None and ends < now - SLACK):
        raise NoAnswerError("answer_out_of_date")
    words: dict[ocsp.OCSPCertStatus, Literal["good", "revoked", "unknown"]] = {
        ocsp.OCSPCertStatus.GOOD: "good",
        ocsp.OCSPCertStatus.REVOKED: "revoked",
        ocsp.OCSPCertStatus.UNKNOWN: "unknown",
    }
    until = now + dt.timedelta(seconds=keep_s) if ends is None else min(ends, now + KEPT_MAX)
    return Answer(body, words[single.certificate_status], until)


def _single(body: bytes, named: CertificateHash) -> ocsp.OCSPSingleResponse:
    try:
        response = ocsp.load_der_ocsp_response(body)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise NoAnswerError(f"answer_{response.response_status.name.lower()}")
        found = [
            each
            for each in response.responses
            if read.serial_text(each.serial_number) == read.normal_serial(named.serial) and _same_issuer(each, named)
        ]
    except NoAnswerError:
        raise
    except Exception as error:  # foreign bytes
        raise NoAnswerError("answer_unreadable") from error
    if not found:
        raise NoAnswerError("answer_to_another_question")
    return found[0]


def _same_issuer(single: ocsp.OCSPSingleResponse, named: CertificateHash) -> bool:
    if single.hash_algorithm.name != named.algorithm:  # responders may answer in a hash of their own; the serial stands
        return True
    return single.issuer_key_hash.hex() == named.issuer_key_hash.lower()


def issuer_in(answer: bytes, named: CertificateHash, known: list[x509.Certificate]) -> x509.Certificate | None:
    """Return the issuer that the hashes name, of those we know or that came with the answer."""
    try:
        sent = list(ocsp.load_der_ocsp_response(answer).certificates)
    except Exception:  # noqa: BLE001  # foreign bytes
        sent = []
    return next((each for each in (*known, *sent) if read.issued(each, named)), None)


def vouched(answer: bytes, issuer: x509.Certificate, now: dt.datetime) -> bool:
    """Whether the answer is signed by the issuer, or by whom the issuer has delegated it to (RFC 6960, 4.2.2.2)."""
    try:
        response = ocsp.load_der_ocsp_response(answer)
        signers = [issuer, *(each for each in response.certificates if _delegated(each, issuer, now))]
        return any(_signed(response, by) for by in signers)
    except Exception:  # noqa: BLE001  # foreign bytes
        return False


def _delegated(certificate: x509.Certificate, issuer: x509.Certificate, now: dt.datetime) -> bool:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage and path.signed(certificate, by=issuer)


def _signed(response: ocsp.OCSPResponse, by: x509.Certificate) -> bool:
    key, body, signature = by.public_key(), response.tbs_response_bytes, response.signature
    algorithm = response.signature_hash_algorithm
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            assert algorithm is not None
            key.verify(signature, body, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            assert algorithm is not None
            key.verify(signature, body, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, body)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _base(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
