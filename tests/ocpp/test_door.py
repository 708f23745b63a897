"""The door over real sockets: every try leaves its why, strangers are bounded, some are heard out, tokens let in."""

from __future__ import annotations

import asyncio
import datetime as dt
import http
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import websockets

from tests.ocpp.rig import BOX, Business, Doors, basic, running, station, until
from tests.ocpp.test_handshake import refusal
from tests.stations.network import KEY, NOW, PLACE, build
from zaryad import stations
from zaryad.kernel.ids import new_id
from zaryad.link.door import Attempt
from zaryad.link.facts import StationId
from zaryad.ocpp.gateway import Gateway
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db
from zaryad.stations import ConnectorPlan, OcppSettings
from zaryad.stations.doctor import store
from zaryad.stations.onboarding import inbox, tokens
from zaryad.stations.tables import attempt
from zaryad.stations.tables import station as station_table

BY = UUID(int=9)


async def tries(gateway: Gateway, db: Db, id: str) -> list[Attempt]:
    """What is remembered, newest first."""
    await gateway._attempts.flush()
    async with db.begin() as tx:
        return await store.attempts_of(tx, StationId(id), 100)


async def made_token(db: Db, *, max_uses: int = 1, ago: dt.timedelta = dt.timedelta(0)) -> str:
    """A token for a day, made some time ago."""
    async with db.begin() as tx:
        now = dt.datetime.now(dt.UTC) - ago
        _, text = await tokens.create(
            tx,
            new_id(),
            PLACE,
            [ConnectorPlan(number=1, kind="ccs2", power_w=60_000)],
            tariff_id=UUID(int=5),
            max_uses=max_uses,
            expires_at=now + dt.timedelta(days=1),
            by=BY,
            key=KEY,
            now=now,
        )
    return text


@pytest.fixture
def rules(request: pytest.FixtureRequest) -> OcppSettings:
    return getattr(request, "param", OcppSettings())


@pytest.fixture
async def ruled(db: Db, bus: NatsBus, business: Business, rules: OcppSettings) -> AsyncIterator[Gateway]:
    """A gateway where strangers are treated by other rules."""
    await build(db, BOX)
    async with running(db, bus, business, strangers_per_s=0.01, strangers_burst=5, listened_to_s=1) as gateway:
        door = Doors()
        door.rules = rules
        gateway._door.stations = door
        yield gateway


async def test_each_try_leaves_its_why(gateway: Gateway, db: Db) -> None:
    async with db.begin() as tx:
        await stations.set_password(tx, BOX, KEY, NOW, "Correct:Horse-1")
    await refusal(gateway)
    await refusal(gateway, auth="Bearer x")
    await refusal(gateway, auth=basic("other", "Correct:Horse-1"))
    await refusal(gateway, auth=basic(BOX, "ab" * 10))
    await refusal(gateway, auth=basic(BOX, b"\xff" * 20))
    await refusal(gateway, path="/steve/")
    async with station(gateway, auth=basic(BOX, b"Correct:Horse-1".hex())) as box:
        await box.boot()
    await until(lambda: not gateway.connections)
    found = list(reversed(await tries(gateway, db, BOX)))
    assert [(each.reason, each.auth, each.status) for each in found] == [
        ("bad_password", "none", 401),
        ("bad_password", "unreadable", 401),
        ("wrong_user", "wrong_user", 401),
        ("bad_password", "wrong_password", 401),
        ("bad_password", "wrong_password", 401),
        ("bad_path", "none", 404),
        ("ok", "hex", 101),
    ]
    assert found[2].detail == {"user": "other"}
    assert [each.detail.get("password_look") for each in found[3:5]] == ["hex", "binary"]
    assert (found[5].path, found[6].path) == (f"/steve/{BOX}", f"/ocpp/{BOX}")
    last = found[-1]
    assert (last.offered, last.chosen, last.address) == (["ocpp1.6"], "ocpp1.6", "127.0.0.1")
    assert (last.close_code, last.epoch) == (1000, 1)
    assert last.closed_at is not None
    assert last.closed_at >= last.at


