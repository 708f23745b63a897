"""A station of the swarm that speaks 2.0.1 or 2.1: one EVSE with one connector, transactions of its own naming."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import msgspec

from zaryad.sandbox.swarm.measure import Measure
from zaryad.sandbox.swarm.station import POWER_W, WATT_SECONDS_PER_WH, LeanStation, stamp

ENERGY = '"measurand":"Energy.Active.Import.Register","unitOfMeasure":{"unit":"Wh"}'


class LeanStation2(LeanStation):
    """The same life in 2.0.1."""

    __slots__ = ("remote", "seq", "shown")

    protocol = "2.0.1"
    boot = '{"reason":"PowerUp","chargingStation":{"model":"Swarm","vendorName":"Zaryad"}}'

    def __init__(self, id: str, token: str, measure: Measure, on_lost: Callable[[LeanStation], None]) -> None:
        super().__init__(id, token, measure, on_lost)
        self.seq = 0
        self.remote: int | None = None

    def greet(self) -> None:
        """Say what it is, after the boot."""
        self._connector("Available")

    def begin(self) -> None:
        """Begin a session."""
        if self.transaction is not None:
            return
        self.transaction, self.seq = str(uuid.uuid4()), 0
        self._connector("Occupied")
        token = f'"idToken":{{"idToken":"{self.token}","type":"ISO14443"}},"evse":{{"id":1,"connectorId":1}}'
        self._event("Started", "Authorized", "Charging", "Transaction.Begin", token)

    def sample(self, interval_s: int) -> None:
        """Send a reading of the running session: energy, power, state of charge, current, voltage."""
        if self.transaction is None or len(self.queue) > 3:  # behind already: more would only queue up here
            return
        self.register_wh += POWER_W * interval_s // WATT_SECONDS_PER_WH
        self._event("Updated", "MeterValuePeriodic", "Charging", "Sample.Periodic")

    def end(self) -> None:
        """End the session."""
        if self.transaction is None:
            return
        self._event("Ended", "EVCommunicationLost", "Idle", "Transaction.End")
        self._connector("Available")
        self.transaction = None

    def told(self, action: str, body: dict[str, object]) -> None:
        """Take the answer to an event: a token may be refused in it."""
        if action == "TransactionEvent":
            self.judged(body.get("idTokenInfo"))

    def _connector(self, word: str) -> None:
        self.say(
            "StatusNotification",
            f'{{"timestamp":"{stamp()}","connectorStatus":"{word}","evseId":1,"connectorId":1}}',
        )

    def _event(self, kind: str, trigger: str, state: str, context: str, more: str = "") -> None:
        at = stamp()
        reason = ',"stoppedReason":"EVDisconnected"' if kind == "Ended" else ""
        remote = f',"remoteStartId":{self.remote}' if kind == "Started" and self.remote is not None else ""
        values = f'{{"value":{self.register_wh},"context":"{context}",{ENERGY}}}'
        if kind == "Updated":
            values += (
                ',{"value":60000.0,"measurand":"Power.Active.Import","unitOfMeasure":{"unit":"W"}},'
                '{"value":54,"measurand":"SoC","location":"EV","unitOfMeasure":{"unit":"Percent"}},'
                '{"value":150.3,"measurand":"Current.Import","unitOfMeasure":{"unit":"A"}},'
                '{"value":399.1,"measurand":"Voltage","unitOfMeasure":{"unit":"V"}}'
            )
        self.say(
            "TransactionEvent",
            f'{{"eventType":"{kind}","timestamp":"{at}","triggerReason":"{trigger}","seqNo":{self.seq},'
            f'"transactionInfo":{{"transactionId":"{self.transaction}","chargingState":"{state}"{reason}{remote}}},'
            f'"meterValue":[{{"timestamp":"{at}","sampledValue":[{values}]}}]' + (f",{more}" if more else "") + "}",
        )
        self.seq += 1

    def _asked(self, id: str, action: str, body: dict[str, object]) -> None:
        match action:
            case "RequestStartTransaction":
                self.reply(id, '{"status":"Accepted"}')
                token = body.get("idToken")
                self.token = str(token.get("idToken", self.token)) if isinstance(token, dict) else self.token
                remote = body.get("remoteStartId")
                self.remote = remote if isinstance(remote, int) else None
                self.begin()
            case "RequestStopTransaction":
                self.reply(id, '{"status":"Accepted"}')
                self.end()
            case "GetBaseReport" | "GetReport" | "GetMonitoringReport":
                self.reply(id, '{"status":"EmptyResultSet"}')
            case "GetTransactionStatus":
                self.reply(id, '{"messagesInQueue":false}')
            case "GetVariables" | "SetVariables":
                self._variables(id, action, body)
            case _:
                self.reply(id, '{"status":"Accepted"}')

    def _variables(self, id: str, action: str, body: dict[str, object]) -> None:
        """It has no variable at all."""
        stem = f"{action[0].lower()}{action[1:-1]}"  # getVariable, setVariable
        asked = body.get(f"{stem}Data")
        items = [it for it in asked if isinstance(it, dict)] if isinstance(asked, list) else []
        kept = [{"component": it.get("component"), "variable": it.get("variable")} for it in items]
        told = {f"{stem}Result": [{**it, "attributeStatus": "UnknownComponent"} for it in kept]}
        self.reply(id, msgspec.json.encode(told).decode())


class LeanStation21(LeanStation2):
    """The same life in 2.1."""

    __slots__ = ()

    protocol = "2.1"


def speaker(version: str) -> type[LeanStation]:
    """Return the station of a version."""
    return {"1.6": LeanStation, "2.0.1": LeanStation2, "2.1": LeanStation21}[version]
