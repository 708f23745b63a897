"""Which password lets a station in.

Stations send one secret in three forms (OCPP 1.6 sets it as hex, and the field disagrees about what goes
into the header): the text, the hex digits as text in either case, the raw bytes that the hex stands for.
All are accepted. At rest there is a keyed hash only: these are long random secrets, so a fast hash is right,
and a storm of reconnects must not wait for a slow one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){8,}")
PRESENTED_MAX = 256  # bytes; whatever is longer is no password of ours


def new_password() -> str:
    """Make one that 1.6 stations take as AuthorizationKey (40 hex digits) and 2.x stations as passwordString."""
    return secrets.token_hex(20)


def station_password(secret: bytes, station_id: str) -> str:
    """Return the password a demo station always has under this secret, so that the sandbox needs no list of them."""
    return hmac.new(secret, b"demo-station-password\0" + station_id.encode(), hashlib.sha256).hexdigest()[:40]


def password_hash(key: bytes, station_id: str, password: bytes) -> bytes:
    """Return what is stored; bound to the station, so that a hash copied to another row opens nothing."""
    return _hash(key, station_id, _plain(password))


class Fit(msgspec.Struct, frozen=True):
    """Why a password lets in. `which`: the station has none, the one it has, or the one it is being given.

    `form`: how it was sent.
    """

    which: Literal["none", "current", "next"]
    form: Literal["text", "hex", "raw"] | None = None


def password_fits(row: Mapping[str, Any], password: bytes | None, key: bytes) -> Fit | None:
    """Judge what a handshake presents against the station's row (`id`, `password_hash`); None when it opens nothing.

    The one place that knows which stored secrets count: a station without one is let in with any or none
    (security profile 0).
    """
    if row["password_hash"] is None:
        return Fit("none")
    if password is None:
        return None
    which: Literal["current", "next"] = "current"
    form = matches(key, row["id"], password, row["password_hash"])
    if form is None and row.get("password_hash_next") is not None:
        which, form = "next", matches(key, row["id"], password, row["password_hash_next"])
    return None if form is None else Fit(which, form)


def matches(key: bytes, station_id: str, presented: bytes, stored: bytes) -> Literal["text", "hex", "raw"] | None:
    """Return in which form the bytes of the header are the stored secret; every form is compared, in constant time."""
    if len(presented) > PRESENTED_MAX:
        return None
    as_hex = _plain(bytes.fromhex(presented.decode())) if _HEX.fullmatch(presented) else presented
    forms: tuple[tuple[Literal["text", "hex", "raw"], bytes], ...] = (
        ("hex", as_hex),
        ("raw", presented.hex().encode()),
        ("text", _plain(presented)),
    )
    found: Literal["text", "hex", "raw"] | None = None
    for form, secret in forms:
        if hmac.compare_digest(_hash(key, station_id, secret), stored):
            found = form
    return found


def _plain(password: bytes) -> bytes:
    return password.lower() if _HEX.fullmatch(password) else password


def _hash(key: bytes, station_id: str, password: bytes) -> bytes:
    return hmac.new(key, b"station-password\0" + station_id.encode() + b"\0" + password, hashlib.sha256).digest()
