"""How an answer of today differs from the recorded one: what must differ (ids, times, secrets) is passed over."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import msgspec

HIDDEN = "***"
IDS = frozenset({"transactionId", "receiptId"})
TIMES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
RESULT = 3
NOTHING = "(nothing)"


class Difference(msgspec.Struct, frozen=True):
    """At this place of the answer to the n-th turn one thing was recorded, and another came."""

    turn: int
    action: str
    path: str
    recorded: Any
    came: Any


def differences(turn: int, action: str, recorded: list[Any], came: list[Any]) -> list[Difference]:
    """Compare two whole answers."""
    found = _of_answers(recorded, came)
    return [Difference(turn, action, path, was, now) for path, was, now in found]


def _of_answers(recorded: list[Any], came: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    if recorded[0] != came[0]:
        yield "", _short(recorded), _short(came)
    elif recorded[0] == RESULT:
        yield from _of_values("", recorded[2], came[2])
    elif recorded[2] != came[2]:  # the code; the words beside it are free
        yield "code", recorded[2], came[2]


def _of_values(path: str, recorded: Any, came: Any) -> Iterator[tuple[str, Any, Any]]:
    name = path.rpartition(".")[2]
    if recorded in (came, HIDDEN) or (name in IDS and None not in (recorded, came)):
        return
    if isinstance(recorded, dict) and isinstance(came, dict):
        for key in dict.fromkeys((*recorded, *came)):
            inner = f"{path}.{key}" if path else key
            yield from _of_values(inner, recorded.get(key, NOTHING), came.get(key, NOTHING))
    elif isinstance(recorded, list) and isinstance(came, list) and len(recorded) == len(came):
        for number, (was, now) in enumerate(zip(recorded, came, strict=True)):
            yield from _of_values(f"{path}[{number}]", was, now)
    elif not (_is_time(recorded) and _is_time(came)):
        yield path, recorded, came


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or TIMES.match(value) is None:
        return False
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _short(answer: list[Any]) -> str:
    return msgspec.json.encode(answer[2:]).decode()[:200]
