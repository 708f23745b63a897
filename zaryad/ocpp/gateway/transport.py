"""The seam between sockets and connections: text in, bytes out, close. Here it is `websockets`; it may be another.

Frames are dispatched as they are parsed, without the library's queue and task switch per message. Its keep-alive
task per connection is off too: the gateway pings from one loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Protocol

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State

UNWRITTEN_MAX = 4 * 1_048_576  # bytes a station has not taken from us; it is gone, or will never catch up


class Socket(Protocol):
    """What a connection may do to its socket. None of it blocks or raises."""

    @property
    def heard_at(self) -> float:
        """Return the loop's time when anything last came from the other side, a pong included."""
        ...

    @property
    def held(self) -> bool:
        """Whether reading is stopped."""
        ...

    @property
    def congested(self) -> bool:
        """Whether the station does not take what we write."""
        ...

    async def drained(self) -> None:
        """Wait until the station has taken most of what we wrote."""
        ...

    def write(self, frame: bytes) -> None:
        """Send one text message; into the void when the socket is gone."""
        ...

    def probe(self) -> None:
        """Ask for a sign of life."""
        ...

    def hold(self) -> None:
        """Stop reading: back-pressure reaches the station through TCP."""
        ...

    def release(self) -> None:
        """Read on."""
        ...

    def end(self, code: int, reason: str) -> None:
        """Close politely, and for certain once the close timeout is over."""
        ...

    def abort(self) -> None:
        """Drop it now."""
        ...


class Listener(Protocol):
    """What a socket tells."""

    def on_text(self, text: str) -> None:
        """Hear one message."""
        ...

    def on_lost(self, code: int, reason: str) -> None:
        """Hear that the socket is gone."""
        ...


class StationSocket(ServerConnection):
    """A station's WebSocket on the server's side."""

    listener: Listener | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heard_at = self.loop.time()
        self.held = False
        self._fragments: bytearray | None = None  # of a message that comes in pieces; the library bounds their sum
        self._closing: asyncio.Task[None] | None = None

    @property
    def congested(self) -> bool:
        """Whether the transport's buffer is over its limit."""
        return self.paused

    def process_event(self, event: Event) -> None:
        """Dispatch a message at once; control frames and the handshake are the library's."""
        if self.request is None or not isinstance(event, Frame):
            super().process_event(event)
        elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):  # some stations mark their JSON as binary
            if event.fin and self._fragments is None:
                self._message(bytes(event.data))
                return
            if self._fragments is None:
                self._fragments = bytearray()
            self._fragments += event.data
            if event.fin:
                whole, self._fragments = bytes(self._fragments), None
                self._message(whole)

    def data_received(self, data: bytes) -> None:
        """Note the sign of life."""
        self.heard_at = self.loop.time()
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the listener."""
        super().connection_lost(exc)
        if self.listener is not None:
            self.listener.on_lost(self.protocol.close_code or 1006, self.protocol.close_reason or "")

    def write(self, frame: bytes) -> None:
        """Send one text message."""
        if self.protocol.state is not State.OPEN:
            return
        if self.transport.get_write_buffer_size() > UNWRITTEN_MAX:
            self.abort()
            return
        self.protocol.send_text(frame)
        self._flush()

    def probe(self) -> None:
        """Ask for a sign of life."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_ping(b"")
            self._flush()

    def hold(self) -> None:
        """Stop reading."""
        if not self.held:
            self.held = True
            self.transport.pause_reading()

    def release(self) -> None:
        """Read on; silence while we did not listen is nobody's fault."""
        if self.held:
            self.held = False
            self.heard_at = self.loop.time()
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def end(self, code: int, reason: str) -> None:
        """Close politely, in a task of its own."""
        if self._closing is None:
            self.release()
            self._closing = asyncio.create_task(self.close(code, reason[:120]))

    def abort(self) -> None:
        """Drop it now."""
        self.transport.abort()

    def _message(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:  # RFC 6455, 8.1
            self.end(1007, "text that is not UTF-8")
            return
        if self.listener is not None:
            self.listener.on_text(text)

    def _flush(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # the transport noticed before we did
            self.send_data()

    async def drained(self) -> None:
        """Wait until the station has taken most of what we wrote."""
        with contextlib.suppress(OSError, ConnectionClosed):
            await self.drain()
