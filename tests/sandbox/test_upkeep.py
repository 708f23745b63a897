"""Firmware, logs and certificates of virtual stations, in all versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.central import START
from tests.sandbox.central2 import Strict
from tests.sandbox.pki import Root, signature
from zaryad.sandbox.kept import Behaviour
from zaryad.sandbox.model import Behave, PlugIn, PresentCard, RequestCertificate, Say
from zaryad.sandbox.timekeeping import stamp

ALL = ("1.6", "2.0.1", "2.1")
URL = "http://files/fw-2.4.1.bin"
CONTENT = b"firmware " * 100


def ordered(central: Strict, **more: Any) -> Any:
    """Order an update: signed where a certificate is told."""
    signed = "signingCertificate" in more
    if central.version == "1.6" and not signed:
        return central.ask("UpdateFirmware", location=URL, retrieveDate=stamp(central.now), **more)
    action = "SignedUpdateFirmware" if central.version == "1.6" else "UpdateFirmware"
    retries = {"retries": more.pop("retries")} if "retries" in more else {}
    firmware = {"location": URL, "retrieveDateTime": stamp(central.now), **more}
    return central.ask(action, requestId=5, firmware=firmware, **retries)


def words(central: Strict) -> list[str]:
    names = ("FirmwareStatusNotification", "SignedFirmwareStatusNotification")
    return [body["status"] for name, body in central.heard if name in names]


@pytest.mark.parametrize("version", ALL)
def test_an_update_ends_in_a_boot_with_the_new_version(version: str) -> None:
    central = Strict(version)
    central.files[URL] = CONTENT
    ordered(central)
    central.wait(30)
    expected = ["Downloading", "Downloaded", "Installing", "InstallRebooting", "Installed"]
    assert words(central) == [it for it in expected if version != "1.6" or it != "InstallRebooting"]
    boot = central.all("BootNotification")[-1]
    assert boot.get("firmwareVersion", boot.get("chargingStation", {}).get("firmwareVersion")) == "2.4.1"
    if version != "1.6":
        assert boot["reason"] == "FirmwareUpdate"
    central.wait(600)
    assert len(central.all("BootNotification")) == 2


@pytest.mark.parametrize("version", ALL)
def test_a_signature_is_looked_at(version: str) -> None:
    maker, stranger = Root("Maker", START), Root("Stranger", START)
    key, certificate = maker.issue("Signer")
    for name, told, expected in (
        ("good", signature(key, CONTENT), "SignatureVerified"),
        ("bad", signature(key, CONTENT + b"!"), "InvalidSignature"),
    ):
        central = Strict(version)
        central.files[URL] = CONTENT
        assert ordered(central, signingCertificate=certificate, signature=told)["status"] == "Accepted"
        central.wait(30)
        assert expected in words(central), name
        assert ("Installed" in words(central)) == (name == "good")
    use = "ManufacturerRootCertificate"
    assert central.ask("InstallCertificate", certificateType=use, certificate=stranger.pem) == {"status": "Accepted"}
    told = signature(key, CONTENT)
    answer = ordered(central, signingCertificate=certificate, signature=told)
    assert answer["status"] == "InvalidCertificate"
    assert central.all("SecurityEventNotification")[-1]["type"] == "InvalidFirmwareSigningCertificate"


@pytest.mark.parametrize(
    ("behaviour", "last"),
    [
        (Behaviour(download="fails"), "DownloadFailed"),
        (Behaviour(download="breaks_once"), "Installed"),
        (Behaviour(install="fails"), "InstallationFailed"),
        (Behaviour(install="verification_fails"), "InstallVerificationFailed"),
    ],
)
def test_updates_fail_on_demand(behaviour: Behaviour, last: str) -> None:
    central = Strict("2.0.1")
    central.files[URL] = CONTENT
    central.do(Behave(behaviour=behaviour))
    ordered(central, retries=1)
    central.wait(90)
    assert words(central)[-1] == last


def test_nothing_is_installed_under_a_charging_car() -> None:
    central = Strict("2.0.1", configuration={"TxCtrlr/TxStartPoint": "Authorized"})
    central.files[URL] = CONTENT
    central.do(PlugIn(connector=2))
    central.do(PresentCard(token="CARD", connector=2))
    ordered(central)
    central.wait(60)
    assert words(central)[-1] == "Downloaded"
    central.do(PresentCard(token="CARD", connector=2))
    central.wait(60)
    assert words(central)[-1] == "Installed"


@pytest.mark.parametrize("version", ALL)
def test_a_log_goes_where_it_is_wanted(version: str) -> None:
    central = Strict(version)
    told = {"log": {"remoteLocation": "http://files/in/"}, "logType": "SecurityLog", "requestId": 8}
    answer = central.ask("GetLog", **told)
    assert answer == {"status": "Accepted", "filename": "SecurityLog-8.log"}
    central.wait(2)
    assert [it["status"] for it in central.all("LogStatusNotification")] == ["Uploading", "Uploaded"]
    assert [it["requestId"] for it in central.all("LogStatusNotification")] == [8, 8]
    assert b"security log of KG-1" in central.brought["http://files/in/SecurityLog-8.log"]
    central.do(Behave(behaviour=Behaviour(upload="fails")))
    central.ask("GetLog", **told)
    assert central.ask("GetLog", **(told | {"requestId": 9}))["status"] == "AcceptedCanceled"
    central.wait(2)
    assert central.all("LogStatusNotification")[-1] == {"status": "UploadFailure", "requestId": 9}


def test_diagnostics_of_1_6() -> None:
    central = Strict("1.6")
    assert central.ask("GetDiagnostics", location="ftp://files/in/") == {"fileName": "diagnostics-KG-1.log"}
    central.wait(2)
    assert [it["status"] for it in central.all("DiagnosticsStatusNotification")] == ["Uploading", "Uploaded"]


@pytest.mark.parametrize("version", ALL)
def test_it_asks_for_a_certificate_and_takes_only_a_right_one(version: str) -> None:
    central = Strict(version, serial="SN1")
    roots = {"1.6": "CentralSystemRootCertificate"}
    use = roots.get(version, "CSMSRootCertificate")
    root, stranger = Root("Ours", START), Root("Theirs", START)
    assert central.ask("InstallCertificate", certificateType=use, certificate=root.pem) == {"status": "Accepted"}
    assert central.ask("InstallCertificate", certificateType=use, certificate="x") == {"status": "Rejected"}
    central.do(RequestCertificate())
    csr = central.all("SignCertificate")[0]["csr"]
    for signer, status in ((stranger, "Rejected"), (root, "Accepted")):
        assert central.ask("CertificateSigned", certificateChain=signer.certify(csr))["status"] == status
    assert central.station.memory.chain is not None
    assert central.ask("CertificateSigned", certificateChain=root.certify(csr))["status"] == "Rejected"
    asked: dict[str, Any] = {"certificateType": use if version == "1.6" else [use]}
    listed = central.ask("GetInstalledCertificateIds", **asked)
    if version == "1.6":
        name = listed["certificateHashData"][0]
    else:
        name = listed["certificateHashDataChain"][0]["certificateHashData"]
    assert central.ask("DeleteCertificate", certificateHashData=name)["status"] == "Failed"  # the last of its kind
    unknown = name | {"serialNumber": "abc"}
    assert central.ask("DeleteCertificate", certificateHashData=unknown)["status"] == "NotFound"


@pytest.mark.parametrize("version", ALL)
def test_hands_may_make_it_say_anything(version: str) -> None:
    central = Strict(version)
    central.do(Say(action="DataTransfer", body={"vendorId": "Zaryad"}))
    assert central.all("DataTransfer") == [{"vendorId": "Zaryad"}]
