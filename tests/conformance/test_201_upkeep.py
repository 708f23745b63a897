"""OCTT's cases of a 2.0.1 central system about firmware, certificates, logs, customers and data (L, M, N, A, P)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cryptography import x509

from tests.certificates.pki import csr
from tests.charging.world import BOX
from tests.conformance.bench import DONE, NOT_SUPPORTED, NOW, REFUSED, V21, V201, Bench, at
from tests.conformance.test_16_security import HASH, HASH_SAID
from zaryad.link.orders import (
    AnyOrder,
    ClearMonitors,
    CustomerData,
    DeleteCertificate,
    FetchLog,
    InstallCertificate,
    ListCertificates,
    MonitorSet,
    OrderState,
    RootUse,
    SendData,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetMonitors,
    Trigger,
    UpdateFirmware,
    Variable,
)

BOTH = pytest.mark.parametrize("version", [V201, V21])
ACCEPTED = {"status": "Accepted"}
TONIGHT = NOW + dt.timedelta(hours=12)
INSTALL = TONIGHT + dt.timedelta(hours=1)
WHOLE = ("Downloading", "Downloaded", "SignatureVerified")
FIRMWARE = [
    ("tc_l_01_installed", NOW, None, (*WHOLE, "Installing", "InstallRebooting", "Installed")),
    ("tc_l_02_install_scheduled", NOW, INSTALL, (*WHOLE, "InstallScheduled", "Installing", "Installed")),
    ("tc_l_03_download_scheduled", TONIGHT, None, ("DownloadScheduled", *WHOLE, "Installing", "Installed")),
    ("tc_l_06_invalid_signature", NOW, None, ("Downloading", "Downloaded", "InvalidSignature")),
    ("tc_l_07_download_failed", NOW, None, ("Downloading", "DownloadFailed")),
    ("tc_l_08_installation_failed", NOW, None, (*WHOLE, "Installing", "InstallationFailed")),
]


def firmware(retrieve: dt.datetime = NOW, install: dt.datetime | None = None) -> UpdateFirmware:
    return UpdateFirmware(
        url="https://files.example.kg/2.bin",
        retrieve_at=retrieve,
        install_at=install,
        certificate="PEM",
        signature="c2lnbmF0dXJl",
    )


@pytest.mark.parametrize(
    ("retrieve", "install", "told"), [row[1:] for row in FIRMWARE], ids=[row[0] for row in FIRMWARE]
)
async def test_tc_l_secure_firmware(
    bench: Bench, retrieve: dt.datetime, install: dt.datetime | None, told: tuple[str, ...]
) -> None:
    async with bench.booted(V201) as box:
        placed, body = await bench.carried_out(box, firmware(retrieve, install), "UpdateFirmware", **ACCEPTED)
        assert placed.state is DONE
        assert body["requestId"] == placed.number
        said = body["firmware"]
        assert (said["signingCertificate"], said["signature"]) == ("PEM", "c2lnbmF0dXJl")
        assert said["retrieveDateTime"] == retrieve.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert ("installDateTime" in said) is (install is not None)
        for status in told:
            assert await box.call("FirmwareStatusNotification", {"status": status, "requestId": placed.number}) == {}
        assert bench.value("select firmware_status from station") == told[-1]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("InvalidCertificate", REFUSED),
        ("RevokedCertificate", REFUSED),
        ("AcceptedCanceled", DONE),
        ("Rejected", REFUSED),
    ],
    ids=["tc_l_05_invalid_certificate", "revoked_certificate", "tc_l_10_accepted_canceled", "tc_l_11_rejected"],
)
async def test_tc_l_05_10_11_what_an_update_is_answered_with(bench: Bench, answer: str, state: OrderState) -> None:
    async with bench.booted(V201) as box:
        placed, _ = await bench.carried_out(box, firmware(), "UpdateFirmware", status=answer)
        assert (placed.state, placed.detail) == (state, {"status": answer})


@pytest.mark.parametrize(
    ("use", "word"),
    [
        ("csms_root", "CSMSRootCertificate"),
        ("manufacturer_root", "ManufacturerRootCertificate"),
        ("v2g_root", "V2GRootCertificate"),
        ("mo_root", "MORootCertificate"),
    ],
)
@BOTH
async def test_tc_m_a_root_is_installed_and_listed(bench: Bench, version: str, use: RootUse, word: str) -> None:
    async with bench.booted(version) as box:
        order = InstallCertificate(use=use, certificate="PEM")
        placed, body = await bench.carried_out(box, order, "InstallCertificate", **ACCEPTED)
        assert (placed.state, body) == (DONE, {"certificateType": word, "certificate": "PEM"})
        listed = {**ACCEPTED, "certificateHashDataChain": [{"certificateType": word, "certificateHashData": HASH_SAID}]}
        asked = ListCertificates(uses=(use,))
        placed, body = await bench.carried_out(box, asked, "GetInstalledCertificateIds", **listed)
        assert (placed.state, placed.detail, body) == (DONE, listed, {"certificateType": [word]})


@pytest.mark.parametrize(
    ("answer", "state"),
    [("Accepted", DONE), ("Failed", REFUSED), ("NotFound", REFUSED)],
    ids=["tc_m_20_deleted", "tc_m_21_failed", "not_found"],
)
@BOTH
async def test_tc_m_20_21_deleted_by_the_hash_that_was_returned(
    bench: Bench, version: str, answer: str, state: OrderState
) -> None:
    async with bench.booted(version) as box:
        chain = [{"certificateType": "CSMSRootCertificate", "certificateHashData": HASH_SAID}]
        listed = {**ACCEPTED, "certificateHashDataChain": chain}
        await bench.carried_out(box, ListCertificates(), "GetInstalledCertificateIds", **listed)
        order = DeleteCertificate(hash=HASH)
        placed, body = await bench.carried_out(box, order, "DeleteCertificate", status=answer)
        assert body == {"certificateHashData": HASH_SAID}
        assert placed.state is state


@BOTH
async def test_tc_a_11_a_new_certificate_of_the_station(bench: Bench, version: str) -> None:
    async with bench.booted(version) as box:
        order = Trigger(message="SignChargingStationCertificate")
        placed, _ = await bench.carried_out(box, order, "TriggerMessage", **ACCEPTED)
        assert placed.state is DONE
        text, key = csr(BOX)
        body = {"csr": text, "certificateType": "ChargingStationCertificate"}
        assert await box.call("SignCertificate", body | ({} if version == V201 else {"requestId": 5})) == ACCEPTED
        await bench.sign()
        asked = await bench.asked(box, "CertificateSigned")
        assert asked.body["certificateType"] == "ChargingStationCertificate"
        assert asked.body.get("requestId") == (None if version == V201 else 5)
        chain = x509.load_pem_x509_certificates(asked.body["certificateChain"].encode())
        assert chain[0].public_key() == key.public_key()
        await asked.answer(**ACCEPTED)
        await bench.ended(bench.value("select id from station_order where kind = 'give_certificate'"))
    assert bench.value("select status from station_certificate") == "active"


@pytest.mark.parametrize(
    ("log", "word"),
    [("diagnostics", "DiagnosticsLog"), ("security", "SecurityLog")],
    ids=["tc_n_25_diagnostics", "tc_n_35_security"],
)
@BOTH
async def test_tc_n_25_35_a_log(bench: Bench, version: str, log: Any, word: str) -> None:
    async with bench.booted(version) as box:
        order = FetchLog(url="https://files.example.kg/up", log=log)
        placed, body = await bench.carried_out(box, order, "GetLog", **ACCEPTED, filename="x.log")
        assert (placed.state, body["logType"], body["requestId"]) == (DONE, word, placed.number)
        for status in ("Uploading", "Uploaded"):
            assert await box.call("LogStatusNotification", {"status": status, "requestId": placed.number}) == {}


@pytest.mark.parametrize(
    ("answer", "state"),
    [("AcceptedCanceled", DONE), ("Rejected", REFUSED)],
    ids=["tc_n_36_a_second_request", "tc_n_34_rejected"],
)
async def test_tc_n_34_36_what_a_request_for_a_log_is_answered_with(
    bench: Bench, answer: str, state: OrderState
) -> None:
    async with bench.booted(V201) as box:
        order = FetchLog(url="https://files.example.kg/up")
        placed, _ = await bench.carried_out(box, order, "GetLog", status=answer)
        assert placed.state is state


CUSTOMERS: list[tuple[str, CustomerData, dict[str, Any], str]] = [
    (
        "tc_n_27_report_by_card",
        CustomerData(report=True, clear=False, token="04AABB01"),
        {"report": True, "clear": False, "idToken": {"idToken": "04AABB01", "type": "ISO14443"}},
        "Accepted",
    ),
    (
        "tc_n_29_not_accepted",
        CustomerData(report=True, clear=False, token="04AABB01"),
        {"report": True, "clear": False, "idToken": {"idToken": "04AABB01", "type": "ISO14443"}},
        "Rejected",
    ),
    (
        "tc_n_30_report_and_clear",
        CustomerData(report=True, clear=True, token="04AABB01"),
        {"report": True, "clear": True, "idToken": {"idToken": "04AABB01", "type": "ISO14443"}},
        "Accepted",
    ),
    (
        "tc_n_32_clear_only",
        CustomerData(report=False, clear=True, token="04AABB01"),
        {"report": False, "clear": True, "idToken": {"idToken": "04AABB01", "type": "ISO14443"}},
        "Accepted",
    ),
    (
        "tc_n_62_by_customer",
        CustomerData(report=True, clear=True, customer="C-17"),
        {"report": True, "clear": True, "customerIdentifier": "C-17"},
        "Accepted",
    ),
    (
        "tc_n_63_by_certificate",
        CustomerData(report=True, clear=True, certificate=HASH),
        {"report": True, "clear": True, "customerCertificate": HASH_SAID},
        "Accepted",
    ),
]


@pytest.mark.parametrize(("order", "body", "answer"), [row[1:] for row in CUSTOMERS], ids=[row[0] for row in CUSTOMERS])
async def test_tc_n_customers(bench: Bench, order: CustomerData, body: dict[str, Any], answer: str) -> None:
    async with bench.booted(V201) as box:
        placed, asked = await bench.carried_out(box, order, "CustomerInformation", status=answer)
        assert asked == {"requestId": placed.number, **body}
        assert placed.state is (DONE if answer == "Accepted" else REFUSED)
        if answer == "Accepted":
            for seq in (0, 1):
                said = {"data": "card 04AABB01", "seqNo": seq, "generatedAt": at(), "requestId": placed.number}
                assert await box.call("NotifyCustomerInformation", said | {"tbc": seq == 0}) == {}
            assert bench.rows("select kind, complete_at is not null from device_report") == [("customer", True)]


POWER = Variable(component="EVSE", name="Power", evse=1)
NAMED = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
WATCH = MonitorSet(variable=POWER, kind="upper_threshold", value="60000", severity=4)
ORDERS: list[tuple[str, AnyOrder, str, dict[str, Any], dict[str, Any], OrderState]] = [
    (
        "monitors_set",
        SetMonitors(monitors=(WATCH,)),
        "SetVariableMonitoring",
        {"setMonitoringData": [{"value": 60_000, "type": "UpperThreshold", "severity": 4, **NAMED}]},
        {"setMonitoringResult": [{**ACCEPTED, "id": 1, "type": "UpperThreshold", "severity": 4, **NAMED}]},
        DONE,
    ),
    (
        "monitors_cleared",
        ClearMonitors(ids=(1, 2)),
        "ClearVariableMonitoring",
        {"id": [1, 2]},
        {"clearMonitoringResult": [{**ACCEPTED, "id": 1}, {"status": "NotFound", "id": 2}]},
        DONE,
    ),
    ("base", SetMonitoringBase(base="all"), "SetMonitoringBase", {"monitoringBase": "All"}, ACCEPTED, DONE),
    ("level", SetMonitoringLevel(severity=4), "SetMonitoringLevel", {"severity": 4}, ACCEPTED, DONE),
    ("data", SendData(vendor="V", data="x"), "DataTransfer", {"vendorId": "V", "data": "x"}, ACCEPTED, DONE),
    (
        "data_of_an_unknown_vendor",
        SendData(vendor="V"),
        "DataTransfer",
        {"vendorId": "V"},
        {"status": "UnknownVendorId"},
        NOT_SUPPORTED,
    ),
]


@pytest.mark.parametrize(
    ("order", "action", "body", "answer", "state"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
async def test_an_order_is_asked_and_its_answer_understood(
    bench: Bench, order: AnyOrder, action: str, body: dict[str, Any], answer: dict[str, Any], state: OrderState
) -> None:
    async with bench.booted(V201) as box:
        placed, asked = await bench.carried_out(box, order, action, **answer)
        assert asked == body
        assert (placed.state, placed.detail) == (state, answer)


@BOTH
async def test_tc_p_02_data_of_a_vendor_that_nobody_knows(bench: Bench, version: str) -> None:
    async with bench.booted(version) as box:
        said = await box.call("DataTransfer", {"vendorId": "com.example", "messageId": "X", "data": {"a": [1]}})
        assert said["status"] in ("UnknownVendorId", "UnknownMessageId", "Rejected")
