"""The door with TLS: OCPP's security profiles 2 and 3 on one port, beside the plain one for 0 and 1.

Client certificates are asked for and never required here: a station of profile 2 has none. Whose certificate it is and
whether it is good today is judged after the handshake, so that a station is told by an HTTP status and people by a
reason. Two things only TLS itself can refuse: a certificate that no authority of ours has signed, and a broken
handshake. Those are told to `failed` with what the client had shown by then.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import msgspec
import structlog
from websockets.asyncio.server import ServerConnection

from zaryad.ocpp.gateway import metrics
from zaryad.ocpp.gateway.settings import Tls

log = structlog.get_logger()

# OCPP's four: ECDHE-ECDSA and TLS_RSA, each with AES-128 and AES-256 GCM. The static RSA ones have to be named.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
STATIC_RSA = ":AES128-GCM-SHA256:AES256-GCM-SHA384"
NO_CHECK_TIME = 0x20_0000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME: dates are ours to judge, and to tell
EARLY_BYTES_MAX = 65_536
SHOWN_BYTES_MAX = 65_536
_HANDSHAKE, _CERTIFICATE = 22, 11

Roots = Callable[[], Awaitable[str]]  # what client certificates are asked of, in PEM


class SeenObject(ssl.SSLObject):
    """A TLS connection that remembers the certificate message its client sent, for the case that it fails."""

    shown: bytes | None = None

    def do_handshake(self) -> None:
        """Shake hands; an error carries what was shown."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            error.shown = self.shown  # type: ignore[attr-defined]  # ours
            raise
        self.shown = None


def _note(connection: Any, direction: str, _version: int, content: int, kind: int, body: bytes) -> None:
    if direction == "read" and content == _HANDSHAKE and kind == _CERTIFICATE and isinstance(connection, SeenObject):
        connection.shown = body[:SHOWN_BYTES_MAX]


class Keys:
    """The TLS context of now: built of files and roots, and built anew when they change."""

    def __init__(self, settings: Tls, roots: Roots | None) -> None:
        self._settings = settings
        self._roots = roots
        self._seen: object = None
        self.context: ssl.SSLContext | None = None

    async def refresh(self) -> bool:
        """Look whether anything changed; whether there is a new context. What cannot be used raises at the first time.

        Later a broken file is logged and the old certificates stay in use.
        """
        try:
            roots = await self._roots() if self._roots is not None else ""
            seen = (roots, *(self._stamp(name) for name in self._files()))
            if seen == self._seen:
                return False
            self.context = self._build(roots)
        except Exception as error:
            if self.context is None:
                raise
            metrics.TLS_RELOADS.labels("failed").inc()
            log.error("gateway.tls_reload_failed", error=repr(error)[:300])  # noqa: TRY400  # the reason is enough
            return False
        self._seen = seen
        metrics.TLS_RELOADS.labels("done").inc()
        log.info("gateway.tls_loaded", certificates=len(self._settings.certificates))
        return True

    def _files(self) -> list[str]:
        names = self._settings.certificates
        return [*names, *(key for name in names if (key := _key_of(name)))]

    @staticmethod
    def _stamp(name: str) -> tuple[int, int]:
        found = Path(name).expanduser().stat()
        return found.st_mtime_ns, found.st_size

    def _build(self, roots: str) -> ssl.SSLContext:
        rules = self._settings
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS + (STATIC_RSA if rules.static_rsa else ""))
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
        for name in rules.certificates:
            context.load_cert_chain(Path(name).expanduser(), _key_of(name))
        if roots:
            context.load_verify_locations(cadata=roots)
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags = ssl.VerifyFlags(int(context.verify_flags) | NO_CHECK_TIME)
        context.sslobject_class = SeenObject
        # Not a documented attribute, though there since 3.8: without it a refused client stays nameless, no more.
        setter = getattr(ssl.SSLContext.__mro__[1], "_msg_callback", None)
        if setter is not None:
            setter.__set__(context, _note)
        return context


def _key_of(name: str) -> str | None:
    """Return the file of the key where it is not in the certificate's own."""
    key = Path(name).expanduser().with_suffix(".key")
    return str(key) if key.exists() else None


