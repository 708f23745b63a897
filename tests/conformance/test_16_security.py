"""OCTT's cases of a 1.6 central system about security (TC_073 to TC_088), but for TLS: `test_tls`."""

from __future__ import annotations

import pytest
import websockets
from cryptography import x509

from tests.certificates.pki import csr
from tests.charging.world import BOX
from tests.conformance.bench import DONE, NOW, REFUSED, Bench, at
from tests.ocpp.rig import basic, until
from zaryad import certificates, stations
from zaryad.link.orders import (
    CertificateHash,
    DeleteCertificate,
    FetchLog,
    InstallCertificate,
    ListCertificates,
    RootUse,
    Trigger,
    UpdateFirmware,
)
from zaryad.stations import security

OLD = "an-old-password-of-20"
HASH_SAID = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "b4f6a1c2304cb514b5851c3db7478bb59de1f02c50a9704af1c3ead3ed9de2a0",
    "issuerKeyHash": "9d0e7788c76f974e156e5d4b29f5221f231e9a4bee1af5d4ac9c34da13dc650a",
    "serialNumber": "a1",
}
HASH = CertificateHash(
    algorithm="sha256",
    issuer_name_hash=HASH_SAID["issuerNameHash"],
    issuer_key_hash=HASH_SAID["issuerKeyHash"],
    serial=HASH_SAID["serialNumber"],
)


async def with_password(bench: Bench) -> None:
    async with bench.db.begin() as tx:
        await stations.set_password(tx, BOX, bench.config.secret.encode(), NOW, OLD)


async def refused(bench: Bench, password: str | bytes, user: str = BOX) -> int:
    """The status that a handshake with this password is turned away with."""
    with pytest.raises(websockets.InvalidStatus) as told:
        async with bench.station(auth=basic(user, password)):
            pass
    return told.value.response.status_code


async def test_tc_073_a_new_password(bench: Bench) -> None:
    await with_password(bench)
    key = bench.config.secret.encode()
    async with bench.booted(auth=basic(BOX, OLD)) as box:
        async with bench.db.begin() as tx:
            await security.rotate(tx, bench.guard.station_rules, bench.guard.seal, key, BOX, "staff:test", NOW)
        asked = await bench.asked(box, "ChangeConfiguration")
        assert asked.body["key"] == "AuthorizationKey"
        new = bytes.fromhex(asked.body["value"])  # hex digits of 16 to 20 bytes
        assert 16 <= len(new) <= 20
        await asked.answer(status="Accepted")
        await bench.ended(bench.value("select id from station_order"))
        box.drop()
    assert bench.value("select body::text from station_order").find(asked.body["value"]) < 0
    async with bench.booted(auth=basic(BOX, new)):
        pass
    assert await refused(bench, OLD) == 401
    found = await until(lambda: bench.rows("select payload from ocpp_frame where action = 'ChangeConfiguration'"))
    assert [asked.body["value"] in row[0] for row in found] == [False]  # the log is written a little later


async def test_tc_074_a_new_certificate_asked_for_by_us(bench: Bench) -> None:
    async with bench.booted() as box:
        order = Trigger(message="SignChargingStationCertificate")
        placed, body = await bench.carried_out(box, order, "ExtendedTriggerMessage", status="Accepted")
        assert (placed.state, body) == (DONE, {"requestedMessage": "SignChargePointCertificate"})
        text, key = csr(BOX)
        assert await box.call("SignCertificate", {"csr": text}) == {"status": "Accepted"}
        await bench.sign()
        asked = await bench.asked(box, "CertificateSigned")
        chain = x509.load_pem_x509_certificates(asked.body["certificateChain"].encode())
        assert chain[0].public_key() == key.public_key()
        assert chain[0].issuer == chain[1].subject
        assert len(asked.body["certificateChain"]) <= 10_000
        await asked.answer(status="Accepted")
        await bench.ended(bench.value("select id from station_order where kind = 'give_certificate'"))
    assert bench.value("select status from station_certificate") == "active"


@pytest.mark.parametrize(
    ("use", "word"),
    [("manufacturer_root", "ManufacturerRootCertificate"), ("csms_root", "CentralSystemRootCertificate")],
    ids=["tc_075_1_manufacturer", "tc_075_2_central_system"],
)
async def test_tc_075_a_root_is_installed(bench: Bench, use: RootUse, word: str) -> None:
    async with bench.db.begin() as tx:
        root = await certificates.root_pem(tx, bench.guard.rules, bench.guard.seal, NOW)
    async with bench.booted() as box:
        order = InstallCertificate(use=use, certificate=root)
        placed, body = await bench.carried_out(box, order, "InstallCertificate", status="Accepted")
        assert (placed.state, body) == (DONE, {"certificateType": word, "certificate": root})
        asked = ListCertificates(uses=(use,))
        placed, body = await bench.carried_out(
            box, asked, "GetInstalledCertificateIds", status="Accepted", certificateHashData=[HASH_SAID]
        )
        assert (placed.state, body) == (DONE, {"certificateType": word})
    assert bench.rows("select use from installed_root") == [(use,)]


