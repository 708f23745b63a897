"""A provider signs stations' certificates for ISO 15118: EST simple enrolment (RFC 7030) over HTTP."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from zaryad.certificates import path
from zaryad.certificates.model import CHAIN_CERTIFICATES_MAX, V2g
from zaryad.platform.outbound import Accepted, Limits, Rejected, Site, settled


class EnrolError(Exception):
    """No certificate came; `retryable`: the same request may succeed later."""

    def __init__(self, why: str, *, retryable: bool) -> None:
        super().__init__(why)
        self.retryable = retryable


class Enroller:
    """An EST server of the configuration."""

    def __init__(self, rules: V2g) -> None:
        self._site = Site(rules.url.rstrip("/"), Limits(total_s=rules.timeout_s, body_bytes=1 << 16))
        self._path = "/.well-known/est" + (f"/{rules.label.strip('/')}" if rules.label else "") + "/simpleenroll"
        self._headers: Mapping[str, str] = {
            "content-type": "application/pkcs10",
            "content-transfer-encoding": "base64",
            "accept": "application/pkcs7-mime",
            **({"authorization": f"Bearer {rules.token}"} if rules.token else {}),
        }

    async def enrol(self, csr: x509.CertificateSigningRequest) -> list[x509.Certificate]:
        """Return the certificate for a request with the chain that came with it, leaf first and without a root."""
        body = base64.encodebytes(csr.public_bytes(Encoding.DER))
        outcome = await self._site.call("POST", self._path, what="est.enrol", headers=self._headers, body=body)
        if isinstance(outcome, Accepted):
            outcome = settled(outcome.value)
        if isinstance(outcome, Rejected):
            raise EnrolError(outcome.code, retryable=outcome.retryable)
        if not isinstance(outcome, Accepted):
            raise EnrolError(outcome.cause, retryable=True)
        if outcome.value.status == 202:
            raise EnrolError("later", retryable=True)
        if outcome.value.status != 200:
            raise EnrolError(f"http_{outcome.value.status}", retryable=False)
        return _ordered(_read(outcome.value.body), csr)

    async def close(self) -> None:
        """Close its connections."""
        await self._site.close()


def _read(body: bytes) -> list[x509.Certificate]:
    try:
        found = pkcs7.load_der_pkcs7_certificates(base64.b64decode(b"".join(body.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise EnrolError("unreadable_answer", retryable=False) from error
    except Exception as error:  # what else a parser may say of foreign bytes
        raise EnrolError("unreadable_answer", retryable=False) from error
    if not 1 <= len(found) <= CHAIN_CERTIFICATES_MAX:
        raise EnrolError("unreadable_answer", retryable=False)
    return found


def _ordered(found: list[x509.Certificate], csr: x509.CertificateSigningRequest) -> list[x509.Certificate]:
    chain = [each for each in found if each.public_key() == csr.public_key()][:1]
    if not chain:
        raise EnrolError("another_key", retryable=False)
    rest = [each for each in found if each not in chain]
    while upper := next((each for each in rest if path.signed(chain[-1], by=each)), None):
        rest.remove(upper)
        if upper.subject != upper.issuer:  # a root is not sent: who trusts it has it
            chain.append(upper)
        else:
            break
    return chain
