"""One station's connection: its calls are handled in order, its answers to ours are never held up behind them.

The socket's callback reads each frame to the end (`on_text` awaits nothing): an answer to our call reaches whoever
waits for it at once, a call of the station joins the backlog. One task (`run`) handles the backlog in order.
"""

from __future__ import annotations

import asyncio
import collections
import datetime as dt
import time
from collections.abc import Callable

import msgspec
import structlog

from zaryad.kernel.clock import Clock
from zaryad.link.answers import Answer, BootStatus, BootVerdict
from zaryad.link.facts import Booted, Fact, StationId
from zaryad.ocpp import quirks
from zaryad.ocpp.codec import Codec, Heard, UntranslatableError
from zaryad.ocpp.frames import Exchange
from zaryad.ocpp.gateway import failure, metrics
from zaryad.ocpp.gateway.invited import Invitations
from zaryad.ocpp.gateway.patience import Patience
from zaryad.ocpp.gateway.ports import Handlers
from zaryad.ocpp.gateway.settings import Settings
from zaryad.ocpp.gateway.skew import Skew
from zaryad.ocpp.gateway.transport import Socket
from zaryad.ocpp.gateway.work import Work
from zaryad.ocpp.rpc import Answered, Body, Call, Fault, Junk, Refused, Stray, Told, Unanswered, Unusable

log = structlog.get_logger()

BACKLOG_CHARACTERS_MAX = 4 * 1_048_576  # of calls of one station waiting to be handled
GIVEN_MAX = 16  # answers remembered, for a station that says that it could not use one


class House(msgspec.Struct, frozen=True):
    """What every connection of a gateway shares."""

    handlers: Handlers
    clock: Clock
    settings: Settings
    patience: Patience
    note: Callable[[Exchange], None]  # the OCPP log's `offer`
    heard: set[StationId]  # since presence was last told
    skews: dict[StationId, int]  # clocks found to be off, or right again, since then
    booted: Callable[[Connection], None]  # the station may be given orders now
    stray: Callable[[Connection, Stray], None]
    odd: Callable[[StationId, str, int], None]  # a liberty taken in reading a station's message, by kind


