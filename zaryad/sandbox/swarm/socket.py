"""The least WebSocket client that is still one (RFC 6455): text, ping, close; frames masked with zeroes.

A mask of zeroes is valid and lets a frame be built by joining bytes: the swarm must cost far less than the
gateway it measures. Fragmented messages do not happen on this link and end it.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from typing import Protocol, cast

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
NO_MASK = b"\x00\x00\x00\x00"
DROPPED = "dropped"  # why a socket that we closed ourselves is gone
FRAME_MAX = 1_048_576
HEAD_MAX = 16_384


class Listener(Protocol):
    """Whoever sits on the socket."""

    def opened(self) -> None:
        """The handshake is done."""
        ...

    def heard(self, text: bytes) -> None:
        """A text message came."""
        ...

    def lost(self, why: str) -> None:
        """The socket is gone, or never opened."""
        ...


class Socket(asyncio.Protocol):
    """One connection. `listener` hears each thing once, and `lost` last."""

    def __init__(self, listener: Listener, request: bytes) -> None:
        self._listener = listener
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._open = False
        self._why = "closed"
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # open, or never to be

    def send(self, text: bytes) -> None:
        """Send a text message; lost with the socket."""
        if self._transport is not None:
            self._transport.write(framed(TEXT, text))

    def close(self) -> None:
        """Drop the connection without a goodbye."""
        self._why = DROPPED
        self._leave()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by shape, not by class
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Read what came as far as it is whole."""
        self._buffer = self._buffer + data if self._buffer else data
        if not self._open and not self._upgraded():
            return
        while (message := self._next()) is not None:
            self._take(*message)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that it is over."""
        self._transport = None
        self._settle()
        self._listener.lost(self._why if exc is None else type(exc).__name__)

    def _upgraded(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            if len(head) > HEAD_MAX:
                self._fail("no end of the answer to the handshake")
            return False
        status = head.split(b"\r\n", 1)[0].split(b" ")
        if len(status) < 2 or status[1] != b"101":
            self._fail("HTTP " + (status[1].decode("latin-1") if len(status) > 1 else "?"))
            return False
        self._buffer, self._open = rest, True
        self._settle()
        self._listener.opened()
        return True

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start])
        if size > FRAME_MAX:
            self._fail("a frame too large")
            return None
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0], buffer[start : start + size]

    def _take(self, first: int, body: bytes) -> None:
        match first:
            case 0x81:  # whole text
                self._listener.heard(body)
            case 0x89:
                self._write(framed(PONG, body))
            case 0x88:
                self._why = f"close {int.from_bytes(body[:2])}" if body else "close"
                self._write(framed(CLOSE, body[:2]))
                self._leave()
            case 0x8A:
                pass
            case _:
                self._fail(f"frame {first:#x}")

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _fail(self, why: str) -> None:
        self._why, self._buffer = why, b""
        self._leave()

    def _leave(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _settle(self) -> None:
        if not self.settled.done():
            self.settled.set_result(None)


def framed(opcode: int, body: bytes) -> bytes:
    """Build one client frame."""
    size = len(body)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65_536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + NO_MASK + body


def upgrade(path: str, host: str, *, user: str, password: bytes | None, protocol: str = "1.6") -> bytes:
    """Build the request that opens the socket."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: ocpp{protocol}",
        "User-Agent: zaryad-swarm",
    ]
    if password is not None:
        lines.append(f"Authorization: Basic {base64.b64encode(user.encode() + b':' + password).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()
