"""What an exchange is about: which transaction, and whether it is one of the many that are forgotten early.

Told from the text, without reading it as JSON: this runs for every frame of the network.
"""

from __future__ import annotations

import re

from zaryad.ocpp.log.model import ANSWERED

REF_MAX = 64

_REF = re.compile(r'"transactionId"\s*:\s*(?:"([^"\\]{1,64})"|([1-9]\d{0,17}))')
_BULK = frozenset({"Heartbeat", "MeterValues", "NotifyPeriodicEventStream"})
_PERIODIC = ('"MeterValuePeriodic"', '"MeterValueClock"')


def charge_ref(payload: str | None, answer: str | None) -> str | None:
    """Return the transaction as the station knows it: 1.6's number or 2.x's text, from the call or its answer."""
    for text in (payload, answer):
        if text is not None and '"transactionId"' in text and (found := _REF.search(text)):
            return found[1] or found[2]
    return None


def may_be_bulk(action: str) -> bool:
    """Whether exchanges of this action may be kept shortly."""
    return action in _BULK or action == "TransactionEvent"


def bulk(kind: str, action: str | None, outcome: str | None, payload: str | None) -> bool:
    """Whether it is kept shortly: heartbeats and readings that went as they should. What failed is kept long."""
    if kind not in ("call", "told") or outcome not in (None, ANSWERED):
        return False
    if action == "TransactionEvent":
        return payload is not None and '"Updated"' in payload and any(word in payload for word in _PERIODIC)
    return action in _BULK
