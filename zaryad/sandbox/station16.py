"""A virtual OCPP 1.6 station without I/O, security extension and all: the 1.6 speaker of a `Body`."""

from __future__ import annotations

import datetime as dt
import random
from collections import deque
from typing import Any, ClassVar

from zaryad.ocpp.v16 import wire
from zaryad.sandbox import cards16, reserve
from zaryad.sandbox.body import Body
from zaryad.sandbox.charges16 import Charges
from zaryad.sandbox.configuration16 import Configuration
from zaryad.sandbox.kept import LogOrder, Reservation, Update
from zaryad.sandbox.line import Asked, Outcome, Reply
from zaryad.sandbox.model import Message, StationMemory, StationModel, Transaction
from zaryad.sandbox.orders16 import answer
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.refusal import Refusal
from zaryad.sandbox.registration import Registration
from zaryad.sandbox.speaker import Out, Shapes, Shown
from zaryad.sandbox.timekeeping import stamp

__all__ = ["Out", "Station16"]

STATUS_AGAIN = dt.timedelta(seconds=60)  # a status that got no answer
UPDATE_WORDS = {  # FirmwareStatusNotification has fewer words than its signed sister
    "InvalidSignature": "InstallationFailed",
    "InstallVerificationFailed": "InstallationFailed",
    **{word: word for word in ("Downloaded", "DownloadFailed", "Downloading", "Idle", "Installing", "Installed")},
    "InstallationFailed": "InstallationFailed",
}
DIAGNOSTICS_WORDS = {"Idle": "Idle", "Uploaded": "Uploaded", "Uploading": "Uploading"}


