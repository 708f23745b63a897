"""What a 1.6 station answers to the central system's calls, and what it does once it has answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from zaryad.ocpp.v16 import wire
from zaryad.sandbox import more16, reserve
from zaryad.sandbox.cards16 import permit
from zaryad.sandbox.kept import Profile
from zaryad.sandbox.line import Outcome, Reply
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.profiles16 import profile_of
from zaryad.sandbox.refusal import Refusal

if TYPE_CHECKING:
    from zaryad.sandbox.station16 import Station16

Body = dict[str, Any]
After = Callable[[dt.datetime], None]
TRIGGERS = (
    "BootNotification", "DiagnosticsStatusNotification", "FirmwareStatusNotification", "Heartbeat", "MeterValues",
    "StatusNotification",
)  # fmt: skip
TRIGGERS_MORE = (*TRIGGERS, "LogStatusNotification", "SignChargePointCertificate")  # of the security extension


class _Call(msgspec.Struct, rename="camel"):
    """Shape of a call's body; unknown fields are ignored."""


class _RemoteStart(_Call):
    id_tag: str
    connector_id: int | None = None
    charging_profile: wire.ChargingProfile | None = None


class _RemoteStop(_Call):
    transaction_id: int


class _Reset(_Call):
    type: Literal["Soft", "Hard"]


class _Unlock(_Call):
    connector_id: int


class _Availability(_Call):
    connector_id: int
    type: Literal["Operative", "Inoperative"]


class _Change(_Call):
    key: str
    value: str


class _Get(_Call):
    key: list[str] = []


class _Transfer(_Call):
    vendor_id: str
    message_id: str | None = None
    data: str | None = None


class _Trigger(_Call):
    requested_message: str
    connector_id: int | None = None


def answer(station: Station16, action: str, body: Body, now: dt.datetime) -> tuple[Body, After | None]:
    """Return the answer, and what to do after it went out; Refusal for what this station cannot make sense of."""
    known = wire.TO_STATION.get(action)
    if known is None:
        station.complain(f"{action} is no order of 1.6")
        raise Refusal("NotImplemented", f"{action} is not known here")
    encoded = msgspec.json.encode(body)
    try:
        strictly = msgspec.json.decode(encoded, type=known[0])
    except msgspec.ValidationError as error:
        station.complain(f"{action}: {error}"[:300])
        strictly = None
    if action in _ANSWERS:
        shape, decide = _ANSWERS[action]
        try:
            asked = msgspec.json.decode(encoded, type=shape)
        except msgspec.ValidationError as error:
            raise Refusal("FormationViolation", str(error)) from error
        answered = decide(station, asked)
        return answered if isinstance(answered, tuple) else (answered, None)
    if strictly is None:
        raise Refusal("FormationViolation", station.violations[-1])
    more = more16.ANSWERS[action](station, strictly, now)
    return more if isinstance(more, tuple) else (more, None)


def _remote_start(station: Station16, asked: _RemoteStart) -> Body | tuple[Body, After]:
    outlet = _startable(station, asked.connector_id, asked.id_tag)
    if outlet is None or not station.accepted:
        return {"status": "Rejected"}
    profile: Profile | None = None
    if asked.charging_profile is not None:
        if asked.charging_profile.charging_profile_purpose != "TxProfile":
            return {"status": "Rejected"}
        profile = profile_of(asked.charging_profile, outlet.model.number, None)

    def authorised(reply: Reply, at: dt.datetime) -> None:
        if reply.outcome is Outcome.ANSWERED:
            known = station.charges.remember(asked.id_tag, reply.body.get("idTagInfo"))
            if known.status == "Accepted":
                permit(station, outlet, asked.id_tag, known.group, at, profile)

    def start(at: dt.datetime) -> None:
        if station.model.quirks.never_starts:
            return
        if station.configuration.on("AuthorizeRemoteTxRequests"):
            station.ask("Authorize", {"idTag": asked.id_tag}, authorised)
        else:
            permit(station, outlet, asked.id_tag, None, at, profile)

    return {"status": "Accepted"}, start


def _startable(station: Station16, connector: int | None, token: str) -> Outlet | None:
    if connector is None:
        outlets = list(station.outlets.values())
        outlets.sort(key=lambda outlet: outlet.memory.car is None)  # a waiting car first
    else:
        outlets = [station.outlets[connector]] if connector in station.outlets else []
    kept = {o.model.number for o in outlets if not reserve.may_use(station.reserved(o.model.number), token, None)}
    free = [o for o in outlets if o.model.number not in kept]
    fit = (o for o in free if o.usable and o.permission is None and station.memory.operative)
    return next((o for o in fit if not (o.memory.spent and station.model.quirks.wants_replug)), None)


