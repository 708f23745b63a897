"""A central system of 2.x: it answers what it is asked, and holds every frame against the published schemas."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from tests.sandbox.central import AC, DC, Central
from zaryad.sandbox.body import Body
from zaryad.sandbox.errands import Bring, Done, Errand, Fetch
from zaryad.sandbox.model import StationMemory
from zaryad.sandbox.speakers import built
from zaryad.sandbox.timekeeping import stamp

FOLDERS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}


@cache
def schema(version: str, name: str) -> Validator:
    """Return the validator of a published schema."""
    file = files("ocpp") / FOLDERS[version] / "schemas" / f"{name}.json"
    told = json.loads(file.read_text(encoding="utf-8-sig"))
    return Draft202012Validator(told)


class Strict(Central):
    """Any version. `valid` is held for every frame that the station sends."""

    station: Body

    def __init__(self, version: str = "2.0.1", *, memory: StationMemory | None = None, **model: Any) -> None:
        self.version = version
        self.asked: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.brought: dict[str, bytes] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        model.setdefault("outlets", (AC, DC))
        model.setdefault("start_delay_s", 0)
        model.setdefault("reboot_s", 5)
        super().__init__(memory=memory, protocol=version, strict=True, **model)

    def make(self, memory: StationMemory | None) -> Body:
        return built(self.model, memory)

    def hear(self, frame: str) -> None:
        parts = json.loads(frame)
        old = self.version == "1.6"
        if parts[0] == 2:
            self.valid(parts[2] if old else f"{parts[2]}Request", parts[3])
        elif parts[0] == 6:
            self.valid(parts[2], parts[3])
            self.sent.append((parts[2], parts[3]))
            return
        elif parts[0] == 3:
            self.valid(f"{self.asked[parts[1]]}Response", parts[2])
        super().hear(frame)

    def valid(self, name: str, body: dict[str, Any]) -> None:
        wrong = [f"{list(error.path)}: {error.message}" for error in schema(self.version, name).iter_errors(body)]
        assert not wrong, f"{name} {body}: {wrong}"

    def errands(self, errands: tuple[Errand, ...]) -> None:
        for errand in errands:
            if isinstance(errand, Bring):
                self.brought[errand.url] = errand.content
                self.station.errand_done(errand.id, Done(True), self.now)
            elif isinstance(errand, Fetch):
                content = self.files.get(errand.url)
                done = Done(False, why="HTTP 404") if content is None else Done(True, content[errand.begin :])
                self.station.errand_done(errand.id, done, self.now)

    def ask(self, action: str, **body: Any) -> Any:
        id = f"c{len(self.asked)}"
        self.asked[id] = action
        self.valid(action if self.version == "1.6" else f"{action}Request", body)
        self.station.received(json.dumps([2, id, action, body]), self.now)
        self.work()
        return next(parts[2] for parts in reversed(self.replies) if parts[1] == id)

    def answer(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        if action in self.answers:
            return self.answers[action]
        if self.version == "1.6":
            told = super().answer(action, body)
            return {"status": "Accepted"} if action in ("SignCertificate", "DataTransfer") else told
        info = {"idTokenInfo": {"status": self.token_status}}
        match action:
            case "BootNotification":
                return {"status": self.boot_status, "currentTime": stamp(self.now), "interval": 300}
            case "Heartbeat":
                return {"currentTime": stamp(self.now)}
            case "Authorize":
                return info
            case "TransactionEvent":
                return info if "idToken" in body else {}
            case "SignCertificate" | "DataTransfer" | "OpenPeriodicEventStream":
                return {"status": "Accepted"}
        return {}

    def events(self, uid: str | None = None) -> list[dict[str, Any]]:
        found = self.all("TransactionEvent")
        return [it for it in found if uid in (None, it["transactionInfo"]["transactionId"])]

    def story(self) -> list[tuple[str, str, str]]:
        return [
            (it["eventType"], it["triggerReason"], it["transactionInfo"].get("chargingState", ""))
            for it in self.events()
        ]

    def statuses2(self, evse: int, connector: int = 1) -> list[str]:
        told = self.all("StatusNotification")
        return [it["connectorStatus"] for it in told if (it["evseId"], it["connectorId"]) == (evse, connector)]