class Connection:
    """A connected station. `epoch` is 0 until the stations' module has given it one."""

    def __init__(
        self,
        house: House,
        socket: Socket,
        station_id: StationId,
        codec: Codec,
        boot_status: BootStatus | None,
        *,
        ways: quirks.Quirks = quirks.NONE,
        vendor: str = "",
    ) -> None:
        self.station_id = station_id
        self.codec = codec
        self.boot_status = boot_status
        self.ways = ways  # its vendor's
        self.socket = socket
        self.epoch = 0
        self.superseded = False
        self.lost: tuple[int, str] | None = None  # the close code and reason
        self.pinged_at: float | None = None
        self._house = house
        self._rpc = codec.rpc(dt.timedelta(seconds=house.settings.answer_within_s))
        self._backlog: collections.deque[Work] = collections.deque()
        self._waiting = 0  # characters in it
        self._wake: asyncio.Future[None] | None = None
        self._answer: asyncio.Future[Answered | Refused | Unanswered | None] | None = None
        self._invited = Invitations()
        self._given: collections.deque[tuple[str, str, bytes]] = collections.deque(maxlen=GIVEN_MAX)
        self._skew = Skew()
        self._vendor = vendor
        self.quirks: collections.Counter[str] = collections.Counter()  # liberties taken in reading it, by kind

    # From the socket

    def on_text(self, text: str) -> None:
        """Read one frame."""
        now = self._house.clock.now()
        event = self._rpc.receive(text)
        self._house.heard.add(self.station_id)
        match event:
            case Call() | Told():
                metrics.CALLS_IN.inc()
                self._backlog.append(self._work(event, text, now))
                self._waiting += len(text)
                full = len(self._backlog) >= self._house.settings.backlog_max or self._waiting > BACKLOG_CHARACTERS_MAX
                if full and not self.socket.held:
                    metrics.HELD.inc()
                    self.socket.hold()
                self._rouse()
            case Answered() | Refused():
                metrics.ANSWERS_IN.inc()
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(event)
            case _:
                self._odd(event, text, now)

    def on_lost(self, code: int, reason: str) -> None:
        """Learn that the socket is gone: nobody will answer us; what was said is still handled."""
        self.lost = (code, reason)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
        self._rouse()

    def _odd(self, event: Junk | Stray | Unusable, text: str, now: dt.datetime) -> None:
        match event:
            case Junk(why=why, reply=reply):
                metrics.JUNK_IN.inc()
                self.note(now, "in", "junk", outcome=why, payload=text)
                if reply is not None:
                    self.socket.write(reply)
            case Stray(id=id, code=code):
                metrics.STRAYS_IN.inc()
                self.note(now, "out", "stray", message_id=id, outcome=code or "late", payload=text)
                self._house.stray(self, event)
            case Unusable(id=id, code=code):
                action, reply = next(((a, r) for given, a, r in self._given if given == id), (None, None))
                self.note(now, "in", "told", action=action, message_id=id, outcome=code, payload=text, answer=reply)

    # The station's calls

    def _work(self, call: Call | Told, text: str, now: dt.datetime) -> Work:
        work = Work(call, text, now, time.perf_counter())
        try:
            heard = self.codec.fact(call, self.station_id, now, self.ways)
        except UntranslatableError as error:
            work.fault, work.why = error.fault, error.why
        except Exception:  # noqa: BLE001  # a codec's bug must not cost the connection
            work.fault = Fault.INTERNAL
            failure.surprising("ocpp.codec_failed", self.station_id, call.action)
        else:
            work.heard = heard
            if isinstance(heard.fact, Booted):
                said = heard.fact
                self._vendor = said.vendor
                self.ways = quirks.find(said.vendor, said.model, said.firmware, self.codec.protocol)
            for violation in heard.violations:
                self._count(violation.kind)
            skew_ms = self._skew.hear(heard.fact)
            if skew_ms is not None:
                self._house.skews[self.station_id] = skew_ms
        return work

    async def run(self) -> None:
        """Handle the backlog until the socket is gone and nothing is left."""
        while True:
            while self._backlog:
                batch = self._batch()
                if len(batch) == 1:
                    replies = [await self._reply(batch[0])]
                else:
                    replies = await asyncio.gather(*(self._reply(work) for work in batch))
                for reply in replies:
                    if reply is not None:
                        self.socket.write(reply)
                self._waiting -= sum(len(work.text) for work in batch)
                few = len(self._backlog) <= self._house.settings.backlog_max // 4
                if self.socket.held and few and self._waiting <= BACKLOG_CHARACTERS_MAX // 4:
                    self.socket.release()
                if self.socket.congested:
                    await self.socket.drained()
            if self.lost is not None:
                return
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake

    def _batch(self) -> list[Work]:
        """Take the next call, or several if they are readings: a burst of them joins one group commit."""
        backlog = self._backlog
        batch = [backlog.popleft()]
        most = self._house.settings.meter_values_at_once if batch[0].is_reading else 1
        while backlog and len(batch) < most and backlog[0].is_reading:
            batch.append(backlog.popleft())
        return batch

    async def _reply(self, work: Work) -> bytes | None:
        """Return the answer to one call. Never raises: a station always gets a word, and never a false one."""
        call = work.call
        if isinstance(call, Told):
            await self._take(call, work)
            return None
        fault, why, outcome = work.fault, work.why, "answered"
        if self._barred(work):
            fault, why = Fault.SECURITY, "the station's boot is not accepted"
        if fault is None and work.heard is not None:
            try:
                answer = await self._handled(work.heard)
                reply = self._rpc.answer(call, self.codec.answer(work.heard, answer))
            except Exception as error:  # noqa: BLE001  # whatever it is, the station keeps its message
                fault, why = failure.fault_of(error, self.station_id, call.action)
        if fault is not None:
            outcome = fault.value
            metrics.ERRORS.labels(outcome).inc()
            reply = self._rpc.refuse(call, fault, why)
        took = time.perf_counter() - work.began
        metrics.answered(call.action if call.action in self.codec.facts else "other").observe(took)
        self._house.note(
            Exchange(
                work.received_at,
                self.station_id,
                self.epoch,
                "in",
                "call",
                call.action,
                str(call.id),
                outcome,
                took * 1000,
                work.text,
                reply,
                self.codec.protocol,
            )
        )
        if self.codec.dialect.result_errors:
            self._given.append((str(call.id), call.action, reply))
        return reply

    async def _take(self, told: Told, work: Work) -> None:
        """Handle what waits for no answer: whatever becomes of it, the station is not told."""
        fault = Fault.SECURITY if self._barred(work) else work.fault
        if fault is None and work.heard is not None:
            try:
                await self._handled(work.heard)
            except Exception as error:  # noqa: BLE001  # as for a call, but for the answer
                fault, _ = failure.fault_of(error, self.station_id, told.action)
        self.note(
            work.received_at,
            "in",
            "told",
            action=told.action,
            message_id=told.id,
            outcome=None if fault is None else fault.value,
            payload=work.text,
        )

    async def _handled(self, heard: Heard) -> Answer:
        for fact in heard.also:
            await self._answer_to(fact)
        return await self._answer_to(heard.fact)

    async def _answer_to(self, fact: Fact) -> Answer:
        handler = self._house.handlers.get(type(fact))
        if handler is None:
            raise UntranslatableError(Fault.NOT_SUPPORTED, "")
        answer = await self._house.patience.of(handler(fact))
        if isinstance(answer, BootVerdict):
            before, self.boot_status = self.boot_status, answer.status
            if before is not answer.status and self.may_be_ordered:
                self._house.booted(self)
        return answer

    def _barred(self, work: Work) -> bool:
        """Whether it must wait for an accepted boot: all but Boot, and while it is pending what we asked it to say.

        A 1.6 station that nobody has judged may have been taken over from another system: it is let speak.
        """
        status = self.boot_status
        if status is BootStatus.ACCEPTED or work.call.action == "BootNotification":
            return False
        if status is None:
            return self.codec.dialect.boots_first
        return status is BootStatus.REJECTED or not self._invited.admit(work.call.action, work.heard)

    # Our calls

    @property
    def may_be_ordered(self) -> bool:
        """Whether it may be told anything: nothing while rejected, or on a socket that is gone or replaced."""
        unknown = self.boot_status is None and self.codec.dialect.boots_first
        rejected = self.boot_status is BootStatus.REJECTED
        return self.lost is None and not (self.superseded or rejected or unknown)

    @property
    def asking(self) -> bool:
        """Whether a call of ours waits for its answer."""
        return not self._rpc.free

    async def ask(self, id: str, action: str, body: Body) -> Answered | Refused | Unanswered | None:
        """Ask the station and wait; None when the socket was lost meanwhile."""
        if self.lost is not None:
            return None
        now, began = self._house.clock.now(), time.perf_counter()
        frame = self._rpc.call(id, action, body, now)
        self._answer = asyncio.get_running_loop().create_future()
        if self.boot_status is BootStatus.PENDING:
            self._invited.note(action, body)
        self.socket.write(frame)
        event = await self._answer
        answer: str | None = None
        match event:
            case Answered(body=said):
                outcome, answer = "answered", bytes(said).decode("utf-8", "replace")
                if not self.codec.conforms(action, bytes(said)):
                    self._count("odd_answer")
            case Refused(code=code, why=why):
                outcome, answer = code, why
            case _:
                outcome = "unanswered"
        took_ms = (time.perf_counter() - began) * 1000
        self._house.note(
            Exchange(
                now,
                self.station_id,
                self.epoch,
                "out",
                "call",
                action,
                id,
                outcome,
                took_ms,
                frame.decode(),
                answer,
                self.codec.protocol,
            )
        )
        return event

    def expire(self, now: dt.datetime) -> None:
        """Stop waiting for an answer whose time is up; the connection stays."""
        event = self._rpc.expire(now)
        if event is not None and self._answer is not None and not self._answer.done():
            self._answer.set_result(event)

    # Both

    def supersede(self) -> None:
        """Make room for a newer connection of the same station."""
        if not self.superseded:
            self.superseded = True
            self.socket.end(1000, "a newer connection has taken over")

    def note(
        self,
        at: dt.datetime,
        direction: str,
        kind: str,
        *,
        action: str | None = None,
        message_id: str | None = None,
        outcome: str | None = None,
        payload: str | None = None,
        answer: bytes | None = None,
    ) -> None:
        """Put something that is no exchange into the OCPP log."""
        self._house.note(
            Exchange(
                at,
                self.station_id,
                self.epoch,
                direction,
                kind,
                action,
                message_id,
                outcome,
                payload=payload,
                answer=answer,
                protocol=self.codec.protocol,
            )
        )

    def _count(self, kind: str) -> None:
        """Count a liberty that reading this station takes."""
        metrics.violation(kind, self._vendor)
        self.quirks[kind] += 1
        self._house.odd(self.station_id, kind, 1)

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
