"""Orders to many, local lists, charging profiles, reservations and cards, over HTTP with the real gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.ocpp.rig import BOX
from tests.stations.orders.world import World, answer, answering, world
from zaryad import stations
from zaryad.auth import Role
from zaryad.link.answers import TokenStatus
from zaryad.link.facts import StationId
from zaryad.platform.bus import NatsBus
from zaryad.stations.orders import bulk


@pytest.fixture
async def net(database_url: str, bus: NatsBus) -> AsyncIterator[World]:
    async with world(database_url, bus) as it:
        yield it


async def run_bulk(net: World, id: str, until: str = "done") -> Any:
    """The worker's part: steps as the jobs would, until it is over."""
    async with asyncio.timeout(10):
        while True:
            await bulk.step(net.db, net.site.clock.now(), id)
            seen = await net.get(f"/bulk-orders/{id}")
            if seen["state"] == until:
                return seen
            await asyncio.sleep(0.05)


CHANGE = {"kind": "change_configuration", "key": "HeartbeatInterval", "value": "180"}


async def test_a_dry_run_tells_who_would_be_reached_and_who_could_not_be_told(net: World) -> None:
    body = {"filter": {"everyone": True}, "order": CHANGE, "dry_run": True}
    async with net.box():
        planned = (await net.ask("POST", "/bulk-orders", body)).json()
        assert (planned["state"], planned["id"], planned["total"], planned["connected"]) == ("planned", None, 3, 1)
        assert planned["counts"] == {"waiting": 3}
        report = {**body, "order": {"kind": "report_base"}}
        planned = (await net.ask("POST", "/bulk-orders", report)).json()
        assert planned["counts"] == {"not_supported": 1, "waiting": 2}, "nobody knows what the others speak"
        assert planned["items"][0]["detail"] == {"why": "there is no such order in OCPP 1.6"}
        unlock = {**body, "filter": {"online": True}, "order": {"kind": "unlock_connector", "connector": 5}}
        planned = (await net.ask("POST", "/bulk-orders", unlock)).json()
        assert planned["counts"] == {"invalid": 1}
    assert (await net.get("/bulk-orders"))["items"] == []
    assert (await net.get("/orders"))["items"] == []
    for wrong, code in (
        ({**body, "filter": {}}, "bulk_filter_empty"),
        ({**body, "order": {"kind": "stop_charging", "charge_ref": "1"}}, "bulk_kind_invalid"),
        ({**body, "order": {"kind": "raw_call", "action": "ClearCache"}}, "role_missing"),
        ({**body, "order": {**CHANGE, "key": ""}}, "order_field_invalid"),
    ):
        assert (await net.ask("POST", "/bulk-orders", wrong)).json()["code"] == code


async def test_a_bulk_order_goes_on_from_end_to_end_and_waits_for_who_is_away(net: World) -> None:
    id = str(uuid4())
    body = {"id": id, "filter": {"everyone": True}, "order": CHANGE, "parallelism": 1, "deadline_s": 600}
    begun = await net.ask("POST", "/bulk-orders", body)
    assert (begun.status_code, begun.json()["counts"]) == (202, {"waiting": 3})
    assert (await net.ask("POST", "/bulk-orders", body)).json() == begun.json(), "asking twice is asking once"
    other = {**body, "order": {"kind": "clear_cache"}}
    assert (await net.ask("POST", "/bulk-orders", other)).json()["code"] == "order_id_taken"
    await bulk.step(net.db, net.site.clock.now(), id)
    assert (await net.get(f"/bulk-orders/{id}"))["counts"] == {"waiting": 3}, "nobody is there"
    async with net.box(BOX) as one, net.box("KG-BIS-0002") as two:
        for _ in range(2):  # as a worker that died in between would
            await bulk.step(net.db, net.site.clock.now(), id)
        assert (await net.get(f"/bulk-orders/{id}"))["counts"] == {"placed": 1, "waiting": 2}
        with pytest.raises(TimeoutError):
            await two.hear(0.5)
        await answer(one, {"status": "Accepted"})
        async with answering(two, lambda *_: {"status": "Rejected"}):
            async with asyncio.timeout(10):
                while (await net.get(f"/bulk-orders/{id}"))["counts"].get("refused") != 1:
                    await bulk.resume(net.db, net.site.clock.now())
                    await asyncio.sleep(0.05)
    page = await net.get(f"/bulk-orders/{id}/items", limit=2)
    assert [(each["station_id"], each["state"]) for each in page["items"]] == [
        (BOX, "accepted"),
        ("KG-BIS-0002", "refused"),
    ]
    assert page["items"][1]["detail"] == {"status": "Rejected"}
    rest = await net.get(f"/bulk-orders/{id}/items", after=page["next"])
    assert [each["state"] for each in rest["items"]] == ["waiting"]
    ahead = net.site.clock.now().timestamp() + 601
    net.site.clock.set(net.site.clock.now().fromtimestamp(ahead, tz=net.site.clock.now().tzinfo))
    await net.sign_in(Role.OPERATOR)
    over = await run_bulk(net, id)
    assert over["counts"] == {"accepted": 1, "refused": 1, "unreached": 1}


