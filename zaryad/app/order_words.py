"""Whether a version of OCPP can say an order, asked before it is written down: the codec is the only one who knows."""

from __future__ import annotations

import re

from zaryad.link.orders import AnyOrder
from zaryad.ocpp.codec import PROTOCOLS, UnsayableError
from zaryad.stations.orders.model import Unsayable

_FIELD = re.compile(r"^(?P<why>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?$", re.DOTALL)


def sayable(protocol: str, order: AnyOrder) -> Unsayable | None:
    """Return why the version cannot say the order, with the field of the message where that is why; None: it can."""
    codec = PROTOCOLS.get(protocol)
    if codec is None:
        return None
    try:
        codec.order(order, 1)
    except UnsayableError as error:
        told = _FIELD.match(str(error))
        assert told is not None, "it matches any text"
        field = told["field"]
        if field is None and " required field " in f" {told['why']} ":
            field = ""
        return Unsayable(told["why"], field)
    return None
