"""The door with TLS: the four suites, who a client certificate is, and what is recorded where it is nobody."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import websockets
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from websockets.asyncio.client import connect

from tests.certificates.pki import Ca, csr, key_pem, pem
from tests.ocpp.rig import BOX, Business, basic, until
from tests.stations.network import KEY, build
from zaryad import certificates
from zaryad.app import wiring
from zaryad.app.config import Config, Security
from zaryad.certificates import issue
from zaryad.certificates import store as rows
from zaryad.certificates.model import Status
from zaryad.kernel.clock import SystemClock
from zaryad.link.facts import StationId
from zaryad.ocpp.gateway import Gateway, Settings
from zaryad.ocpp.gateway.settings import Tls
from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db
from zaryad.platform.seal import Seal

RULES = certificates.Settings()
SEAL = Seal(KEY)
CONFIG = Config(security=Security(secret=KEY.decode()))
PASSWORD = "0123456789abcdef0123"
WITH_PASSWORD = basic(BOX, PASSWORD)
SUITES = [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", ssl.TLSVersion.TLSv1_2),
    ("ECDHE-ECDSA-AES256-GCM-SHA384", ssl.TLSVersion.TLSv1_2),
    ("AES128-GCM-SHA256", ssl.TLSVersion.TLSv1_2),
    ("AES256-GCM-SHA384", ssl.TLSVersion.TLSv1_2),
    (None, ssl.TLSVersion.TLSv1_3),
]


def now() -> dt.datetime:
    return SystemClock().now()


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the gateway runs on in earnest: TLS is the loop's own there."""
    return "asyncio", {"use_uvloop": True}


class World:
    """A gateway with both doors."""

    def __init__(self, db: Db, gateway: Gateway, root: str, place: Path) -> None:
        self.db, self.gateway, self.root, self.place = db, gateway, root, place

    def context(
        self,
        suite: str | None = None,
        version: ssl.TLSVersion | None = None,
        certificate: tuple[Sequence[x509.Certificate], Any] | None = None,
    ) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=self.root)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if suite is not None:
            context.set_ciphers(suite)
        if certificate is not None:
            chain, key = certificate
            file = self.place / "client.pem"
            file.write_text(pem(*chain) + key_pem(key))
            context.load_cert_chain(file)
        return context

    @asynccontextmanager
    async def station(
        self, context: ssl.SSLContext | None, auth: str | None = WITH_PASSWORD, id: str = BOX
    ) -> AsyncIterator[Any]:
        where = f"wss://127.0.0.1:{self.gateway.tls_port}" if context else f"ws://127.0.0.1:{self.gateway.port}"
        async with connect(
            f"{where}/ocpp/{id}",
            subprotocols=["ocpp1.6"],  # type: ignore[list-item]  # a plain name
            additional_headers={"Authorization": auth} if auth else None,
            ssl=context,
            proxy=None,
            close_timeout=1,
        ) as socket:
            yield socket

    async def refused(self, context: ssl.SSLContext | None, auth: str | None = None, id: str = BOX) -> int:
        with pytest.raises(websockets.InvalidStatus) as told:
            async with self.station(context, auth, id):
                pass
        return told.value.response.status_code

    async def reasons(self) -> list[str]:
        """The newest tries of the station, newest last."""
        await asyncio.sleep(0.15)
        async with self.db.begin() as tx:
            found = await tx.execute(
                sa.text("select reason from attempt where station_id = :id order by id"), {"id": BOX}
            )
            return list(found.scalars())

    async def row(self, *columns: str) -> Any:
        async with self.db.begin() as tx:
            found = await tx.execute(sa.text(f"select {', '.join(columns)} from station where id = :id"), {"id": BOX})
            return found.one()

    async def own(self, common: str = BOX, at: dt.datetime | None = None) -> tuple[list[x509.Certificate], Any]:
        """A station's certificate from our CA, with its row."""
        at = at or now()
        text, key = csr(common)
        async with self.db.begin() as tx:
            by = await certificates.authority(tx, RULES, SEAL, at)
            made = issue.sign_station(by, RULES, x509.load_pem_x509_csr(text.encode()), "station", at)
            chain = [made, *by.middle]
            await issue.keep(
                tx, chain, station_id=StationId(common), use="station", ours=True, status=Status.ACTIVE, now=at
            )
        return chain, key


