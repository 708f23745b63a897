"""Transactions of a 2.x station: when they begin and end, what is told of them, in which order (block E).

Events form one queue, kept through power cuts, each sent until answered (E04, E13). Their content never changes; an
event that was made without a connection says `offline`.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zaryad.link.station import evse_of
from zaryad.sandbox import limits, reserve
from zaryad.sandbox.kept import Charge, Grant
from zaryad.sandbox.line import Outcome, Reply
from zaryad.sandbox.model import Message
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.timekeeping import read, stamp
from zaryad.sandbox.v2 import occupancy
from zaryad.sandbox.v2.samples import ENERGY, sampled

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

NAMESPACE = uuid.UUID("6a4c1a10-52f2-4f7d-9b0c-2f5d0c201021")
UNPLUGGED = {"EVConnected", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy", "DataSigned"}
RELEASED = {"Authorized", "PowerPathClosed", "EnergyTransfer", "DataSigned"}


class Charges:
    """The transactions of one station and the events that tell of them."""

    def __init__(self, station: Station2, chance: random.Random) -> None:
        self._station = station
        self._memory = station.memory
        self._device = station.device
        self._chance = chance

    def at(self, outlet: Outlet) -> Charge | None:
        """Return the transaction at the outlet."""
        number = outlet.memory.transaction
        return None if number is None else self._memory.charges[number]

    def with_uid(self, uid: str) -> Charge | None:
        """Return a running transaction by its id."""
        return next((it for it in self._memory.charges.values() if it.uid == uid and not it.ended), None)

    def register_mwh(self, outlet: Outlet) -> int:
        """Return the meter of the outlet's EVSE, which its connectors share."""
        evse = evse_of(outlet.model.number)[0]
        return sum(o.memory.register_mwh for n, o in self._station.outlets.items() if evse_of(n)[0] == evse)

    # What happens at an outlet.

    def plugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """A cable is in."""
        self._event(outlet, "CablePluggedIn", now)

    def granted(self, outlet: Outlet, grant: Grant, now: dt.datetime) -> None:
        """Somebody may charge."""
        outlet.memory.grant = grant
        charge = self.at(outlet)
        if charge is not None:
            charge.token, charge.type, charge.group = grant.token, grant.type, grant.group
            charge.remote_start_id, charge.told_token, charge.reason = grant.remote_start_id, False, None
            self._use_reservation(charge, outlet)
        trigger = "Authorized" if grant.remote_start_id is None else "RemoteStart"
        self._event(outlet, trigger, now)

    def closed(self, outlet: Outlet, now: dt.datetime) -> None:
        """The contactor is closed: energy may flow."""
        charge = self.at(outlet) or self._begun(outlet, now)
        charge.flowing, outlet.memory.spent = True, False
        outlet.energise(charge)
        if charge.seq == 0:
            self._event(outlet, "ChargingStateChanged", now)

    def released(
        self, outlet: Outlet, trigger: str, reason: str, now: dt.datetime, token: tuple[str, str] | None = None
    ) -> None:
        """Nobody may charge any more: stopped by card, remotely, by a limit; it ends, or waits for the cable."""
        charge, outlet.memory.grant = self.at(outlet), None
        outlet.power_mw = 0
        if charge is None:
            return
        charge.flowing, charge.reason = False, charge.reason or reason
        outlet.memory.spent = outlet.memory.car is not None
        points = set(self._device.words("TxCtrlr/TxStopPoint"))
        if points & RELEASED or outlet.memory.car is None:
            self.end(outlet, trigger, now, token=token)
        else:
            self._event(outlet, trigger, now, token=token)

    def unplugged(self, outlet: Outlet, now: dt.datetime) -> None:
        """The cable is out."""
        charge = self.at(outlet)
        outlet.power_mw = 0
        let_in = charge is not None and charge.token is not None  # else nobody is there who could end it
        stays = let_in and not self._device.on("TxCtrlr/StopTxOnEVSideDisconnect")
        points = set(self._device.words("TxCtrlr/TxStopPoint"))
        if charge is not None and charge.reason is None and stays and not points & UNPLUGGED:
            charge.flowing = False
            self._event(outlet, "EVCommunicationLost", now)
            return
        outlet.memory.grant = None
        if charge is not None:
            charge.flowing, charge.reason = False, charge.reason or "EVDisconnected"
            self.end(outlet, "EVCommunicationLost", now)

    def broken(self, outlet: Outlet, trigger: str, reason: str, now: dt.datetime) -> None:
        """End at once, whatever the stop points say."""
        charge, outlet.memory.grant, outlet.power_mw = self.at(outlet), None, 0
        if charge is not None:
            charge.flowing, charge.reason = False, reason
            outlet.memory.spent = outlet.memory.car is not None
            self.end(outlet, trigger, now)

    def end(self, outlet: Outlet, trigger: str, now: dt.datetime, *, token: tuple[str, str] | None = None) -> None:
        """Tell the end."""
        charge = self.at(outlet)
        if charge is None:
            return
        state = "EVConnected" if outlet.memory.car is not None else "Idle"
        charge.ended, charge.state = True, state
        values = self._values(outlet, "SampledDataCtrlr/TxEndedMeasurands", "Transaction.End")
        info: dict[str, Any] = {"chargingState": state, "stoppedReason": charge.reason or "Other"}
        info |= {"timeSpentCharging": charge.flowed_ms // 1_000} if charge.flowed_ms else {}
        self._push(charge, "Ended", trigger, now, info, values, token)
        outlet.memory.transaction = None
        self._memory.profiles = limits.without_transaction(self._memory.profiles, charge.uid)
        if outlet.memory.operative_next is not None:
            outlet.memory.operative, outlet.memory.operative_next = outlet.memory.operative_next, None

    def look(self, outlet: Outlet, now: dt.datetime) -> None:
        """See whether the state has changed, and whether it is time to measure."""
        charge = self.at(outlet)
        if charge is None:
            return
        if charge.seq and charge.state != self.state(outlet, charge):
            self._event(outlet, "ChargingStateChanged", now)
        if charge.flowing and charge.next_sample is not None and now >= charge.next_sample:
            self._event(outlet, "MeterValuePeriodic", now, sample=True)

    def triggered(self, outlet: Outlet, now: dt.datetime) -> None:
        """Tell how it stands, because somebody asked."""
        self._event(outlet, "Trigger", now, context="Trigger", sample=True)

    def rate_changed(self, outlet: Outlet, now: dt.datetime) -> None:
        """A charging profile changed what flows (K01)."""
        self._event(outlet, "ChargingRateChanged", now)

    def state(self, outlet: Outlet, charge: Charge) -> str:
        """Return the chargingState that is true now."""
        if outlet.memory.car is None:
            return "Idle"
        if not charge.flowing:
            return "EVConnected"
        if charge.suspended or outlet.limit_mw == 0:
            return "SuspendedEVSE"
        return "Charging" if outlet.power_mw else "SuspendedEV"

    # What is told of it.

    def _event(
        self,
        outlet: Outlet,
        trigger: str,
        now: dt.datetime,
        *,
        context: str = "Sample.Periodic",
        sample: bool = False,
        token: tuple[str, str] | None = None,
    ) -> None:
        charge = self.at(outlet)
        if charge is None:
            if not self._starts(outlet):
                return
            charge = self._begun(outlet, now)
        charge.state = self.state(outlet, charge)
        values: list[dict[str, Any]] = []
        kind = "Updated"
        if charge.seq == 0:
            kind = "Started"
            values = self._values(outlet, "SampledDataCtrlr/TxStartedMeasurands", "Transaction.Begin")
        elif sample:
            values = self._values(outlet, "SampledDataCtrlr/TxUpdatedMeasurands", context)
        if kind == "Started" or sample:
            charge.next_sample = self._next_sample(now)
        self._push(charge, kind, trigger, now, {"chargingState": charge.state}, values, token)

    def _starts(self, outlet: Outlet) -> bool:
        if occupancy.busy_beside(self._station, outlet):
            return False
        points = set(self._device.words("TxCtrlr/TxStartPoint"))
        car, grant = outlet.memory.car is not None, outlet.memory.grant is not None
        return (
            (car and bool(points & {"EVConnected", "ParkingBayOccupancy"}))
            or (grant and "Authorized" in points)
            or (car and grant and bool(points & {"PowerPathClosed", "DataSigned"}))
        )

    def _begun(self, outlet: Outlet, now: dt.datetime) -> Charge:
        began, number, grant = read(self._memory, now), self._memory.next_transaction, outlet.memory.grant
        self._memory.next_transaction += 1
        charge = Charge(
            number=number,
            uid=str(uuid.uuid5(NAMESPACE, f"{self._station.model.id}/{number}/{began.isoformat()}")),
            connector=outlet.model.number,
            began_at=began,
            began_mwh=self.register_mwh(outlet),
        )
        if grant is not None:
            charge.token, charge.type, charge.group = grant.token, grant.type, grant.group
            charge.remote_start_id = grant.remote_start_id
        self._memory.charges[number] = charge
        outlet.memory.transaction = number
        self._use_reservation(charge, outlet)
        return charge

    def _use_reservation(self, charge: Charge, outlet: Outlet) -> None:
        for it in list(self._memory.reservations.values()):
            here = it.connector in (0, evse_of(outlet.model.number)[0])
            if here and charge.token is not None and reserve.may_use(it, charge.token, charge.group):
                del self._memory.reservations[it.id]
                charge.reservation = it.id
                return

    def _push(  # noqa: PLR0917  # what an event is made of
        self,
        charge: Charge,
        kind: str,
        trigger: str,
        now: dt.datetime,
        info: dict[str, Any],
        values: list[dict[str, Any]],
        token: tuple[str, str] | None = None,
    ) -> None:
        at = stamp(read(self._memory, now))
        told: dict[str, Any] = {"transactionId": charge.uid, **info}
        body: dict[str, Any] = {"eventType": kind, "timestamp": at, "triggerReason": trigger, "seqNo": charge.seq}
        if charge.remote_start_id is not None and not charge.told_token:
            told["remoteStartId"] = charge.remote_start_id
        body["transactionInfo"] = told
        if not self._station.online:
            body["offline"] = True
        if values:
            body["meterValue"] = [{"timestamp": at, "sampledValue": values}]
        self._place(charge, body)
        if token is not None:
            body["idToken"] = {"idToken": token[0], "type": token[1]}
        elif charge.type != "" and not charge.told_token and (charge.token is not None):
            body["idToken"] = {"idToken": charge.token, "type": charge.type}
            charge.told_token = True
        if charge.reservation is not None:
            body["reservationId"], charge.reservation = charge.reservation, None
        charge.seq += 1
        self._memory.queue.append(Message(action="TransactionEvent", transaction=charge.number, body=body))
        self._make_room()

    def _place(self, charge: Charge, body: dict[str, Any]) -> None:
        """Name the EVSE once, and its connector as soon as the cable tells which (E01.FR.16)."""
        evse, connector = evse_of(charge.connector)
        plugged = self._station.outlets[charge.connector].memory.car is not None
        if charge.told_evse < (2 if plugged else 1):
            body["evse"] = {"id": evse} | ({"connectorId": connector} if plugged else {})
            charge.told_evse = 2 if plugged else 1

    def _values(self, outlet: Outlet, key: str, context: str) -> list[dict[str, Any]]:
        measurands = self._device.words(key)
        kilo = self._station.model.quirks.kwh_unit
        values = sampled(outlet, self.register_mwh(outlet), measurands, context, self._chance, kilo=kilo)
        return values or sampled(outlet, self.register_mwh(outlet), [ENERGY], context, self._chance, kilo=kilo)

    def reading(self, outlet: Outlet, now: dt.datetime, key: str, context: str) -> dict[str, Any]:
        """Return one MeterValue outside of transactions."""
        return {"timestamp": stamp(read(self._memory, now)), "sampledValue": self._values(outlet, key, context)}

    def _make_room(self) -> None:
        queue = self._memory.queue
        if len(queue) > self._station.model.queue_max:  # E04.FR.07: intermediate events may go, starts and ends never
            middle = [m for m in queue[1:] if m.body.get("eventType") == "Updated" and "idToken" not in m.body][::2]
            given_up = {id(m) for m in middle}
            queue[:] = [m for m in queue if id(m) not in given_up]

    def _next_sample(self, now: dt.datetime) -> dt.datetime | None:
        interval = self._device.number("SampledDataCtrlr/TxUpdatedInterval")
        return now + dt.timedelta(seconds=max(1, interval // self._memory.speed)) if interval else None

    # The queue.

    def due(self, now: dt.datetime) -> Message | None:
        """Return the event at the head of the queue when it may go out."""
        queue = self._memory.queue
        if queue and (queue[0].not_before is None or queue[0].not_before <= now):
            return queue[0]
        return None

    def told(self, message: Message, reply: Reply, now: dt.datetime) -> Charge | None:
        """Take the outcome of an event; return the transaction whose token was refused, if it still runs."""
        charge = self._memory.charges[message.transaction]
        if reply.outcome is Outcome.CUT:
            message.not_before = None
            return None
        if reply.outcome is not Outcome.ANSWERED:
            message.attempts += 1
            if message.attempts < self._device.number("OCPPCommCtrlr/MessageAttempts[TransactionEvent]"):
                interval = self._device.number("OCPPCommCtrlr/MessageAttemptInterval[TransactionEvent]")
                message.not_before = now + dt.timedelta(seconds=interval * message.attempts)
                return None
            self._memory.given_up += 1
        self._memory.queue.remove(message)
        if message.body["eventType"] == "Ended":
            del self._memory.charges[charge.number]
            return None
        return self._heard(charge, reply)

    def _heard(self, charge: Charge, reply: Reply) -> Charge | None:
        limit = reply.body.get("transactionLimit")
        if isinstance(limit, dict):
            self._limit(charge, limit)
        cost = reply.body.get("totalCost")
        charge.cost = str(cost) if isinstance(cost, int | float) else charge.cost
        info = reply.body.get("idTokenInfo")
        if not isinstance(info, dict) or charge.token is None:
            return None
        known = self._station.cards.remember(charge.token, info)
        charge.group = known.group or charge.group
        return None if known.status == "Accepted" or charge.ended else charge

    def _limit(self, charge: Charge, limit: dict[str, Any]) -> None:
        energy, seconds, cost = limit.get("maxEnergy"), limit.get("maxTime"), limit.get("maxCost")
        charge.energy_limit_mwh = None if energy is None else int(energy * 1_000)
        charge.time_limit_s = None if seconds is None else int(seconds)
        charge.cost_limit = None if cost is None else str(cost)

    def limit_reached(self, outlet: Outlet, now: dt.datetime) -> tuple[str, str] | None:
        """Return trigger and reason when a limit of the transaction is reached (2.1, E16)."""
        charge = self.at(outlet)
        if charge is None or not charge.flowing:
            return None
        drawn = self.register_mwh(outlet) - charge.began_mwh
        if charge.energy_limit_mwh is not None and drawn >= charge.energy_limit_mwh:
            return "EnergyLimitReached", "EnergyLimitReached"
        passed = (read(self._memory, now) - charge.began_at).total_seconds()
        if charge.time_limit_s is not None and passed >= charge.time_limit_s:
            return "TimeLimitReached", "TimeLimitReached"
        cost, most = charge.cost, charge.cost_limit
        if most is not None and cost is not None and Decimal(cost) >= Decimal(most):
            return "CostLimitReached", "CostLimitReached"
        return None
