"""A station of the swarm: one connector, no battery, one call outstanding, and little memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import msgspec

from zaryad.sandbox.swarm.measure import Measure
from zaryad.sandbox.swarm.socket import DROPPED, Socket

ANSWER_WITHIN_S = 30
WATT_SECONDS_PER_WH = 3_600
POWER_W = 60_000

_answer = msgspec.json.Decoder(tuple[int, str, dict[str, object]]).decode
_parts = msgspec.json.Decoder(list[object]).decode


class LeanStation:
    """Listener of one socket. Sends the next thing as soon as the last is answered."""

    protocol = "1.6"
    boot = '{"chargePointVendor":"Zaryad","chargePointModel":"Swarm"}'

    __slots__ = (
        "connected", "id", "measure", "number", "on_lost", "outstanding", "pending", "queue", "ready", "register_wh",
        "sent_at", "socket", "token", "transaction",
    )  # fmt: skip

    def __init__(self, id: str, token: str, measure: Measure, on_lost: Callable[[LeanStation], None]) -> None:
        self.id = id
        self.token = token
        self.measure = measure
        self.on_lost = on_lost
        self.socket: Socket | None = None
        self.pending = False  # somebody is connecting it: never two sockets for one station
        self.connected = False
        self.ready = False  # its boot was accepted
        self.number = 0
        self.outstanding: str | None = None
        self.sent_at = 0.0
        self.queue: deque[tuple[str, str]] = deque()
        self.transaction: int | str | None = None
        self.register_wh = 0

    def opened(self) -> None:
        """Count the handshake; after a lost link, go on where it was."""
        self.connected = True
        self.measure.handshakes += 1
        if not self.ready:
            self.say("BootNotification", self.boot)
        self._next()

    def heard(self, text: bytes) -> None:
        """Take an answer, or a call."""
        try:
            kind, id, body = _answer(text)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._other(text)
            return
        if kind == 3 and id == str(self.number):
            self._answered(body)

    def lost(self, why: str) -> None:
        """Count it, unless it was meant, and leave the rest to the swarm."""
        if why != DROPPED:
            self.measure.errors[why] += 1
            self.measure.reconnects += 1
        self.connected, self.socket, self.outstanding = False, None, None
        self.on_lost(self)

    def say(self, action: str, body: str) -> None:
        """Queue a call."""
        self.queue.append((action, body))
        self._next()

    def beat(self) -> None:
        """Send a heartbeat, if nothing is going on anyway."""
        if self.connected and not self.queue and self.outstanding is None:
            self.say("Heartbeat", "{}")

    def begin(self) -> None:
        """Begin a session."""
        self.say(
            "StartTransaction",
            f'{{"connectorId":1,"idTag":"{self.token}","meterStart":{self.register_wh},"timestamp":"{stamp()}"}}',
        )
        self._status("Charging")

    def sample(self, interval_s: int) -> None:
        """Send a reading of the running session: energy, power, state of charge, current, voltage."""
        if self.transaction is None or len(self.queue) > 3:  # behind already: more would only queue up here
            return
        self.register_wh += POWER_W * interval_s // WATT_SECONDS_PER_WH
        self.say(
            "MeterValues",
            f'{{"connectorId":1,"transactionId":{self.transaction},"meterValue":[{{"timestamp":"{stamp()}","sampledValue":['
            f'{{"value":"{self.register_wh}","measurand":"Energy.Active.Import.Register","unit":"Wh"}},'
            '{"value":"60000.0","measurand":"Power.Active.Import","unit":"W"},'
            '{"value":"54","measurand":"SoC","unit":"Percent","location":"EV"},'
            '{"value":"150.3","measurand":"Current.Import","unit":"A"},'
            '{"value":"399.1","measurand":"Voltage","unit":"V"}]}]}',
        )

    def end(self) -> None:
        """End the session."""
        if self.transaction is None:
            return
        self.say(
            "StopTransaction",
            f'{{"transactionId":{self.transaction},"meterStop":{self.register_wh},"timestamp":"{stamp()}","reason":"Local"}}',
        )
        self._status("Available")
        self.transaction = None

    def overdue(self, now: float) -> None:
        """Give up an answer that has taken too long."""
        if self.outstanding is not None and now - self.sent_at > ANSWER_WITHIN_S:
            self.measure.errors[f"no answer: {self.outstanding}"] += 1
            self.outstanding = None
            self._next()

    def _status(self, status: str, connector: int = 1) -> None:
        self.say(
            "StatusNotification",
            f'{{"connectorId":{connector},"errorCode":"NoError","status":"{status}","timestamp":"{stamp()}"}}',
        )

    def _next(self) -> None:
        if self.outstanding is not None or not self.queue or not self.connected or self.socket is None:
            return
        action, body = self.queue.popleft()
        self.number += 1
        self.outstanding = action
        self.sent_at = time.perf_counter()
        self.socket.send(f'[2,"{self.number}","{action}",{body}]'.encode())

    def _answered(self, body: dict[str, object]) -> None:
        action, self.outstanding = self.outstanding, None
        if action is None:
            return
        self.measure.answer(action, time.perf_counter() - self.sent_at)
        if action == "BootNotification":
            self.ready = body.get("status") == "Accepted"
            if self.ready:
                self.greet()
            else:
                self.measure.errors[f"boot {body.get('status')}"] += 1
        else:
            self.told(action, body)
        self._next()

    def greet(self) -> None:
        """Say what it is, after the boot."""
        self._status("Available", 0)
        self._status("Available")

    def told(self, action: str, body: dict[str, object]) -> None:
        """Take the answer to anything else."""
        if action == "StartTransaction":
            id = body.get("transactionId")
            self.transaction = id if isinstance(id, int) else None
            self.judged(body.get("idTagInfo"))

    def judged(self, info: object) -> None:
        """Count a token that may not charge."""
        if isinstance(info, dict) and info.get("status") != "Accepted":
            self.measure.errors[f"token {info.get('status')}"] += 1

    def _other(self, text: bytes) -> None:
        try:
            parts = _parts(text)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.measure.errors["unreadable frame"] += 1
            return
        match parts:
            case [2, str(id), str(action), dict(body)]:
                self._asked(id, action, body)
            case [4, str(id), str(code), *_] if id == str(self.number):
                self.measure.errors[f"{self.outstanding}: {code}"] += 1
                self.outstanding = None
                self._next()

    def reply(self, id: str, answer: str) -> None:
        """Answer a call."""
        if self.socket is not None:
            self.socket.send(f"[3,{msgspec.json.encode(id).decode()},{answer}]".encode())

    def _asked(self, id: str, action: str, body: dict[str, object]) -> None:
        self.reply(id, '{"configurationKey":[]}' if action == "GetConfiguration" else '{"status":"Accepted"}')
        if action == "RemoteStartTransaction" and self.transaction is None:
            self.token = str(body.get("idTag", self.token))
            self.begin()
        elif action == "RemoteStopTransaction":
            self.end()


def stamp() -> str:
    """Return the time as stations write it."""
    now_ms = time.time_ns() // 1_000_000
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now_ms // 1_000))}.{now_ms % 1_000:03d}Z"