async def test_a_connection_taken_over_and_one_without_a_language_say_so(gateway: Gateway, db: Db) -> None:
    async with station(gateway) as old:
        await old.boot()
        async with station(gateway) as new:
            await new.boot()
            assert await old.closed() == 1000
            await until(lambda: len(gateway.connections) == 1)
    async with station(gateway, subprotocols=["ocpp1.5"]) as odd:
        assert await odd.closed() == 1002
    await until(lambda: not gateway.connections)
    spoken = await tries(gateway, db, BOX)
    assert [(each.reason, each.close_code, each.close_reason) for each in spoken][1:] == [
        ("ok", 1000, ""),
        ("ok", 1000, "superseded"),
    ]
    assert (spoken[0].reason, spoken[0].offered) == ("no_subprotocol", ["ocpp1.5"])


async def test_of_one_station_the_newest_fifty_are_kept(gateway: Gateway, db: Db) -> None:
    for _ in range(2):
        for _ in range(30):
            await refusal(gateway, auth=basic("other", "x"))
        await gateway._attempts.flush()
    found = await tries(gateway, db, BOX)
    assert len(found) == store.KEPT
    assert found[0].at > found[-1].at


async def test_tries_are_told_when_the_database_is_back(gateway: Gateway, db: Db) -> None:
    class Away(Doors):
        @staticmethod
        async def note_attempts(tx: Any, _attempts: Any) -> None:
            await tx.execute(sa.text("select 1 from nowhere"))

    whole, gateway._attempts._stations = gateway._attempts._stations, Away()
    await refusal(gateway, auth=basic("other", "x"))
    with pytest.raises(sa.exc.ProgrammingError):
        await gateway._attempts.flush()
    gateway._attempts._stations = whole
    assert len(await tries(gateway, db, BOX)) == 1


async def test_strangers_beyond_the_rate_leave_no_row_and_hold_up_nobody(ruled: Gateway, db: Db) -> None:
    async with station(ruled):
        pass  # it is acquainted now
    for number in range(8):
        assert (await refusal(ruled, f"NEW-{number}")).status_code == http.HTTPStatus.NOT_FOUND
    async with db.begin() as tx:
        assert len(await stations.list_knocks(tx)) == 5
    ruled._door._noted._left = 3
    await asyncio.gather(*(refusal(ruled, f"MORE-{number}") for number in range(40)))
    async with db.begin() as tx:
        assert len(await stations.list_knocks(tx)) < 5 + 3 + ruled._settings.handshakes_at_once
    ruled._door._judged._left = 0
    assert (await refusal(ruled, "NEW-9")).status_code == http.HTTPStatus.SERVICE_UNAVAILABLE
    async with station(ruled) as box:
        assert (await box.boot())["status"] == "Accepted"
    await ruled._attempts.flush()
    async with db.begin() as tx:
        strange = await tx.scalar(sa.select(sa.func.count()).where(attempt.c.station_id.startswith("NEW-")))
    assert strange == 5


async def test_a_banned_identity_hears_403_and_leaves_no_row(gateway: Gateway, db: Db) -> None:
    await refusal(gateway, "NEW-1")
    async with db.begin() as tx:
        await inbox.put_ban(tx, StationId("NEW-1"), BY, "a toy", NOW)
    assert (await refusal(gateway, "NEW-1")).status_code == http.HTTPStatus.FORBIDDEN
    async with db.begin() as tx:
        assert await stations.list_knocks(tx) == []
    assert len(await tries(gateway, db, "NEW-1")) == 1  # from before


