"""A row read again: which frame was said by whom, and what is in it."""

from __future__ import annotations

from typing import Any

import msgspec

from zaryad.link.station import connector_number
from zaryad.ocpp.log.model import ANSWERED, CUT, Frame

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Said(msgspec.Struct, frozen=True):
    """One frame as it stood on the wire. `pretty` is None for what is no JSON; `cut`: it was longer."""

    by: str  # "station", "platform"
    text: str
    pretty: str | None
    cut: bool


def first(frame: Frame) -> str | None:
    """Return the text of the first frame, of what happened on a connection nothing."""
    return frame.payload if frame.kind in ("call", "told", "stray", "junk") else None


def answer(frame: Frame) -> str | None:
    """Return the answer as a whole frame: of our own calls only its contents are written down."""
    text = frame.answer
    if text is None or frame.kind != "call" or text.startswith("["):
        return text
    if frame.outcome == ANSWERED:
        return f"[3,{_quoted(frame.message_id)},{text or '{}'}]" if not text.endswith(CUT) else text
    return _encode([4, frame.message_id, frame.outcome, text, {}]).decode()


def said(frame: Frame) -> list[Said]:
    """Return the frames of an exchange, in order."""
    asker = "station" if frame.direction == "in" or frame.kind == "stray" else "platform"
    other = "platform" if asker == "station" else "station"
    found = [(asker, first(frame)), (other, answer(frame))]
    return [_said(by, text) for by, text in found if text is not None]


def _said(by: str, text: str) -> Said:
    try:
        pretty = msgspec.json.format(text.encode(), indent=2).decode()
    except (ValueError, RecursionError):
        pretty = None
    return Said(by, text, pretty, text.endswith(CUT))


def _quoted(text: str | None) -> str:
    return _encode(text).decode()


def body(frame: Frame) -> dict[str, Any]:
    """Return what a call says; nothing when it cannot be read."""
    if frame.kind not in ("call", "told") or frame.payload is None:
        return {}
    try:
        parts = _decode(frame.payload)
    except (ValueError, RecursionError):
        return {}
    said = parts[3] if isinstance(parts, list) and len(parts) > 3 else None
    return said if isinstance(said, dict) else {}


def connector(said: dict[str, Any]) -> int | None:
    """Return the connector that a call is about, numbered as everybody above the codecs does; None: of none."""
    evse = said.get("evse")
    if isinstance(evse, dict):
        return _number(evse.get("id"), evse.get("connectorId"))
    if "evseId" in said:
        return _number(said["evseId"], said.get("connectorId"))
    number = said.get("connectorId")
    return number if isinstance(number, int) else None


def _number(evse: Any, outlet: Any) -> int | None:
    if not isinstance(evse, int):
        return None
    return connector_number(evse, outlet if isinstance(outlet, int) and outlet > 0 else None)
