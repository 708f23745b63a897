"""Whether a contract certificate is good, and what the station is told about it and its token.

The table is OCPP 2.0.1's C07.FR.13 to 17 with the errata of 2023-12.
"""

from __future__ import annotations

import datetime as dt
import itertools
from enum import Enum
from typing import NamedTuple

import msgspec
import structlog
from cryptography import x509

from zaryad.certificates import path, read
from zaryad.certificates.contracts import ocsp, store
from zaryad.certificates.contracts.ocsp import NoAnswerError, Responders
from zaryad.certificates.model import CHAIN_CERTIFICATES_MAX, Ocsp
from zaryad.kernel.emaid import compact
from zaryad.link.answers import ContractStatus, TokenStatus, TokenVerdict
from zaryad.link.facts import ContractShown
from zaryad.link.orders import CertificateHash
from zaryad.platform.db import Db

log = structlog.get_logger()

CONTRACT_ROOTS = ("mo_root", "v2g_root")


class Proof(Enum):
    """What a contract's certificates come to."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"
    BROKEN = "broken"  # no path to a root of ours, or nobody tells whether it is revoked


class Finding(NamedTuple):
    """A proof, and a word for why it is not a good one."""

    proof: Proof
    why: str = ""


_GOOD_TOKENS = {
    TokenStatus.ACCEPTED,
    TokenStatus.CONCURRENT,
    TokenStatus.NO_CREDIT,
    TokenStatus.NOT_HERE,
    TokenStatus.NOT_NOW,
}


def told(proof: Proof, token: TokenVerdict) -> TokenVerdict:
    """Return the verdict on a token that came with a contract certificate."""
    match proof:
        case Proof.GOOD if token.status in _GOOD_TOKENS:
            return msgspec.structs.replace(token, contract=ContractStatus.ACCEPTED)
        case Proof.GOOD:
            return msgspec.structs.replace(token, contract=ContractStatus.CANCELLED)
        case Proof.EXPIRED:
            contract, status = ContractStatus.CERTIFICATE_EXPIRED, TokenStatus.EXPIRED
        case Proof.REVOKED:
            contract, status = ContractStatus.CERTIFICATE_REVOKED, TokenStatus.INVALID
        case Proof.BROKEN:
            contract, status = ContractStatus.CHAIN_ERROR, TokenStatus.INVALID
    return TokenVerdict(status, contract=contract)


class ContractJudge:
    """Judges contracts by the trust store and the responders."""

    def __init__(self, rules: Ocsp, responders: Responders) -> None:
        self._rules = rules
        self._responders = responders

    async def judge(self, db: Db, contract: ContractShown, emaid: str, now: dt.datetime) -> Finding:
        """Judge what came with an eMAID: its chain, or the hashes of its certificates. No transaction may be open."""
        if contract.chain:
            found = await self._of_chain(db, contract.chain, emaid, now)
        elif contract.hashes:
            found = await self._of_hashes(db, contract.hashes, now)
        else:
            found = Finding(Proof.BROKEN, "nothing_shown")
        if found.proof is not Proof.GOOD:
            log.info("contract.refused", proof=found.proof.value, why=found.why)
        return found

    async def _of_chain(self, db: Db, text: str, emaid: str, now: dt.datetime) -> Finding:
        try:
            leaf, *between = read.chain(text)
        except (read.UnreadableError, ValueError):
            return Finding(Proof.BROKEN, "chain_unreadable")
        if compact(read.common_name(leaf) or "") != compact(emaid):
            return Finding(Proof.BROKEN, "another_contract")
        roots, others = await self._trusted(db)
        try:
            found = path.build(leaf, [*between, *others], roots, now)
        except path.PathExpiredError as error:
            return Finding(Proof.EXPIRED, str(error))
        except path.PathError as error:
            return Finding(Proof.BROKEN, str(error))
        for certificate, issuer in itertools.pairwise(found):
            urls = read.responders(certificate)
            if not urls and certificate is not leaf:
                continue  # an authority without a responder of its own: its operator tells by lists
            named = read.hash_of(certificate, issuer)
            state = await self._revocation(db, named, urls[0] if urls else None, [issuer], roots, now)
            if state is not None:
                return state
        return Finding(Proof.GOOD)

    async def _of_hashes(self, db: Db, hashes: tuple[CertificateHash, ...], now: dt.datetime) -> Finding:
        if len(hashes) > CHAIN_CERTIFICATES_MAX:
            return Finding(Proof.BROKEN, "too_many_hashes")
        roots, others = await self._trusted(db)
        for named in hashes:
            state = await self._revocation(db, named, named.responder_url, [*others, *roots], roots, now, others=others)
            if state is not None:
                return state
        return Finding(Proof.GOOD)

    async def _revocation(  # noqa: PLR0911, PLR0917  # one return for each thing that can speak against it
        self,
        db: Db,
        named: CertificateHash,
        url: str | None,
        issuers: list[x509.Certificate],
        roots: list[x509.Certificate],
        now: dt.datetime,
        *,
        others: list[x509.Certificate] | None = None,
    ) -> Finding | None:
        """Return what speaks against a certificate, or None. With `others` its issuer has to be proved too."""
        try:
            answer = await self._responders.status(db, named, url, now)
        except NoAnswerError as error:
            # Hashes prove nothing by themselves: without an answer there is no contract.
            return Finding(Proof.BROKEN, str(error)) if self._rules.required or others is not None else None
        issuer = ocsp.issuer_in(answer.response, named, issuers)
        if issuer is None or not ocsp.vouched(answer.response, issuer, now):
            return Finding(Proof.BROKEN, "answer_not_vouched")
        if others is not None:
            try:
                path.build_authority(issuer, others, roots, now)
            except path.PathExpiredError as error:
                return Finding(Proof.EXPIRED, str(error))
            except path.PathError as error:
                return Finding(Proof.BROKEN, str(error))
        match answer.status:
            case "revoked":
                return Finding(Proof.REVOKED, "revoked")
            case "unknown":
                return Finding(Proof.BROKEN, "unknown_to_its_issuer")
        return None

    async def _trusted(self, db: Db) -> tuple[list[x509.Certificate], list[x509.Certificate]]:
        async with db.begin() as tx:
            roots = await store.root_pems(tx, CONTRACT_ROOTS)
            others = await store.root_pems(tx, ("v2g_chain",))
        return [c for text in roots for c in read.chain(text)], [c for text in others for c in read.chain(text)]