async def test_a_bulk_order_is_cancelled_and_keeps_no_password(net: World) -> None:
    async def kept(table: str) -> str:
        async with net.db.begin() as tx:
            return str(
                await (await (await tx.driver()).execute(f"select string_agg(t::text, '') from {table} t")).fetchone()
            )

    secret = {"kind": "change_configuration", "key": "AuthorizationKey", "value": "ab" * 16}
    begun = (await net.ask("POST", "/bulk-orders", {"filter": {"everyone": True}, "order": secret})).json()
    assert begun["order"]["value"] == "***"
    assert bulk.STEP in await kept("procrastinate_jobs"), "its first step is a job of the same transaction"
    async with net.db.begin() as tx:  # one is known to be connected, and its gateway has died
        await stations.connected(tx, StationId(BOX), "gone", "ocpp1.6", "::1", net.site.clock.now())
    await bulk.step(net.db, net.site.clock.now(), begun["id"])
    assert (await net.get(f"/bulk-orders/{begun['id']}"))["counts"] == {"placed": 1, "waiting": 2}
    assert "abab" in await kept("bulk_order")
    assert "abab" in await kept("station_order")
    for _ in range(2):
        over = (await net.ask("DELETE", f"/bulk-orders/{begun['id']}")).json()
        assert (over["state"], over["counts"]) == ("cancelled", {"cancelled": 3})
    assert "abab" not in await kept("bulk_order") + await kept("station_order")
    assert (await net.ask("GET", f"/bulk-orders/{uuid4()}")).json()["code"] == "bulk_unknown"


# Local lists


async def cards(net: World, *numbers: str, **values: object) -> None:
    for number in numbers:
        assert (await net.ask("PUT", f"/tokens/{number}", values)).status_code == 200


async def synced(net: World, status: str = "synced") -> Any:
    async with asyncio.timeout(10):
        while (seen := await net.get(f"/stations/{BOX}/local-list"))["status"] != status:  # noqa: ASYNC110  # the API is what is asked
            await asyncio.sleep(0.05)
    return seen


async def sync(net: World, **body: object) -> Any:
    begun = await net.ask("POST", f"/stations/{BOX}/local-list/sync", body)
    assert begun.status_code == 202, begun.text
    return begun.json()


