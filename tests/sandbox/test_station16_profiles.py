"""What a 1.6 station does beyond the core: lists, reservations, charging profiles, security profiles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.sandbox.central import START
from tests.sandbox.central2 import Strict
from tests.sandbox.pki import Root
from zaryad.sandbox.model import PlugIn, PresentCard, Unplug
from zaryad.sandbox.timekeeping import stamp


def profile(id: int, purpose: str, watts: int, **more: Any) -> dict[str, Any]:
    periods = [{"startPeriod": 0, "limit": watts}, {"startPeriod": 60, "limit": watts / 2}]
    return {
        "chargingProfileId": id,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "W", "chargingSchedulePeriod": periods},
    } | more


def test_a_list_counts_before_the_cache() -> None:
    central = Strict("1.6", configuration={"LocalPreAuthorize": "true"})
    entry = {"idTag": "HOME", "idTagInfo": {"status": "Accepted"}}
    whole = {"listVersion": 3, "updateType": "Full", "localAuthorizationList": [entry]}
    assert central.ask("SendLocalList", **whole) == {"status": "Accepted"}
    assert central.ask("GetLocalListVersion") == {"listVersion": 3}
    central.do(PlugIn(connector=2))
    central.do(PresentCard(token="home", connector=2))
    central.wait(1)
    assert central.all("StartTransaction")
    assert not central.all("Authorize")
    gone = {"listVersion": 4, "updateType": "Differential", "localAuthorizationList": [{"idTag": "HOME"}]}
    assert central.ask("SendLocalList", **gone) == {"status": "Accepted"}
    assert central.ask("SendLocalList", **gone) == {"status": "VersionMismatch"}
    assert not central.station.memory.local_list


def test_a_reservation_is_used_by_its_holder_only() -> None:
    central = Strict("1.6")
    until = stamp(central.now + dt.timedelta(minutes=5))
    kept = {"connectorId": 2, "expiryDate": until, "idTag": "MINE", "reservationId": 9}
    assert central.ask("ReserveNow", **kept) == {"status": "Accepted"}
    assert central.statuses(2)[-1] == "Reserved"
    assert central.ask("ReserveNow", **(kept | {"reservationId": 10})) == {"status": "Occupied"}
    assert central.ask("RemoteStartTransaction", idTag="OTHER", connectorId=2) == {"status": "Rejected"}
    central.do(PlugIn(connector=2))
    assert central.ask("RemoteStartTransaction", idTag="MINE", connectorId=2) == {"status": "Accepted"}
    central.wait(1)
    assert central.all("StartTransaction")[0]["reservationId"] == 9
    assert central.ask("CancelReservation", reservationId=9) == {"status": "Rejected"}
    central.ask("ReserveNow", **(kept | {"connectorId": 1}))
    central.wait(301)
    assert central.statuses(1)[-1] == "Available"


def test_profiles_bind_the_power() -> None:
    central = Strict("1.6")
    central.do(PlugIn(connector=2))
    started = central.ask(
        "RemoteStartTransaction", idTag="A", connectorId=2, chargingProfile=profile(1, "TxProfile", 30_000)
    )
    assert started == {"status": "Accepted"}
    central.wait(1)
    assert central.station.outlets[2].power_mw == 30_000_000
    fallback = profile(2, "TxDefaultProfile", 10_000)
    assert central.ask("SetChargingProfile", connectorId=0, csChargingProfiles=fallback) == {"status": "Accepted"}
    assert central.station.outlets[2].power_mw == 30_000_000  # the transaction's own comes first
    assert central.ask("ClearChargingProfile", id=1) == {"status": "Accepted"}
    central.wait(1)
    assert central.station.outlets[2].power_mw == 10_000_000
    told = central.ask("GetCompositeSchedule", connectorId=2, duration=100)
    periods = told["chargingSchedule"]["chargingSchedulePeriod"]
    assert [it["limit"] for it in periods] == [10_000, 5_000]
    central.wait(60)
    assert central.station.outlets[2].power_mw == 5_000_000
    whole = profile(3, "ChargePointMaxProfile", 0, chargingProfileKind="Absolute")
    assert central.ask("SetChargingProfile", connectorId=0, csChargingProfiles=whole) == {"status": "Accepted"}
    assert central.statuses(2)[-1] == "SuspendedEVSE"
    central.do(Unplug(connector=2))


def test_a_password_in_hex_and_a_security_profile_upwards() -> None:
    central = Strict("1.6", password="first")
    assert central.station.password == b"first"
    key = "0102030405060708090a0b0c0d0e0f10"
    assert central.ask("ChangeConfiguration", key="AuthorizationKey", value=key) == {"status": "Accepted"}
    assert central.station.password == bytes.fromhex(key)
    assert central.ask("ChangeConfiguration", key="SecurityProfile", value="2") == {"status": "Rejected"}
    root = Root("Ours", START)
    use = "CentralSystemRootCertificate"
    central.ask("InstallCertificate", certificateType=use, certificate=root.pem)
    assert central.ask("ChangeConfiguration", key="SecurityProfile", value="2") == {"status": "Accepted"}
    assert central.ask("ChangeConfiguration", key="SecurityProfile", value="1") == {"status": "Rejected"}
    assert len(central.all("BootNotification")) == 1
    assert central.ask("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate") == {
        "status": "Accepted"
    }
    assert central.all("SignCertificate")
