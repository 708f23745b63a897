"""Variables that somebody watches, and what is told when they move (block N: SetVariableMonitoring, NotifyEvent)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zaryad.ocpp.v2 import wire
from zaryad.sandbox.kept import Monitor
from zaryad.sandbox.v2 import newer

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

KINDS = ("UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned")
MONITORS_MAX = 100


class Monitors:
    """The monitors of one station."""

    def __init__(self, station: Station2) -> None:
        self._station = station

    @property
    def due_at(self) -> dt.datetime | None:
        """When a periodic one is due."""
        return min((it.next_at for it in self._station.memory.monitors if it.next_at is not None), default=None)

    def set(self, asked: Any, now: dt.datetime) -> dict[str, Any]:  # noqa: PLR0911  # one for each status
        """Take one, or change it; the result tells its id."""
        station = self._station
        names = asked.component, asked.variable
        result: dict[str, Any] = {"type": asked.type, "severity": asked.severity} | named(*names)
        slot = station.device.find(*names)
        if isinstance(slot, str):
            return result | {"status": slot}
        if not slot.monitored or asked.type not in KINDS:
            return result | {"status": "UnsupportedMonitorType"}
        if not self._sensible(asked, slot.low, slot.high):
            return result | {"status": "Rejected"}
        monitors = station.memory.monitors
        if asked.id is not None:
            known = next((it for it in monitors if it.id == asked.id and it.slot == slot.key), None)
            if known is None:
                return result | {"status": "Rejected"}
            monitors.remove(known)
        same = (it for it in monitors if (it.slot, it.kind, it.severity) == (slot.key, asked.type, asked.severity))
        if next(same, None) is not None:
            return result | {"status": "Duplicate"}
        if len(monitors) >= MONITORS_MAX:
            return result | {"status": "Rejected"}
        id = asked.id if asked.id is not None else station.memory.next_monitor
        station.memory.next_monitor = max(station.memory.next_monitor, id + 1)
        made = Monitor(
            id=id, slot=slot.key, kind=asked.type, value=str(asked.value), severity=asked.severity,
            transaction=bool(asked.transaction), last=station.device[slot.key],
        )  # fmt: skip
        made.next_at = self._next(made, now)
        monitors.append(made)
        if getattr(asked, "periodic_event_stream", None) is not None:
            newer.open_stream(station, made, asked)
        return result | {"status": "Accepted", "id": id}

    def clear(self, id: int) -> str:
        """Take one out."""
        monitors = self._station.memory.monitors
        found = next((it for it in monitors if it.id == id), None)
        if found is None:
            return "NotFound"
        monitors.remove(found)
        return "Accepted"

    def reported(self, asked: wire.GetMonitoringReportRequest) -> list[dict[str, Any]]:
        """Return the monitors by variable, as a report tells them."""
        groups = {
            "ThresholdMonitoring": ("UpperThreshold", "LowerThreshold"),
            "DeltaMonitoring": ("Delta",),
            "PeriodicMonitoring": ("Periodic", "PeriodicClockAligned"),
        }
        kinds = {kind for word in asked.monitoring_criteria or groups for kind in groups[word]}
        found: dict[str, dict[str, Any]] = {}
        for it in self._station.memory.monitors:
            slot = self._station.device.slots[it.slot]
            if it.kind not in kinds or not wanted(asked.component_variable, slot.names()):
                continue
            told = found.setdefault(it.slot, {**slot.names(), "variableMonitoring": []})
            one: dict[str, Any] = {
                "id": it.id, "transaction": it.transaction, "value": number(it.value), "type": it.kind,
                "severity": it.severity,
            }  # fmt: skip
            if self._station.subprotocol == "ocpp2.1":
                one["eventNotificationType"] = "CustomMonitor"
            told["variableMonitoring"].append(one)
        return list(found.values())

    def look(self, now: dt.datetime) -> None:
        """Tell what has moved far enough, and what is told regularly."""
        station = self._station
        if not station.memory.monitors or not station.accepted or not station.device.on("MonitoringCtrlr/Enabled"):
            return
        events = [event for it in station.memory.monitors if (event := self._event_of(it, now)) is not None]
        if events:
            told = {"generatedAt": station.time_shown(now), "seqNo": 0, "eventData": events}
            station.ask("NotifyEvent", told)

    def event(self, names: dict[str, Any], value: str, at: str, kind: str = "HardWiredNotification") -> dict[str, Any]:
        """Return one event."""
        memory = self._station.memory
        id, memory.next_event = memory.next_event, memory.next_event + 1
        trigger = {"eventId": id, "timestamp": at, "trigger": "Delta", "actualValue": value}
        return trigger | names | {"eventNotificationType": kind}

    def _event_of(self, it: Monitor, now: dt.datetime) -> dict[str, Any] | None:
        station = self._station
        level = int(station.memory.variables.get("MonitoringCtrlr/ActiveMonitoringLevel", "9"))
        value = station.device[it.slot]
        trigger, cleared = self._moved(it, Decimal(value), now)
        if trigger is None or it.severity > level:
            return None
        if it.id in station.memory.streams:
            newer.stream(station, it, value, now)
            return None
        slot = station.device.slots[it.slot]
        event = self.event(slot.names(), value, station.time_shown(now), "CustomMonitor")
        event |= {"trigger": trigger, "variableMonitoringId": it.id}
        if station.subprotocol == "ocpp2.1":
            event["severity"] = it.severity
        if cleared:
            event["cleared"] = True
        it.last = value
        return event

    def _moved(self, it: Monitor, value: Decimal, now: dt.datetime) -> tuple[str | None, bool]:
        """Return the trigger, and whether it is the all-clear."""
        match it.kind:
            case "UpperThreshold" | "LowerThreshold":
                bound = Decimal(it.value)
                beyond = value > bound if it.kind == "UpperThreshold" else value < bound
                fired, it.fired = it.fired, beyond
                return ("Alerting", not beyond) if fired != beyond else (None, False)
            case "Delta":
                moved = abs(value - Decimal(it.last or "0")) >= Decimal(it.value)
                return ("Delta", False) if moved else (None, False)
            case _:
                if it.next_at is None or now < it.next_at:
                    return None, False
                it.next_at = self._next(it, now)
                return "Periodic", False

    def _next(self, it: Monitor, now: dt.datetime) -> dt.datetime | None:
        if it.kind not in ("Periodic", "PeriodicClockAligned"):
            return None
        seconds = max(1, int(Decimal(it.value)))
        if it.kind == "Periodic":
            return now + dt.timedelta(seconds=seconds)
        return now.replace(microsecond=0) + dt.timedelta(seconds=seconds - int(now.timestamp()) % seconds)

    def _sensible(self, asked: Any, low: int | None, high: int | None) -> bool:
        if asked.type in ("UpperThreshold", "LowerThreshold"):
            return not (low is not None and asked.value < low) and not (high is not None and asked.value > high)
        return bool(asked.value > 0)


def named(component: Any, variable: Any) -> dict[str, Any]:
    """Return component and variable as they were asked for."""
    told: dict[str, Any] = {"name": component.name}
    told |= {"instance": component.instance} if component.instance is not None else {}
    if component.evse is not None:
        connector = component.evse.connector_id
        told["evse"] = {"id": component.evse.id} | ({} if connector is None else {"connectorId": connector})
    one = {"name": variable.name} | ({"instance": variable.instance} if variable.instance is not None else {})
    return {"component": told, "variable": one}


def wanted(asked: Any, names: dict[str, Any]) -> bool:
    """Whether a report that names components and variables means this one; one that names none means all."""
    if not asked:
        return True
    component, variable = names["component"], names["variable"]
    for it in asked:
        if it.component.name.lower() != component["name"].lower():
            continue
        evse = it.component.evse
        place = component.get("evse", {})
        if evse is not None and (
            evse.id != place.get("id") or evse.connector_id not in (None, place.get("connectorId"))
        ):
            continue
        if it.variable is None:
            return True
        same = it.variable.name.lower() == variable["name"].lower()
        if same and it.variable.instance in (None, variable.get("instance")):
            return True
    return False


def number(text: str) -> float:
    """Return a decimal as a number of JSON."""
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)
