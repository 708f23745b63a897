"""Files of stations: taken in whole or not at all, given out in ranges, reached only with leave for just that."""

from __future__ import annotations

import asyncio
import datetime as dt
import ftplib
import hashlib
import io
import random
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.http.site import START, Site
from tests.maintenance.world import Network
from zaryad import maintenance
from zaryad.auth import Role
from zaryad.kernel.clock import ManualClock
from zaryad.kernel.errors import DomainError
from zaryad.kernel.ids import new_id
from zaryad.link.facts import DiagnosticsReported, LogReported
from zaryad.link.orders import FetchLog, OrderState
from zaryad.maintenance.files import keep, store
from zaryad.maintenance.files.grant import grant_download, grant_upload
from zaryad.maintenance.files.keep import Taker, clean_name, take_in
from zaryad.maintenance.files.model import CHUNK, Ftp, Settings, StoredFile
from zaryad.maintenance.logs import ask as logs
from zaryad.maintenance.logs import store as log_store
from zaryad.maintenance.logs.model import LogId, LogRequest
from zaryad.platform.db import Db

BODY = random.Random(7).randbytes(2 * CHUNK + 12_345)
RULES = Settings(public_url="http://files.test")
BOSS = "staff:1"


async def pieces(body: bytes, size: int = 70_001) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def kept(db: Db, body: bytes = BODY, now: dt.datetime = START) -> StoredFile:
    taker = Taker(db, kind="firmware", name="fw.bin", most=len(body), by=BOSS)
    return await take_in(taker, pieces(body), now)


async def leave(db: Db, net: Network, it: StoredFile | None, *, hours: int = 1, via: str = "http") -> str:
    rules = RULES if via == "http" else Settings(public_url="http://x", ftp=Ftp(enabled=True, host="127.0.0.1"))
    async with db.begin() as tx:
        until = START + dt.timedelta(hours=hours)
        if it is None:
            return await grant_upload(tx, rules, net.id, "a.log", new_id(), until, via)  # type: ignore[arg-type]  # one of two words
        return await grant_download(tx, rules, net.id, it.id, it.name, new_id(), until, via)  # type: ignore[arg-type]  # as above


async def test_a_file_comes_out_as_it_went_in(db: Db) -> None:
    it = await kept(db)
    assert (it.size, it.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    for start, end in ((0, it.size), (CHUNK - 1, CHUNK + 1), (5, 6), (it.size - 1, it.size), (CHUNK, 2 * CHUNK)):
        assert b"".join([piece async for piece in keep.give_out(db, it, start, end)]) == BODY[start:end]


@pytest.mark.parametrize(
    ("most", "sha256", "code"), [(100, None, "file_too_large"), (10**9, "00" * 32, "file_hash_wrong")]
)
async def test_what_is_too_large_or_damaged_leaves_nothing(db: Db, most: int, sha256: str | None, code: str) -> None:
    with pytest.raises(DomainError, match=code):
        await take_in(Taker(db, kind="firmware", name="x", most=most, by=BOSS), pieces(BODY), START, sha256=sha256)
    async with db.begin() as tx:
        assert await store.old(tx, START + dt.timedelta(days=9), START, 10) == []


async def test_a_transfer_that_was_cut_off_is_forgotten_after_a_day(db: Db) -> None:
    taker = Taker(db, kind="log", name="x", most=10**9, by="station")
    await taker.begin(START)
    await taker.take(BODY)
    assert await keep.sweep(db, START + dt.timedelta(hours=23), dt.timedelta(days=9)) == 0
    assert await keep.sweep(db, START + dt.timedelta(hours=25), dt.timedelta(days=9)) == 1


def test_a_name_is_only_a_name() -> None:
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("C:\\logs\\a b.log") == "a b.log"
    assert clean_name("журнал.log") == "журнал.log"
    assert clean_name("//") == "file"
    assert len(clean_name("x" * 999)) == 200


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        (None, 200, (0, len(BODY))),
        ("bytes=0-99", 206, (0, 100)),
        (f"bytes={CHUNK - 10}-", 206, (CHUNK - 10, len(BODY))),
        ("bytes=-5", 206, (len(BODY) - 5, len(BODY))),
        ("bytes=10-999999999", 206, (10, len(BODY))),
        ("bytes=0-1,5-6", 200, (0, len(BODY))),
        ("lines=1-2", 200, (0, len(BODY))),
        (f"bytes={len(BODY)}-", 416, (0, 0)),
        ("bytes=-0", 416, (0, 0)),
        ("bytes=9-8", 416, (0, 0)),
    ],
)
async def test_a_station_fetches_a_file_or_the_rest_of_it(
    site: Site, db: Db, asked: str | None, status: int, span: tuple[int, int]
) -> None:
    net = await Network.build(db)
    path = urlsplit(await leave(db, net, await kept(db))).path
    async with site.client() as station:
        answer = await station.get(path, headers={} if asked is None else {"Range": asked})
        assert answer.status_code == status
        assert answer.content == BODY[slice(*span)]
        if status == 206:
            assert answer.headers["Content-Range"] == f"bytes {span[0]}-{span[1] - 1}/{len(BODY)}"
        if status == 200:
            head = await station.head(path)
            assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(BODY)))
            assert head.content == b""