@pytest.mark.parametrize("rules", [OcppSettings(inbox_listens=True)], indirect=True)
async def test_a_stranger_is_heard_out_and_no_more(ruled: Gateway, db: Db, business: Business) -> None:
    async with station(ruled, "NEW-1") as box:
        assert (await box.call("Heartbeat"))[2] == "SecurityError"
        assert (await box.call("NoSuchThing"))[2] == "SecurityError"
        answer = await box.call(
            "BootNotification",
            {
                "chargePointVendor": "ABB",
                "chargePointModel": "Terra",
                "chargePointSerialNumber": "T-17",
                "firmwareVersion": "1.2",
            },
        )
        assert (answer["status"], answer["interval"]) == ("Rejected", 300)
        assert await box.closed() == 1008
    assert business.facts == []

    async def knock() -> stations.Knock:
        async with db.begin() as tx:
            return (await stations.list_knocks(tx))[0]

    found = await knock()
    assert (found.vendor, found.model, found.serial, found.firmware) == ("ABB", "Terra", "T-17", "1.2")
    assert (await refusal(ruled, "NEW-1")).status_code == http.HTTPStatus.NOT_FOUND  # it has said it
    assert [each.reason for each in await tries(ruled, db, "NEW-1")] == ["unknown", "listen"]
    async with db.begin() as tx:
        await stations.approve(tx, StationId("NEW-1"), PLACE, [], key=KEY, now=NOW, with_password=False)
        assert (await stations.station(tx, StationId("NEW-1"), NOW)).vendor == "ABB"


@pytest.mark.parametrize("rules", [OcppSettings(inbox_listens=True)], indirect=True)
async def test_a_silent_stranger_is_closed_in_time_and_few_are_heard_at_once(ruled: Gateway) -> None:
    ruled._door._settings = type(ruled._settings)(listened_to_at_once=1, listened_to_s=1)
    async with station(ruled, "NEW-1") as box:
        await box.say("junk")
        assert (await refusal(ruled, "NEW-2")).status_code == http.HTTPStatus.NOT_FOUND
        assert await box.closed() == 1008
    await until(lambda: ruled._door.listened_to == 0)
    async with station(ruled, "NEW-2") as box:
        assert (await box.boot())["status"] == "Rejected"


@pytest.mark.parametrize("rules", [OcppSettings(unknown_stations="accept", accept_per_hour=2)], indirect=True)
async def test_an_accepted_stranger_works_under_maintenance_and_keeps_its_password(ruled: Gateway, db: Db) -> None:
    async with station(ruled, "NEW-1", auth=basic("NEW-1", "its own secret")) as box:
        assert (await box.boot())["status"] == "Accepted"
    assert (await refusal(ruled, "NEW-1")).status_code == http.HTTPStatus.UNAUTHORIZED
    async with station(ruled, "NEW-1", auth=basic("NEW-1", "its own secret")):
        pass
    async with station(ruled, "NEW-2"):
        pass
    assert (await refusal(ruled, "NEW-3")).status_code == http.HTTPStatus.NOT_FOUND
    async with db.begin() as tx:
        made = await stations.station(tx, StationId("NEW-1"), NOW)
        place = await stations.location(tx, made.location_id)
        assert [knock.reason for knock in await stations.list_knocks(tx) if knock.station_id == "NEW-3"] == [
            "too_many_new"
        ]
        assert await stations.list_stations(tx, NOW, open_only=True, text="NEW") == []
    assert (made.admin_state, place.status, place.name_in("en")) == ("maintenance", "planned", "Unassigned")


@pytest.mark.parametrize("rules", [OcppSettings(unknown_stations="accept", accept_into=PLACE)], indirect=True)
async def test_strangers_at_once_are_accepted_once(ruled: Gateway, db: Db) -> None:
    async def come() -> None:
        async with station(ruled, "NEW-1"):
            pass

    await asyncio.gather(*(come() for _ in range(4)))
    async with db.begin() as tx:
        made = await stations.station(tx, StationId("NEW-1"), NOW)
    assert made.location_id == PLACE


