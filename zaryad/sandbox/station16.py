"""A virtual OCPP 1.6 station without I/O: time, frames and hands go in; frames and a memory come out.

The host calls `tick`, `connected`, `disconnected`, `received` and `do`, each with the true time, then `take`s what
came of it: **first** keep the memory when `Out.memory` says so, **then** send the frames, then hang up if asked to.
It connects while `wants_link`, and calls `tick` no later than `wake_at`.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import deque
from typing import Any

import msgspec

from zaryad.sandbox import handling
from zaryad.sandbox.charges16 import Charges
from zaryad.sandbox.configuration16 import Configuration
from zaryad.sandbox.line import Asked, Line, Outcome, Reply, Then
from zaryad.sandbox.model import AnyCommand, Message, OutletMemory, StationMemory, StationModel
from zaryad.sandbox.orders16 import Refusal, answer
from zaryad.sandbox.outlet import Condition, Outlet
from zaryad.sandbox.registration16 import Registration
from zaryad.sandbox.timekeeping import EPOCH, read, stamp, tell

PAUSE_MAX = dt.timedelta(minutes=5)  # a host away for longer was a power cut to its stations
STATUS_AGAIN = dt.timedelta(seconds=60)  # a status that got no answer
SOFT_RESET_WITHIN = dt.timedelta(seconds=30)


class Out(msgspec.Struct, frozen=True):
    """What the host has to do, in this order."""

    memory: bool
    frames: tuple[str, ...]
    hang_up: bool


class Station16:
    """One station. All methods take the true time; what the station believes is `timekeeping.read`."""

    def __init__(self, model: StationModel, memory: StationMemory | None = None) -> None:
        self.model = model
        self.memory = memory or StationMemory(outlets={o.number: OutletMemory() for o in model.outlets})
        self.configuration = Configuration(model, self.memory)
        self.outlets = {
            o.number: Outlet(o, self.memory.outlets.setdefault(o.number, OutletMemory())) for o in model.outlets
        }
        self.charges = Charges(model, self.memory, self.configuration, random.Random(model.id))  # noqa: S311  # jitter of a meter
        self.conditions = {number: Condition() for number in (0, *self.outlets)}
        self.registration = Registration(model, self.memory, self.configuration)
        self.linked = False
        self._line = self._new_line()
        self._back_at: dt.datetime | None = None  # without power until then
        self._restart: tuple[str, dt.datetime] | None = None  # a soft reset that waits for the queue
        self._asks: deque[tuple[str, dict[str, Any], Then]] = deque()
        self._old_statuses: deque[dict[str, Any]] = deque(maxlen=1_000)
        self._frames: list[str] = []
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
    def wake_at(self) -> dt.datetime | None:
        """When `tick` is needed next, if nothing comes in before."""
        if self._back_at is not None:
            return self._back_at
        times: list[dt.datetime | None] = [self._restart[1] if self._restart else None]
        if self._line.outstanding is not None:
            times.append(self._line.outstanding.until)
        elif self.linked:
            times += [self.charges.due_at if self.accepted else None, self.registration.due]
            times += [condition.not_before for condition in self.conditions.values() if condition.told is None]
        for outlet in self.outlets.values():
            running = self.charges.at(outlet)
            if running is not None:
                counted = outlet.memory.counted_to
                step = dt.timedelta(seconds=self.model.step_s)
                times += [running.next_sample, counted + step if outlet.power_mw and counted else None]
                times.append(self._full_at(running.full_since))
            elif (permission := outlet.permission) is not None:
                times.append(permission.until if outlet.memory.car is None else permission.not_before)
        return min((at for at in times if at is not None), default=None)

    def take(self) -> Out:
        """Hand over what has to be kept and sent since the last time."""
        out = Out(self._dirty, tuple(self._frames), self._hang_up)
        self._frames, self._dirty, self._hang_up = [], False, False
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
        self._settle(now)

    def disconnected(self, now: dt.datetime) -> None:
        """The socket is gone."""
        self._count(now)
        self._cut(now)
        self._settle(now)

    def received(self, frame: str | bytes, now: dt.datetime) -> None:
        """Take a frame in."""
        self._count(now)
        asked = self._line.read(frame, now) if self.linked else None
        if asked is not None:
            self._answer(asked, now)
        self._dirty = True
        self._settle(now)

    def do(self, command: AnyCommand, now: dt.datetime) -> None:
        """Let a hand do something to it; DomainError when that cannot be done."""
        self._count(now)
        handling.do(self, command, now)
        self._count(now)
        self._dirty = True
        self._settle(now)

    # What its own parts ask for.

    def ask(self, action: str, body: dict[str, Any], then: Then) -> None:
        """Queue a call that is no transaction message; lost with the link."""
        self._asks.append((action, body, then))

    def end(self, outlet: Outlet, reason: str, now: dt.datetime, *, token: str | None = None) -> None:
        """End the outlet's transaction, if one runs."""
        outlet.permission = None
        self.charges.end(outlet, reason, now, token=token)
        self._dirty = True

    def hang_up(self) -> None:
        """Drop the socket; the host comes back by itself."""
        self._hang_up = True

    def restart(self, reason: str, now: dt.datetime) -> None:
        """End what runs, then reboot: at once when hard, after the queue is sent when soft."""
        for outlet in self.outlets.values():
            self.end(outlet, reason, now)
        if reason == "HardReset":
            self.cut_power(now)
        else:
            self._restart = (reason, now + SOFT_RESET_WITHIN)

    def cut_power(self, now: dt.datetime) -> None:
        """Lose power in mid-sentence, for the time a reboot takes."""
        self._cut(now)
        self.registration.state = "off"
        self._restart = None
        self._back_at = now + dt.timedelta(seconds=self.model.reboot_s)
        self._hang_up = True
        for outlet in self.outlets.values():
            outlet.permission, outlet.power_mw = None, 0

    def triggered(self, message: str, connectors: list[int], now: dt.datetime) -> None:
        """Say what TriggerMessage asked for."""
        match message:
            case "BootNotification":
                self._ask_boot(now)
            case "Heartbeat":
                self.registration.heartbeat_due = now
            case "StatusNotification":
                for number in connectors:
                    self.conditions[number].told = None
            case _:
                for number in connectors:
                    self._sample_triggered(number, now)

    # How it lives.

    def _new_line(self) -> Line:
        return Line(dt.timedelta(seconds=self.model.answer_within_s), spaced=self.model.quirks.spaced_json)

    def _count(self, now: dt.datetime) -> None:
        if self.powered:
            for outlet in self.outlets.values():
                outlet.count(now, self.memory.speed, self.charges.at(outlet))

    def _come_up(self, now: dt.datetime, *, lost: bool) -> None:
        for outlet in self.outlets.values():
            if lost and outlet.memory.transaction is not None:
                self.charges.end(outlet, "PowerLoss", outlet.memory.counted_to or now)
            elif outlet.memory.car is None:  # it left while nobody looked
                self.charges.end(outlet, "EVDisconnected", now)
            if lost or outlet.memory.transaction is None:
                outlet.memory.counted_to = now
        if self.model.quirks.clock_1970:
            tell(self.memory, EPOCH, now)
        self.registration.begin(now)
        self._back_at = None
        for condition in self.conditions.values():
            condition.word, condition.told = "", None
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
        for outlet in self.outlets.values():
            self._turn(outlet, now)
        self._note_conditions(now)
        if self._restart is not None and (now >= self._restart[1] or not (self.memory.queue and self.online)):
            self.cut_power(now)
        elif self.linked:
            self._speak(now)
        self.memory.saved_at = now

    def _turn(self, outlet: Outlet, now: dt.datetime) -> None:
        permission, running = outlet.permission, self.charges.at(outlet)
        if permission is not None and running is None:
            if now >= permission.until:
                outlet.permission = None
            elif outlet.usable and outlet.memory.car is not None and now >= permission.not_before:
                running = self.charges.begin(outlet, permission, now)
                outlet.permission, outlet.memory.spent = None, False
                outlet.energise(running)
                self._dirty = True
        if running is None:
            return
        if running.next_sample is not None and now >= running.next_sample:
            self.charges.sample(outlet, running, now)
            self._dirty = True
        idle = not outlet.power_mw and not running.suspended
        running.full_since = (running.full_since or now) if idle else None
        full_at = self._full_at(running.full_since)
        if full_at is not None and now >= full_at:
            self.end(outlet, "Other", now)

    def _full_at(self, since: dt.datetime | None) -> dt.datetime | None:
        patience = self.model.stops_when_full_s
        return None if since is None or patience is None else since + dt.timedelta(seconds=patience)

    def _note_conditions(self, now: dt.datetime) -> None:
        at = read(self.memory, now)
        words = {
            n: o.word(self.charges.at(o), station_operative=self.memory.operative) for n, o in self.outlets.items()
        }
        words[0] = "Faulted" if self.memory.fault else "Available" if self.memory.operative else "Unavailable"
        for number, word in words.items():
            changed = self.conditions[number].become(word, at)
            self._dirty |= changed
            if changed and self.model.quirks.replays_statuses and not self.online:
                self._old_statuses.append(self._status(number))

    def _speak(self, now: dt.datetime) -> None:
        """Ask the next thing, when nothing is being asked."""
        if not self._line.free:
            return
        due = self.registration.due
        if not self.accepted:
            if due is not None and now >= due:
                self._ask_boot(now)
        elif self._asks:
            self._call(*self._asks.popleft(), now)
        elif self._old_statuses:
            self._call("StatusNotification", self._old_statuses.popleft(), lambda _reply, _at: None, now)
        elif (number := next((n for n, c in self.conditions.items() if c.due(now)), None)) is not None:
            self._tell_condition(number, now)
        elif (message := self.charges.due(now)) is not None:
            self._tell_transaction(message, now)
        elif due is not None and now >= due:
            self.registration.heartbeat_due = None
            self._call("Heartbeat", {}, self.registration.time_told, now)

    def _call(self, action: str, body: dict[str, Any], then: Then, now: dt.datetime, id: str | None = None) -> None:
        self._frames.append(self._line.call(id or self._next_id(), action, body, then, now))

    def _ask_boot(self, now: dt.datetime) -> None:
        body = self.registration.boot()
        if not self._line.free:
            self.ask("BootNotification", body, self._booted)
            return
        self._call("BootNotification", body, self._booted, now)
        if self.model.quirks.pipelines_boot:
            for number, condition in self.conditions.items():
                self._frames.append(self._line.shout(self._next_id(), "StatusNotification", self._status(number)))
                condition.told = condition.word

    def _booted(self, reply: Reply, now: dt.datetime) -> None:
        if self.registration.booted(reply, now) and not self.model.quirks.pipelines_boot:
            for condition in self.conditions.values():
                condition.told = None

    def _next_id(self) -> str:
        id, self.memory.next_message = str(self.memory.next_message), self.memory.next_message + 1
        return id

    def _tell_condition(self, number: int, now: dt.datetime) -> None:
        condition = self.conditions[number]
        condition.told = condition.word

        def then(reply: Reply, at: dt.datetime) -> None:
            if reply.outcome in (Outcome.SILENT, Outcome.CUT):
                condition.told = None
                condition.not_before = at + STATUS_AGAIN if reply.outcome is Outcome.SILENT else None

        self._call("StatusNotification", self._status(number), then, now)

    def _status(self, number: int) -> dict[str, Any]:
        condition = self.conditions[number]
        fault = self.memory.fault if number == 0 else self.outlets[number].memory.fault
        body: dict[str, Any] = {"connectorId": number, "errorCode": fault.code if fault else "NoError"}
        if fault and fault.info:
            body["info"] = fault.info
        body["status"] = condition.word
        if condition.since is not None:
            body["timestamp"] = stamp(condition.since)
        return body

    def _tell_transaction(self, message: Message, now: dt.datetime) -> None:
        def then(reply: Reply, at: dt.datetime) -> None:
            refused = self.charges.told(message, reply, at)
            if refused is None:
                return
            outlet = self.outlets[refused.connector]
            if self.configuration.on("StopTransactionOnInvalidId"):
                self.end(outlet, "DeAuthorized", at)
            else:
                refused.suspended, outlet.power_mw = True, 0

        self._call(message.action, self.charges.body(message), then, now, message.message_id)
        if self.model.quirks.keeps_message_ids and message.message_id is None:
            message.message_id = str(self.memory.next_message - 1)
        if self.model.quirks.doubles_messages:
            self._frames.append(self._frames[-1])
        self._dirty = True

    def _sample_triggered(self, number: int, now: dt.datetime) -> None:
        outlet = self.outlets.get(number)
        running = self.charges.at(outlet) if outlet is not None else None
        if outlet is not None and running is not None:
            self.charges.sample(outlet, running, now, "Trigger")
        elif outlet is not None:
            value = self.charges.reading(outlet, now, "MeterValuesSampledData", "Trigger")
            self.ask("MeterValues", {"connectorId": number, "meterValue": [value]}, lambda _reply, _at: None)

    def _answer(self, asked: Asked, now: dt.datetime) -> None:
        try:
            body, then = answer(self, asked.action, asked.body)
        except Refusal as refusal:
            self._frames.append(self._line.error(asked.id, refusal.code, refusal.why))
            return
        self._frames.append(self._line.result(asked.id, body))
        if then is not None:
            then(now)
