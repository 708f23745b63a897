"""The doctor: from what was seen to what is wrong, in three languages; and what it remembers is bounded."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.stations.network import ID, KEY, NOW, PLACE, build
from tests.stations.test_admit import approach
from zaryad import stations
from zaryad.kernel.ids import new_id
from zaryad.link.door import Attempt
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.stations import Knock, OcppSettings, Settings
from zaryad.stations.doctor import diagnose as diagnosis
from zaryad.stations.doctor import store
from zaryad.stations.doctor.attempts import note_attempts, tidy
from zaryad.stations.doctor.diagnose import diagnose
from zaryad.stations.doctor.model import Chart, Seen
from zaryad.stations.model import AdmissionStatus, Ban
from zaryad.stations.onboarding import inbox
from zaryad.ui.i18n import LANGUAGES, catalogue

MINUTE = dt.timedelta(minutes=1)


def tried(reason: str = "ok", *, ago: dt.timedelta = MINUTE, **more: Any) -> Attempt:
    values = {"id": new_id(), "station_id": ID, "at": NOW - ago, "node": "gw", "offered": ["ocpp1.6"], **more}
    return Attempt(reason=reason, **values)


def chart(**more: Any) -> Chart:
    """A station that is well."""
    return Chart(
        **{
            "has_password": True,
            "last_boot_at": NOW - MINUTE,
            "connectors": 2,
            "epoch": 7,
            "connected_at": NOW - MINUTE,
            "last_seen_at": NOW,
            "created_at": NOW - dt.timedelta(days=30),
            **more,
        }
    )


def codes(tries: list[Attempt], it: Chart | None = None, **more: Any) -> list[str]:
    seen = Seen(station_id=ID, now=NOW, rules=Settings(), chart=it, attempts=tries, **more)
    return [each.code for each in diagnose(seen)]


def test_nothing_is_wrong_with_a_station_that_is_well() -> None:
    assert codes([tried()], chart()) == ["all_well"]


KNOCK = Knock(
    station_id=ID, first_at=NOW, last_at=NOW, attempts=1, address="", user_agent="", subprotocols=[],
    had_password=False, reason="unknown",
)  # fmt: skip


@pytest.mark.parametrize(
    ("tries", "it", "more", "expected"),
    [
        ([], None, {}, ["never_seen"]),
        ([], chart(connected_at=None, last_seen_at=None, epoch=None), {}, ["never_seen"]),
        ([tried("unknown")], None, {"knock": KNOCK}, ["unknown_station"]),
        ([tried("unknown")], None, {"alike": ["kg-bis-0001"]}, ["unknown_station", "identity_case_differs"]),
        ([], None, {"ban": Ban(station_id=ID, banned_at=NOW, banned_by=UUID(int=1), note="")}, ["banned"]),
        ([tried("token_expired")], None, {"knock": KNOCK}, ["unknown_station", "token_expired"]),
        ([tried("token_used_up")], None, {}, ["unknown_station", "token_used_up"]),
        ([tried("bad_path", path="/x/y")], chart(), {}, ["bad_path"]),
        ([tried("wrong_user", detail={"user": "admin"})], chart(), {}, ["wrong_user"]),
        ([tried("bad_password", auth="none")], chart(), {}, ["password_missing"]),
        ([tried("bad_password", auth="unreadable")], chart(), {}, ["auth_unreadable"]),
        ([tried("bad_password", auth="wrong_password", detail={"password_look": "hex"})], chart(), {},
         ["wrong_password_hex"]),
        ([tried("bad_password", auth="wrong_password", detail={"password_look": "binary"})], chart(), {},
         ["wrong_password_raw"]),
        ([tried("bad_password", auth="wrong_password", detail={"password_look": "text"})], chart(), {},
         ["wrong_password"]),
        ([tried("bad_password", auth="none")], chart(password_set_at=NOW), {}, ["not_back_yet"]),
        ([tried("unknown")], chart(), {}, ["not_back_yet"]),
        ([tried("disabled")], chart(), {}, ["not_back_yet"]),
        ([tried("disabled")], chart(admin_state="disabled"), {}, ["disabled"]),
        ([tried("no_subprotocol", offered=["ocpp1.5"])], chart(), {}, ["wrong_subprotocol"]),
        ([tried("no_subprotocol", offered=[])], chart(), {}, ["no_subprotocol"]),
        ([tried("plain_where_tls_required")], chart(), {}, ["plain_where_tls_required"]),
        ([tried("certificate_expired", status=None)], chart(), {}, ["certificate_expired"]),
        ([tried("a_verdict_of_tomorrow")], chart(), {}, ["refused"]),
        ([tried("bad_password", ago=dt.timedelta(days=8), auth="none")], chart(), {}, ["all_well"]),
        ([tried(epoch=7, close_code=1006)], chart(disconnected_at=NOW), {}, ["offline"]),
        ([tried()], chart(last_seen_at=NOW - dt.timedelta(seconds=301)), {}, ["silent"]),
        ([tried()], chart(last_boot_at=None, connected_at=NOW - 5 * MINUTE), {}, ["no_boot"]),
        ([tried()], chart(boot_status="pending"), {}, ["boot_pending"]),
        ([tried()], chart(boot_status="rejected"), {}, ["boot_rejected"]),
        ([tried()], chart(clock_skew_ms=-120_000), {}, ["clock_behind"]),
        ([tried()], chart(clock_skew_ms=6 * 3_600_000), {}, ["clock_ahead"]),
        ([tried()], chart(clock_skew_ms=-59_000), {}, ["all_well"]),
        ([tried()], chart(admin_state="maintenance"), {}, ["maintenance", "all_well"]),
        ([tried()], chart(connectors=0), {}, ["no_connectors", "all_well"]),
        ([tried()], chart(has_password=False), {}, ["no_password", "all_well"]),
        ([tried() for _ in range(5)], chart(), {}, ["flapping"]),
        ([tried(ago=11 * MINUTE) for _ in range(50)], chart(), {}, ["all_well"]),
        ([tried(address=f"10.0.0.{n % 2}", close_reason="superseded") for n in range(4)], chart(), {}, ["two_devices"]),
        ([tried(address="10.0.0.1", close_reason="superseded") for _ in range(5)], chart(), {}, ["flapping"]),
        ([tried(rtt_ms=4_000)], chart(), {}, ["slow_link"]),
        ([tried(quirks={"comma": 3})], chart(), {}, ["quirks", "all_well"]),
    ],
)  # fmt: skip
def test_what_was_seen_leads_to(
    tries: list[Attempt], it: Chart | None, more: dict[str, Any], expected: list[str]
) -> None:
    assert codes(tries, it, **more) == expected


def test_every_finding_and_every_reason_has_its_words_in_every_language() -> None:
    tree = ast.parse(Path(diagnosis.__file__).read_text(encoding="utf-8"))
    found = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
    }
    texts = catalogue().texts("ru")
    findings = {key.split(".")[1] for key in texts if key.startswith("doctor.")}
    assert len(findings) > 35
    assert not {each for each in findings if each not in found and not each.startswith("boot_")}
    for language in LANGUAGES:
        for code in findings:
            assert catalogue().has(language, f"doctor.{code}")
            assert catalogue().has(language, f"doctor.{code}.remedy")
        reasons = {status.value for status in AdmissionStatus} | set(diagnosis._REFUSED) | {"no_subprotocol"}
        assert not {reason for reason in reasons if not catalogue().has(language, f"attempt.{reason}")}


async def test_an_examination_tells_it_in_words(db: Db) -> None:
    await build(db, ID, "KG-BIS-0002", password="Correct:Horse-1")
    async with db.begin() as tx:
        wrong = tried("bad_password", ago=-MINUTE, auth="wrong_password", detail={"password_bytes": "12"})
        await note_attempts(tx, [wrong])
        told = await stations.examine(tx, ID, Settings(), NOW, "en")
    assert [(each.code, each.severity) for each in told.findings] == [("wrong_password", "error")]
    assert told.findings[0].text == "The password is wrong: a text of 12 bytes came."
    assert (told.known, told.attempts[0].reason_text) == (True, "the password did not fit")
    assert b"password_hash" not in msgspec.json.encode(told)
    async with db.begin() as tx:
        stranger = await stations.examine(tx, StationId("kg-bis-0001"), Settings(), NOW, "ru")
        nobody = await stations.examine(tx, StationId("a:b\0"), Settings(), NOW, "ky")
    assert (stranger.known, stranger.alike) == (False, [ID])
    assert [each.code for each in nobody.findings] == ["never_seen"]


async def test_what_is_old_or_nobodys_is_forgotten(db: Db) -> None:
    await build(db)
    rules = OcppSettings(knock_keep_days=90, attempt_keep_days=30)
    async with db.begin() as tx:
        await stations.admit(tx, approach("NEW-1"), NOW - dt.timedelta(days=91), KEY)
        await stations.admit(tx, approach("NEW-2"), NOW - dt.timedelta(days=89), KEY)
        await note_attempts(
            tx,
            [
                tried(ago=dt.timedelta(days=31)),
                tried(ago=dt.timedelta(days=29)),
                tried(station_id="NEW-2"),
                tried(station_id="GONE"),
            ],
        )
    await tidy(db, rules, NOW)
    async with db.begin() as tx:
        assert [knock.station_id for knock in await stations.list_knocks(tx)] == ["NEW-2"]
        kept = {id: len(await store.attempts_of(tx, StationId(id), 9)) for id in (ID, "NEW-2", "GONE")}
    assert kept == {ID: 1, "NEW-2": 1, "GONE": 0}


async def test_a_try_that_is_told_twice_is_one_row_as_it_ended(db: Db) -> None:
    await build(db)
    it = tried(epoch=1)
    async with db.begin() as tx:
        await note_attempts(tx, [it])
        it.closed_at, it.close_code, it.close_reason, it.quirks = NOW, 1001, "reboot\0", {"comma": 2}
        await note_attempts(tx, [it])
        [kept] = await store.attempts_of(tx, ID, 9)
    assert (kept.close_code, kept.close_reason, kept.quirks) == (1001, "reboot", {"comma": 2})


async def test_a_ban_is_lifted_by_describing_the_station(db: Db) -> None:
    await build(db)
    new = StationId("NEW-1")
    async with db.begin() as tx:
        await inbox.put_ban(tx, new, UUID(int=1), "toy", NOW)
        verdict = await stations.admit(tx, approach("NEW-1"), NOW, KEY)
        assert (verdict.status, verdict.noted) == (AdmissionStatus.BANNED, False)
        assert [ban.station_id for ban in await inbox.list_bans(tx)] == ["NEW-1"]
        await stations.put_station(tx, new, PLACE)
        assert (await stations.admit(tx, approach("NEW-1"), NOW, KEY)).status is AdmissionStatus.OK
        assert await inbox.list_bans(tx) == []