async def test_tc_076_a_certificate_is_deleted_by_the_hash_it_was_listed_with(bench: Bench) -> None:
    async with bench.booted() as box:
        listed = {"status": "Accepted", "certificateHashData": [HASH_SAID]}
        order = ListCertificates(uses=("manufacturer_root",))
        placed, _ = await bench.carried_out(box, order, "GetInstalledCertificateIds", **listed)
        assert placed.detail == listed
        placed, body = await bench.carried_out(
            box, DeleteCertificate(hash=HASH), "DeleteCertificate", status="Accepted"
        )
        assert (placed.state, body) == (DONE, {"certificateHashData": HASH_SAID})
        placed, _ = await bench.carried_out(box, DeleteCertificate(hash=HASH), "DeleteCertificate", status="NotFound")
        assert placed.state is REFUSED


@pytest.mark.parametrize(
    ("kind", "alarms"),
    [("InvalidChargePointCertificate", 1), ("InvalidCentralSystemCertificate", 1)],
    ids=["tc_077_invalid_station_certificate", "tc_078_invalid_central_certificate"],
)
async def test_tc_077_078_an_event_about_a_certificate(bench: Bench, kind: str, alarms: int) -> None:
    async with bench.booted() as box:
        body = {"type": kind, "timestamp": at(1), "techInfo": "chain of two"}
        assert await box.call("SecurityEventNotification", body) == {}
    assert bench.rows("select kind, info, critical from security_event") == [(kind, "chain of two", False)]
    assert bench.value("select count(*) from security_alarm") == alarms


async def test_tc_077_a_certificate_that_the_station_will_not_have(bench: Bench) -> None:
    async with bench.booted() as box:
        text, _ = csr(BOX)
        assert await box.call("SignCertificate", {"csr": text}) == {"status": "Accepted"}
        await bench.sign()
        await (await bench.asked(box, "CertificateSigned")).answer(status="Rejected")
        await bench.ended(bench.value("select id from station_order"))
        body = {"type": "InvalidChargePointCertificate", "timestamp": at(1)}
        assert await box.call("SecurityEventNotification", body) == {}
    assert bench.value("select status from station_certificate") != "active"


async def test_tc_079_the_security_log(bench: Bench) -> None:
    async with bench.booted() as box:
        order = FetchLog(url="https://files.example.kg/up", log="security")
        placed, body = await bench.carried_out(box, order, "GetLog", status="Accepted", filename="security.log")
        assert placed.state is DONE
        assert body["logType"] == "SecurityLog"
        assert body["requestId"] == placed.number
        for status in ("Uploading", "Uploaded"):
            assert await box.call("LogStatusNotification", {"status": status, "requestId": placed.number}) == {}


@pytest.mark.parametrize(
    "told",
    [
        ("Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"),
        ("Downloading", "Downloaded", "InvalidSignature"),
    ],
    ids=["tc_080_installed", "tc_081_invalid_signature"],
)
async def test_tc_080_081_signed_firmware(bench: Bench, told: tuple[str, ...]) -> None:
    async with bench.booted() as box:
        order = UpdateFirmware(
            url="https://files.example.kg/1.bin", retrieve_at=NOW, certificate="PEM", signature="c2lnbmF0dXJl"
        )
        placed, body = await bench.carried_out(box, order, "SignedUpdateFirmware", status="Accepted")
        assert placed.state is DONE
        assert body["firmware"]["signingCertificate"] == "PEM"
        for status in told:
            said = {"status": status, "requestId": placed.number}
            assert await box.call("SignedFirmwareStatusNotification", said) == {}
    assert bench.value("select firmware_status from station") == told[-1]


async def test_tc_083_a_higher_security_profile(bench: Bench) -> None:
    """The root first, then the setting, then a restart; it is done when the station is back over TLS."""
    await with_password(bench)
    rules = security.Settings(url="wss://csms.example.kg/ocpp")
    async with bench.booted(auth=basic(BOX, OLD)) as box:
        async with bench.db.begin() as tx:
            await security.begin_profile(tx, rules, bench.guard.trust, BOX, 2, "staff:test", NOW)
        asked = await bench.asked(box, "InstallCertificate")
        assert asked.body["certificateType"] == "CentralSystemRootCertificate"
        await asked.answer(status="Accepted")
        asked = await bench.asked(box, "ChangeConfiguration")
        assert asked.body == {"key": "SecurityProfile", "value": "2"}
        await asked.answer(status="Accepted")
        asked = await bench.asked(box, "Reset")
        await asked.answer(status="Accepted")
        await bench.ended(bench.value("select id from station_order where kind = 'reset_station'"))
    assert bench.rows("select state from profile_change") == [("returning",)]


async def test_tc_085_basic_authentication(bench: Bench) -> None:
    await with_password(bench)
    async with bench.booted(auth=basic(BOX, OLD)):
        pass
    assert await refused(bench, "another-password-of-20") == 401
    assert await refused(bench, OLD, user="KG-BIS-0002") == 401


async def test_tc_088_the_subprotocol(bench: Bench) -> None:
    """One that is common is chosen; without one the handshake ends and the socket closes."""
    async with bench.station() as box:
        assert box.socket.subprotocol == "ocpp1.6"
    with pytest.raises((websockets.NegotiationError, websockets.ConnectionClosed)):
        async with bench.station("ocpp1.5") as box:
            await box.hear()
