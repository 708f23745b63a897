"""What a handshake says: which station, with which password, in which language. Pure reading, no verdicts."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_to_bytes

import msgspec
from websockets.datastructures import Headers

from zaryad.link.facts import StationId

PREFIXES = ("/ocpp/", "/ws/")
IDENTITY_MAX = 48
OFFERED_MAX = 10


class NoPath(Exception):  # noqa: N818  # an answer, not a failure
    """It is not a station's URL."""


class BadIdentityError(Exception):
    """The URL's last segment cannot be a station's identity."""


class Credentials(msgspec.Struct, frozen=True):
    """Basic auth as bytes: a password need not be text (OCPP 1.6 security, AuthorizationKey)."""

    user: bytes
    password: bytes


def identity(target: str) -> StationId:
    """Return the station's identity: the last segment of the path, percent-decoded (OCPP-J 3.1.1)."""
    path = target.partition("?")[0]
    prefix = next((prefix for prefix in PREFIXES if path.startswith(prefix)), None)
    segment = "" if prefix is None else path[len(prefix) :].removesuffix("/")
    if not segment or "/" in segment:
        raise NoPath
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        raise BadIdentityError("the identity is not UTF-8") from error
    if len(text) > IDENTITY_MAX or ":" in text or not text.isprintable():
        raise BadIdentityError(f"an identity is 1 to {IDENTITY_MAX} printable characters without a colon")
    return StationId(text)


def credentials(headers: Headers) -> Credentials | None:
    """Return what the Authorization header carries; None for nothing, and for what cannot be read."""
    given = headers.get_all("Authorization")
    if len(given) != 1:
        return None
    scheme, _, encoded = given[0].strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip() + "==", validate=False)
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(b":")
    return Credentials(user, password) if colon else None


def offered(headers: Headers) -> list[str]:
    """Return the subprotocols in the station's order of preference."""
    names = (name.strip() for line in headers.get_all("Sec-WebSocket-Protocol") for name in line.split(","))
    return [name for name in names if name][:OFFERED_MAX]


def wants_upgrade(headers: Headers) -> bool:
    """Whether it is a WebSocket's handshake at all."""
    return any("websocket" in line.lower() for line in headers.get_all("Upgrade"))


def address(headers: Headers, peer: object, *, trust_forwarded: bool) -> str:
    """Return where it comes from."""
    if trust_forwarded and (said := headers.get_all("X-Forwarded-For")):
        return said[-1].split(",")[-1].strip()[:64]
    return str(peer[0])[:64] if isinstance(peer, tuple) and peer else ""
