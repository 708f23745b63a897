"""One contract, many spellings: an eMAID is compared without regard to case, hyphens and its check digit."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"([A-Z]{2}[A-Z0-9]{3}[A-Z0-9]{9})[A-Z0-9]?")


def compact(emaid: str) -> str:
    """Return the form that two spellings of one eMAID share (ISO 15118-2 annex H); other texts only lose hyphens.

    >>> compact("kg-zar-c12345678-x"), compact("KGZARC12345678")
    ('KGZARC12345678', 'KGZARC12345678')
    """
    bare = emaid.strip().upper().replace("-", "")
    found = _WHOLE.fullmatch(bare)
    return bare if found is None else found[1]


def is_emaid(token: str) -> bool:
    """Whether it can be an eMAID at all.

    >>> is_emaid("KG-ZAR-C12345678-X"), is_emaid("04A2B3C4")
    (True, False)
    """
    return _WHOLE.fullmatch(token.strip().upper().replace("-", "")) is not None
