"""What all kinds of orders share."""

from __future__ import annotations

import msgspec


class Order(msgspec.Struct, frozen=True, tag_field="kind"):
    """Base of all orders; the tag is the row's `kind`.

    Where OCPP 2.x wants a number to know an order's reports by (requestId, remoteStartId), it is the row's `number`.
    """
