"""What stations ask for cars: is it revoked, is the chain good, may I have a contract. Each answer within seconds."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from typing import Any, Literal

import msgspec
import structlog

from zaryad.certificates.contracts.judge import ContractJudge
from zaryad.certificates.contracts.ocsp import NoAnswerError, Responders
from zaryad.certificates.model import Contracts, Settings
from zaryad.kernel.emaid import compact
from zaryad.link.answers import CertificateState, ChainVerdict, ContractGiven, OcspGiven
from zaryad.link.facts import ChainAsked, ContractAsked, OcspAsked
from zaryad.link.orders import CertificateHash
from zaryad.platform.db import Db
from zaryad.platform.outbound import Accepted, Limits, Rejected, Site, decoded, settled
from zaryad.platform.outbound_public import Resolve, resolve

log = structlog.get_logger()

ASK_AGAIN = dt.timedelta(hours=1)  # told to a station where nobody answered
CHAIN_MAX = 4  # OCPP 2.1, GetCertificateChainStatusRequest
EXI_BYTES_MAX = 1 << 16
_POOL_PATH = "/v1/ccp/signedContractData"


class _Message(msgspec.Struct):
    """What the pool made for the car, EXI in base64."""

    certificateInstallationRes: str = ""  # noqa: N815  # the interface's own word


class _Content(msgspec.Struct):
    emaid: str = ""
    messageDef: _Message = msgspec.field(default_factory=_Message)  # noqa: N815  # the interface's own word


class _Pool(msgspec.Struct):
    emaidContent: list[_Content] = []  # noqa: N815  # the interface's own word


class _PoolAnswer(msgspec.Struct):
    """OPCP 1.0's answer to `signedContractData`; what is not read is let pass."""

    CCPResponse: _Pool = msgspec.field(default_factory=_Pool)  # the interface's own word


class PlugAndCharge:
    """The desk: holds the connections to responders and to the contract pool. Close it at the end."""

    def __init__(self, db: Db, rules: Settings, *, ask: Resolve = resolve) -> None:
        self._db = db
        self._rules = rules.contracts
        self._responders = Responders(rules.ocsp, ask=ask)
        self.judge = ContractJudge(rules.ocsp, self._responders)
        self._pool = _pool(rules.contracts)

    async def close(self) -> None:
        """Close all connections."""
        await self._responders.close()
        if self._pool is not None:
            await self._pool.close()

    async def ocsp(self, fact: OcspAsked) -> OcspGiven:
        """Answer GetCertificateStatus with the responder's own bytes."""
        try:
            found = await self._responders.status(self._db, fact.hash, fact.hash.responder_url, fact.received_at)
        except NoAnswerError as error:
            log.info("ocsp.no_answer", station=fact.station_id, why=str(error))
            return OcspGiven(accepted=False, why=str(error))
        return OcspGiven(accepted=True, response=base64.b64encode(found.response).decode())

    async def chain(self, fact: ChainAsked) -> ChainVerdict:
        """Answer GetCertificateChainStatus: each certificate by itself. Lists (CRL) are not fetched, and said so."""
        states = await asyncio.gather(
            *(
                self._state(index, named, how, urls, fact.received_at)
                for index, (named, how, urls) in enumerate(fact.asked[:CHAIN_MAX])
            )
        )
        return ChainVerdict(tuple(states))

    async def _state(
        self,
        index: int,
        named: CertificateHash,
        how: Literal["crl", "ocsp"],
        urls: tuple[str, ...],
        now: dt.datetime,
    ) -> CertificateState:
        if how == "ocsp":
            for url in urls[:3] or (named.responder_url or "",):
                try:
                    found = await self._responders.status(self._db, named, url, now)
                except NoAnswerError as error:
                    log.info("ocsp.no_answer", why=str(error))
                    continue
                return CertificateState(index=index, status=found.status, source=how, next_update=found.next_update)
        return CertificateState(index=index, status="failed", source=how, next_update=now + ASK_AGAIN)

    async def contract(self, fact: ContractAsked) -> ContractGiven:
        """Pass a car's EXI request to the pool, unread, and its answer back, uncut."""
        if self._pool is None:
            return ContractGiven(accepted=False, why="no_provider")
        body = {"certificateInstallationReq": fact.exi, "xsdMsgDefNamespace": fact.schema}
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self._rules.token:
            headers["authorization"] = f"Bearer {self._rules.token}"
        outcome: Any = await self._pool.call(
            "POST", _POOL_PATH, what="contract", headers=headers, body=msgspec.json.encode(body)
        )
        if isinstance(outcome, Accepted):
            outcome = settled(outcome.value)
        if isinstance(outcome, Accepted) and outcome.value.status not in (200, 201):
            outcome = Rejected(f"http_{outcome.value.status}")
        if isinstance(outcome, Accepted):
            outcome = decoded(outcome.value, _PoolAnswer)
        if not isinstance(outcome, Accepted):
            why = outcome.code if isinstance(outcome, Rejected) else outcome.cause
            log.warning("contract.not_given", station=fact.station_id, why=why)
            return ContractGiven(accepted=False, why=why)
        offers = [each for each in outcome.value.CCPResponse.emaidContent if each.messageDef.certificateInstallationRes]
        if not offers:
            return ContractGiven(accepted=False, why="no_contract")
        chosen = _preferred(offers, fact.emaids)
        remaining = len(offers) - 1 if fact.chains_max is not None else None
        return ContractGiven(accepted=True, exi=chosen.messageDef.certificateInstallationRes, remaining=remaining)


def _preferred(offers: list[_Content], emaids: tuple[str, ...]) -> _Content:
    """Return the offer whose contract the car named first (2.1), else the first."""
    wanted = [compact(each) for each in emaids]
    return min(offers, key=lambda it: wanted.index(compact(it.emaid)) if compact(it.emaid) in wanted else len(wanted))


def _pool(rules: Contracts) -> Site | None:
    if not rules.url:
        return None
    return Site(rules.url.rstrip("/"), Limits(total_s=rules.timeout_s, connect_s=2, body_bytes=EXI_BYTES_MAX))