async def test_a_list_is_sent_whole_in_parts_and_then_by_what_has_changed(net: World) -> None:
    await cards(net, "A1", "A2", "A3", "A4", "A5", group="FLEET")
    await cards(net, "B1", status="blocked")
    async with net.box() as box, answering(box, lambda *_: {"status": "Accepted"}) as heard:
        assert (await net.get(f"/stations/{BOX}/local-list"))["status"] == "unknown"
        await sync(net, per_message_max=2)
        seen = await synced(net)
        assert (seen["version"], seen["entries"], seen["waiting"], seen["certain"]) == (3, 5, 0, True)
        sent = [(each["listVersion"], each["updateType"], len(each["localAuthorizationList"])) for _, each in heard]
        assert sent == [(1, "Full", 2), (2, "Differential", 2), (3, "Differential", 1)]
        assert heard[0][1]["localAuthorizationList"][0] == {
            "idTag": "A1",
            "idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"},
        }
        heard.clear()
        assert (await sync(net))["status"] == "synced"
        assert heard == [], "nothing has changed"
        await cards(net, "A2", status="blocked")
        await cards(net, "C1")
        await sync(net)
        await synced(net)
        (_, told) = heard[0]
        assert (told["listVersion"], told["updateType"]) == (4, "Differential")
        assert told["localAuthorizationList"] == [
            {"idTag": "C1", "idTagInfo": {"status": "Accepted"}},
            {"idTag": "A2"},
        ]
        heard.clear()
        await sync(net, filter={"blocked": True})
        await synced(net)
        told = heard[0][1]["localAuthorizationList"]
        assert told == [{"idTag": name, "idTagInfo": {"status": "Blocked"}} for name in ("A2", "B1")]
    kept = await net.get(f"/stations/{BOX}/local-list/entries", limit=4)
    assert [each["token"] for each in kept["items"]] == ["A1", "A2", "A3", "A4"]
    assert kept["items"][1]["status"] == TokenStatus.BLOCKED.value


async def test_a_mismatch_is_answered_with_the_whole_list_and_a_second_no_is_told(net: World) -> None:
    await cards(net, "A1")
    words = iter(["Accepted", "VersionMismatch", "Accepted", "Failed", "Failed"])
    async with net.box() as box, answering(box, lambda *_: {"status": next(words)}) as heard:
        await sync(net)
        await synced(net)
        await cards(net, "A2")
        await sync(net)
        await synced(net)
        await cards(net, "A3")
        await sync(net)
        failed = await synced(net, "failed")
        types = [(each["listVersion"], each["updateType"]) for _, each in heard]
    assert types == [(1, "Full"), (2, "Differential"), (3, "Full"), (4, "Differential"), (5, "Full")]
    assert (failed["certain"], failed["detail"]["status"]) == (False, "Failed")


async def test_a_list_sent_by_hand_or_a_strange_version_makes_the_next_one_whole(net: World) -> None:
    await cards(net, "A1")

    def reply(action: str, _body: object) -> dict[str, Any]:
        return {"listVersion": 40} if action == "GetLocalListVersion" else {"status": "Accepted"}

    async with net.box() as box, answering(box, reply) as heard:
        await sync(net)
        await synced(net)
        by_hand = {"version": 9, "full": False, "entries": [{"token": "X", "status": "accepted"}]}
        assert (await net.order("send-local-list", by_hand, await_s=10)).json()["outcome"] == "accepted"
        assert (await net.get(f"/stations/{BOX}/local-list"))["certain"] is False
        await sync(net)
        await synced(net)
        await net.order("ask-list-version", await_s=10)
        assert (await net.get(f"/stations/{BOX}/local-list"))["version"] == 40
        await sync(net)
        await synced(net)
        sent = [(b["listVersion"], b["updateType"]) for a, b in heard if a == "SendLocalList"]
    assert sent == [(1, "Full"), (9, "Differential"), (10, "Full"), (41, "Full")]


async def test_what_a_station_takes_at_once_is_learnt_from_its_settings(net: World) -> None:
    await cards(net, "A1", "A2", "A3")
    said = [{"key": "SendLocalListMaxLength", "readonly": True, "value": "2"},
            {"key": "LocalAuthListMaxLength", "readonly": True, "value": "2"}]  # fmt: skip
    async with net.box() as box, answering(box, lambda *_: {"configurationKey": said}):
        await net.order("read-configuration", await_s=10)
    seen = await net.get(f"/stations/{BOX}/local-list")
    assert (seen["per_message_max"], seen["entries_max"]) == (2, 2)
    refused = await net.ask("POST", f"/stations/{BOX}/local-list/sync", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "local_list_too_long")
    assert (await sync(net, filter={"tokens": ["a1", "A2"]}))["status"] == "syncing"
    assert (await net.ask("POST", f"/stations/{BOX}/local-list/sync", {})).json()["code"] == "local_list_busy"


# Charging profiles

