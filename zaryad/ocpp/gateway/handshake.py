"""What a handshake says: which station, with which password, in which language. Pure reading, no verdicts."""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from urllib.parse import unquote_to_bytes

import msgspec
from cryptography import x509
from cryptography.x509.oid import NameOID
from websockets.datastructures import Headers

from zaryad.link.door import HIDDEN
from zaryad.link.facts import StationId
from zaryad.ocpp.gateway.tls import certificate_in

IDENTITY_MAX = 48
OFFERED_MAX = 10
SHOWN_MAX = 200
CERTIFICATE_MAX = 16_384
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")  # what may be a registration token, or a secret of somebody else's


class NoPath(Exception):  # noqa: N818  # an answer, not a failure
    """It is not a station's URL."""


class BadIdentityError(Exception):
    """The URL's last segment cannot be a station's identity."""


class Credentials(msgspec.Struct, frozen=True):
    """Basic auth as bytes: a password need not be text (OCPP 1.6 security, AuthorizationKey)."""

    user: bytes
    password: bytes


class Target(msgspec.Struct, frozen=True):
    """What the URL asks for. `known`: under our paths; `shown`: the path as people may see it, secrets hidden."""

    station_id: StationId
    known: bool
    token: str | None
    shown: str


def read_target(target: str) -> Target:
    """Return the identity, the last segment percent-decoded (OCPP-J 3.1.1), and the registration token before it.

    Another path that ends like an identity is a station with a wrong URL: `known` is false. `NoPath` for the rest.
    """
    path = target.partition("?")[0].removesuffix("/")
    *before, segment = path.split("/")
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        raise BadIdentityError("the identity is not UTF-8") from error
    if not segment or not before:
        raise NoPath
    match before:
        case ["", "ocpp" | "ws"]:
            known, token = True, None
        case ["", "ocpp" | "ws", said] if _TOKEN.fullmatch(said):
            known, token = True, said
        case _:
            known, token = False, None
    if len(text) > IDENTITY_MAX or ":" in text or not text.isprintable():
        if not known:
            raise NoPath
        raise BadIdentityError(f"an identity is 1 to {IDENTITY_MAX} printable characters without a colon")
    shown = "/".join([*(HIDDEN if _TOKEN.fullmatch(each) else each for each in before), text])
    return Target(StationId(text), known, token, shown[:SHOWN_MAX])


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


def tls(socket: object) -> dict[str, str] | None:
    """Return how the connection is secured, None when it is not."""
    if not isinstance(socket, ssl.SSLObject | ssl.SSLSocket):
        return None
    cipher, certificate = socket.cipher(), socket.getpeercert(binary_form=True)
    verified = certificate is not None and bool(socket.getpeercert())
    return {
        "version": socket.version() or "",
        "cipher": cipher[0] if cipher else "",
        "client_certificate": "verified" if verified else "presented" if certificate else "none",
    }


def client_certificate(socket: object) -> bytes | None:
    """Return the certificate that the other side has shown (DER)."""
    return socket.getpeercert(binary_form=True) if isinstance(socket, ssl.SSLObject | ssl.SSLSocket) else None


def forwarded_tls(headers: Headers) -> tuple[dict[str, str] | None, bytes | None]:
    """Return how a proxy of ours says that the station reached it, and the certificate shown there (DER).

    `X-Forwarded-Proto: https` or `wss`; `X-Client-Cert` or `ssl-client-cert` with PEM, percent-encoded as nginx
    (`$ssl_client_escaped_cert`) and Kubernetes' ingress send it, or its bare base64. What cannot be read is shown as
    empty bytes, which no judge accepts.
    """
    said = headers.get_all("X-Forwarded-Proto")
    if not said or said[-1].split(",")[-1].strip().lower() not in {"https", "wss"}:
        return None, None
    given = [line for name in ("X-Client-Cert", "ssl-client-cert") for line in headers.get_all(name) if line.strip()]
    certificate = _der(given[0]) if given else None
    shown = "presented" if given else "none"
    return {"version": "", "cipher": "", "client_certificate": shown, "at": "proxy"}, certificate


def named_in(message: bytes | None) -> StationId | None:
    """Return the identity that a certificate message of TLS names (CN), if it can be one."""
    der = None if message is None else certificate_in(message)
    try:
        found = (
            []
            if der is None
            else x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        )
        name = str(found[0].value) if len(found) == 1 else ""
    except Exception:  # noqa: BLE001  # a stranger's bytes
        return None
    return StationId(name) if 0 < len(name) <= IDENTITY_MAX and name.isprintable() and ":" not in name else None


def _der(text: str) -> bytes:
    plain = unquote_to_bytes(text.strip()).decode("ascii", "replace")
    body = re.sub(r"-----[A-Z ]+-----|\s", "", plain)
    try:
        return base64.b64decode(body, validate=True) if len(body) < CERTIFICATE_MAX else b""
    except (binascii.Error, ValueError):
        return b""


def address(headers: Headers, peer: object, *, trust_forwarded: bool) -> str:
    """Return where it comes from."""
    if trust_forwarded and (said := headers.get_all("X-Forwarded-For")):
        return said[-1].split(",")[-1].strip()[:64]
    return str(peer[0])[:64] if isinstance(peer, tuple) and peer else ""