class Station16(Body):
    """One station. All methods take the true time; what the station believes is `timekeeping.read`."""

    subprotocol = "ocpp1.6"
    asks_us: ClassVar[Shapes] = wire.TO_STATION
    asks_them: ClassVar[Shapes] = wire.FROM_STATION

    def __init__(self, model: StationModel, memory: StationMemory | None = None) -> None:
        super().__init__(model, memory)
        self.charges = Charges(model, self.memory, self.configuration, random.Random(model.id))  # noqa: S311  # jitter of a meter
        self._old_statuses: deque[dict[str, Any]] = deque(maxlen=1_000)

    @property
    def configuration(self) -> Configuration:
        """Its keys."""
        return self._configuration

    @property
    def password(self) -> bytes | None:
        """The Basic password: AuthorizationKey as raw bytes once it was set, else what it was delivered with."""
        return self.configuration.password

    @property
    def ping_s(self) -> int:
        """Seconds between its WebSocket pings."""
        return self.configuration.number("WebSocketPingInterval")

    @property
    def organization(self) -> str:
        """The operator, as 1.6's security extension names it."""
        return self.configuration["CpoName"]

    def running(self, outlet: Outlet) -> Transaction | None:
        """Return the transaction running on the outlet."""
        return self.charges.at(outlet)

    def busy(self, outlet: Outlet) -> bool:
        """Whether a transaction runs there."""
        return self.charges.at(outlet) is not None

    def shown(self, outlet: Outlet) -> Shown:
        """Return token and number of what runs, or the token that waits for its cable."""
        running, permission = self.charges.at(outlet), outlet.permission
        if running is not None:
            return Shown(running.token, running.id)
        return Shown(permission.token if permission is not None else None)

    def plugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """1.6 says nothing of it but a status."""

    def unplugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """The cable was pulled."""
        if self.configuration.on("StopTransactionOnEVSideDisconnect"):
            self.end(outlet, "EVDisconnected", now)

    def present(self, token: str, connector: int | None, now: dt.datetime) -> bool:
        """Hold a card to the reader."""
        return cards16.present(self, token, connector, now)

    def broken(self, outlet: Outlet, reason: str, now: dt.datetime) -> None:
        """End the outlet's transaction: a fault, a red button, a restart."""
        self.end(outlet, "Reboot" if reason == "FirmwareUpdate" else reason, now)

    def end(self, outlet: Outlet, reason: str, now: dt.datetime, *, token: str | None = None) -> None:
        """End the outlet's transaction, if one runs."""
        outlet.permission = None
        self.charges.end(outlet, reason, now, token=token)
        self._dirty = True

    def tell_update(self, status: str, update: Update | None) -> None:
        """Say how a firmware update goes, in the words of the message that ordered it."""
        if update is not None and update.signed:
            body = {"status": status} | ({} if update.request_id is None else {"requestId": update.request_id})
            self.ask("SignedFirmwareStatusNotification", body)
        elif status in UPDATE_WORDS:
            self.ask("FirmwareStatusNotification", {"status": UPDATE_WORDS[status]})

    def tell_log(self, status: str, order: LogOrder | None) -> None:
        """Say how an upload goes."""
        if order is not None and order.diagnostics16:
            self.ask("DiagnosticsStatusNotification", {"status": DIAGNOSTICS_WORDS.get(status, "UploadFailed")})
            return
        body: dict[str, Any] = {"status": status}
        if order is not None and order.request_id is not None:
            body["requestId"] = order.request_id
        self.ask("LogStatusNotification", body)

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
            case "FirmwareStatusNotification":
                self.tell_update(*self.updates.status())
            case "DiagnosticsStatusNotification":
                status, order = self.logs.status()
                self.ask(message, {"status": status if order is not None and order.diagnostics16 else "Idle"})
            case "LogStatusNotification":
                status, order = self.logs.status()
                mine = order is not None and not order.diagnostics16
                self.tell_log(status if mine else "Idle", order if mine else None)
            case "SignChargePointCertificate":
                self.sign_certificate(now)
            case _:
                for number in connectors:
                    self._sample_triggered(number, now)

    # How it lives.

    def _new_registration(self) -> Registration:
        self._configuration = Configuration(self.model, self.memory)
        keep = self.memory.configuration
        return Registration(
            self.model,
            self.memory,
            lambda: self._configuration.number("HeartbeatInterval"),
            lambda seconds: keep.update(HeartbeatInterval=str(seconds)),
        )

    def _signing(self, csr: str) -> dict[str, Any]:
        return {"csr": csr}

    def _boot_reason(self, restart: str) -> str:
        return restart

    @property
    def _queue_due_at(self) -> dt.datetime | None:
        return self.charges.due_at

    def _wakes(self, outlet: Outlet) -> list[dt.datetime | None]:
        running = self.charges.at(outlet)
        if running is not None:
            counted = outlet.memory.counted_to
            step = dt.timedelta(seconds=self.model.step_s)
            look = counted + step if outlet.power_mw and counted else None
            return [running.next_sample, look, self._full_at(running.full_since)]
        if (permission := outlet.permission) is not None:
            return [permission.until if outlet.memory.car is None else permission.not_before]
        return []

    def _recover(self, outlet: Outlet, now: dt.datetime, *, lost: bool) -> None:
        if lost and outlet.memory.transaction is not None:
            self.charges.end(outlet, "PowerLoss", outlet.memory.counted_to or now)
        elif outlet.memory.car is None:  # it left while nobody looked
            self.charges.end(outlet, "EVDisconnected", now)
        if lost or outlet.memory.transaction is None:
            outlet.memory.counted_to = now

    def _began(self, outlet: Outlet) -> tuple[str | None, dt.datetime | None]:
        running = self.charges.at(outlet)
        return (None, None) if running is None else (str(running.number), running.began_at)

    def transaction_at(self, number: int) -> tuple[str | None, dt.datetime | None]:
        """Return our number of a connector's transaction, as profiles name it, and when it began."""
        return self._began(self.outlets[number]) if number else (None, None)

    def _words(self) -> dict[int, str]:
        words = {
            n: o.word(
                self.charges.at(o), station_operative=self.memory.operative, reserved=self.reserved(n) is not None
            )
            for n, o in self.outlets.items()
        }
        words[0] = "Faulted" if self.memory.fault else "Available" if self.memory.operative else "Unavailable"
        return words

    def reserved(self, number: int) -> Reservation | None:
        """Return the reservation that keeps an outlet."""
        if not self.memory.reservations:
            return None
        free = sum(o.usable and o.permission is None for n, o in self.outlets.items() if n != number)
        return reserve.kept_for(self.memory, number, free)

    def _condition_changed(self, number: int) -> None:
        if self.model.quirks.replays_statuses and not self.online:
            self._old_statuses.append(self._status(number))

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

    def _ask_boot(self, now: dt.datetime) -> None:
        self.registration.boot_due = None
        body = self._boot()
        if not self._line.free:
            self.ask("BootNotification", body, self._booted)
            return
        self._call("BootNotification", body, self._booted, now)
        if self.model.quirks.pipelines_boot:
            for number, condition in self.conditions.items():
                self._frames.append(self._line.shout(self._next_id(), "StatusNotification", self._status(number)))
                condition.told = condition.word

    def _boot(self) -> dict[str, Any]:
        model = self.model
        body = {"chargePointVendor": model.vendor, "chargePointModel": model.model, "firmwareVersion": self.firmware}
        return body | ({"chargePointSerialNumber": model.serial} if model.serial else {})

    def _booted(self, reply: Reply, now: dt.datetime) -> None:
        if self.registration.booted(reply, now) and not self.model.quirks.pipelines_boot:
            for condition in self.conditions.values():
                condition.told = None

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
            self.ask("MeterValues", {"connectorId": number, "meterValue": [value]})

    def _answer(self, asked: Asked, now: dt.datetime) -> None:
        try:
            body, then = answer(self, asked.action, asked.body, now)
        except Refusal as refusal:
            self._frames.append(self._line.error(asked.id, refusal.code, refusal.why))
            return
        self._frames.append(self._line.result(asked.id, body))
        if then is not None:
            then(now)
