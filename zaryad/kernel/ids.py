"""Identifiers. UUIDs are version 7 (RFC 9562), so that rows made together lie together in an index."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5

ZARYAD = UUID("5f0c7d5e-3f4e-5b0a-9d4c-5a41525941a4")  # our namespace for ids derived from names

# Crockford's alphabet less the vowels people misread: ids that are read aloud or typed from paper.
READABLE = "23456789BCDFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """Make an id: 48 bits of Unix milliseconds, then randomness."""
    ms = time.time_ns() // 1_000_000
    value = (ms & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def derived_id(*parts: object) -> UUID:
    """Make the id that these parts always have: the same parts, the same id, on any machine."""
    return uuid5(ZARYAD, ":".join(str(part) for part in parts))


def readable(id: UUID, length: int = 8) -> str:
    """Return a short form to show to people. Not unique: never look anything up by it alone."""
    value = id.int & (1 << 62) - 1
    letters = []
    for _ in range(length):
        value, digit = divmod(value, len(READABLE))
        letters.append(READABLE[digit])
    return "".join(reversed(letters))
