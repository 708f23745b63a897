"""How many SMS a text takes (3GPP TS 23.038): people are billed by the segment, and ours are mostly Cyrillic."""

from __future__ import annotations

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_TWICE = frozenset("^{}\\[~]|€\f")  # of the extension table: an escape before each


def segments(text: str) -> int:
    """Return the number of segments: 160 / 153 characters of the GSM alphabet, 70 / 67 UTF-16 units of all else."""
    if all(character in _GSM7 or character in _GSM7_TWICE for character in text):
        return _parts(sum(2 if character in _GSM7_TWICE else 1 for character in text), 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def _parts(length: int, single: int, each: int) -> int:
    return 1 if length <= single else -(-length // each)