@pytest.fixture
async def world(db: Db, bus: NatsBus, tmp_path: Path) -> AsyncIterator[World]:
    await build(db, BOX, "OTHER", password=PASSWORD)
    async with db.begin() as tx:
        made = await certificates.issue_server(tx, RULES, SEAL, ["127.0.0.1", "ocpp.test"], now())
        root = await certificates.root_pem(tx, RULES, SEAL, now())
    files = []
    for each in made:
        file = tmp_path / f"server-{each.kind}.pem"
        file.write_text(each.chain)
        file.with_suffix(".key").write_text(each.key)
        files.append(str(file))

    async def roots() -> str:
        async with db.begin() as tx:
            return await certificates.trust_pem(tx, RULES, SEAL, now())

    business = Business()
    rules = Settings(
        host="127.0.0.1",
        port=0,
        node="node-1",
        attempts_every_s=0.05,
        open_within_s=5,
        tls=Tls(enabled=True, certificates=tuple(files), reload_every_s=0.1),
    )
    gateway = Gateway(
        db, bus, business.handlers, business.order_ended, wiring.Door(CONFIG), SystemClock(), rules, client_roots=roots
    )
    await gateway.start()
    try:
        yield World(db, gateway, root, tmp_path)
    finally:
        await gateway.stop()


@pytest.mark.parametrize(("suite", "version"), SUITES)
async def test_all_required_suites_on_one_port(world: World, suite: str | None, version: ssl.TLSVersion) -> None:
    async with world.station(world.context(suite, version)) as socket:
        spoken = socket.transport.get_extra_info("ssl_object")
        assert suite is None or spoken.cipher()[0] == suite
        await socket.send('[2,"1","Heartbeat",{}]')
        assert (await asyncio.wait_for(socket.recv(), 5)).startswith('[3,"1"')
    assert (await world.row("security_profile", "profile_floor")) == (2, 2)


async def test_older_tls_is_refused(world: World) -> None:
    context = world.context("DEFAULT:@SECLEVEL=0", ssl.TLSVersion.TLSv1_1)
    with pytest.raises((ssl.SSLError, OSError)):
        async with world.station(context):
            pass


async def test_both_doors_at_once_and_no_step_back(world: World) -> None:
    async with world.station(None), world.station(world.context(), id="OTHER", auth=basic("OTHER", PASSWORD)):
        pass
    assert (await world.row("security_profile", "profile_floor")) == (1, 1)
    async with world.station(world.context()):
        pass
    assert await world.refused(None, WITH_PASSWORD) == 403
    assert (await world.reasons())[-1] == "plain_where_tls_required"


async def test_a_certificate_of_ours_is_profile_3_without_a_password(world: World) -> None:
    chain, key = await world.own()
    async with world.station(world.context(certificate=(chain, key)), auth=None) as socket:
        await socket.send('[2,"1","Heartbeat",{}]')
        assert (await asyncio.wait_for(socket.recv(), 5)).startswith('[3,"1"')
    assert (await world.row("security_profile", "profile_floor")) == (3, 3)
    assert await world.refused(world.context(), WITH_PASSWORD) == 403
    assert (await world.reasons())[-1] == "certificate_missing"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_an_expired_certificate_is_told_before_the_upgrade(world: World, version: ssl.TLSVersion) -> None:
    chain, key = await world.own(at=now() - dt.timedelta(days=400))
    assert await world.refused(world.context(version=version, certificate=(chain, key)), WITH_PASSWORD) == 403
    assert (await world.reasons())[-1] == "certificate_expired"
    async with world.db.begin() as tx:  # a technician lets it in once more, to get a new one
        await tx.execute(sa.text("update station set expired_until = now() + interval '1 hour'"))
    async with world.station(world.context(version=version, certificate=(chain, key)), auth=None):
        pass
    assert (await world.row("security_profile")) == (3,)


async def test_a_revoked_certificate_is_told_before_the_upgrade(world: World) -> None:
    chain, key = await world.own()
    context = world.context(certificate=(chain, key))
    async with world.db.begin() as tx:
        row = (await rows.certificates(tx, station_id=BOX))[0]
        await certificates.revoke(tx, row.id, "lost", "test", now())
    assert await world.refused(context) == 403
    assert (await world.reasons())[-1] == "certificate_revoked"


async def test_another_stations_certificate_opens_nothing(world: World) -> None:
    chain, key = await world.own("OTHER")
    assert await world.refused(world.context(certificate=(chain, key)), WITH_PASSWORD) == 403
    assert (await world.reasons())[-1] == "certificate_of_another"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_foreign_certificate_fails_in_tls_and_is_recorded_by_its_name(
    world: World, version: ssl.TLSVersion
) -> None:
    foreign = Ca("Foreign")
    leaf, key = foreign.leaf(BOX, "Zaryad", until=now() + dt.timedelta(days=5))
    with pytest.raises((ssl.SSLError, OSError, websockets.WebSocketException)):
        async with world.station(world.context(version=version, certificate=([leaf], key))):
            pass
    assert (await world.reasons())[-1] == "certificate_not_trusted"