@pytest.mark.parametrize("prefix", ["/ocpp/", "/ws/"])
async def test_a_token_in_the_url_makes_a_station_at_its_first_contact(gateway: Gateway, db: Db, prefix: str) -> None:
    text = await made_token(db)
    for _ in range(2):  # the URL stays in the station, long after the token is used up
        async with station(gateway, "NEW-1", path=f"{prefix}{text.lower()}/") as box:
            assert (await box.boot())["status"] == "Accepted"
    refused = await refusal(gateway, "NEW-2", path=f"{prefix}{text}/")
    assert refused.status_code == http.HTTPStatus.NOT_FOUND
    assert b"used up" in (refused.body or b"")
    async with db.begin() as tx:
        [connector] = await stations.connectors_of(tx, NOW, stations=["NEW-1"])
        [token] = await tokens.list_tokens(tx)
        origin = await tx.scalar(sa.select(station_table.c.origin).where(station_table.c.id == "NEW-1"))
    assert (connector.kind, connector.tariff_id, connector.location_id) == ("ccs2", UUID(int=5), PLACE)
    assert (token.used, origin) == (1, f"token:{token.id}")
    shown = [each.path for id in ("NEW-1", "NEW-2") for each in await tries(gateway, db, id)]
    assert shown == [f"{prefix}***/NEW-1"] * 2 + [f"{prefix}***/NEW-2"]


async def test_a_token_that_opens_nothing_says_why(
    gateway: Gateway, db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    now = dt.datetime.now(dt.UTC)
    late = await made_token(db, ago=dt.timedelta(days=2))
    revoked = await made_token(db)
    async with db.begin() as tx:
        await tokens.revoke(tx, (await tokens.list_tokens(tx))[0].id, now)
    for number, text in enumerate((late, revoked, "0" * 24)):
        assert (await refusal(gateway, f"NEW-{number}", path=f"/ocpp/{text}/")).status_code == http.HTTPStatus.NOT_FOUND
    reasons = [(await tries(gateway, db, f"NEW-{number}"))[0].reason for number in range(3)]
    assert reasons == ["token_expired", "token_revoked", "token_unknown"]
    said = "".join(capsys.readouterr())
    assert late not in said
    assert revoked not in said


async def test_uses_are_counted_exactly_when_many_come_at_once(gateway: Gateway, db: Db) -> None:
    text = await made_token(db, max_uses=3)

    async def come(number: int) -> bool:
        try:
            async with station(gateway, f"NEW-{number}", path=f"/ocpp/{text}/"):
                return True
        except websockets.InvalidStatus:
            return False

    assert sum(await asyncio.gather(*(come(number) for number in range(8)))) == 3


async def test_a_clock_that_is_off_is_told_once_and_kept_messages_are_not_believed(gateway: Gateway, db: Db) -> None:
    async def skew() -> int | None:
        await gateway._presence.tell()
        async with db.begin() as tx:
            chart = await store.chart(tx, BOX)
        assert chart is not None
        return chart["clock_skew_ms"]  # type: ignore[no-any-return]  # a row's column

    async with station(gateway) as box:
        await box.boot()
        connection = gateway.connections[BOX]
        for number in range(3):  # as if told seconds apart
            connection._skew._last = None
            at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=6)
            await box.call(
                "StatusNotification",
                {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": at.isoformat()},
            )
            assert (await skew() is None) is (number < 2)
        assert abs((await skew() or 0) + 6 * 3_600_000) < 2_000


async def test_a_ping_is_timed_and_liberties_are_counted_while_it_is_here(
    db: Db, bus: NatsBus, business: Business
) -> None:
    await build(db, BOX)
    async with running(db, bus, business, ping_every_s=0.2, seen_every_s=0.1) as gateway, station(gateway) as box:
        await box.boot()
        await box.call("StatusNotification", {"connectorId": "1", "errorCode": "NoError", "status": "available"})
        silent = gateway.connections[BOX].socket
        await until(lambda: getattr(silent, "attempt").rtt_ms is not None)  # noqa: B009  # a door's socket
        await until(lambda: getattr(silent, "attempt").quirks)  # noqa: B009
        [told] = await tries(gateway, db, BOX)
        assert told.rtt_ms is not None
        assert told.rtt_ms < 1_000
        assert told.closed_at is None
        assert sum(told.quirks.values()) >= 1