NIGHT = {
    "number": 100,
    "stack_level": 1,
    "purpose": "transaction_default",
    "kind": "recurring_daily",
    "schedule": {
        "unit": "watts",
        "duration_s": 36_000,
        "start_at": "2026-11-21T18:00:00Z",
        "periods": [{"start_s": 0, "limit_tenths": 110_000}, {"start_s": 3_600, "limit_tenths": 70_005}],
    },
}


async def test_a_profile_kept_by_name_is_set_and_known_to_be_there(net: World) -> None:
    kept = await net.ask("PUT", "/charging-profiles/night", {"profile": NIGHT, "note": "cheap hours"})
    assert kept.status_code == 200, kept.text
    assert [each["name"] for each in (await net.get("/charging-profiles"))["items"]] == ["night"]
    assert (await net.order("set-profile", {"connector": 1, "name": "day"})).json()["code"] == "profile_unknown"
    assert (await net.order("set-profile", {"connector": 1})).json()["params"]["field"] == "profile"
    async with net.box() as box, answering(box, lambda *_: {"status": "Accepted"}) as heard:
        told = await net.order("set-profile", {"connector": 1, "name": "night"}, await_s=10)
        assert told.json()["outcome"] == "accepted", told.text
        (action, said) = heard[0]
        assert (action, said["connectorId"]) == ("SetChargingProfile", 1)
        periods = said["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"]
        assert [each["limit"] for each in periods] == [11_000, 7_000.5]
        there = (await net.get(f"/stations/{BOX}/charging-profiles"))["items"]
        assert [(each["connector"], each["source"], each["profile"]["number"]) for each in there] == [(1, "CSO", 100)]
        # the same purpose and level at the same place replaces
        await net.order("set-profile", {"connector": 1, "name": "night", "number": 101}, await_s=10)
        there = (await net.get(f"/stations/{BOX}/charging-profiles"))["items"]
        assert [each["profile"]["number"] for each in there] == [101]
        await net.order("clear-profiles", {"purpose": "transaction_default"}, await_s=10)
    assert (await net.get(f"/stations/{BOX}/charging-profiles"))["items"] == []
    assert (await net.ask("DELETE", "/charging-profiles/night")).status_code == 204
    assert (await net.ask("GET", "/charging-profiles/night")).status_code == 404


def changed(**values: Any) -> dict[str, Any]:
    schedule = {**NIGHT["schedule"], **{k: v for k, v in values.items() if k in {"periods", "start_at", "duration_s"}}}  # type: ignore[dict-item]  # a dict
    rest = {k: v for k, v in values.items() if k not in schedule}
    return {**NIGHT, **rest, "schedule": schedule}


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (changed(periods=[]), "profile.schedule.periods"),
        (changed(periods=[{"start_s": 5, "limit_tenths": 1}]), "profile.schedule.periods[0].start_s"),
        (changed(periods=[{"start_s": 0, "limit_tenths": 1}, {"start_s": 0, "limit_tenths": 1}]),
         "profile.schedule.periods[1].start_s"),
        (changed(periods=[{"start_s": 0, "limit_tenths": -1}]), "profile.schedule.periods[0].limit_tenths"),
        (changed(periods=[{"start_s": 0, "limit_tenths": 1, "phases": 3, "phase_to_use": 2}]),
         "profile.schedule.periods[0].phase_to_use"),
        (changed(kind="relative"), "profile.schedule.start_at"),
        (changed(kind="absolute", start_at=None), "profile.schedule.start_at"),
        (changed(purpose="station_max", kind="relative", start_at=None), "profile.kind"),
        (changed(purpose="station_max"), "connector"),
        (changed(purpose="external"), "profile.purpose"),
        (changed(purpose="transaction"), "profile.charge_ref"),
        (changed(charge_ref="7"), "profile.charge_ref"),
        (changed(stack_level=-1), "profile.stack_level"),
        (changed(valid_from="2026-11-22T00:00:00Z", valid_to="2026-11-21T00:00:00Z"), "profile.valid_to"),
    ],
)  # fmt: skip
async def test_a_profile_against_the_rules_is_not_sent(net: World, profile: dict[str, Any], field: str) -> None:
    told = await net.order("set-profile", {"connector": 1, "profile": profile})
    assert (told.status_code, told.json()["params"]["field"]) == (400, field), told.text