async def test_new_files_are_used_without_a_restart(world: World) -> None:
    async with world.station(world.context()) as held:
        async with world.db.begin() as tx:
            made = await certificates.issue_server(tx, RULES, SEAL, ["127.0.0.1"], now(), ("ec",))
        file = world.place / "server-ec.pem"
        file.with_suffix(".key").write_text(made[0].key)
        file.write_text(made[0].chain)
        later = time.time() + 5
        os.utime(file, (later, later))
        wanted = made[0].row.fingerprint

        async def shown() -> str:
            async with world.station(world.context(), id="OTHER", auth=basic("OTHER", PASSWORD)) as socket:
                der = socket.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
                return certificates_fingerprint(der)

        async with asyncio.timeout(5):
            while await shown() != wanted:  # noqa: ASYNC110  # files have no events here
                await asyncio.sleep(0.1)
        file.write_text("rubbish")
        os.utime(file, (later + 5, later + 5))
        await asyncio.sleep(0.3)
        assert await shown() == wanted
        await held.send('[2,"1","Heartbeat",{}]')
        assert (await asyncio.wait_for(held.recv(), 5)).startswith('[3,"1"')


def certificates_fingerprint(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).fingerprint(SHA256()).hex()


async def test_half_a_handshake_harms_nobody(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.gateway.tls_port)
    writer.write(b"GET /ocpp/X HTTP/1.1\r\n\r\n")
    assert await asyncio.wait_for(reader.read(), 5) is not None
    writer.close()
    silent = await asyncio.open_connection("127.0.0.1", world.gateway.tls_port)
    async with world.station(world.context()):
        pass
    silent[1].close()


async def test_behind_a_proxy_its_word_counts_only_where_it_is_trusted(db: Db, bus: NatsBus) -> None:
    await build(db, password=PASSWORD)
    world = World(db, None, "", Path())  # type: ignore[arg-type]  # only its CA is used
    chain, _key = await world.own()
    shown = chain[0].public_bytes(Encoding.PEM).decode().replace("\n", "%0A").replace(" ", "%20").replace("+", "%2B")
    headers = {"X-Forwarded-Proto": "wss", "X-Client-Cert": shown, "X-Forwarded-For": "192.0.2.7"}
    for trusted, profile in ((False, None), (True, 3)):
        business = Business()
        rules = Settings(host="127.0.0.1", port=0, node="node-1", trust_forwarded=trusted)
        gateway = Gateway(db, bus, business.handlers, business.order_ended, wiring.Door(CONFIG), SystemClock(), rules)
        await gateway.start()
        try:
            socket = connect(
                f"ws://127.0.0.1:{gateway.port}/ocpp/{BOX}",
                subprotocols=["ocpp1.6"],  # type: ignore[list-item]  # a plain name
                additional_headers=headers,
                proxy=None,
            )
            if profile is None:
                with pytest.raises(websockets.InvalidStatus):
                    await socket
            else:
                async with socket:
                    await until(partial(len, gateway.connections))
        finally:
            await gateway.stop()
    async with db.begin() as tx:
        assert await tx.scalar(sa.text("select security_profile from station where id = :id"), {"id": BOX}) == 3


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_resumed_session_is_still_the_stations(world: World, version: ssl.TLSVersion) -> None:
    """A station that takes its TLS session up again sends no certificate; who it is goes with the session."""
    chain, key = await world.own()
    context = world.context(version=version, certificate=(chain, key))
    context.check_hostname = False

    def shake(session: ssl.SSLSession | None) -> tuple[bytes, bool, ssl.SSLSession | None]:
        with (
            socket.create_connection(("127.0.0.1", world.gateway.tls_port), 5) as raw,
            context.wrap_socket(raw, session=session) as secured,
        ):
            secured.sendall(
                f"GET /ocpp/{BOX} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
            )
            return secured.recv(100)[:12], bool(secured.session_reused), secured.session

    first, _, session = await asyncio.to_thread(shake, None)
    again, reused, _ = await asyncio.to_thread(shake, session)
    assert (first, again, reused) == (b"HTTP/1.1 101", b"HTTP/1.1 101", True)
    assert (await world.row("security_profile", "profile_floor")) == (3, 3)
