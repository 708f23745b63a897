"""Drafts are worked on without loss, and become versions; over the API by those who may."""

import datetime as dt

import pytest

from tests.http.site import Site
from tests.tariffs.samples import element
from zaryad import tariffs
from zaryad.auth import Role
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Db
from zaryad.tariffs import Bound, Restrictions, Rule, Tariff, TariffId, Terms, drafts
from zaryad.tariffs.drafts import Draft

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
TERMS = Terms(rules=(Rule(-200, Restrictions(start=dt.time(23), end=dt.time(6))),), least=Bound(5_000))


async def _tariff(db: Db) -> TariffId:
    id = TariffId(new_id())
    async with db.begin() as tx:
        await tariffs.name_tariff(tx, Tariff(id=id, names={"en": "Main"}, currency="KGS"))
    return id


async def test_a_draft_becomes_the_next_version_and_is_gone(db: Db) -> None:
    id = await _tariff(db)
    it = Draft(elements=(element(per_kwh="15"), element(idle_minute="5", grace_s=600)), terms=TERMS)
    async with db.begin() as tx:
        kept = await drafts.keep_draft(tx, id, it, based_on=0, author="staff:a", now=NOW)
        again = await drafts.keep_draft(tx, id, it, based_on=0, author="staff:b", now=NOW)
    assert (kept.revision, again) == (1, kept)
    with pytest.raises(DomainError, match="tariff_draft_changed"):
        async with db.begin() as tx:
            await drafts.keep_draft(tx, id, Draft(), based_on=0, author="staff:b", now=NOW)
    with pytest.raises(DomainError, match="tariff_draft_changed"):
        async with db.begin() as tx:
            await drafts.publish_draft(tx, id, revision=2, now=NOW)
    async with db.begin() as tx:
        version = await drafts.publish_draft(tx, id, revision=1, now=NOW)
        assert await drafts.draft(tx, id) is None
    tariffs.store._kept.clear()
    async with db.begin() as tx:
        read = await tariffs.quote(tx, id, "KGS", NOW)
    assert read == version
    assert (read.number, read.terms, read.elements) == (1, TERMS, it.elements)
    with pytest.raises(DomainError, match="tariff_draft_unknown"):
        async with db.begin() as tx:
            await drafts.publish_draft(tx, id, revision=1, now=NOW)


async def test_a_wrong_draft_is_kept_and_not_published(db: Db) -> None:
    id = await _tariff(db)
    async with db.begin() as tx:
        await drafts.keep_draft(tx, id, Draft(), based_on=0, author="staff:a", now=NOW)
    with pytest.raises(DomainError, match="tariff_elements_count"):
        async with db.begin() as tx:
            await drafts.publish_draft(tx, id, revision=1, now=NOW)
    async with db.begin() as tx:
        assert await drafts.draft(tx, id) is not None
        assert await drafts.drop_draft(tx, id)
        assert not await drafts.drop_draft(tx, id)


async def test_the_whole_way_over_the_api(db: Db) -> None:
    site, id, assignment = Site(db), new_id(), new_id()
    accountant = site.bearer(await site.person(Role.ACCOUNTANT, login="acc"))
    driver = site.bearer(await site.person(Role.DRIVER, phone="+996555000111"))
    draft = {
        "elements": [
            {"components": [{"dimension": "energy", "price_e4": 15_000_000, "vat_permille": 120}]},
            {"components": [{"dimension": "idle", "price_e4": 300_000_000, "grace_s": 600}]},
        ],
        "terms": {"rules": [{"permille": -200, "when": {"start": "23:00:00", "end": "06:00:00"}}]},
    }
    async with site.client() as client:

        async def call(method: str, path: str, who: dict[str, str], body: object = None) -> tuple[int, object]:
            answer = await client.request(method, f"/api/v1{path}", headers=who, json=body)
            return answer.status_code, answer.json() if answer.content else None

        named = {"names": {"en": "Main"}, "currency": "KGS"}
        assert (await call("PUT", f"/tariffs/{id}", driver, named))[0] == 403
        assert (await call("PUT", f"/tariffs/{id}", accountant, named))[0] == 200
        assert (await call("PUT", f"/tariffs/{id}/draft", accountant, {"draft": draft}))[0] == 200
        sample = {"timezone": "Asia/Bishkek", "energy_wh": 10_000, "minutes": 60, "idle_minutes": 30}
        asked = sample | {"tariff_id": str(id), "draft": True, "start": "2026-11-21T10:00:00+06:00"}
        status, given = await call("POST", "/quotes", accountant, asked)
        assert status == 200
        assert isinstance(given, dict)
        assert (given["amount_minor"], given["before_tax_minor"]) == (25_000, 23_393)
        assert given["display"] == "15.00 KGS/kWh + 5.00 KGS/min idle >10min, until 23:00"
        assert len(given["told"]) == len(given["lines"]) == 3
        published = await call("POST", f"/tariffs/{id}/draft/publish", accountant, {"revision": 1})
        assert published[0] == 200
        assert (await call("GET", f"/tariffs/{id}", {}))[0] == 200  # prices are public
        body = {"kind": "network", "scope": "*", "tariff_id": str(id)}
        assert (await call("PUT", f"/tariff-assignments/{assignment}", accountant, body))[0] == 200
        listed = await call("GET", "/tariff-assignments?kind=network", accountant)
        assert isinstance(listed[1], dict)
        assert [item["id"] for item in listed[1]["items"]] == [str(assignment)]
        assert (await call("PUT", "/tariff-holidays/KG/2027-01-01", accountant, {}))[0] == 200
        assert (await call("PUT", "/tariff-holidays/kg/2027-01-01", accountant, {}))[0] == 400
        days = await call("GET", "/tariff-holidays/KG?first=2027-01-01&last=2027-12-31", accountant)
        assert days[1] == {"items": [{"calendar": "KG", "day": "2027-01-01", "holiday": True, "names": {}}]}
        member = f"/tariff-members/group/staff/{new_id()}"
        assert (await call("PUT", member, accountant, {}))[0] == 200
        assert (await call("DELETE", f"/tariff-assignments/{assignment}", accountant))[0] == 204
        assert (await call("DELETE", f"/tariff-assignments/{assignment}", accountant))[0] == 404
