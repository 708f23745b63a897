"""A central system in twenty lines and a day in virtual time: it answers what it is asked and remembers everything."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from zaryad.sandbox.model import AnyCommand, OutletModel, Quirks, StationMemory, StationModel
from zaryad.sandbox.station16 import Station16
from zaryad.sandbox.timekeeping import stamp

START = dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)
AC = OutletModel(1, "type2", 22_000)
DC = OutletModel(2, "ccs2", 60_000)


class Central:
    def __init__(self, *, quirks: Quirks | None = None, memory: StationMemory | None = None, **model: Any) -> None:
        model.setdefault("outlets", (AC, DC))
        self.model = StationModel(id="KG-1", quirks=quirks or Quirks(), **model)
        self.now = START
        self._pending: list[str] = []
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.ids: list[str] = []
        self.raw: list[str] = []
        self.replies: list[Any] = []
        self.token_status = "Accepted"
        self.boot_status = "Accepted"
        self.deaf = False  # answers nothing
        self.refuses: set[str] = set()
        self.reachable = True
        self.next_transaction = 100
        self.begun: dict[tuple[Any, ...], int] = {}
        self.station = self.make(memory)
        self.station.power_on(self.now)
        self.work()

    def make(self, memory: StationMemory | None) -> Any:
        return Station16(self.model, memory)

    def errands(self, errands: tuple[Any, ...]) -> None:
        """See to what the station needs done elsewhere."""

    def work(self) -> None:
        """Exchange frames until both sides are silent."""
        while True:
            if self.station.wants_link and self.reachable and not self.station.linked:
                self.station.connected(self.now)
            out = self.station.take()
            for frame in out.frames:
                self.hear(frame)
            self.errands(out.errands)
            if out.hang_up and self.station.linked:
                self.station.disconnected(self.now)
            elif not out.frames and not self._pending and not out.errands:
                return
            self.flush()

    def flush(self) -> None:
        frames, self._pending = self._pending, []
        for frame in frames:
            if self.station.linked:
                self.station.received(frame, self.now)

    def hear(self, frame: str) -> None:
        self.raw.append(frame)
        parts = json.loads(frame)
        if parts[0] != 2:
            self.replies.append(parts)
            return
        _, id, action, body = parts
        self.heard.append((action, body))
        self.ids.append(id)
        if self.deaf:
            return
        if action in self.refuses:
            self._pending = [*self._pending, json.dumps([4, id, "InternalError", "", {}])]
        else:
            self._pending = [*self._pending, json.dumps([3, id, self.answer(action, body)])]

    def answer(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        info = {"idTagInfo": {"status": self.token_status}}
        match action:
            case "BootNotification":
                return {"status": self.boot_status, "currentTime": stamp(self.now), "interval": 300}
            case "Heartbeat":
                return {"currentTime": stamp(self.now)}
            case "Authorize":
                return info
            case "StartTransaction":
                key = (body["connectorId"], body["idTag"], body["meterStart"], body["timestamp"])
                if key not in self.begun:
                    self.next_transaction += 1
                    self.begun[key] = self.next_transaction
                return {"transactionId": self.begun[key], **info}
        return {}

    def ask(self, action: str, **body: Any) -> Any:
        self.station.received(json.dumps([2, f"c{len(self.replies)}", action, body]), self.now)
        self.work()
        return self.replies[-1][2]

    def do(self, command: AnyCommand) -> None:
        self.station.do(command, self.now)
        self.work()

    def cut(self) -> None:
        self.reachable = False
        self.station.disconnected(self.now)
        self.work()

    def restore(self) -> None:
        self.reachable = True
        self.work()

    def wait(self, seconds: int) -> None:
        """Let virtual time pass, waking the station exactly when it asks for it."""
        until = self.now + dt.timedelta(seconds=seconds)
        while (wake := self.station.wake_at) is not None and wake <= until:
            assert wake > self.now or self.now == START, f"it wants to be woken at {wake}, and it is {self.now}"
            self.now = max(self.now, wake)
            self.station.tick(self.now)
            self.work()
        self.now = until
        self.station.tick(self.now)
        self.work()

    def all(self, action: str) -> list[dict[str, Any]]:
        return [body for name, body in self.heard if name == action]

    def statuses(self, connector: int) -> list[str]:
        return [body["status"] for body in self.all("StatusNotification") if body["connectorId"] == connector]

    def forget(self) -> None:
        self.heard.clear()
        self.ids.clear()
        self.raw.clear()
