"""Which version's station a model is."""

from __future__ import annotations

from zaryad.sandbox.body import Body
from zaryad.sandbox.model import OutletMemory, StationMemory, StationModel
from zaryad.sandbox.station16 import Station16
from zaryad.sandbox.v2 import Station2, Station21


def built(model: StationModel, memory: StationMemory | None = None) -> Body:
    """Build the station that the model describes; of a memory in another version's words it keeps meters and cars."""
    if memory is not None and memory.protocol != model.protocol:
        memory = _translated(memory)
    memory = memory or StationMemory(outlets={o.number: OutletMemory() for o in model.outlets})
    memory.protocol = model.protocol
    match model.protocol:
        case "1.6":
            return Station16(model, memory)
        case "2.0.1":
            return Station2(model, memory)
        case "2.1":
            return Station21(model, memory)


def _translated(memory: StationMemory) -> StationMemory:
    outlets = {number: OutletMemory(register_mwh=it.register_mwh, car=it.car) for number, it in memory.outlets.items()}
    return StationMemory(outlets=outlets, next_message=memory.next_message, speed=memory.speed)
