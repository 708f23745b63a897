"""Whether a version of OCPP can say an order, asked before it is written down: the codec is the only one who knows."""

from __future__ import annotations

import re

import msgspec

from zaryad.link.orders import AnyOrder
from zaryad.ocpp.codec import PROTOCOLS, UnsayableError
from zaryad.stations.orders.model import Unsayable

_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_NAMED = re.compile(r"^Object (?:missing required|contains unknown) field `(?P<name>[^`]*)`")


def sayable(protocol: str, order: AnyOrder) -> Unsayable | None:
    """Return why the version cannot say the order, with the field of the message where that is why; None: it can."""
    codec = PROTOCOLS.get(protocol)
    if codec is None:
        return None
    try:
        codec.order(order, 1)
    except UnsayableError as error:
        why = str(error)
        return Unsayable(why, _field(why) if isinstance(error.__cause__, msgspec.ValidationError) else None)
    return None


def _field(why: str) -> str:
    place, named = _PLACE.search(why), _NAMED.match(why)
    parts = (place["path"] if place else "", named["name"] if named else "")
    return ".".join(part for part in parts if part)
