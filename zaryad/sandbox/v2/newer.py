"""What 2.1 adds: streams are kept and sent; the rest is answered as a station does that has little of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.ocpp.v2 import wire21
from zaryad.sandbox.kept import Monitor
from zaryad.sandbox.line import Outcome, Reply, encode

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

Body = dict[str, Any]
STREAM_S = 60


def open_stream(station: Station2, monitor: Monitor, asked: wire21.SetMonitoringData) -> None:
    """Offer the stream that a monitor was set for (N11)."""
    params = asked.periodic_event_stream
    if params is None:
        return
    told: Body = {k: v for k, v in (("interval", params.interval), ("values", params.values)) if v is not None}
    data: Body = {"id": monitor.id, "params": told, "variableMonitoringId": monitor.id}

    def then(reply: Reply, _at: dt.datetime) -> None:
        if reply.outcome is Outcome.ANSWERED and reply.body.get("status") == "Accepted":
            station.memory.streams[monitor.id] = data

    station.ask("OpenPeriodicEventStream", {"constantStreamData": data}, then)


def stream(station: Station2, monitor: Monitor, value: str, now: dt.datetime) -> None:
    """Send what a stream has to say: SEND, without an answer (N12)."""
    body = {
        "id": monitor.id,
        "pending": 0,
        "basetime": station.time_shown(now),
        "data": [{"t": 0, "v": value}],
    }
    station.say("NotifyPeriodicEventStream", body, unanswered=True)


def _streams(station: Station2, _asked: wire21.GetPeriodicEventStreamRequest, _now: dt.datetime) -> Body:
    streams = list(station.memory.streams.values())
    return {"constantStreamData": streams} if streams else {}


def _adjust(station: Station2, asked: wire21.AdjustPeriodicEventStreamRequest, _now: dt.datetime) -> Body:
    found = station.memory.streams.get(asked.id)
    if found is None:
        return {"status": "Rejected"}
    found["params"] = msgspec.json.decode(encode(asked.params))
    return {"status": "Accepted"}


def _with_transaction(station: Station2, asked: Any, _now: dt.datetime) -> Body:
    return {"status": "Accepted" if station.charges.with_uid(asked.transaction_id) is not None else "Rejected"}


def _change_tariff(station: Station2, asked: wire21.ChangeTransactionTariffRequest, _now: dt.datetime) -> Body:
    known = station.charges.with_uid(asked.transaction_id) is not None
    return {"status": "Accepted" if known else "TxNotFound"}


def _priority(station: Station2, asked: wire21.UsePriorityChargingRequest, _now: dt.datetime) -> Body:
    known = station.charges.with_uid(asked.transaction_id) is not None
    return {"status": "NoProfile" if known else "Rejected"}


def _tariff(station: Station2, asked: wire21.SetDefaultTariffRequest, _now: dt.datetime) -> Body:
    kept: Body = {"tariffId": asked.tariff.tariff_id, "tariffKind": "DefaultTariff"}
    if asked.evse_id:
        kept["evseIds"] = [asked.evse_id]
    station.memory.variables[f"tariff:{asked.evse_id}"] = encode(kept).decode()
    return {"status": "Accepted"}


def _tariffs(station: Station2, asked: wire21.GetTariffsRequest, _now: dt.datetime) -> Body:
    found = [station.memory.variables.get(f"tariff:{evse}") for evse in dict.fromkeys((0, asked.evse_id))]
    kept = [msgspec.json.decode(text) for text in found if text is not None]
    return {"status": "Accepted", "tariffAssignments": kept} if kept else {"status": "NoTariff"}


def _clear_tariffs(station: Station2, asked: wire21.ClearTariffsRequest, _now: dt.datetime) -> Body:
    results = []
    for key in [key for key in station.memory.variables if key.startswith("tariff:")]:
        id = msgspec.json.decode(station.memory.variables[key])["tariffId"]
        if asked.tariff_ids is None or id in asked.tariff_ids:
            del station.memory.variables[key]
            results.append({"status": "Accepted", "tariffId": id})
    return {"clearTariffsResult": results or [{"status": "NoTariff"}]}


def _dynamic(station: Station2, asked: wire21.UpdateDynamicScheduleRequest, _now: dt.datetime) -> Body:
    known = any(it.id == asked.charging_profile_id and it.kind == "Dynamic" for it in station.memory.profiles)
    return {"status": "Accepted" if known else "Rejected"}


def _not_supported(_station: Station2, _asked: object, _now: dt.datetime) -> Body:
    return {"status": "NotSupported"}


def _rejected(_station: Station2, _asked: object, _now: dt.datetime) -> Body:
    return {"status": "Rejected"}


def _taken(_station: Station2, _asked: object, _now: dt.datetime) -> Body:
    return {}


ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    "AFRRSignal": _rejected,
    "AdjustPeriodicEventStream": _adjust,
    "ChangeTransactionTariff": _change_tariff,
    "ClearDERControl": _not_supported,
    "ClearTariffs": _clear_tariffs,
    "GetDERControl": _not_supported,
    "GetPeriodicEventStream": _streams,
    "GetTariffs": _tariffs,
    "NotifyAllowedEnergyTransfer": _with_transaction,
    "NotifyWebPaymentStarted": _taken,
    "RequestBatterySwap": _rejected,
    "SetDERControl": _not_supported,
    "SetDefaultTariff": _tariff,
    "UpdateDynamicSchedule": _dynamic,
    "UsePriorityCharging": _priority,
}
