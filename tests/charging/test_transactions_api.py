"""Transactions over HTTP as the stations name them, and what people decide of stops that fit none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.charging.events import S, Teller, ended, event, started, telling
from tests.charging.world import BOX, KWH, NOW, SOM, TARIFF, after
from tests.http.site import Site
from zaryad import charging, stations
from zaryad.accounts import Person
from zaryad.auth import Role
from zaryad.charging import State
from zaryad.kernel.ids import new_id
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan


class Desk:
    """A deployment over the world, and whoever sits before it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._client = site.client()
        self._site.clock.set(after(hours=2))

    async def staff(self, *roles: Role) -> Person:
        return await self._site.person(*roles, login=f"{roles[0].value}-one")

    async def ask(self, who: Person, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self._client.request(method, f"/api/v1{path}", headers=self._site.bearer(who), **more)
        assert answer.status_code == status, answer.text
        return answer.json()


async def _told(world: Teller) -> str:
    """One transaction of 1.6, one of 2.x with a gap, and one that is nobody's yet; the number of the first."""
    driver = await world.driver(card="CARD")
    await world.driver(card="OTHER", phone="+996555000002")
    _, ref = await world.running(driver, mwh=5 * KWH, at=after(1))
    await world.speaks("ocpp2.1")
    async with world.db.begin() as tx:
        await stations.put_connector(tx, BOX, ConnectorPlan(number=102, kind="type2", power_w=90_000, tariff_id=TARIFF))
    await world.tell(started("T1", after(60), connector=102, token="other", state=S.CHARGING))
    await world.tell(event("T1", 1, after(120), kwh=101))
    await world.tell(event("T1", 1, after(120), kwh=102))
    await world.tell(ended("T1", 4, after(600), 105))
    await world.tell(started("T2", after(700), 7, connector=3, trigger="CablePluggedIn"))
    return ref


async def test_transactions_are_listed_by_their_own_names(db: Db, database_url: str, bus: NatsBus) -> None:
    desk = Desk(Site(db, bus=bus))
    who = await desk.staff(Role.TECHNICIAN)
    async with telling(db, database_url) as world:
        ref = await _told(world)
    page = await desk.ask(who, "GET", "/transactions")
    assert [(it["charge_ref"], it["protocol"], it["is_open"]) for it in page["items"]] == [
        ("T2", "ocpp2.1", True),
        ("T1", "ocpp2.1", False),
        (ref, "ocpp1.6", True),
    ]
    assert page["next"] is None
    t2, t1, first = page["items"]
    assert (t2["session_id"], t2["token"], t2["evse"], t2["meter_start_mwh"]) == (None, None, 3, 7 * KWH)
    assert (t1["connector"], t1["evse"], t1["outlet"], t1["token"]) == (102, 2, 2, "other")
    assert (t1["meter_start_mwh"], t1["meter_stop_mwh"], t1["energy_mwh"]) == (100 * KWH, 105 * KWH, 5 * KWH)
    assert (t1["cause"], t1["ended_by"], t1["session_state"]) == ("ev_disconnected", "station", "ended")
    assert (t1["events"], t1["missing"], first["events"], first["id"]) == (3, 2, 0, int(ref))

    async def refs(query: str) -> list[str]:
        return [it["charge_ref"] for it in (await desk.ask(who, "GET", f"/transactions?{query}"))["items"]]

    assert await refs("open=true") == ["T2", ref]
    assert await refs("open=false&token=Other") == ["T1"]
    assert await refs(f"station={BOX}&since=2026-11-21T06:00:30Z&until=2026-11-21T06:05:00Z") == ["T1"]
    assert await refs("station=NOWHERE") == []
    begun = await desk.ask(who, "GET", "/transactions?limit=1")
    assert await refs(f"limit=2&after={begun['next']}") == ["T1", ref]
    await desk.ask(who, "GET", "/transactions?after=now", 400)
    await desk.ask(await desk.staff(Role.DRIVER), "GET", "/transactions", 403)


async def test_a_transaction_is_shown_with_its_events(db: Db, database_url: str, bus: NatsBus) -> None:
    desk = Desk(Site(db, bus=bus))
    who = await desk.staff(Role.OPERATOR)
    async with telling(db, database_url) as world:
        ref = await _told(world)
    whole = await desk.ask(who, "GET", f"/stations/{BOX}/transactions/T1")
    assert (whole["transaction"]["charge_ref"], whole["gaps"], whole["next"]) == ("T1", [[2, 3]], None)
    assert [(it["seq_no"], it["told"], len(it["others"])) for it in whole["events"]] == [
        (0, "started", 0),
        (1, "updated", 1),
        (4, "ended", 0),
    ]
    assert whole["events"][0]["verdict"]["status"] == "accepted"
    assert whole["events"][1]["body"]["readings"][0]["energy_mwh"] == 101 * KWH
    later = await desk.ask(who, "GET", f"/stations/{BOX}/transactions/T1?after=1")
    assert [it["seq_no"] for it in later["events"]] == [4]
    old = await desk.ask(who, "GET", f"/stations/{BOX}/transactions/{ref}")
    assert (old["events"], old["gaps"]) == ([], [])
    answer = await desk.ask(who, "GET", f"/stations/{BOX}/transactions/none", 404)
    assert answer["code"] == "transaction_unknown"


async def test_a_person_decides_about_a_stray_stop(db: Db, database_url: str, bus: NatsBus) -> None:
    desk = Desk(Site(db, bus=bus))
    who = await desk.staff(Role.OPERATOR)
    async with telling(db, database_url) as world:
        driver = await world.driver(card="CARD")
        id, _ = await world.running(driver, mwh=0)
        other, _ = await world.running(await world.driver(phone="+996555000003"), mwh=0, number=2, at=after(1))
        for mwh in (2 * KWH, 3 * KWH, 4 * KWH):
            await world.end("777", mwh, after(600))
        waiting = await desk.ask(who, "GET", "/stray-stops?limit=2")
        first, second = waiting["items"]
        [third] = (await desk.ask(who, "GET", f"/stray-stops?after={waiting['next']}"))["items"]
        assert (first["meter_stop_mwh"], first["why"], first["decision"]) == (2 * KWH, "unmatched", None)

        async def decide(stray: dict[str, Any], status: int = 200, **body: Any) -> Any:
            return await desk.ask(who, "POST", f"/stray-stops/{stray['id']}/review", status, json=body)

        done = await decide(first, decision="assigned", session_id=str(id), note="the only one there")
        assert (done["decision"], done["session_id"], done["reviewed_by"]) == ("assigned", str(id), str(who.id))
        session = await world.session(id)
        assert (session.state, session.ended_at, session.energy_mwh) == (State.ENDED, after(600), 2 * KWH)
        assert await decide(first, decision="assigned", session_id=str(id)) == done
        assert (await decide(first, 409, decision="dismissed"))["code"] == "stray_reviewed"
        await world.settle(id)
        await decide(second, decision="assigned", session_id=str(id))  # the books are closed: only noted
        assert ((await world.session(id)).cost_minor, (await world.session(other)).state) == (30 * SOM, State.CHARGING)
        assert (await world.events(id)).count("stray_assigned") == 2
        assert (await decide(third, 404, decision="assigned", session_id=str(new_id())))["code"] == "session_unknown"
        assert (await decide(third, decision="dismissed", note="a test of the technician"))["session_id"] is None
        assert (await desk.ask(who, "GET", "/stray-stops"))["items"] == []
        assert len((await desk.ask(who, "GET", f"/stray-stops?open=false&station={BOX}"))["items"]) == 3
        await desk.ask(who, "POST", f"/stray-stops/{UUID(int=1)}/review", 404, json={"decision": "dismissed"})
        technician = await desk.staff(Role.TECHNICIAN)
        path = f"/stray-stops/{third['id']}/review"
        await desk.ask(technician, "POST", path, 403, json={"decision": "dismissed"})
        await world.end((await world.session(other)).charge_ref or "", KWH, after(650))
        started_only = await world.start(await world.driver(phone="+996555000004"), number=4)
        await world.end("778", KWH, after(700))
        [fourth] = (await desk.ask(who, "GET", "/stray-stops"))["items"]
        answer = await decide(fourth, 409, decision="assigned", session_id=str(started_only))
        assert answer["code"] == "stray_session_not_begun"
        assert await charging.audit(db, world.rules, NOW) == []
        await world.sound()
