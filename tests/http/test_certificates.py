"""Certificates, trust, alarms and security over the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from cryptography import x509

from tests.certificates.pki import Ca, csr, pem
from tests.http.site import CONFIG, SECRET, Client, Site
from tests.stations.network import ID, build
from zaryad import certificates
from zaryad.app import wiring
from zaryad.app.wiring_security import Guard
from zaryad.auth import Role
from zaryad.certificates import Settings
from zaryad.link import orders
from zaryad.link.facts import CertificateAsked, SecurityEvent
from zaryad.link.orders import GiveCertificate, InstallCertificate, OrderState, Trigger
from zaryad.platform.db import Db
from zaryad.platform.seal import Seal

API = "/api/v1"
SEAL = Seal(SECRET.encode())


class Staff:
    """Somebody of the staff at a site with one station."""

    def __init__(self, client: Client, site: Site, headers: dict[str, str]) -> None:
        self.client, self.site, self.headers = client, site, headers

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.client.request(method, API + path, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        kind = answer.headers.get("content-type", "")
        return answer.json() if "json" in kind else answer.content


@pytest.fixture
async def staff(site: Site) -> AsyncIterator[Staff]:
    await build(site.db, password="the first password")
    person = await site.person(Role.OPERATOR, Role.TECHNICIAN, phone="+996555000222")
    async with site.client() as client:
        yield Staff(client, site, site.bearer(person))


async def server(db: Db, now: dt.datetime) -> certificates.Made:
    async with db.begin() as tx:
        return (await certificates.issue_server(tx, Settings(), SEAL, ["ocpp.example.kg"], now))[0]


async def test_certificates_are_listed_shown_and_revoked(staff: Staff) -> None:
    made = await server(staff.site.db, staff.site.clock.now())
    listed = await staff.ask("GET", "/certificates?use=server&status=active")
    assert len(listed["items"]) == 2
    assert listed["next"] is None
    id = str(made.row.id)
    assert (await staff.ask("GET", f"/certificates/{id}"))["fingerprint"] == made.row.fingerprint
    assert (await staff.ask("GET", f"/certificates/{id}/chain")).decode() == made.chain
    assert "key" not in str(listed).lower().replace("\u0000", "")
    revoked = await staff.ask("POST", f"/certificates/{id}/revoke", {"why": "test"})
    assert (revoked["status"], revoked["revoked_why"]) == ("revoked", "test")
    await staff.ask("GET", "/certificates/00000000-0000-0000-0000-000000000001", status=404)
    page = await staff.ask("GET", "/certificates?limit=1")
    assert len((await staff.ask("GET", f"/certificates?limit=1&after={page['next']}"))["items"]) == 1


async def test_the_root_and_the_list_of_the_revoked_are_public(staff: Staff) -> None:
    made = await server(staff.site.db, staff.site.clock.now())
    await staff.ask("POST", f"/certificates/{made.row.id}/revoke", {})
    staff.headers = {}
    root = x509.load_pem_x509_certificate(await staff.ask("GET", "/certificates/ca"))
    crl = x509.load_der_x509_crl(await staff.ask("GET", "/certificates/crl"))
    assert root.subject == root.issuer
    assert crl.get_revoked_certificate_by_serial_number(int(made.row.serial, 16)) is not None
    await staff.ask("GET", "/certificates", status=401)


async def test_roots_are_trusted_installed_and_trusted_no_longer(staff: Staff) -> None:
    text = pem(Ca("MO root").certificate)
    added = await staff.ask("POST", "/trust-roots", {"use": "mo_root", "certificate": text, "note": "Hub"}, 201)
    assert [each["note"] for each in (await staff.ask("GET", "/trust-roots?use=mo_root"))["items"]] == ["Hub"]
    fingerprint = added["fingerprint"]
    assert (await staff.ask("GET", f"/trust-roots/{fingerprint}")).decode() == text
    await staff.ask("POST", f"/trust-roots/{fingerprint}/install", {"station_ids": ["NOBODY"]}, 404)
    placed = await staff.ask("POST", f"/trust-roots/{fingerprint}/install", {"station_ids": [ID]}, 202)
    await staff.ask("POST", "/trust-roots/ca/install", {"station_ids": [ID]}, 202)
    assert len(placed["order_ids"]) == 1
    for order in await open_orders(staff):
        assert isinstance(order.order, InstallCertificate)
        await ended(staff, order, OrderState.DONE)
    installed = await staff.ask("GET", f"/stations/{ID}/trust-roots")
    assert sorted(each["use"] for each in installed) == ["csms_root", "mo_root"]
    await staff.ask("DELETE", f"/trust-roots/{fingerprint}", status=204)
    await staff.ask("DELETE", f"/trust-roots/{fingerprint}", status=404)
    problem = await staff.ask("POST", "/trust-roots", {"use": "mo_root", "certificate": "x"}, 400)
    assert problem["code"] == "certificate_unreadable"


async def test_events_and_alarms(staff: Staff) -> None:
    now = staff.site.clock.now()
    for hour in range(3):
        at = now - dt.timedelta(hours=hour)
        fact = SecurityEvent(station_id=ID, received_at=now, kind="TamperDetectionActivated", at=at, info="<b>x</b>")
        await certificates.note_event(staff.site.db, Settings(), fact)
    first = await staff.ask("GET", f"/security/events?station_id={ID}&kind=TamperDetectionActivated&limit=2")
    rest = await staff.ask("GET", "/security/events?" + str(_query(after=first["next"])))
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    await staff.ask("GET", "/security/events?after=rubbish", status=400)
    (alarm,) = (await staff.ask("GET", "/security/alarms?standing=true"))["items"]
    assert (alarm["times"], alarm["station_id"]) == (3, ID)
    assert (await staff.ask("POST", f"/security/alarms/{alarm['id']}/clear"))["cleared_by"].startswith("staff:")
    assert (await staff.ask("GET", "/security/alarms?standing=true"))["items"] == []


async def test_a_rotation_and_its_life(staff: Staff) -> None:
    begun = await staff.ask("POST", f"/stations/{ID}/password/rotate", status=202)
    assert begun["state"] == "ordered"
    assert "sealed" not in begun
    assert (await staff.ask("POST", f"/stations/{ID}/password/rotate", status=409))["code"] == "rotation_open"
    shown = await staff.ask("GET", f"/stations/{ID}/orders")
    assert "***" in str(shown) or "sealed" in str(shown)
    (order,) = await open_orders(staff)
    await ended(staff, order, OrderState.NOT_SUPPORTED)
    standing = await staff.ask("GET", f"/stations/{ID}/security")
    assert (standing["changing_password"], standing["rotations"][0]["state"]) == (False, "kept")
    assert [each["kind"] for each in (await staff.ask("GET", "/security/alarms"))["items"]] == ["password_not_taken"]
    await staff.ask("POST", f"/stations/{ID}/password/rotate", status=202)
    await staff.ask("DELETE", f"/stations/{ID}/password/rotate", status=204)
    await staff.ask("POST", "/stations/NOBODY/password/rotate", status=404)


async def test_a_profile_rises_over_the_api(staff: Staff) -> None:
    refused = await staff.ask("POST", f"/stations/{ID}/security-profile", {"profile": 3}, 409)
    assert refused["code"] == "profile_needs_certificate"
    begun = await staff.ask("POST", f"/stations/{ID}/security-profile", {"profile": 2}, 202)
    assert begun["state"] == "root"
    for _ in range(3):
        (order,) = await open_orders(staff)
        await ended(staff, order, OrderState.DONE)
    standing = await staff.ask("GET", f"/stations/{ID}/security")
    assert [each["state"] for each in standing["changes"]] == ["returning"]
    assert [each["state"] for each in standing["changes"][0]["life"]] == [
        "begun", "root", "writing", "resetting", "returning"
    ]  # fmt: skip
    cancelled = await staff.ask("POST", f"/profile-changes/{begun['id']}/cancel")
    assert cancelled["state"] == "cancelled"
    await staff.ask("PUT", f"/stations/{ID}/security-floor", {"floor": 2}, 204)
    assert (await staff.ask("GET", f"/stations/{ID}/security"))["floor"] == 2
    await staff.ask("PUT", f"/stations/{ID}/security-floor", {"floor": 4}, 400)
    await staff.ask("POST", f"/stations/{ID}/certificates/grace", {"hours": 24}, 204)
    await staff.ask("POST", f"/stations/{ID}/certificates/grace", {"hours": 1_000}, 400)


async def test_a_station_is_called_to_renew(staff: Staff) -> None:
    await staff.ask("POST", f"/stations/{ID}/certificates/renew", {}, 202)
    await staff.ask("POST", f"/stations/{ID}/certificates/renew", {"use": "v2g"}, 202)
    found = [each.order for each in await open_orders(staff)]
    assert {each.message for each in found if isinstance(each, Trigger)} == {
        "SignChargePointCertificate",
        "SignV2GCertificate",
    }


async def test_from_the_facts_to_a_certificate_as_the_services_do_it(staff: Staff) -> None:
    """The handler, the job and the reaction of the wiring, in their order."""
    db, now, guard = staff.site.db, staff.site.clock.now(), Guard(CONFIG)
    desk = certificates.PlugAndCharge(db, CONFIG.certificates)
    handlers = guard.fact_handlers(db, desk)
    fact = CertificateAsked(station_id=ID, received_at=now, csr=csr(ID, "Zaryad")[0])
    assert (await handlers[CertificateAsked](fact)).accepted  # type: ignore[union-attr]  # Judged
    await run_jobs(staff, guard)
    (order,) = await open_orders(staff)
    assert isinstance(order.order, GiveCertificate)
    await ended(staff, order, OrderState.DONE)
    (held,) = (await staff.ask("GET", f"/certificates?station_id={ID}"))["items"]
    assert (held["status"], held["use"]) == ("active", "station")
    async with db.begin() as tx:
        assert await guard.trust.has_certificate(tx, ID, now)
        assert not await guard.trust.has_root(tx, ID, now)
    for each in guard.sweeps(db, staff.site.clock):
        await each.run()
    await desk.close()


async def run_jobs(staff: Staff, guard: Guard) -> None:
    async with staff.site.db.begin() as tx:
        rows = (await tx.execute(sa.text("select task_name, args from procrastinate_jobs where status = 'todo'"))).all()
    named = guard.jobs(staff.site.db, staff.site.clock)
    for row in rows:
        if row.task_name in named:
            await named[row.task_name](**row.args)


async def open_orders(staff: Staff) -> list[orders.Placed]:
    async with staff.site.db.begin() as tx:
        return [each for each in await orders.of_station(tx, ID) if not each.state.ended]


async def ended(staff: Staff, placed: orders.Placed, state: OrderState) -> None:
    now = staff.site.clock.now()
    async with staff.site.db.begin() as tx:
        done = await orders.conclude(tx, placed.id, state, {}, now)
        assert done is not None
        await wiring.order_ended(CONFIG)(tx, done, now)


def _query(**parts: str) -> str:
    return urlencode(parts)
