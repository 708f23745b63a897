"""Requests: judged before they are accepted, signed once, given by an order, and what the station says of it."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.certificates.pki import DAY, NOW, Ca, csr, key_pem, listening, pem, rsa_key
from tests.stations.network import KEY
from zaryad import certificates
from zaryad.certificates import KnownStation, Settings, Status, path, read, store
from zaryad.certificates.model import V2g
from zaryad.link import orders
from zaryad.link.answers import Judged
from zaryad.link.facts import CertificateAsked, StationId
from zaryad.link.orders import CertificateUse, GiveCertificate, OrderState, Placed, Trigger
from zaryad.platform.db import Db, Tx
from zaryad.platform.seal import Seal

ID = StationId("KG-BIS-0001")
SEAL = Seal(KEY)
RULES = Settings()
V2G = Settings(v2g=V2g(own=True))


async def who_is(_tx: Tx, station_id: StationId, _now: dt.datetime) -> KnownStation | None:
    return None if station_id == "NOBODY" else KnownStation("SN-77", "ocpp1.6", online=True)


async def ask(
    db: Db,
    text: str,
    use: CertificateUse = "station",
    *,
    id: str = ID,
    at: dt.datetime = NOW,
    rules: Settings = RULES,
    number: int | None = None,
) -> Judged:
    fact = CertificateAsked(station_id=StationId(id), received_at=at, csr=text, use=use, request=number)
    return await certificates.asked(db, rules, who_is, fact)


async def open_requests(db: Db) -> list[Any]:
    async with db.begin() as tx:
        rows = await tx.execute(sa.text("select id, state, why from certificate_request order by asked_at"))
        return list(rows)


async def sign(db: Db, rules: Settings = RULES, at: dt.datetime = NOW, enroller: Any = None) -> None:
    for row in await open_requests(db):
        await certificates.sign(db, rules, SEAL, enroller, at, str(row.id))


async def given(db: Db, id: str = ID) -> list[Placed]:
    async with db.begin() as tx:
        found = await orders.of_station(tx, StationId(id))
    return [each for each in found if isinstance(each.order, GiveCertificate)]


async def end(db: Db, placed: Placed, state: OrderState, detail: dict[str, object] | None = None) -> None:
    async with db.begin() as tx:
        ended = await orders.conclude(tx, placed.id, state, detail or {}, NOW)
        assert ended is not None
        await certificates.order_ended(tx, ended, NOW)


async def held(db: Db) -> list[certificates.Certificate]:
    async with db.begin() as tx:
        return await store.certificates(tx, station_id=ID)


async def alarms(db: Db) -> list[str]:
    async with db.begin() as tx:
        found = await store.alarms(tx, station_id=None, kind=None, standing=True, after=None, limit=50)
    return [each.kind for each in found]


REFUSED: list[tuple[str, Any, dict[str, Any]]] = [
    ("csr_too_long", lambda: "-----BEGIN" + "x" * 5_500, {}),
    ("csr_unreadable", lambda: "rubbish", {}),
    ("csr_unreadable", lambda: csr()[0].replace("CERTIFICATE REQUEST", "CERTIFICATE"), {}),
    ("csr_signature", lambda: csr(spoil=True)[0], {}),
    ("csr_key", lambda: csr(key=rsa_key(1_024))[0], {}),
    ("csr_key", lambda: csr(key=ec.generate_private_key(ec.SECP192R1()))[0], {}),
    ("csr_key", lambda: csr(key=rsa_key())[0], {"use": "v2g", "rules": V2G}),
    ("csr_key", lambda: csr(key=ec.generate_private_key(ec.SECP384R1()))[0], {"use": "v2g", "rules": V2G}),
    ("csr_key", lambda: csr()[0], {"use": "v2g20", "rules": V2G}),
    ("no_v2g_provider", lambda: csr()[0], {"use": "v2g"}),
    ("csr_organisation", lambda: csr(organisation="Another")[0], {}),
    ("csr_organisation", lambda: csr(organisation=None)[0], {}),
    ("csr_common_name", lambda: csr("KG-BIS-0002")[0], {}),
    ("csr_common_name", lambda: csr("SN-77")[0], {"rules": Settings(common_name="identity")}),
    ("csr_common_name", lambda: csr(ID)[0], {"rules": Settings(common_name="serial")}),
    ("station_unknown", lambda: csr("NOBODY")[0], {"id": "NOBODY"}),
]


@pytest.mark.parametrize(("why", "make", "more"), REFUSED)
async def test_what_may_not_be_signed_is_not_accepted(db: Db, why: str, make: Any, more: dict[str, Any]) -> None:
    assert await ask(db, make(), **more) == Judged(accepted=False, why=why)
    assert not await open_requests(db)
    async with db.begin() as tx:
        assert await tx.scalar(sa.text("select count(*) from procrastinate_jobs")) == 0


@pytest.mark.parametrize(
    ("use", "key", "rules"),
    [
        ("station", ec.generate_private_key(ec.SECP256R1()), RULES),
        ("station", rsa_key(), RULES),
        ("v2g", ec.generate_private_key(ec.SECP256R1()), V2G),
        ("v2g20", ec.generate_private_key(ec.SECP521R1()), V2G),
    ],
)
async def test_from_request_to_certificate(db: Db, use: CertificateUse, key: Any, rules: Settings) -> None:
    text, key = csr(key=key)
    assert (await ask(db, text, use, rules=rules, number=7)).accepted
    await sign(db, rules)
    await sign(db, rules)
    placed = (await given(db))[0]
    assert len(await given(db)) == 1, "a job that runs twice signs once"
    order = placed.order
    assert isinstance(order, GiveCertificate)
    assert (order.use, order.request) == (use, 7)
    assert len(order.chain) <= 10_000
    leaf, *between = read.chain(order.chain)
    async with db.begin() as tx:
        by = await certificates.authority(tx, rules, SEAL, NOW)
    assert [each.subject for each in path.build(leaf, between, [by.root], NOW)][-1] == by.root.subject
    assert by.root not in between, "who trusts it has it"
    assert leaf.public_key() == key.public_key()
    assert (read.common_name(leaf), leaf.serial_number.bit_length() > 100) == (ID, True)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    if use == "station":
        purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert [each.status for each in await held(db)] == [Status.ISSUED]
    await end(db, placed, OrderState.DONE)
    assert [each.status for each in await held(db)] == [Status.ACTIVE]
    assert [row.state for row in await open_requests(db)] == ["done"]


async def test_a_lost_answer_is_given_again_and_another_request_waits(db: Db) -> None:
    text, _ = csr()
    assert (await ask(db, text)).accepted
    assert (await ask(db, text)).accepted
    assert len(await open_requests(db)) == 1
    assert (await ask(db, csr()[0])).why == "request_open"
    assert (await ask(db, csr(key=ec.generate_private_key(ec.SECP256R1()))[0], "v2g", rules=V2G)).accepted
    assert (await ask(db, csr()[0], at=NOW + dt.timedelta(hours=25))).accepted, "one that came to nothing is over"


async def test_so_many_a_day(db: Db) -> None:
    rules = Settings(requests_per_day=2)
    for minute in range(2):
        assert (await ask(db, csr()[0], rules=rules, at=NOW + dt.timedelta(minutes=minute))).accepted
        await sign(db, rules)
        await end(db, (await given(db))[0], OrderState.DONE)
    assert (await ask(db, csr()[0], rules=rules, at=NOW + dt.timedelta(hours=2))).why == "too_many_requests"
    assert (await ask(db, csr()[0], rules=rules, at=NOW + dt.timedelta(days=1, minutes=1))).accepted


async def test_a_certificate_that_the_station_will_not_have_is_nobodys(db: Db) -> None:
    await ask(db, csr()[0])
    await sign(db)
    await end(db, (await given(db))[0], OrderState.REFUSED, {"status": "Rejected"})
    found = (await held(db))[0]
    assert (found.status, found.revoked_why) == (Status.REVOKED, "not taken by the station")
    assert await alarms(db) == ["certificate_not_taken"]
    assert (await ask(db, csr()[0])).accepted
    await sign(db)
    await end(db, (await given(db))[0], OrderState.DONE)
    assert await alarms(db) == []


async def test_an_unanswered_certificate_stays_good(db: Db) -> None:
    await ask(db, csr()[0])
    await sign(db)
    await end(db, (await given(db))[0], OrderState.EXPIRED)
    assert (await held(db))[0].status is Status.ISSUED
    assert (await ask(db, csr()[0])).accepted


async def test_renewal_is_called_for_at_two_thirds_and_the_end_raises_an_alarm(db: Db) -> None:
    await ask(db, csr()[0])
    await sign(db)
    await end(db, (await given(db))[0], OrderState.DONE)
    assert await certificates.renew(db, who_is, NOW + 240 * DAY) == 0
    assert await certificates.renew(db, who_is, NOW + 244 * DAY) == 1
    assert await certificates.renew(db, who_is, NOW + 244 * DAY) == 0, "once a day"
    async with db.begin() as tx:
        triggers = [each.order for each in await orders.of_station(tx, ID) if isinstance(each.order, Trigger)]
    assert [each.message for each in triggers] == ["SignChargePointCertificate"]
    await certificates.watch_ends(db, RULES, NOW + 300 * DAY)
    assert await alarms(db) == []
    await certificates.watch_ends(db, RULES, NOW + 350 * DAY)
    await certificates.watch_ends(db, RULES, NOW + 370 * DAY)
    assert await alarms(db) == ["certificate_ending"]
    later = NOW + 350 * DAY
    await ask(db, csr()[0], at=later)
    await sign(db, at=later)
    await end(db, (await given(db))[0], OrderState.DONE)
    assert await alarms(db) == []
    assert sorted(each.status.value for each in await held(db)) == ["active", "replaced"]


async def test_a_provider_signs_by_est(db: Db) -> None:
    root = Ca("CPO root")
    sub = Ca("CPO sub", root)
    asked: list[tuple[str, str]] = []
    status = 200

    async def est(method: str, where: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        asked.append((f"{method} {where}", headers.get("authorization", "")))
        request = x509.load_der_x509_csr(base64.b64decode(body))
        leaf, _ = sub.leaf(ID, "Zaryad", key=Public(request.public_key()))
        bundle = pkcs7.serialize_certificates([root.certificate, sub.certificate, leaf], Encoding.DER)
        return status, base64.encodebytes(bundle)

    async with listening(est, "application/pkcs7-mime") as url:
        rules = Settings(v2g=V2g(url=url, label="cpo", token="t0ken"))
        enroller = certificates.Enroller(rules.v2g)
        try:
            assert (await ask(db, csr()[0], "v2g", rules=rules)).accepted
            status = 503
            with pytest.raises(certificates.EnrolError):
                await sign(db, rules, enroller=enroller)
            status = 200
            await sign(db, rules, enroller=enroller)
            order = (await given(db))[0].order
            assert isinstance(order, GiveCertificate)
            assert [read.common_name(each) for each in read.chain(order.chain)] == [ID, "CPO sub"]
            assert asked[0] == ("POST /.well-known/est/cpo/simpleenroll", "Bearer t0ken")
            await end(db, (await given(db))[0], OrderState.DONE)
            assert (await ask(db, csr()[0], "v2g", rules=rules)).accepted
            status = 403
            await sign(db, rules, enroller=enroller)
            assert await alarms(db) == ["certificate_not_signed"]
        finally:
            await enroller.close()


class Public:
    """Looks like a key to the builder of leaves, and has only its public half."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def public_key(self) -> Any:
        return self.key