async def test_a_changed_file_is_not_glued_to_an_old_half(site: Site, db: Db) -> None:
    net = await Network.build(db)
    path = urlsplit(await leave(db, net, await kept(db))).path
    async with site.client() as station:
        answer = await station.get(path, headers={"Range": "bytes=5-9", "If-Range": '"another"'})
        assert (answer.status_code, len(answer.content)) == (200, len(BODY))


async def test_leave_is_for_one_file_one_way_and_a_time(site: Site, db: Db) -> None:
    net = await Network.build(db)
    path = urlsplit(await leave(db, net, await kept(db))).path
    _, _, grant, secret, name = path.split("/")
    async with site.client() as station:
        for wrong in (f"/files/{grant}/{'0' * 32}/{name}", f"/files/nobody/{secret}/{name}", "/files/x/y"):
            answer = await station.get(wrong)
            assert (answer.status_code, answer.json()["code"]) == (404, "file_unknown")
        assert (await station.put(path, content=b"x")).status_code == 403
        site.clock.set(START + dt.timedelta(hours=2))
        assert (await station.get(path)).status_code == 404


async def test_a_station_sends_a_log_in_each_way_that_stations_have(site: Site, db: Db) -> None:
    net = await Network.build(db)
    async with db.begin() as tx:
        await logs.ask(tx, RULES, LogId(new_id()), net.id, "diagnostics", BOSS, START)
    [order] = await net.answer(lambda _: (OrderState.DONE, {"status": "Accepted", "filename": "box.log"}))
    assert isinstance(order, FetchLog)
    path = urlsplit(order.url).path
    async with site.client() as station:
        assert (await station.put(path, content=b"one")).status_code == 201
        assert (await station.post(f"{path}/deeper/two.log", content=b"two")).status_code == 201
        assert (await station.post(path, files={"file": ("three.zip", b"three")})).status_code == 201
        assert (await station.put(path, content=b"")).status_code == 400
        assert (await station.get(path)).status_code == 404
        assert (await station.put(path, content=b"five")).status_code == 201
        assert (await station.put(path, content=b"six")).status_code == 429
    technician = await site.person(Role.TECHNICIAN, login="tech")
    async with site.client() as staff:
        staff.headers.update(site.bearer(technician))
        [request] = (await staff.get("/api/v1/logs", params={"station": net.id})).json()["items"]
        assert (request["state"], request["file_name"], len(request["files"])) == ("uploaded", "box.log", 4)
        names = [it["name"] for it in (await staff.get("/api/v1/files", params={"kind": "log"})).json()["items"]]
        assert sorted(names) == ["diagnostics.log", "diagnostics.log", "three.zip", "two.log"]
        content = await staff.get(f"/api/v1/files/{request['files'][2]}/content")
        assert content.content == b"three"


async def request_of(db: Db, id: LogId) -> LogRequest:
    async with db.begin() as tx:
        found = await log_store.find(tx, id)
    assert found is not None
    return found


async def test_a_log_is_followed_by_the_stations_words_each_by_its_number(db: Db) -> None:
    net = await Network.build(db, "ocpp2.0.1")
    ids = [LogId(new_id()), LogId(new_id())]
    for id in ids:
        async with db.begin() as tx:
            await logs.ask(tx, RULES, id, net.id, "security", BOSS, net.now)
            again = await logs.ask(tx, RULES, id, net.id, "security", BOSS, net.now)
        assert again.id == id
    await net.answer(lambda _: (OrderState.DONE, {"status": "Accepted"}))
    numbers = [placed.number for placed in net.asked]
    assert len(numbers) == 2
    for number, word in ((numbers[0], "Uploading"), (numbers[1], "UploadFailure"), (numbers[0], "Uploaded")):
        await logs.note_log(db, LogReported(station_id=net.id, received_at=net.now, status=word, request=number))
    await logs.note_log(db, LogReported(station_id=net.id, received_at=net.now, status="Uploading", request=numbers[0]))
    await logs.note_log(db, LogReported(station_id=net.id, received_at=net.now, status="Idle"))
    assert [(await request_of(db, id)).state for id in ids] == ["uploaded", "failed"]


