"""What people type into fields: sums and energies with a comma or a point, with spaces or without."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\s\u00a0\u202f']+")
_NUMBER = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,9}))?")


def decimal(text: str, places: int) -> int | None:
    """Return the number times `10**places`, or None for what is no such number. "1 000,5" with two places is 100050."""
    found = _NUMBER.fullmatch(_SPACES.sub("", text))
    if found is None:
        return None
    whole: str = found[1]
    fraction: str = (found[2] or "").rstrip("0")
    if len(fraction) > places:
        return None
    scale: int = 10**places
    return int(whole) * scale + int(fraction.ljust(places, "0") or "0")


def own_path(text: str | None, otherwise: str = "/") -> str:
    """Return a path of ours to go on to; never an address that a browser would take for another host."""
    if text is None or len(text) > 500 or not text.isascii() or not text.isprintable():
        return otherwise
    if not text.startswith("/") or text.startswith(("//", "/\\")) or "\\" in text:
        return otherwise
    return text