async def test_one_ca_for_all_processes_sealed_with_the_secret(db: Db) -> None:
    async def root() -> str:
        async with db.begin() as tx:
            return await certificates.root_pem(tx, RULES, SEAL, NOW)

    assert len(set(await asyncio.gather(*(root() for _ in range(5))))) == 1
    async with db.begin() as tx:
        assert await tx.scalar(sa.text("select count(*) from certificate_authority")) == 2
        dump = (await tx.execute(sa.text("select sealed_key from certificate_authority"))).scalars().all()
    assert all(b"PRIVATE" not in bytes(each) for each in dump)
    with pytest.raises(Exception, match="ca_key_sealed"):
        async with db.begin() as tx:
            await certificates.authority(tx, RULES, Seal(b"another secret"), NOW)


async def test_the_signing_key_is_renewed_in_time_and_old_certificates_stay_good(db: Db) -> None:
    async with db.begin() as tx:
        first = await certificates.authority(tx, RULES, SEAL, NOW)
    await ask(db, csr()[0])
    await sign(db)
    async with db.begin() as tx:
        late = NOW + 1_700 * DAY
        second = await certificates.authority(tx, RULES, SEAL, late)
        assert second.root == first.root
        assert second.certificate != first.certificate
    leaf, *between = read.chain((await given(db))[0].order.chain)  # type: ignore[union-attr]  # it is that kind
    assert path.build(leaf, between, [second.root], NOW + 100 * DAY)


