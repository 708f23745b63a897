"""Certificates made in the test: an authority of any depth, leaves with any fault, and a responder on loopback."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from zaryad.certificates import read
from zaryad.certificates.authority import usage

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def name(common: str, organisation: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organisation is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def csr(
    common: str = "KG-BIS-0001", organisation: str | None = "Zaryad", key: Any = None, *, spoil: bool = False
) -> tuple[str, Any]:
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(name(common, organisation)).sign(key, SHA256())
    body = made.public_bytes(Encoding.DER)
    if spoil:
        body = body[:-1] + bytes([body[-1] ^ 1])
        made = x509.load_der_x509_csr(body)
    return made.public_bytes(Encoding.PEM).decode(), key


class Ca:
    """One authority. `issue` makes what is below it."""

    def __init__(
        self, common: str = "Root", parent: Ca | None = None, *, at: dt.datetime = NOW, days: int = 3_650
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name(common)
        self.parent = parent
        by = parent or self
        self.certificate = self._build(
            self.name, self.key.public_key(), by, at - DAY, at + dt.timedelta(days=days), ca=True, url=None
        )

    def leaf(
        self,
        common: str,
        organisation: str | None = None,
        *,
        since: dt.datetime = NOW - DAY,
        until: dt.datetime = NOW + 365 * DAY,
        url: str | None = None,
        key: Any = None,
        ca: bool = False,
        purpose: Any = None,
    ) -> tuple[x509.Certificate, Any]:
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = name(common, organisation)
        return self._build(subject, key.public_key(), self, since, until, ca=ca, url=url, purpose=purpose), key

    @staticmethod
    def _build(
        subject: x509.Name,
        public: Any,
        by: Ca,
        since: dt.datetime,
        until: dt.datetime,
        *,
        ca: bool,
        url: str | None,
        purpose: Any = None,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(by.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca), critical=True)
        )
        if url is not None:
            where = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
            builder = builder.add_extension(x509.AuthorityInformationAccess([where]), critical=False)
        if purpose is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        return builder.sign(by.key, SHA256())


def pem(*certificates: x509.Certificate) -> str:
    return read.pem(certificates)


def key_pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def rsa_key(bits: int = 2_048) -> Any:
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


class Responder:
    """Answers OCSP questions on loopback, as told; counts them."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.known: dict[int, tuple[x509.Certificate, Ca, str]] = {}
        self.status = 200
        self.delegate: tuple[x509.Certificate, Any] | None = None
        self.signer: Ca | None = None
        self.next_update: dt.datetime | None = NOW + DAY
        self.send: Sequence[x509.Certificate] = ()

    def knows(self, certificate: x509.Certificate, issuer: Ca, status: str = "good") -> None:
        self.known[certificate.serial_number] = (certificate, issuer, status)

    def answer(self, question: bytes) -> bytes:
        asked = ocsp.load_der_ocsp_request(question)
        found = self.known.get(asked.serial_number)
        if found is None:
            return ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(
                Encoding.DER
            )
        certificate, issuer, status = found
        words = {"good": ocsp.OCSPCertStatus.GOOD, "revoked": ocsp.OCSPCertStatus.REVOKED}
        by, key = self.delegate or ((self.signer or issuer).certificate, (self.signer or issuer).key)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=issuer.certificate,
            algorithm=asked.hash_algorithm,
            cert_status=words.get(status, ocsp.OCSPCertStatus.UNKNOWN),
            this_update=NOW - DAY,
            next_update=self.next_update,
            revocation_time=NOW - DAY if status == "revoked" else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by)
        sent = [*self.send, *([by] if self.delegate else [])]
        if sent:
            builder = builder.certificates(sent)
        return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


@asynccontextmanager
async def listening(answer: Any, kind: str = "application/ocsp-response") -> AsyncIterator[str]:
    """A little HTTP server on loopback: `answer(method, path, headers, body)` returns (status, body)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines if ": " in line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        status, said = await answer(method, path, headers, body)
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n".encode())
        writer.write(f"content-length: {len(said)}\r\nconnection: close\r\n\r\n".encode())
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def responding() -> AsyncIterator[Responder]:
    """A responder on a free port."""
    responder = Responder()

    async def answer(_method: str, _path: str, _headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        responder.asked += 1
        return responder.status, responder.answer(body)

    async with listening(answer) as url:
        responder.url = f"{url}/ocsp"
        yield responder


OCSP_SIGNING = ExtendedKeyUsageOID.OCSP_SIGNING
