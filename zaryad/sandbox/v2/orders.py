"""What a 2.x station answers to the central system's calls, and what it does once it has answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.link.station import connector_number
from zaryad.sandbox.refusal import Refusal
from zaryad.sandbox.timekeeping import read, stamp
from zaryad.sandbox.v2 import energy, network, newer, provision, remote, screen, upkeep
from zaryad.sandbox.v2.device import Slot

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

Body = dict[str, Any]
After = Callable[[dt.datetime], None]

ANSWERS: dict[str, Callable[[Any, Any, dt.datetime], Any]] = {
    **provision.ANSWERS,
    **remote.ANSWERS,
    **energy.ANSWERS,
    **upkeep.ANSWERS,
    **screen.ANSWERS,
    **newer.ANSWERS,
}
FAULTS_OF_SHAPE = (  # a message of the decoder -> what 2.x calls it
    ("missing required", "OccurrenceConstraintViolation"),
    ("of length", "PropertyConstraintViolation"),
    ("Invalid enum", "PropertyConstraintViolation"),
    ("=", "PropertyConstraintViolation"),
    ("Expected `", "TypeConstraintViolation"),
)


def answer(station: Station2, action: str, body: Body, now: dt.datetime) -> tuple[Body, After | None]:
    """Return the answer, and what to do after it went out; Refusal for what this station cannot make sense of."""
    shapes = station.asks_us.get(action)
    if shapes is None:
        station.complain(f"{action} is no order of {station.subprotocol}")
        raise Refusal("NotImplemented", f"{action} is not known here")
    try:
        asked = msgspec.json.decode(msgspec.json.encode(body), type=shapes[0])
    except msgspec.ValidationError as error:
        station.complain(f"{action}: {error}"[:300])
        why = str(error)
        code = next((code for sign, code in FAULTS_OF_SHAPE if sign in why), "FormatViolation")
        raise Refusal(code, why) from error
    answered = ANSWERS[action](station, asked, now)
    return answered if isinstance(answered, tuple) else (answered, None)


def live(station: Station2, slot: Slot) -> str:  # noqa: C901, PLR0911, PLR0912  # a table
    """Return the value of a variable that is what is now."""
    memory, model = station.memory, station.model
    match slot.component, slot.variable:
        case "ChargingStation", "Model":
            return model.model
        case "ChargingStation", "VendorName":
            return model.vendor
        case "ChargingStation", "AvailabilityState":
            return station.word(0)
        case "ChargingStation" | "Connector", "Problem":
            fault = memory.fault if not slot.evse else station.outlets[_number(slot)].memory.fault
            return "true" if fault is not None else "false"
        case "Controller", "FirmwareVersion":
            return station.firmware
        case "Controller", "Temperature":
            milli = 28_000 + sum(o.power_mw for o in station.outlets.values()) // 10_000
            return str(milli // 100 / 10)
        case "ClockCtrlr", "DateTime":
            return stamp(read(memory, memory.saved_at)) if memory.saved_at is not None else ""
        case "DisplayMessageCtrlr", "DisplayMessages":
            return str(len(memory.displays))
        case "LocalAuthListCtrlr", "Entries":
            return str(len(memory.local_list))
        case "OCPPCommCtrlr", "ActiveNetworkProfile":
            return str(memory.slot)
        case "SecurityCtrlr", "CertificateEntries":
            return str(len(memory.certificates))
        case "SecurityCtrlr", "Identity":
            return model.id
        case "SecurityCtrlr", "SecurityProfile":
            return str(network.security(station))
        case "SmartChargingCtrlr", _:
            return str(len(memory.profiles))
        case "EVSE", "Power":
            return str(sum(o.power_mw for n, o in station.outlets.items() if n % 100 == slot.evse) // 1_000)
        case _:
            return station.word(_number(slot))


def _number(slot: Slot) -> int:
    return connector_number(slot.evse, slot.connector or 1)