async def test_a_ca_of_ones_own_comes_by_files(db: Db, tmp_path: Any) -> None:
    root = Ca("Own root")
    sub = Ca("Own sub", root)
    chain, key = tmp_path / "chain.pem", tmp_path / "ca.key"
    chain.write_text(pem(sub.certificate, root.certificate))
    key.write_text(key_pem(sub.key))
    rules = Settings(ca_chain_file=str(chain), ca_key_file=str(key))
    async with db.begin() as tx:
        assert await certificates.root_pem(tx, rules, SEAL, NOW) == pem(root.certificate)
    assert (await ask(db, csr()[0], rules=rules)).accepted
    await sign(db, rules)
    leaf, *between = read.chain((await given(db))[0].order.chain)  # type: ignore[union-attr]  # it is that kind
    assert path.build(leaf, between, [root.certificate], NOW)
    key.write_text(key_pem(root.key))
    with pytest.raises(Exception, match="ca_files_unusable"):
        async with db.begin() as tx:
            await certificates.authority(tx, rules, SEAL, NOW)


async def test_the_list_of_the_revoked_is_signed_and_holds_what_was_taken_back(db: Db) -> None:
    await ask(db, csr()[0])
    await sign(db)
    found = (await held(db))[0]
    async with db.begin() as tx:
        await certificates.revoke(tx, found.id, "stolen", "test", NOW)
        again = await certificates.revoke(tx, found.id, "otherwise", "test", NOW + DAY)
        assert again.revoked_why == "stolen"
        body = await certificates.revoked_list(tx, RULES, SEAL, NOW)
        by = await certificates.authority(tx, RULES, SEAL, NOW)
    crl = x509.load_der_x509_crl(body)
    assert crl.is_signature_valid(by.certificate.public_key())  # type: ignore[arg-type]  # RSA or EC
    assert crl.get_revoked_certificate_by_serial_number(int(found.serial, 16)) is not None
    with pytest.raises(Exception, match="certificate_unknown"):
        async with db.begin() as tx:
            await certificates.revoke(tx, UUID(int=1), "", "test", NOW)


def test_serials_are_compared_as_the_errata_want_them() -> None:
    for text in ("0x00AbC", "abc", "00ABC", "ABC "):
        assert read.normal_serial(text) == "abc"
    assert read.serial_text(0xABC) == "abc"
