"""What a station needs done outside of OCPP: a file fetched, a file sent. It asks, its host does, it hears how."""

from __future__ import annotations

import msgspec

CONTENT_MAX = 64 << 20


class Fetch(msgspec.Struct, frozen=True):
    """Get this file, in ranges where that is possible. Only from the URL that the central system has given."""

    id: int
    url: str
    begin: int = 0  # so many bytes are there already


class Bring(msgspec.Struct, frozen=True):
    """Put this file there."""

    id: int
    url: str
    name: str
    content: bytes
    post: bool = False


Errand = Fetch | Bring


class Done(msgspec.Struct, frozen=True):
    """How it went: `denied` is the far end's word, anything else in `why` is the road's."""

    ok: bool
    content: bytes = b""
    why: str = ""
    denied: bool = False
