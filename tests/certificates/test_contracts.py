"""Plug & Charge: the status table as cases, revocation asked of whom we allow, contracts from a pool."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from cryptography.x509 import ocsp

from tests.certificates.pki import DAY, NOW, OCSP_SIGNING, Ca, Responder, listening, pem, responding
from zaryad import certificates
from zaryad.certificates import PlugAndCharge, Proof, Settings, read
from zaryad.certificates.contracts import trust
from zaryad.certificates.model import Contracts, Ocsp
from zaryad.kernel.emaid import compact
from zaryad.link.answers import ContractStatus, TokenStatus, TokenVerdict
from zaryad.link.facts import ChainAsked, ContractAsked, ContractShown, OcspAsked, StationId
from zaryad.platform.db import Db
from zaryad.platform.outbound_public import ForbiddenError, parts_of, public_address

EMAID = "KG-ZAR-C12345678-X"
ID = StationId("KG-BIS-0001")
A, C = ContractStatus, TokenStatus


class Pki:
    """An MO root, a sub-CA under it that is in the trust store as well, a contract, and the responder of all."""

    def __init__(self, db: Db, responder: Responder) -> None:
        self.db, self.responder = db, responder
        self.root = Ca("MO root")
        self.sub = Ca("MO sub", self.root)
        self.contract, _ = self.sub.leaf("KGZARC12345678X", url=responder.url)
        responder.knows(self.contract, self.sub)
        self.desk = PlugAndCharge(db, Settings(ocsp=Ocsp(responders=(responder.url,))))

    async def trust(self, *, sub: bool = True) -> None:
        async with self.db.begin() as tx:
            await trust.add(tx, "mo_root", pem(self.root.certificate), "", "test", NOW)
            if sub:
                await trust.add(tx, "v2g_chain", pem(self.sub.certificate), "", "test", NOW)

    def hashes(self) -> ContractShown:
        return ContractShown(hashes=(read.hash_of(self.contract, self.sub.certificate),))

    def chain(self, *more: Any) -> ContractShown:
        return ContractShown(chain=pem(self.contract, *(more or (self.sub.certificate,))))

    async def judge(self, shown: ContractShown, at: dt.datetime = NOW) -> tuple[Proof, str]:
        return await self.desk.judge.judge(self.db, shown, EMAID, at)


@pytest.fixture
async def pki(db: Db) -> AsyncIterator[Pki]:
    async with responding() as responder:
        made = Pki(db, responder)
        yield made
        await made.desk.close()


# OCPP 2.0.1, C07.FR.13 to 17 with the errata of 2023-12
TABLE = [
    (Proof.GOOD, C.ACCEPTED, A.ACCEPTED, C.ACCEPTED),
    (Proof.GOOD, C.CONCURRENT, A.ACCEPTED, C.CONCURRENT),
    (Proof.GOOD, C.NO_CREDIT, A.ACCEPTED, C.NO_CREDIT),
    (Proof.GOOD, C.NOT_HERE, A.ACCEPTED, C.NOT_HERE),
    (Proof.GOOD, C.NOT_NOW, A.ACCEPTED, C.NOT_NOW),
    (Proof.GOOD, C.BLOCKED, A.CANCELLED, C.BLOCKED),
    (Proof.GOOD, C.EXPIRED, A.CANCELLED, C.EXPIRED),
    (Proof.GOOD, C.INVALID, A.CANCELLED, C.INVALID),
    (Proof.GOOD, C.UNKNOWN, A.CANCELLED, C.UNKNOWN),
    *((Proof.EXPIRED, token, A.CERTIFICATE_EXPIRED, C.EXPIRED) for token in C),
    *((Proof.REVOKED, token, A.CERTIFICATE_REVOKED, C.INVALID) for token in C),
    *((Proof.BROKEN, token, A.CHAIN_ERROR, C.INVALID) for token in C),
]


@pytest.mark.parametrize(("proof", "token", "contract", "status"), TABLE)
def test_the_status_table(proof: Proof, token: TokenStatus, contract: ContractStatus, status: TokenStatus) -> None:
    verdict = certificates.told(proof, TokenVerdict(token))
    assert (verdict.contract, verdict.status) == (contract, status)


async def test_a_good_contract_by_chain_and_by_hashes(pki: Pki) -> None:
    await pki.trust()
    assert await pki.judge(pki.chain()) == (Proof.GOOD, "")
    assert await pki.judge(pki.hashes()) == (Proof.GOOD, "")
    assert pki.responder.asked == 1, "the same question within the answer's time is not asked again"
    assert (await pki.judge(pki.hashes(), NOW + 2 * DAY))[0] is Proof.BROKEN, "answers end"
    assert pki.responder.asked == 2


async def test_revoked(pki: Pki) -> None:
    await pki.trust()
    pki.responder.knows(pki.contract, pki.sub, "revoked")
    assert (await pki.judge(pki.chain()))[0] is Proof.REVOKED
    assert (await pki.judge(pki.hashes()))[0] is Proof.REVOKED


async def test_expired(pki: Pki) -> None:
    await pki.trust()
    for since, until in ((NOW - 10 * DAY, NOW - DAY), (NOW + DAY, NOW + 2 * DAY)):
        pki.contract, _ = pki.sub.leaf("KGZARC12345678X", since=since, until=until, url=pki.responder.url)
        assert (await pki.judge(pki.chain()))[0] is Proof.EXPIRED


async def broken_no_root(pki: Pki) -> ContractShown:
    return pki.chain()


async def broken_other_contract(pki: Pki) -> ContractShown:
    await pki.trust()
    pki.contract, _ = pki.sub.leaf("KGZARC99999999X", url=pki.responder.url)
    pki.responder.knows(pki.contract, pki.sub)
    return pki.chain()


async def broken_own_authority(pki: Pki) -> ContractShown:
    await pki.trust()
    own = Ca("MO sub", Ca("MO root"))
    pki.contract, _ = own.leaf("KGZARC12345678X", url=pki.responder.url)
    pki.responder.knows(pki.contract, own)
    return pki.chain(own.certificate)


async def broken_signed_by_a_leaf(pki: Pki) -> ContractShown:
    """A contract signs another: it is no authority."""
    await pki.trust()
    leaf, key = pki.sub.leaf("KGZARC55555555X")
    thief = Ca("thief")
    thief.key, thief.name, thief.certificate = key, leaf.subject, leaf
    pki.contract, _ = thief.leaf("KGZARC12345678X", url=pki.responder.url)
    pki.responder.knows(pki.contract, thief)
    return pki.chain(leaf, pki.sub.certificate)


async def broken_no_responder(pki: Pki) -> ContractShown:
    await pki.trust()
    pki.contract, _ = pki.sub.leaf("KGZARC12345678X")
    return pki.chain()


async def broken_responder_away(pki: Pki) -> ContractShown:
    await pki.trust()
    pki.responder.status = 500
    return pki.chain()


async def broken_unknown(pki: Pki) -> ContractShown:
    await pki.trust()
    pki.responder.knows(pki.contract, pki.sub, "unknown")
    return pki.chain()


async def broken_answer_of_a_stranger(pki: Pki) -> ContractShown:
    await pki.trust()
    pki.responder.signer = Ca("MO sub")
    return pki.chain()


async def broken_delegate_without_the_right(pki: Pki) -> ContractShown:
    await pki.trust()
    pki.responder.delegate = pki.sub.leaf("responder")
    return pki.chain()


async def broken_old_answer(pki: Pki) -> ContractShown:
    await pki.trust()
    pki.responder.next_update = NOW - dt.timedelta(hours=1)
    return pki.chain()


async def broken_rubbish(_pki: Pki) -> ContractShown:
    return ContractShown(chain="-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n")


async def broken_nothing(_pki: Pki) -> ContractShown:
    return ContractShown()


async def broken_hashes_of_an_own_authority(pki: Pki) -> ContractShown:
    """Its own authority vouches for it with a true signature; nobody we trust vouches for that authority."""
    await pki.trust()
    own = Ca("own")
    pki.contract, _ = own.leaf("KGZARC12345678X", url=pki.responder.url)
    pki.responder.knows(pki.contract, own)
    pki.responder.send = [own.certificate]
    return ContractShown(hashes=(read.hash_of(pki.contract, own.certificate),))


async def broken_hashes_foreign_responder(pki: Pki) -> ContractShown:
    await pki.trust()
    shown = read.hash_of(pki.contract, pki.sub.certificate)
    return ContractShown(hashes=(msgspec.structs.replace(shown, responder_url="http://127.0.0.1:1/"),))


@pytest.mark.parametrize("case", [it for name, it in sorted(globals().items()) if name.startswith("broken_")])
async def test_broken(pki: Pki, case: Any) -> None:
    assert (await pki.judge(await case(pki)))[0] is Proof.BROKEN


async def test_a_delegated_responder_may_answer(pki: Pki) -> None:
    await pki.trust()
    pki.responder.delegate = pki.sub.leaf("responder", purpose=OCSP_SIGNING)
    assert (await pki.judge(pki.chain()))[0] is Proof.GOOD


async def test_without_the_requirement_an_answer_that_does_not_come_is_let_pass_by_chain_only(pki: Pki) -> None:
    await pki.trust()
    pki.responder.status = 500
    desk = PlugAndCharge(pki.db, Settings(ocsp=Ocsp(responders=(pki.responder.url,), required=False)))
    assert (await desk.judge.judge(pki.db, pki.chain(), EMAID, NOW)).proof is Proof.GOOD
    assert (await desk.judge.judge(pki.db, pki.hashes(), EMAID, NOW)).proof is Proof.BROKEN
    await desk.close()


async def test_the_issuer_may_come_with_the_answer_when_a_root_of_ours_vouches_for_it(pki: Pki) -> None:
    await pki.trust(sub=False)
    pki.responder.send = [pki.sub.certificate]
    assert (await pki.judge(pki.hashes()))[0] is Proof.GOOD


async def test_a_station_gets_the_responders_own_bytes(pki: Pki) -> None:
    named = read.hash_of(pki.contract, pki.sub.certificate)
    fact = OcspAsked(station_id=ID, received_at=NOW, hash=named)
    first = await pki.desk.ocsp(fact)
    assert first.accepted
    assert (await pki.desk.ocsp(fact)).response == first.response
    assert pki.responder.asked == 1
    assert read.serial_text(
        ocsp.load_der_ocsp_response(base64.b64decode(first.response or "")).serial_number
    ) == read.serial_text(pki.contract.serial_number)
    other = msgspec.structs.replace(named, serial="12345", responder_url="http://169.254.169.254/latest/meta-data")
    refused = await pki.desk.ocsp(OcspAsked(station_id=ID, received_at=NOW, hash=other))
    assert (refused.accepted, refused.why) == (False, "responder_not_allowed")


async def test_a_chains_states_one_by_one(pki: Pki) -> None:
    named = read.hash_of(pki.contract, pki.sub.certificate)
    unknown = msgspec.structs.replace(named, serial="99")
    asked = (
        (named, "ocsp", (pki.responder.url,)),
        (named, "crl", ("http://example.com/x.crl",)),
        (unknown, "ocsp", (pki.responder.url,)),
    )
    verdict = await pki.desk.chain(ChainAsked(station_id=ID, received_at=NOW, asked=asked))  # type: ignore[arg-type]  # literals
    assert [(each.index, each.status) for each in verdict.states] == [(0, "good"), (1, "failed"), (2, "failed")]
    assert verdict.states[0].next_update == NOW + DAY


async def test_a_host_named_in_the_trust_store_is_called_at_a_public_address_only(pki: Pki) -> None:
    asked: list[str] = []

    async def ask(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["10.0.0.7"]

    rooted, _ = pki.root.leaf("sub with a responder", url="http://ocsp.example.com/x", ca=True)
    async with pki.db.begin() as tx:
        await trust.add(tx, "v2g_chain", pem(rooted), "", "test", NOW)
    desk = PlugAndCharge(pki.db, Settings(), ask=ask)
    named = msgspec.structs.replace(
        read.hash_of(pki.contract, pki.sub.certificate), responder_url="http://ocsp.example.com/x"
    )
    answer = await desk.ocsp(OcspAsked(station_id=ID, received_at=NOW, hash=named))
    assert (asked, answer.why) == (["ocsp.example.com"], "forbidden:not a public address")
    await desk.close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
     "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "224.0.0.1", "::ffff:10.0.0.1"],
)  # fmt: skip
async def test_no_address_of_our_own_network_is_called(address: str) -> None:
    async def ask(_host: str, _port: int) -> list[str]:
        return ["93.184.215.14", address]

    with pytest.raises(ForbiddenError):
        await public_address("ocsp.example.com", 80, ask)


@pytest.mark.parametrize(
    "url",
    ["https://x.example/", "ftp://x.example/", "http://", "http://u:p@x.example/", "http://x.example:99999/",
     "file:///etc/passwd", "http://x.example//double", "http://x.example/\r\nHost: y"],
)  # fmt: skip
def test_only_plain_http_urls(url: str) -> None:
    with pytest.raises(ForbiddenError):
        parts_of(url)


async def test_contracts_come_from_the_pool_unread(db: Db) -> None:
    asked: list[Any] = []
    reply: tuple[int, Any] = (200, {"CCPResponse": {"emaidContent": [
        {"emaid": "KGZARC00000001", "messageDef": {"certificateInstallationRes": "RVhJMQ=="}},
        {"emaid": "KG-ZAR-C12345678-X", "messageDef": {"certificateInstallationRes": "RVhJMg=="}},
    ]}})  # fmt: skip

    async def pool(method: str, where: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        asked.append((method, where, headers.get("authorization"), msgspec.json.decode(body)))
        return reply[0], msgspec.json.encode(reply[1])

    def fact(**more: Any) -> ContractAsked:
        return ContractAsked(
            station_id=ID, received_at=NOW, schema="urn:iso:15118:2", exi="gJgC+/=", action="install", **more
        )

    async with listening(pool, "application/json") as url:
        desk = PlugAndCharge(db, Settings(contracts=Contracts(url=url, token="t", timeout_s=2)))
        given = await desk.contract(fact())
        assert (given.accepted, given.exi, given.remaining) == (True, "RVhJMQ==", None)
        body = {"certificateInstallationReq": "gJgC+/=", "xsdMsgDefNamespace": "urn:iso:15118:2"}
        assert asked == [("POST", "/v1/ccp/signedContractData", "Bearer t", body)]
        given = await desk.contract(fact(chains_max=3, emaids=("kgzarc12345678",)))
        assert (given.exi, given.remaining) == ("RVhJMg==", 1)
        for reply, why in (  # noqa: B007  # the pool says it
            ((401, {}), "credentials"),
            ((404, {}), "http_404"),
            ((500, {}), "http_500"),
            ((200, {"CCPResponse": {"emaidContent": []}}), "no_contract"),
            ((200, [1]), "unreadable_answer"),
        ):
            refused = await desk.contract(fact())
            assert (refused.accepted, refused.exi, refused.why) == (False, "", why)
        await desk.close()
    nobody = PlugAndCharge(db, Settings())
    assert (await nobody.contract(fact())).why == "no_provider"
    await nobody.close()


async def test_the_trust_store_takes_roots_that_are_some(pki: Pki) -> None:
    async with pki.db.begin() as tx:
        one = await trust.add(tx, "mo_root", pem(pki.root.certificate), "x" * 500, "test", NOW)
        assert len(one.note) == trust.NOTE_MAX
        await trust.add(tx, "mo_root", pem(pki.root.certificate), "", "test", NOW)
    for use, text, code in (
        ("mo_root", "rubbish", "certificate_unreadable"),
        ("mo_root", pem(pki.sub.certificate), "certificate_no_root"),
        ("mo_root", pem(pki.root.certificate, pki.sub.certificate), "certificate_one_at_a_time"),
        ("v2g_root", pem(Ca("old", at=NOW - 9_000 * DAY).certificate), "certificate_ended"),
    ):
        with pytest.raises(Exception, match=code):
            async with pki.db.begin() as tx:
                await trust.add(tx, use, text, "", "test", NOW)  # type: ignore[arg-type]  # a literal


def test_one_contract_in_many_spellings() -> None:
    spellings = ("KG-ZAR-C12345678-X", "kgzarc12345678x", "KGZARC12345678", "KG-ZAR-C12345678", " kg-zar-C12345678-9 ")
    assert {compact(each) for each in spellings} == {"KGZARC12345678"}
    assert compact("KGZARC12345679") != compact("KGZARC12345678")