def _remote_stop(station: Station16, asked: _RemoteStop) -> Body | tuple[Body, After]:
    transaction = station.charges.with_id(asked.transaction_id)
    if transaction is None:
        return {"status": "Rejected"}
    outlet = station.outlets[transaction.connector]
    return {"status": "Accepted"}, lambda at: station.end(outlet, "Remote", at)


def _reset(station: Station16, asked: _Reset) -> Body | tuple[Body, After]:
    return {"status": "Accepted"}, lambda at: station.restart(f"{asked.type}Reset", at)


def _unlock(station: Station16, asked: _Unlock) -> Body | tuple[Body, After]:
    outlet = station.outlets.get(asked.connector_id)
    if outlet is None:
        return {"status": "NotSupported"}  # 1.6 errata 3.85
    return {"status": "Unlocked"}, lambda at: station.end(outlet, "UnlockCommand", at)


def _availability(station: Station16, asked: _Availability) -> Body:
    operative = asked.type == "Operative"
    if asked.connector_id == 0:
        station.memory.operative = operative
        outlets = list(station.outlets.values())
    elif asked.connector_id in station.outlets:
        outlets = [station.outlets[asked.connector_id]]
    else:
        return {"status": "Rejected"}
    scheduled = False
    for outlet in outlets:
        if outlet.memory.transaction is not None and not operative:
            outlet.memory.operative_next, scheduled = operative, True
        else:
            outlet.memory.operative, outlet.memory.operative_next = operative, None
            outlet.permission = outlet.permission if operative else None
    return {"status": "Scheduled" if scheduled else "Accepted"}


def _change_configuration(station: Station16, asked: _Change) -> Body | tuple[Body, After]:
    status = station.configuration.change(asked.key, asked.value)
    if status == "Accepted" and asked.key.lower() == "authorizationkey":
        return {"status": status}, lambda _at: station.hang_up()  # it comes back with the new password
    if status == "Accepted" and asked.key.lower() == "securityprofile":
        return {"status": status}, lambda _at: station.hang_up()  # it comes back with the higher profile
    return {"status": status}


def _get_configuration(station: Station16, asked: _Get) -> Body:
    return station.configuration.told(asked.key)


def _clear_cache(station: Station16, _asked: _Call) -> Body:
    if not station.configuration.on("AuthorizationCacheEnabled"):
        return {"status": "Rejected"}
    station.memory.cache.clear()
    return {"status": "Accepted"}


def _transfer(station: Station16, asked: _Transfer) -> Body:
    if asked.vendor_id != station.model.vendor:
        return {"status": "UnknownVendorId"}
    if asked.message_id != "Echo":
        return {"status": "UnknownMessageId"}
    return {"status": "Accepted"} | ({"data": asked.data} if asked.data is not None else {})


def _trigger(station: Station16, asked: _Trigger, known: tuple[str, ...] = TRIGGERS) -> Body | tuple[Body, After]:
    if asked.requested_message not in known:
        return {"status": "NotImplemented"}
    numbers = [asked.connector_id] if asked.connector_id is not None else [0, *station.outlets]
    if any(number != 0 and number not in station.outlets for number in numbers):
        return {"status": "Rejected"}
    return {"status": "Accepted"}, lambda at: station.triggered(asked.requested_message, numbers, at)


def _extended(station: Station16, asked: _Trigger) -> Body | tuple[Body, After]:
    return _trigger(station, asked, TRIGGERS_MORE)


_ANSWERS: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "RemoteStartTransaction": (_RemoteStart, _remote_start),
    "RemoteStopTransaction": (_RemoteStop, _remote_stop),
    "Reset": (_Reset, _reset),
    "UnlockConnector": (_Unlock, _unlock),
    "ChangeAvailability": (_Availability, _availability),
    "ChangeConfiguration": (_Change, _change_configuration),
    "GetConfiguration": (_Get, _get_configuration),
    "ClearCache": (_Call, _clear_cache),
    "DataTransfer": (_Transfer, _transfer),
    "TriggerMessage": (_Trigger, _trigger),
    "ExtendedTriggerMessage": (_Trigger, _extended),
}
