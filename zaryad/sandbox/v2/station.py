"""A virtual OCPP 2.0.1 station without I/O, and its sister of 2.1: the 2.x speakers of a `Body`."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, ClassVar

from zaryad.link.station import evse_of
from zaryad.ocpp.v2 import wire, wire21
from zaryad.sandbox.body import Body
from zaryad.sandbox.kept import Charge, LogOrder, Reservation, Update
from zaryad.sandbox.line import Asked, Outcome, Reply
from zaryad.sandbox.model import Message, PresentContract, StationMemory, StationModel
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.refusal import Refusal
from zaryad.sandbox.registration import Registration
from zaryad.sandbox.speaker import Shapes, Shown
from zaryad.sandbox.timekeeping import read, stamp
from zaryad.sandbox.v2 import network, occupancy, orders
from zaryad.sandbox.v2.cards import Cards
from zaryad.sandbox.v2.charges import Charges
from zaryad.sandbox.v2.device import Device, Slot
from zaryad.sandbox.v2.monitors import Monitors

STATUS_AGAIN = dt.timedelta(seconds=60)
ENDS = {  # how a restart, a fault or a red button ends a transaction: trigger and reason
    "ImmediateReset": ("ResetCommand", "ImmediateReset"),
    "HardReset": ("ResetCommand", "ImmediateReset"),
    "FirmwareUpdate": ("AbnormalCondition", "Reboot"),
    "Reboot": ("AbnormalCondition", "Reboot"),
    "EmergencyStop": ("AbnormalCondition", "EmergencyStop"),
}
BOOTS = {"FirmwareUpdate": "FirmwareUpdate", "Reboot": "LocalReset", "RemoteReset": "RemoteReset"}
FAULTS = {"GroundFailure": "GroundFault", "OverCurrentFailure": "OvercurrentFault"}


class Station2(Body):
    """One station. All methods take the true time; what the station believes is `timekeeping.read`."""

    subprotocol = "ocpp2.0.1"
    deflates = True
    asks_us: ClassVar[Shapes] = wire.TO_STATION
    asks_them: ClassVar[Shapes] = wire.FROM_STATION

    def __init__(self, model: StationModel, memory: StationMemory | None = None) -> None:
        super().__init__(model, memory)
        self.charges = Charges(self, random.Random(model.id))  # noqa: S311  # jitter of a meter
        self.cards = Cards(self)
        self.monitors = Monitors(self)
        self.reset_when_idle = False  # a Reset that waits for the last car
        self.in_vain = 0  # connections tried in vain with the network profile in use
        self._limited: dict[int, int | None] = {}
        self._aligned_at: dt.datetime | None = None

    # What the host looks at.

    @property
    def device(self) -> Device:
        """Its components and variables."""
        return self._device

    @property
    def url(self) -> str | None:
        """Where the network profile in use leads; None for the one it was delivered with."""
        return network.url(self)

    @property
    def password(self) -> bytes | None:
        """BasicAuthPassword as it is, once it was set (2.x: text, never hex)."""
        told = self.memory.variables.get("SecurityCtrlr/BasicAuthPassword", self.model.password)
        return None if told is None else told.encode()

    @property
    def ping_s(self) -> int:
        """Seconds between its WebSocket pings."""
        return self.device.number("OCPPCommCtrlr/WebSocketPingInterval")

    @property
    def organization(self) -> str:
        """The operator."""
        return self.device["SecurityCtrlr/OrganizationName"]

    def not_connected(self, now: dt.datetime) -> None:
        """Go on to the next network profile when this one has had its attempts."""
        network.failed(self)
        self._dirty = True
        self.tick(now)

    def connected(self, now: dt.datetime) -> None:
        """The socket is open."""
        self.in_vain = 0
        super().connected(now)

    def running(self, outlet: Outlet) -> Charge | None:
        """Return the transaction that takes energy at the outlet."""
        charge = self.charges.at(outlet)
        return charge if charge is not None and charge.flowing else None

    def busy(self, outlet: Outlet) -> bool:
        """Whether a transaction runs there."""
        return self.charges.at(outlet) is not None

    def shown(self, outlet: Outlet) -> Shown:
        """Return token and id of what runs."""
        charge, grant = self.charges.at(outlet), outlet.memory.grant
        if charge is not None:
            return Shown(charge.token, None, charge.uid)
        return Shown(grant.token if grant is not None else None)

    def usable(self, outlet: Outlet) -> bool:
        """Whether somebody could begin to charge: nothing broken, and no other connector of the EVSE in use."""
        return occupancy.usable(self, outlet)

    def reserved(self, number: int) -> Reservation | None:
        """Return the reservation that keeps an outlet's EVSE."""
        return occupancy.reserved(self, number)

    # What hands do.

    def plugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """A cable is in; who may charge at this EVSE may do so at this connector."""
        occupancy.gather(self, outlet)
        self.charges.plugged(outlet, now)

    def unplugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """The cable was pulled."""
        self.charges.unplugged(outlet, now)

    def present(self, token: str, connector: int | None, now: dt.datetime) -> bool:
        """Hold a card to the reader."""
        return self.cards.present(token, connector, now)

    def present_contract(self, outlet: Outlet, command: PresentContract, now: dt.datetime) -> bool:
        """Plug & Charge."""
        return self.cards.contract(outlet, command, now)

    def broken(self, outlet: Outlet, reason: str, now: dt.datetime) -> None:
        """End the outlet's transaction: a fault, a red button, a restart."""
        fault = outlet.memory.fault
        other = ("AbnormalCondition", FAULTS.get(fault.code, "Other") if fault is not None else "Other")
        self.charges.broken(outlet, *ENDS.get(reason, other), now)

    def tell_update(self, status: str, update: Update | None) -> None:
        """Say how a firmware update goes."""
        body: dict[str, Any] = {"status": status}
        if update is not None and update.request_id is not None:
            body["requestId"] = update.request_id
        self.ask("FirmwareStatusNotification", body)

    def tell_log(self, status: str, order: LogOrder | None) -> None:
        """Say how an upload goes."""
        body: dict[str, Any] = {"status": status}
        if order is not None and order.request_id is not None:
            body["requestId"] = order.request_id
        self.ask("LogStatusNotification", body)

    def boot_again(self, now: dt.datetime) -> None:
        """BootNotification because somebody asked for it."""
        self.memory.boot_reason = "Triggered"
        self._ask_boot(now)

    def live(self, slot: Slot) -> str:
        """Return the value of a variable that is what is now."""
        return orders.live(self, slot)

    # How it lives.

    def _new_registration(self) -> Registration:
        self._device = Device(self.model, self.memory, self.live)
        key = "OCPPCommCtrlr/HeartbeatInterval"
        return Registration(
            self.model,
            self.memory,
            lambda: self._device.number(key),
            lambda seconds: self.memory.variables.update({key: str(seconds)}),
        )

    def _signing(self, csr: str) -> dict[str, Any]:
        return {"csr": csr, "certificateType": "ChargingStationCertificate"}

    def _boot_reason(self, restart: str) -> str:
        return BOOTS.get(restart, "RemoteReset")

    @property
    def _queue_due_at(self) -> dt.datetime | None:
        return self.memory.queue[0].not_before if self.memory.queue else None

    def _wakes(self, outlet: Outlet) -> list[dt.datetime | None]:
        times: list[dt.datetime | None] = [self.monitors.due_at, self._aligned_at]
        charge, grant = self.charges.at(outlet), outlet.memory.grant
        if charge is not None and charge.flowing:
            counted = outlet.memory.counted_to
            step = dt.timedelta(seconds=self.model.step_s)
            times += [charge.next_sample, counted + step if outlet.power_mw and counted else None]
            times.append(self._full_at(charge.full_since))
            if charge.time_limit_s is not None and counted is not None:
                times.append(counted + dt.timedelta(seconds=1))
        elif grant is not None:
            times.append(grant.until if outlet.memory.car is None else grant.not_before)
        return times

    def _count(self, now: dt.datetime) -> None:
        for outlet in self.outlets.values():
            charge, counted = self.running(outlet), outlet.memory.counted_to
            if charge is not None and outlet.power_mw and counted is not None:
                charge.flowed_ms += max(0, (now - counted) // dt.timedelta(milliseconds=1))
        super()._count(now)

    def _come_up(self, now: dt.datetime, *, lost: bool) -> None:
        self.reset_when_idle = False
        if lost:
            self._device.booted()
            network.booted(self)
        super()._come_up(now, lost=lost)

    def _recover(self, outlet: Outlet, now: dt.datetime, *, lost: bool) -> None:
        charge, counted = self.charges.at(outlet), outlet.memory.counted_to
        if lost and charge is not None:
            self.charges.broken(outlet, "AbnormalCondition", "PowerLoss", counted or now)
        if lost:
            outlet.memory.grant = None
        if lost or charge is None:
            outlet.memory.counted_to = now

    def _scope(self, number: int) -> int:
        return evse_of(number)[0]

    def _began(self, outlet: Outlet) -> tuple[str | None, dt.datetime | None]:
        charge = self.charges.at(outlet)
        return (None, None) if charge is None else (charge.uid, charge.began_at)

    def _apply_limits(self, now: dt.datetime) -> None:
        super()._apply_limits(now)
        for number, outlet in self.outlets.items():
            changed = self._limited.get(number) != outlet.limit_mw
            self._limited[number] = outlet.limit_mw
            charge = self.running(outlet)
            if changed and charge is not None and charge.state == self.charges.state(outlet, charge):
                self.charges.rate_changed(outlet, now)

    def _turn(self, outlet: Outlet, now: dt.datetime) -> None:
        grant, car = outlet.memory.grant, outlet.memory.car
        if grant is not None and car is None and now >= grant.until:
            self.charges.broken(outlet, "EVConnectTimeout", "Timeout", now)
            self._dirty = True
        elif grant is not None and car is not None and now >= grant.not_before and self.running(outlet) is None:
            self.charges.closed(outlet, now)
            self._dirty = True
        running = self.running(outlet)
        if running is None:
            return
        before = running.seq
        idle = not outlet.power_mw and not running.suspended and outlet.limit_mw != 0
        running.full_since = (running.full_since or now) if idle else None
        full_at = self._full_at(running.full_since)
        limit = self.charges.limit_reached(outlet, now)
        if limit is not None:
            self.charges.released(outlet, *limit, now)
        elif full_at is not None and now >= full_at:
            self.charges.released(outlet, "ChargingStateChanged", "StoppedByEV", now)
        else:
            self.charges.look(outlet, now)
        self._dirty |= running.seq != before

    def _full_at(self, since: dt.datetime | None) -> dt.datetime | None:
        patience = self.model.stops_when_full_s
        return None if since is None or patience is None else since + dt.timedelta(seconds=patience)

    def word(self, number: int) -> str:
        """Return the ConnectorStatus that is true now; 0 is the station."""
        return occupancy.word(self, number)

    def _words(self) -> dict[int, str]:
        return {number: self.word(number) for number in self.conditions}

    def _reservation_over(self, id: int) -> None:
        self.ask("ReservationStatusUpdate", {"reservationId": id, "reservationUpdateStatus": "Expired"})

    def _speak(self, now: dt.datetime) -> None:
        """Ask the next thing, when nothing is being asked."""
        if self.reset_when_idle and not self.charging:
            self.reset_when_idle = False
            self.restart("ImmediateReset", now)
        self.monitors.look(now)
        self._aligned_at = occupancy.measure_by_the_clock(self, self._aligned_at, now)
        if not self._line.free:
            return
        due = self.registration.due
        if not self.accepted:
            if due is not None and now >= due:
                self._ask_boot(now)
            elif self._asks and self.registration.state == "pending":
                self._call(*self._asks.popleft(), now)  # what was asked for while pending: B02.FR.02
        elif self._asks:
            self._call(*self._asks.popleft(), now)
        elif (number := next((n for n, c in self.conditions.items() if n and c.due(now)), None)) is not None:
            self._tell_condition(number, now)
        elif (message := self.charges.due(now)) is not None:
            self._tell_event(message, now)
        elif due is not None and now >= due:
            self.registration.heartbeat_due = None
            self._call("Heartbeat", {}, self.registration.time_told, now)

    def _ask_boot(self, now: dt.datetime) -> None:
        self.registration.boot_due = None
        model = self.model
        told = {"model": model.model[:20], "vendorName": model.vendor[:50], "firmwareVersion": self.firmware[:50]}
        told |= {"serialNumber": model.serial[:25]} if model.serial else {}
        body = {"reason": self.memory.boot_reason, "chargingStation": told}
        if not self._line.free:
            self.ask("BootNotification", body, self._booted)
            return
        self._call("BootNotification", body, self._booted, now)

    def _booted(self, reply: Reply, now: dt.datetime) -> None:
        if self.registration.booted(reply, now):
            self.memory.boot_reason = "PowerUp"
            for condition in self.conditions.values():
                condition.told = None

    def _tell_condition(self, number: int, now: dt.datetime) -> None:
        condition = self.conditions[number]
        condition.told = condition.word

        def then(reply: Reply, at: dt.datetime) -> None:
            if reply.outcome in (Outcome.SILENT, Outcome.CUT):
                condition.told = None
                condition.not_before = at + STATUS_AGAIN if reply.outcome is Outcome.SILENT else None

        self._call(*self._status(number), then, now)

    def _status(self, number: int) -> tuple[str, dict[str, Any]]:
        evse, connector = evse_of(number)
        condition = self.conditions[number]
        at = stamp(condition.since) if condition.since is not None else ""
        body = {"timestamp": at, "connectorStatus": condition.word, "evseId": evse, "connectorId": connector}
        return "StatusNotification", body

    def _tell_event(self, message: Message, now: dt.datetime) -> None:
        def then(reply: Reply, at: dt.datetime) -> None:
            refused = self.charges.told(message, reply, at)
            outlet = self.outlets[refused.connector] if refused is not None else None
            if refused is None or outlet is None or self.charges.at(outlet) is not refused:
                return
            if self.device.on("TxCtrlr/StopTxOnInvalidId"):
                self.charges.released(outlet, "Deauthorized", "DeAuthorized", at)
            else:
                refused.suspended, outlet.power_mw = True, 0

        self._call(message.action, message.body, then, now, message.message_id)
        if self.model.quirks.keeps_message_ids and message.message_id is None:
            message.message_id = str(self.memory.next_message - 1)
        if self.model.quirks.doubles_messages:
            self._frames.append(self._frames[-1])
        self._dirty = True

    def _answer(self, asked: Asked, now: dt.datetime) -> None:
        try:
            body, then = orders.answer(self, asked.action, asked.body, now)
        except Refusal as refusal:
            self._frames.append(self._line.error(asked.id, refusal.code, refusal.why))
            return
        self._frames.append(self._line.result(asked.id, body))
        self.logs.note(f"asked: {asked.action}", now)
        if then is not None:
            then(now)

    def time_shown(self, now: dt.datetime) -> str:
        """Return what the station's clock shows, as messages have it."""
        return stamp(read(self.memory, now))


class Station21(Station2):
    """The same in 2.1."""

    subprotocol = "ocpp2.1"
    sends = True
    asks_us: ClassVar[Shapes] = wire21.TO_STATION_21
    asks_them: ClassVar[Shapes] = wire21.FROM_STATION_21

    def _status(self, number: int) -> tuple[str, dict[str, Any]]:
        """NotifyEvent of AvailabilityState in place of StatusNotification, where the model does that (G01)."""
        action, body = super()._status(number)
        if not self.model.quirks.events_for_states:
            return action, body
        evse, connector = evse_of(number)
        names = {
            "component": {"name": "Connector", "evse": {"id": evse, "connectorId": connector}},
            "variable": {"name": "AvailabilityState"},
        }
        event = self.monitors.event(names, body["connectorStatus"], body["timestamp"])
        return "NotifyEvent", {"generatedAt": body["timestamp"], "seqNo": 0, "eventData": [event]}
