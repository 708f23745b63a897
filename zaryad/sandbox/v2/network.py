"""Network profiles: slots that the central system writes, tried in order of priority, with the way back (B09, B10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from zaryad.ocpp.v2 import wire
from zaryad.sandbox.line import encode

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

SLOTS_MAX = 8
PRIORITY = "OCPPCommCtrlr/NetworkConfigurationPriority"


def url(station: Station2) -> str | None:
    """Return where the slot in use leads; None for slot 0, which it was delivered with."""
    profile = station.memory.network_profiles.get(station.memory.slot)
    return None if profile is None else str(profile["ocppCsmsUrl"])


def security(station: Station2) -> int:
    """Return the security profile in use."""
    profile = station.memory.network_profiles.get(station.memory.slot)
    if profile is not None:
        return int(profile["securityProfile"])
    return 3 if station.memory.chain is not None else 1


def write(station: Station2, asked: wire.SetNetworkProfileRequest) -> str:
    """Take a profile: Accepted; Rejected for one that cannot be right; Failed for one there is no place for."""
    data, slot = asked.connection_data, asked.configuration_slot
    if not data.ocpp_csms_url.startswith(("ws://", "wss://")) or data.ocpp_transport != "JSON":
        return "Rejected"
    if data.security_profile < security(station) and station.subprotocol == "ocpp2.0.1":
        return "Rejected"  # 2.0.1 goes upwards only
    if data.security_profile >= 2 and not data.ocpp_csms_url.startswith("wss://"):
        return "Rejected"
    if not 1 <= slot <= SLOTS_MAX:
        return "Failed"
    if slot == station.memory.slot:
        return "Rejected"  # B09.FR.05: not the one in use
    raw: dict[str, Any] = msgspec.json.decode(encode(data))
    station.memory.network_profiles[slot] = raw
    return "Accepted"


def order(station: Station2) -> list[int]:
    """Return the slots in order of priority; only those that exist."""
    told = [int(word) for word in station.device.words(PRIORITY) if word.isdecimal()]
    known = [slot for slot in told if slot == 0 or slot in station.memory.network_profiles]
    return known or [0]


def booted(station: Station2) -> None:
    """Begin with the first by priority."""
    station.memory.slot, station.in_vain = order(station)[0], 0


def failed(station: Station2) -> None:
    """After so many attempts in vain go on to the next slot, and back to the first after the last (B10.FR.03)."""
    station.in_vain += 1
    slots = order(station)
    if station.in_vain < station.device.number("OCPPCommCtrlr/NetworkProfileConnectionAttempts") or len(slots) < 2:
        return
    at = slots.index(station.memory.slot) if station.memory.slot in slots else -1
    station.memory.slot, station.in_vain = slots[(at + 1) % len(slots)], 0