async def test_an_old_station_has_nothing_to_send_or_says_so_in_old_words(db: Db) -> None:
    net = await Network.build(db)
    ids = [LogId(new_id()) for _ in range(3)]
    for id, answer in zip(ids, ({"fileName": "d.zip"}, {}, {"fileName": "e.zip"}), strict=True):
        async with db.begin() as tx:
            await logs.ask(tx, RULES, id, net.id, "diagnostics", BOSS, net.later(seconds=1), plain=True)
        await net.answer(lambda _, answer=answer: (OrderState.DONE, answer))  # type: ignore[misc]  # bound at once
    async with db.begin() as tx:
        await logs.note_diagnostics(tx, DiagnosticsReported(station_id=net.id, received_at=net.now, status="Uploaded"))
    assert [(await request_of(db, id)).state for id in ids] == ["accepted", "nothing", "uploaded"]
    await logs.sweep(db, net.later(hours=7), dt.timedelta(days=90))
    assert (await request_of(db, ids[0])).state == "expired"


@pytest.fixture
async def ftp(db: Db) -> AsyncIterator[maintenance.FtpDoor]:
    rules = Ftp(
        enabled=True, host="127.0.0.1", listen="127.0.0.1", port=2_199, passive_first=51_000, passive_last=51_063
    )
    door = maintenance.FtpDoor(db, ManualClock(START), rules)
    door.start()
    yield door
    await door.close()


def account(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    assert parts.username is not None
    assert parts.password is not None
    return parts.username, parts.password, parts.path.lstrip("/")


async def test_over_ftp_a_station_fetches_its_file_from_where_it_was_cut_off(db: Db, ftp: maintenance.FtpDoor) -> None:
    net = await Network.build(db)
    user, password, name = account(await leave(db, net, await kept(db), via="ftp"))

    def fetch(rest: int | None) -> tuple[bytes, int | None, list[str]]:
        got = io.BytesIO()
        with ftplib.FTP() as client:
            client.connect("127.0.0.1", ftp.port, timeout=20)
            client.login(user, password)
            client.voidcmd("TYPE I")
            size, names = client.size(name), client.nlst()
            client.retrbinary(f"RETR {name}", got.write, rest=rest)
        return got.getvalue(), size, names

    assert await asyncio.to_thread(fetch, None) == (BODY, len(BODY), ["fw.bin"])
    assert (await asyncio.to_thread(fetch, CHUNK + 5))[0] == BODY[CHUNK + 5 :]


async def test_over_ftp_a_station_sends_what_it_was_asked_for_and_sees_nothing_else(
    db: Db, ftp: maintenance.FtpDoor
) -> None:
    net = await Network.build(db)
    user, password, _ = account(await leave(db, net, None, via="ftp"))
    theirs, their_password, _ = account(await leave(db, net, await kept(db), via="ftp"))

    def send() -> list[str]:
        said = []
        with ftplib.FTP() as client:
            client.connect("127.0.0.1", ftp.port, timeout=20)
            with pytest.raises(ftplib.error_perm):
                client.login(user, "wrong")
            client.login(user, password)
            client.mkd("logs")
            client.cwd("logs")
            said.append(client.storbinary("STOR box.log", io.BytesIO(BODY)))
            assert client.nlst() == []
            with pytest.raises(ftplib.error_perm):
                client.retrbinary("RETR fw.bin", lambda _: None)
            with pytest.raises(ftplib.error_perm):
                client.delete("box.log")
        with ftplib.FTP() as client:
            client.connect("127.0.0.1", ftp.port, timeout=20)
            client.login(theirs, their_password)
            with pytest.raises(ftplib.error_perm):
                client.storbinary("STOR evil", io.BytesIO(b"x"))
        return said

    assert (await asyncio.to_thread(send))[0].startswith("226")
    async with db.begin() as tx:
        [file] = await store.files(tx, "log", net.id, None, 10)
    assert (file.name, file.sha256) == ("box.log", hashlib.sha256(BODY).hexdigest())


async def test_a_file_that_is_too_long_for_ftp_is_not_said_to_be_kept(db: Db, ftp: maintenance.FtpDoor) -> None:
    net = await Network.build(db)
    rules = Settings(public_url="http://x", log_bytes_max=1_000, ftp=Ftp(enabled=True, host="127.0.0.1"))
    async with db.begin() as tx:
        url = await grant_upload(tx, rules, net.id, "a.log", new_id(), START + dt.timedelta(hours=1), "ftp")
    user, password, _ = account(url)

    def send() -> None:
        with ftplib.FTP() as client:
            client.connect("127.0.0.1", ftp.port, timeout=20)
            client.login(user, password)
            client.storbinary("STOR a.log", io.BytesIO(BODY))

    with pytest.raises((ftplib.Error, OSError, EOFError)):
        await asyncio.to_thread(send)
    async with db.begin() as tx:
        assert await store.files(tx, "log", net.id, None, 10) == []
