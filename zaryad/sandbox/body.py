"""What every virtual station is, whatever version it speaks: power, a clock, a line, outlets, errands. No I/O.

The host calls `tick`, `connected`, `disconnected`, `received`, `errand_done` and `do`, each with the true time, then
`take`s what came of it: **first** keep the memory when `Out.memory` says so, **then** send the frames, then hang up if
asked to, and see to the errands. It connects while `wants_link`, and calls `tick` no later than `wake_at`.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from zaryad.sandbox import handling, keys, limits, reserve
from zaryad.sandbox.errands import Done, Errand
from zaryad.sandbox.line import Line, Outcome, Reply, Then
from zaryad.sandbox.logs import Logs
from zaryad.sandbox.model import AnyCommand, OutletMemory, StationMemory, StationModel
from zaryad.sandbox.outlet import Condition, Outlet
from zaryad.sandbox.speaker import Out, Speaker
from zaryad.sandbox.timekeeping import EPOCH, read, stamp, tell
from zaryad.sandbox.updates import Updates

PAUSE_MAX = dt.timedelta(minutes=5)  # a host away for longer was a power cut to its stations
SOFT_RESET_WITHIN = dt.timedelta(seconds=30)
VIOLATIONS_MAX = 50
_SECOND = dt.timedelta(seconds=1)


class Body(Speaker):
    """One station. All methods take the true time; what the station believes is `timekeeping.read`."""

    def __init__(self, model: StationModel, memory: StationMemory | None = None) -> None:
        self.model = model
        self.memory = memory or StationMemory(outlets={o.number: OutletMemory() for o in model.outlets})
        self.outlets = {
            o.number: Outlet(o, self.memory.outlets.setdefault(o.number, OutletMemory())) for o in model.outlets
        }
        self.conditions = {number: Condition() for number in (0, *self.outlets)}
        self.registration = self._new_registration()
        self.updates = Updates(self)
        self.logs = Logs(self)
        self.linked = False
        self.violations: deque[str] = deque(maxlen=VIOLATIONS_MAX)
        self.drops = 0  # hang-ups that follow the one that is due
        self.back_ms: int | None = None  # how soon the host comes back after a hang-up
        self._line = self._new_line()
        self._back_at: dt.datetime | None = None  # without power until then
        self._restart: tuple[str, dt.datetime] | None = None  # a soft reset that waits for the queue
        self._asks: deque[tuple[str, dict[str, Any], Then]] = deque()
        self._frames: list[str] = []
        self._errands: list[Errand] = []
        self._awaited: dict[int, Callable[[Done, dt.datetime], None]] = {}
        self._last_errand = 0
        self._limits_change: dt.datetime | None = None
        self._hang_up = False
        self._dirty = True

    # What the host looks at.

    @property
    def powered(self) -> bool:
        """Whether it has power."""
        return self.registration.state != "off"

    @property
    def accepted(self) -> bool:
        """Whether the central system has accepted its BootNotification."""
        return self.registration.accepted

    @property
    def online(self) -> bool:
        """Whether it can ask the central system something."""
        return self.linked and self.accepted

    @property
    def wants_link(self) -> bool:
        """Whether the host should connect, or stay connected."""
        return self.powered and self.memory.network

    @property
    def firmware(self) -> str:
        """The version that runs."""
        return self.memory.firmware or self.model.firmware

    @property
    def charging(self) -> bool:
        """Whether a transaction runs."""
        return any(self.busy(outlet) for outlet in self.outlets.values())

    @property
    def url(self) -> str | None:
        """Where it connects to; None where the host says."""
        return None

    @property
    def wake_at(self) -> dt.datetime | None:
        """When `tick` is needed next, if nothing comes in before."""
        if self._back_at is not None or not self.powered:
            return self._back_at
        times: list[dt.datetime | None] = [self._restart[1] if self._restart else None, self._limits_change]
        times += [self.updates.due_at, self.logs.due_at]
        times += [it.until for it in self.memory.reservations.values()]
        if self._line.outstanding is not None:
            times.append(self._line.outstanding.until)
        elif self.linked:
            times += [self._queue_due_at if self.accepted else None, self.registration.due]
            times += [condition.not_before for condition in self.conditions.values() if condition.told is None]
        for outlet in self.outlets.values():
            times += self._wakes(outlet)
        return min((at for at in times if at is not None), default=None)

    def take(self) -> Out:
        """Hand over what has to be kept and sent since the last time."""
        out = Out(self._dirty, tuple(self._frames), self._hang_up, tuple(self._errands))
        self._frames, self._errands, self._dirty, self._hang_up = [], [], False, False
        return out

    # What the host tells.

    def power_on(self, now: dt.datetime) -> None:
        """Begin to exist, or wake from the memory: a short pause of the host is none, a long one was a power cut."""
        saved = self.memory.saved_at
        self._come_up(now, lost=saved is not None and now - saved > PAUSE_MAX)
        self._settle(now)

    def tick(self, now: dt.datetime) -> None:
        """Let time pass."""
        self._count(now)
        self._settle(now)

    def connected(self, now: dt.datetime) -> None:
        """The socket is open."""
        self._count(now)
        self.linked = True
        self._line = self._new_line()
        if self.model.quirks.boots_on_reconnect or not self.accepted:
            self.registration.begin(now)
        if self.drops > 0:
            self.drops -= 1
            self._hang_up = True
        self._settle(now)

    def disconnected(self, now: dt.datetime) -> None:
        """The socket is gone."""
        self._count(now)
        self._cut(now)
        self._settle(now)

    def not_connected(self, now: dt.datetime) -> None:
        """A connection was tried in vain."""

    def received(self, frame: str | bytes, now: dt.datetime) -> None:
        """Take a frame in."""
        self._count(now)
        asked = self._line.read(frame, now) if self.linked else None
        if asked is not None:
            self._answer(asked, now)
        self._dirty = True
        self._settle(now)

    def errand_done(self, id: int, done: Done, now: dt.datetime) -> None:
        """Take what became of an errand; one from before a power cut is nobody's any more."""
        self._count(now)
        then = self._awaited.pop(id, None)
        if then is not None:
            then(done, now)
        self._dirty = True
        self._settle(now)

    def do(self, command: AnyCommand, now: dt.datetime) -> None:
        """Let a hand do something to it; DomainError when that cannot be done."""
        self._count(now)
        handling.do(self, command, now)
        self._tune_line()
        self._count(now)
        self._dirty = True
        self._settle(now)

    # What its own parts ask for.

    def ask(self, action: str, body: dict[str, Any], then: Then = lambda _reply, _at: None) -> None:
        """Queue a call that is no transaction message; lost with the link."""
        self._asks.append((action, body, then))

    def say(self, action: str, body: dict[str, Any], *, unanswered: bool = False) -> None:
        """Say what a hand wants said, right or wrong."""
        if unanswered:
            self._frames.append(self._line.tell(self._next_id(), action, body))
        else:
            self.ask(action, body)

    def errand(self, make: Callable[[int], Errand], then: Callable[[Done, dt.datetime], None]) -> int:
        """Send the host on an errand; `then` hears how it went, once."""
        self._last_errand += 1
        self._awaited[self._last_errand] = then
        self._errands.append(make(self._last_errand))
        return self._last_errand

    def complain(self, why: str) -> None:
        """The central system broke the rules: note it, and hang up on it when strict."""
        self.violations.append(why)
        if self.model.strict:
            self._hang_up = True

    def hang_up(self, times: int = 1, back_ms: int | None = None) -> None:
        """Drop the socket, maybe some more times; the host comes back by itself."""
        self._hang_up = True
        self.drops, self.back_ms = times - 1, back_ms

    def restart(self, reason: str, now: dt.datetime) -> None:
        """End what runs, then reboot: at once when hard, after the queue is sent when soft."""
        for outlet in self.outlets.values():
            self.broken(outlet, reason, now)
        self.memory.boot_reason = self._boot_reason(reason)
        if reason == "HardReset":
            self.cut_power(now)
        else:
            self._restart = (reason, now + SOFT_RESET_WITHIN)

    def cut_power(self, now: dt.datetime, seconds: int | None = None) -> None:
        """Lose power in mid-sentence, for the time a reboot takes."""
        self._cut(now)
        self.registration.state = "off"
        self._restart = None
        self._back_at = now + dt.timedelta(seconds=self.model.reboot_s if seconds is None else seconds)
        self._hang_up = True
        self._awaited.clear()
        for outlet in self.outlets.values():
            outlet.permission, outlet.power_mw = None, 0

    def sign_certificate(self, now: dt.datetime) -> None:
        """Ask for a certificate of its own."""
        csr = keys.request(self.model, self.memory, self.organization)
        self.logs.note("certificate requested", now)
        self.ask("SignCertificate", self._signing(csr))

    def security_event(self, kind: str, info: str, now: dt.datetime) -> None:
        """Tell of something that touches security (1.6 security, A04; 2.x A04)."""
        at = stamp(read(self.memory, now))
        self.logs.note(f"security: {kind} {info}", now)
        self.ask("SecurityEventNotification", {"type": kind, "timestamp": at} | ({"techInfo": info} if info else {}))

    # How it lives.

    def _new_line(self) -> Line:
        line = Line(dt.timedelta(seconds=self.model.answer_within_s), self.complain)
        self._line = line
        self._tune_line()
        return line

    def _tune_line(self) -> None:
        trouble = self.memory.trouble
        self._line.spaced = self.model.quirks.spaced_json or trouble.spaced_json
        self._line.odd = trouble.unknown_fields

    def _count(self, now: dt.datetime) -> None:
        if self.powered:
            for outlet in self.outlets.values():
                outlet.count(now, self.memory.speed, self.running(outlet))

    def _come_up(self, now: dt.datetime, *, lost: bool) -> None:
        for outlet in self.outlets.values():
            self._recover(outlet, now, lost=lost)
        if self.model.quirks.clock_1970:
            tell(self.memory, EPOCH, now)
        self.registration.begin(now)
        self._back_at = None
        for condition in self.conditions.values():
            condition.word, condition.told = "", None
        self.logs.note(f"up: {self.memory.boot_reason}", now)
        self.updates.came_up(now)
        self.logs.came_up(now)
        self._count(now)
        self._dirty = True

    def _cut(self, now: dt.datetime) -> None:
        self.linked = False
        self._line.cut(now)
        asks, self._asks = self._asks, deque()
        for _action, _body, then in asks:
            then(Reply(Outcome.CUT), now)

    def _settle(self, now: dt.datetime) -> None:
        """Draw the conclusions of whatever has just happened."""
        if self._back_at is not None:
            if now < self._back_at:
                return
            self._come_up(now, lost=True)
        self._line.expire(now)
        if not self.powered:
            return
        self._apply_limits(now)
        for outlet in self.outlets.values():
            self._turn(outlet, now)
        for over in reserve.expired(self.memory, now):
            self._reservation_over(over.id)
            self._dirty = True
        self.updates.tick(now)
        self.logs.tick(now)
        self._note_conditions(now)
        if self._restart is not None and (now >= self._restart[1] or not self._has_to_say):
            self.cut_power(now)
        elif self.linked:
            self._speak(now)
        self.memory.saved_at = now

    @property
    def _has_to_say(self) -> bool:
        return self.online and bool(self.memory.queue or self._asks)

    def _apply_limits(self, now: dt.datetime) -> None:
        """Let the charging profiles bind: each outlet its own, and an equal part of what the station may take."""
        self._limits_change = None
        profiles = self.memory.profiles
        if not profiles:
            for outlet in self.outlets.values():
                outlet.limit_mw = None
            return
        shown = read(self.memory, now)
        busy = max(1, sum(self.running(outlet) is not None for outlet in self.outlets.values()))
        whole, change = limits.of_station(profiles, shown)
        for number, outlet in self.outlets.items():
            uid, began = self._began(outlet)
            own, until = limits.of_outlet(profiles, self._scope(number), uid, began, shown)
            part = None if whole is None else whole // busy
            outlet.limit_mw = own if part is None else part if own is None else min(own, part)
            change = min((at for at in (change, until) if at is not None), default=None)
            running = self.running(outlet)
            if running is not None:
                outlet.energise(running)
        if change is not None:
            self._limits_change = max(now + (change - shown), now + _SECOND)

    def _scope(self, number: int) -> int:
        return number

    def _note_conditions(self, now: dt.datetime) -> None:
        at = read(self.memory, now)
        for number, word in self._words().items():
            changed = self.conditions[number].become(word, at)
            self._dirty |= changed
            if changed:
                self._condition_changed(number)

    def _condition_changed(self, number: int) -> None: ...

    def _call(self, action: str, body: dict[str, Any], then: Then, now: dt.datetime, id: str | None = None) -> None:
        def heard(reply: Reply, at: dt.datetime) -> None:
            self._check(action, reply)
            then(reply, at)

        self._frames.append(self._line.call(id or self._next_id(), action, body, heard, now))

    def _check(self, action: str, reply: Reply) -> None:
        shapes = self.asks_them.get(action)
        if reply.outcome is Outcome.ANSWERED and shapes is not None:
            try:
                msgspec.json.decode(msgspec.json.encode(reply.body), type=shapes[1])
            except msgspec.ValidationError as error:
                self.complain(f"{action} answered: {error}"[:300])

    def _next_id(self) -> str:
        id, self.memory.next_message = str(self.memory.next_message), self.memory.next_message + 1
        return id
