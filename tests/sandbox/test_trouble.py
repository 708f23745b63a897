"""Links in trouble, certificates at the door, files on the network: a station on real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from tests.sandbox.central import AC, DC
from tests.sandbox.pki import PEM, Root
from tests.sandbox.test_client import Kept
from zaryad.kernel.clock import SystemClock
from zaryad.sandbox import link, runner
from zaryad.sandbox.client import Client
from zaryad.sandbox.errands import Bring, Fetch
from zaryad.sandbox.kept import Trouble
from zaryad.sandbox.model import Disturb, DropLink, Protocol, RequestCertificate, Say, StationModel
from zaryad.sandbox.speakers import built
from zaryad.sandbox.timekeeping import stamp


class Hearing:
    """A central system that accepts, and remembers frames and handshakes."""

    def __init__(self) -> None:
        self.raw: list[str] = []
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[Request] = []
        self.peers: list[dict[str, Any] | None] = []
        self.socket: ServerConnection | None = None
        self.port = 0

    async def handle(self, socket: ServerConnection) -> None:
        self.socket = socket
        tls = socket.transport.get_extra_info("ssl_object")
        self.peers.append(tls.getpeercert() if tls is not None else None)
        async for frame in socket:
            self.raw.append(str(frame))
            kind, id, *rest = json.loads(frame)
            if kind == 2:
                self.heard.append((rest[0], rest[1]))
                await socket.send(json.dumps([3, id, self.answer(rest[0])]))

    def answer(self, action: str) -> dict[str, Any]:
        now = stamp(SystemClock().now())
        return {
            "BootNotification": {"status": "Accepted", "currentTime": now, "interval": 300},
            "Heartbeat": {"currentTime": now},
            "SignCertificate": {"status": "Accepted"},
            "DataTransfer": {"status": "Accepted"},
        }.get(action, {})

    def admit(self, _connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        return None

    @property
    def told_password(self) -> bytes:
        told = self.requests[-1].headers["Authorization"].removeprefix("Basic ")
        return base64.b64decode(told).partition(b":")[2]


@asynccontextmanager
async def living(
    version: Protocol = "1.6",
    *,
    server_tls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    **model: Any,
) -> AsyncIterator[tuple[Hearing, Client]]:
    central = Hearing()
    async with serve(
        central.handle, "localhost", 0, process_request=central.admit, subprotocols=[f"ocpp{version}"], ssl=server_tls
    ) as listening:  # type: ignore[list-item]  # a NewType of str
        port = next(iter(listening.sockets)).getsockname()[1]
        built_of = StationModel(id="KG 1", outlets=(AC, DC), protocol=version, start_delay_s=0, reboot_s=1, **model)
        scheme = "ws" if server_tls is None else "wss"
        client = Client(built(built_of), f"{scheme}://localhost:{port}/ocpp", Kept(), SystemClock(), tls=tls)
        task = asyncio.create_task(client.run())
        try:
            await until(lambda: client.view().boot == "accepted")
            yield central, client
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # whatever it is that has to hold
            await asyncio.sleep(0.01)


def data(central: Hearing) -> list[dict[str, Any]]:
    return [body for name, body in central.heard if name == "DataTransfer"]


async def test_frames_are_doubled_lost_and_dressed_up() -> None:
    async with living() as (central, client):
        await until(lambda: len(central.heard) == 4)
        say = Say(action="DataTransfer", body={"vendorId": "x"})
        await client.do(Disturb(trouble=Trouble(doubled=100, unknown_fields=True, spaced_json=True)))
        await client.do(say)
        await until(lambda: len(data(central)) == 2)
        assert "zz_unknown" in data(central)[0]
        assert ", " in central.raw[-1] or "\n" in central.raw[-1]
        await client.do(Disturb(trouble=Trouble(lost=100)))
        await client.do(say)
        await asyncio.sleep(0.2)
        assert len(data(central)) == 2


async def test_a_half_open_socket_answers_nothing_not_even_a_ping() -> None:
    async with living() as (central, client):
        await client.do(Disturb(trouble=Trouble(half_open=True)))
        assert central.socket is not None
        pong = await central.socket.ping()
        await asyncio.sleep(0.3)
        assert not pong.done()
        assert client.view().linked
        await client.do(Disturb())
        await asyncio.wait_for(pong, 5)


async def test_it_comes_back_at_once_many_times() -> None:
    async with living() as (central, client):
        await client.do(DropLink(times=20, back_ms=5))
        await until(lambda: len(central.requests) == 21)
        await until(lambda: client.view().linked)
        assert len([name for name, _ in central.heard if name == "BootNotification"]) == 1


HEX = "000102030405060708090a0b0c0d0e0f"


@pytest.mark.parametrize(
    ("form", "password", "told"),
    [
        ("right", "secret", b"secret"),
        ("hex", "secret", b"secret".hex().encode()),
        ("raw", HEX, bytes.fromhex(HEX)),
        ("wrong", "secret", link.WRONG),
        ("none", "secret", None),
    ],
)
def test_a_password_has_many_forms(form: Any, password: str, told: bytes | None) -> None:
    station = built(StationModel(id="KG 1", outlets=(AC,), password=password))
    station.memory.trouble = Trouble(password=form)
    assert link.password(station) == told


def test_frames_that_wait_are_overtaken() -> None:
    wire = link.Wire(random.Random(1))
    left = wire.out(["[2,1]", "[3,2]"], Trouble(reordered=100, slow_ms=5))
    assert left == [(link.HELD_MS + 5, "[2,1]"), (link.HELD_MS + 5, "[3,2]")]
    assert wire.out(["[2,1]", "[3,2]"], Trouble(lost_answers=100)) == [(0, "[2,1]")]
    assert not wire.hears(Trouble(unheard=100))


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_signed_certificate_is_shown_at_the_next_door(version: Protocol, tmp_path: Path) -> None:
    now = SystemClock().now()
    root = Root("Ours", now)
    key, _ = root.issue("localhost")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(root.name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(root.certificate.not_valid_before_utc)
        .not_valid_after(root.certificate.not_valid_after_utc)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(root.key, root.certificate.signature_hash_algorithm)  # type: ignore[arg-type]  # it has one
    )
    file = tmp_path / "server.pem"
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(PEM))
    door = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=root.pem)
    door.load_cert_chain(file)
    door.verify_mode = ssl.CERT_OPTIONAL
    async with living(version, server_tls=door, tls=ssl.create_default_context(cadata=root.pem), serial="SN1") as (
        central,
        client,
    ):
        assert central.peers == [{}] or central.peers == [None]
        await client.do(RequestCertificate())
        await until(lambda: [1 for it, _ in central.heard if it == "SignCertificate"])
        csr = next(body["csr"] for it, body in central.heard if it == "SignCertificate")
        assert central.socket is not None
        await central.socket.send(json.dumps([2, "c1", "CertificateSigned", {"certificateChain": root.certify(csr)}]))
        await until(lambda: client.view().certificate)
        await client.do(DropLink(back_ms=10))
        await until(lambda: len(central.peers) == 2)
        shown = central.peers[-1]
        assert shown is not None
        assert "SN1" in {value for parts in shown["subject"] for _, value in parts}
        await client.do(Disturb(trouble=Trouble(expired_certificate=True)))
        await client.do(DropLink(back_ms=10))
        await asyncio.sleep(1.5)  # it tries, and the door says no
        assert client.view().link_error
        assert not client.view().linked
        assert len(central.peers) == 2


class Files:
    """A file server of the test: ranges, uploads, a door that is shut."""

    def __init__(self) -> None:
        self.content = bytes(range(256)) * 3_000  # three ranges
        self.ranges: list[str] = []
        self.got: list[tuple[str, bytes]] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                method, path, _ = lines[0].split(" ")
                fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
                body = await reader.readexactly(int(fields.get("content-length", "0")))
                writer.write(self.reply(method, path, fields, body))
                await writer.drain()
        writer.close()

    def reply(self, method: str, path: str, fields: dict[str, str], body: bytes) -> bytes:
        if path == "/shut":
            return b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"
        if method != "GET":
            self.got.append((f"{method} {path}", body))
            return b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"
        self.ranges.append(fields["range"])
        begin, _, end = fields["range"].removeprefix("bytes=").partition("-")
        part = self.content[int(begin) : int(end) + 1]
        head = f"HTTP/1.1 206 Partial Content\r\ncontent-length: {len(part)}\r\n"
        head += f"content-range: bytes {begin}-{int(begin) + len(part) - 1}/{len(self.content)}\r\n\r\n"
        return head.encode() + part


async def test_files_are_fetched_in_ranges_and_brought_where_they_are_wanted() -> None:
    files = Files()
    server = await asyncio.start_server(files.handle, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        done = await runner.run(Fetch(1, f"{base}/fw.bin?token=1"))
        assert done.ok
        assert done.content == files.content
        assert len(files.ranges) == 3
        rest = await runner.run(Fetch(2, f"{base}/fw.bin", begin=700_000))
        assert rest.content == files.content[700_000:]
        assert (await runner.run(Bring(3, f"{base}/in/a.log", "a.log", b"log"))).ok
        assert (await runner.run(Bring(4, f"{base}/in/a.log", "a.log", b"log", post=True))).ok
        assert files.got == [("PUT /in/a.log", b"log"), ("POST /in/a.log", b"log")]
        shut = await runner.run(Fetch(5, f"{base}/shut"))
        assert (shut.ok, shut.denied) == (False, True)
    assert not (await runner.run(Fetch(6, f"{base}/gone"))).ok
    assert not (await runner.run(Fetch(7, "gopher://x/y"))).ok
