"""Phone numbers where people other than their owner may look: logs, errors, lists."""

from __future__ import annotations

_HEAD, _TAIL = 4, 2


def masked(phone: str | None) -> str:
    """Return enough of a number to recognise one's own, and not enough to call: "+996*******56"."""
    if not phone:
        return ""
    hidden = max(len(phone) - _HEAD - _TAIL, 0)
    return f"{phone[:_HEAD]}{'*' * hidden}{phone[-_TAIL:]}" if hidden else "*" * len(phone)
