"""Hints, presence and request/reply between processes and nodes, over NATS. Nothing that must not be lost goes here.

Subjects are dotted words; a part that comes from outside (a station's identity) goes through `part`.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import itertools
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, runtime_checkable

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from zaryad.kernel.errors import DomainError, Kind

log = structlog.get_logger()

Heard = Callable[[str, bytes], Awaitable[None]]
Asked = Callable[[str, bytes], Awaitable[bytes]]
Unsubscribe = Callable[[], Awaitable[None]]

OUTBOX_MAX = 100_000  # hints waiting to be said
TOGETHER_MAX = 500  # said in one go
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def part(text: str) -> str:
    """Make one word of a subject out of any text; different texts stay different."""
    return text if _PLAIN.fullmatch(text) and not text.startswith("x-") else "x-" + text.encode().hex()


@runtime_checkable  # the HTTP edge checks what it hands to routes
class Bus(Protocol):
    """What the rest of the program knows of it."""

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Say it to whoever listens now; never blocks, never fails."""
        ...

    async def subscribe(self, subject: str, heard: Heard) -> Unsubscribe:
        """Hear a subject; `*` stands for one word, a last `>` for the rest."""
        ...

    async def answer(self, subject: str, asked: Asked) -> Unsubscribe:
        """Answer requests on a subject."""
        ...

    async def request(self, subject: str, payload: bytes = b"", *, timeout_s: float = 5) -> bytes:
        """Ask and wait; DomainError UNAVAILABLE when nobody answers in time."""
        ...

    async def close(self) -> None:
        """Send what is buffered and leave."""
        ...


class Silence:
    """A bus without anybody: for programs that only describe, and simulations that ask the database."""

    connected = True

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Say it to nobody."""

    async def subscribe(self, subject: str, heard: Heard) -> Unsubscribe:  # noqa: ARG002  # nobody speaks
        """Hear nothing."""
        return self.close

    async def answer(self, subject: str, asked: Asked) -> Unsubscribe:  # noqa: ARG002  # nobody asks
        """Be asked nothing."""
        return self.close

    async def request(self, subject: str, payload: bytes = b"", *, timeout_s: float = 5) -> bytes:  # noqa: ARG002
        """Nobody answers: UNAVAILABLE at once."""
        raise DomainError(Kind.UNAVAILABLE, "nobody_answers", subject=subject)

    async def close(self) -> None:
        """Leave nothing."""


class _Client(Client):
    """NATS' client, saying many hints at the price of one."""

    async def say(self, hints: Sequence[tuple[str, bytes]]) -> None:
        """Publish them all as `publish` does one, which also knows what to do without a connection.

        One that cannot be said is lost; OSError, and errors of NATS, when all of them are.
        """
        most = self._max_payload
        if not self.is_connected or self.is_draining_pubs or any(len(payload) > most for _, payload in hints):
            for subject, payload in hints:
                with contextlib.suppress(nats.errors.Error):
                    await self.publish(subject, payload)
            return
        lines = [b"PUB %b %d\r\n%b\r\n" % (subject.encode(), len(payload), payload) for subject, payload in hints]
        await self._send_command(b"".join(lines))
        if self._flush_queue is not None and self._flush_queue.empty():
            await self._flush_pending()


class NatsBus:
    """The bus on a NATS server; reconnects for ever."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._outbox: collections.deque[tuple[str, bytes]] = collections.deque()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._sender = asyncio.create_task(self._send(), name="bus-sender")

    @classmethod
    async def connect(cls, url: str, name: str) -> NatsBus:
        """Connect as `name` (shown in the server's monitoring)."""

        async def quiet(error: Exception) -> None:
            log.warning("bus.error", error=repr(error))

        client = _Client()
        await client.connect(
            url,
            name=name,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,  # type: ignore[arg-type]  # any number of seconds
            error_cb=quiet,
            connect_timeout=5,
            skip_subject_validation=True,  # subjects are ours; what comes from outside goes through `part`
        )
        return cls(client)

    @property
    def connected(self) -> bool:
        """Whether the server is reached just now."""
        return self._client.is_connected

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Queue it; dropped when 100,000 are waiting, since a hint is not worth memory."""
        if len(self._outbox) < OUTBOX_MAX:
            self._outbox.append((subject, payload))
            self._filled.set()

    async def subscribe(self, subject: str, heard: Heard) -> Unsubscribe:
        """Hear a subject; an exception in `heard` is logged and the next hint is heard."""

        async def on(message: Msg) -> None:
            try:
                await heard(message.subject, message.data)
            except Exception:
                log.exception("bus.heard_failed", subject=message.subject)

        subscription = await self._client.subscribe(subject, cb=on)
        return subscription.unsubscribe

    async def answer(self, subject: str, asked: Asked) -> Unsubscribe:
        """Answer each request in a task of its own, so that a slow one holds up nobody."""
        running: set[asyncio.Task[None]] = set()

        async def one(message: Msg) -> None:
            try:
                await message.respond(await asked(message.subject, message.data))
            except Exception:
                log.exception("bus.answer_failed", subject=message.subject)

        async def on(message: Msg) -> None:
            task = asyncio.create_task(one(message))
            running.add(task)
            task.add_done_callback(running.discard)

        subscription = await self._client.subscribe(subject, cb=on)
        return subscription.unsubscribe

    async def request(self, subject: str, payload: bytes = b"", *, timeout_s: float = 5) -> bytes:
        """Ask and wait; DomainError UNAVAILABLE when nobody answers in time."""
        try:
            return (await self._client.request(subject, payload, timeout=timeout_s)).data
        except (TimeoutError, nats.errors.Error) as error:
            raise DomainError(Kind.UNAVAILABLE, "nobody_answers", subject=subject) from error

    async def close(self) -> None:
        """Send what is buffered and leave."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._sent(), 1)
        self._sender.cancel()
        with contextlib.suppress(nats.errors.Error, TimeoutError):
            await self._client.close()

    async def _sent(self) -> None:
        """Wait until nothing is left to be said."""
        while self._outbox:
            self._emptied.clear()
            await self._emptied.wait()

    async def _send(self) -> None:
        """Say what is there, many at a time: the client writes once for them."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._outbox:
                hints = list(itertools.islice(self._outbox, TOGETHER_MAX))
                try:
                    await self._client.say(hints)
                except (nats.errors.Error, OSError) as error:
                    log.debug("bus.lost", hints=len(hints), error=repr(error))
                for _ in hints:
                    self._outbox.popleft()
            self._emptied.set()
