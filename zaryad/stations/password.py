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


def matches(key: bytes, station_id: str, presented: bytes, stored: bytes) -> bool:
    """Whether the bytes of the header are any form of the stored secret; every form is compared, in constant time."""
    if len(presented) > PRESENTED_MAX:
        return False
    forms = [_plain(presented), presented.hex().encode()]
    forms.append(_plain(bytes.fromhex(presented.decode())) if _HEX.fullmatch(presented) else presented)
    found = False
    for form in forms:
        found |= hmac.compare_digest(_hash(key, station_id, form), stored)
    return found


def _plain(password: bytes) -> bytes:
    return password.lower() if _HEX.fullmatch(password) else password


def _hash(key: bytes, station_id: str, password: bytes) -> bytes:
    return hmac.new(key, b"station-password\0" + station_id.encode() + b"\0" + password, hashlib.sha256).digest()
