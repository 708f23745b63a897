"""Which version's station a model is."""

from __future__ import annotations

from zaryad.sandbox.body import Body
from zaryad.sandbox.model import StationMemory, StationModel
from zaryad.sandbox.station16 import Station16
from zaryad.sandbox.v2 import Station2, Station21


def built(model: StationModel, memory: StationMemory | None = None) -> Body:
    """Build the station that the model describes."""
    match model.protocol:
        case "1.6":
            return Station16(model, memory)
        case "2.0.1":
            return Station2(model, memory)
        case "2.1":
            return Station21(model, memory)