class Failure(msgspec.Struct, frozen=True):
    """A TLS handshake that came to nothing. `shown`: the certificate message that the client sent, raw."""

    address: str
    why: str
    shown: bytes | None


class TlsFront(asyncio.Protocol):
    """Stands at the TCP socket until TLS is up, then gives way to the WebSocket's own protocol."""

    def __init__(self, inner: ServerConnection, keys: Keys, within_s: float, failed: Callable[[Failure], None]) -> None:
        self.inner = inner
        self.protocol = inner.protocol  # the library looks for it on whatever its factory made
        self._keys = keys
        self._within_s = within_s
        self._failed = failed
        self._early: list[bytes] = []
        self._size = 0
        self._gone = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake; once only, since the transport under TLS and the one over it both say so."""
        if self._task is None:
            raw = cast("asyncio.Transport", transport)
            raw.pause_reading()  # the client's first bytes are TLS's; uvloop may read some all the same
            self._task = asyncio.get_running_loop().create_task(self._secure(raw))

    def data_received(self, data: bytes) -> None:
        """Keep what comes between the handshake and its protocol's being told."""
        self._size += len(data)
        self._early.append(data)
        if self._size > EARLY_BYTES_MAX:
            self._early.clear()

    def connection_lost(self, _error: Exception | None) -> None:
        """Note that nobody is there any more."""
        self._gone = True

    async def _secure(self, raw: asyncio.Transport) -> None:
        peer = raw.get_extra_info("peername")
        address = str(peer[0])[:64] if isinstance(peer, tuple) and peer else ""
        context = self._keys.context
        assert context is not None, "the gateway listens after the first refresh"
        try:
            over = await self._under_tls(raw, context)
        except (OSError, TimeoutError, asyncio.CancelledError) as error:
            with contextlib.suppress(Exception):
                raw.abort()
            if isinstance(error, asyncio.CancelledError):
                raise
            self._failed(Failure(address, _reason(error), getattr(error, "shown", None)))
            return
        if over is None or self._gone:
            return
        if self._size > EARLY_BYTES_MAX:
            over.abort()
            return
        over.set_protocol(self.inner)
        self.inner.connection_made(over)
        for data in self._early:
            self.inner.data_received(data)
        self._early.clear()

    async def _under_tls(self, raw: asyncio.Transport, context: ssl.SSLContext) -> asyncio.Transport | None:
        loop = asyncio.get_running_loop()
        securing = loop.create_task(
            loop.start_tls(raw, self, context, server_side=True, ssl_handshake_timeout=self._within_s)
        )
        try:
            await asyncio.sleep(0)  # it takes the transport over and pauses it,
            await asyncio.sleep(0)  # and is told of it; nothing is read in between
            early, self._early, self._size = b"".join(self._early), [], 0
            below = raw.get_protocol()
            if early and hasattr(below, "buffer_updated"):
                _feed(cast("asyncio.BufferedProtocol", below), early)
            return await securing
        finally:
            securing.cancel()


def _feed(protocol: asyncio.BufferedProtocol, data: bytes) -> None:
    """Give a protocol what was read before it was there."""
    while data:
        room = memoryview(protocol.get_buffer(len(data)))
        part = data[: len(room)]
        room[: len(part)] = part
        protocol.buffer_updated(len(part))
        data = data[len(part) :]


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate_not_trusted"
    if isinstance(error, ssl.SSLError):
        return (error.reason or "tls_error").lower()[:60]
    return "tls_timeout" if isinstance(error, TimeoutError) else "tls_broken_off"


def certificate_in(message: bytes) -> bytes | None:
    """Return the client's own certificate (DER) of a TLS Certificate message, of 1.2 or of 1.3; None for none."""
    body = message[4:]  # type, and a length of three bytes
    for skip in (0, 1 + (body[0] if body else 0)):  # 1.3 has a context before the list
        rest = body[skip:]
        whole, first = int.from_bytes(rest[:3]), int.from_bytes(rest[3:6])
        if len(rest) == whole + 3 and 0 < first <= whole - 3:
            return rest[6 : 6 + first]
    return None