# Reservations and cards


async def test_a_reservation_over_http_reaches_the_station_and_is_listed(net: World) -> None:
    id = uuid4()
    until = net.site.clock.now().replace(microsecond=0)
    body = {"station_id": BOX, "connector": 1, "token": "CARD", "expires_at": f"{until.date()}T23:59:59Z"}
    async with net.box() as box, answering(box, lambda *_: {"status": "Accepted"}) as heard:
        made = (await net.ask("PUT", f"/reservations/{id}", body)).json()
        assert made["status"] == "requested", made
        await net.get(f"/orders/{made['order_id']}", await_s=10)
        assert (await net.get(f"/reservations/{id}"))["status"] == "active"
        assert heard[0][0] == "ReserveNow"
        assert heard[0][1]["reservationId"] == made["number"]
        listed = await net.get("/reservations", station=BOX, status="active", token="card")
        assert [each["id"] for each in listed["items"]] == [str(id)]
        assert (await net.ask("DELETE", f"/reservations/{id}")).status_code == 202
        async with asyncio.timeout(10):
            while (await net.get(f"/reservations/{id}"))["status"] != "cancelled":  # noqa: ASYNC110  # the API is asked
                await asyncio.sleep(0.05)
        assert heard[1] == ("CancelReservation", {"reservationId": made["number"]})
    assert (await net.get("/reservations", status="active"))["items"] == []
    assert (await net.ask("GET", f"/reservations/{uuid4()}")).json()["code"] == "reservation_unknown"


async def test_cards_are_listed_with_what_a_station_would_be_told(net: World) -> None:
    await cards(net, "A1", group="G")
    await cards(net, "A2", status="blocked")
    await cards(net, "A3", expires_at="2020-01-01T00:00:00Z")
    seen = (await net.get("/tokens"))["items"]
    assert [(each["token"], each["verdict"], each["blocked"], each["expired"]) for each in seen] == [
        ("A1", "accepted", False, False),
        ("A2", "blocked", True, False),
        ("A3", "expired", False, True),
    ]
    for query, wanted in (
        ({"group": "g"}, ["A1"]),
        ({"status": "blocked"}, ["A2"]),
        ({"expired": "true"}, ["A3"]),
        ({"q": "a2"}, ["A2"]),
        ({"limit": 1, "after": "A1"}, ["A2"]),
    ):
        assert [each["token"] for each in (await net.get("/tokens", **query))["items"]] == wanted
    assert (await net.get("/tokens/a3"))["verdict"] == "expired"


async def test_staff_see_of_every_station_its_password_boot_protocol_and_connectors(net: World) -> None:
    await net.ask("PUT", "/stations/KG-BIS-0002/connectors/102", {"kind": "ccs2", "power_w": 60_000})
    place = (await net.get(f"/stations/{BOX}"))["location_id"]
    await net.ask("PUT", "/stations/KG-BIS-0003", {"location_id": place, "boot_status": "pending"})
    async with net.box():
        seen = {each["station"]["id"]: each for each in (await net.get("/station-cards"))["items"]}
        assert [each["station"]["id"] for each in (await net.get("/station-cards", online="true"))["items"]] == [BOX]
    assert list(seen) == [BOX, "KG-BIS-0002", "KG-BIS-0003"]
    one, two, three = (each["station"] for each in seen.values())
    assert (one["online"], one["boot_status"], one["has_password"]) == (True, "accepted", False)
    assert (two["online"], three["boot_status"]) == (False, "pending")
    named = [(each["number"], each["evse"], each["outlet"]) for each in seen["KG-BIS-0002"]["connectors"]]
    assert named == [(1, 1, 1), (2, 2, 1), (102, 2, 2)]
    for query, count in (({"boot_status": "pending"}, 1), ({"has_password": "true"}, 0), ({"after": BOX}, 2)):
        assert len((await net.get("/station-cards", **query))["items"]) == count
