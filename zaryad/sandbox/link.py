"""What a troubled link does to frames, and what a station shows at the door: password, subprotocol, certificate.

Pure: chance is given, and nothing is sent here.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable

from zaryad.sandbox.body import Body
from zaryad.sandbox.kept import Trouble

HELD_MS = 500  # how long a frame waits to be overtaken
ANSWER = "[3,"
WRONG = b"not the password"


class Wire:
    """The way out and the way in of one socket."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def out(self, frames: Iterable[str], trouble: Trouble) -> list[tuple[int, str]]:
        """Return what leaves, each with the milliseconds it waits first."""
        if trouble == Trouble():
            return [(0, frame) for frame in frames]
        left: list[tuple[int, str]] = []
        for frame in frames:
            answer = frame.replace(" ", "").replace("\n", "").startswith(ANSWER)
            if trouble.half_open or self._hit(trouble.lost) or (answer and self._hit(trouble.lost_answers)):
                continue
            late = trouble.slow_ms + (HELD_MS if self._hit(trouble.reordered) else 0)
            left += [(late, frame)] * (2 if self._hit(trouble.doubled) else 1)
        return left

    def hears(self, trouble: Trouble) -> bool:
        """Whether the next frame of theirs is heard."""
        return not trouble.half_open and not self._hit(trouble.unheard)

    def _hit(self, percent: int) -> bool:
        return percent > 0 and self._chance.randrange(100) < percent


def password(station: Body) -> bytes | None:  # noqa: PLR0911  # one for each form
    """Return the password in the form that the station gives it (1.6: text, hex as text, raw bytes were all seen)."""
    told, form = station.password, station.memory.trouble.password
    if told is None or form == "none":
        return None
    match form:
        case "wrong":
            return WRONG
        case "hex":
            return told.hex().encode()
        case "raw":
            try:
                return bytes.fromhex(told.decode("ascii"))
            except ValueError:
                return told
        case "text":
            return told if told.isascii() and told.decode("ascii", "replace").isprintable() else told.hex().encode()
        case _:
            return told


def headers(station: Body) -> dict[str, str]:
    """Return what the handshake says beside the usual."""
    told = password(station)
    if told is None:
        return {}
    pair = station.model.id.encode() + b":" + told  # raw bytes, maybe no text at all (1.6 security, A00)
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
