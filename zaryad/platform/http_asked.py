"""What a request is, said once: from where, to which host, showing which token. No framework in sight."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

COOKIES_MAX = 50
SAME_NAME_MAX = 4  # cookies of one name: a stale one of another domain must not hide the good one
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
BEARER = "bearer"


class Asked(msgspec.Struct, kw_only=True):
    """A request as the layers above see it. `set_cookies` is theirs to fill: whole `Set-Cookie` values."""

    id: str
    method: str
    path: str
    query: str
    host: str  # without a port, lower-case
    secure: bool
    address: str
    user_agent: str
    accept: str
    accept_language: str
    origin: str | None
    fetch_site: str | None
    csrf_header: str
    cookies: dict[str, list[str]]
    token: str | None = None  # of `Authorization: Bearer`, or of the WebSocket's subprotocol
    protocols: tuple[str, ...] = ()  # that a WebSocket offered, without the token
    by: Literal["nobody", "bearer", "cookie"] = "nobody"  # how the caller proved who they are
    caller: Any = None
    set_cookies: list[str] = []

    def cookie(self, name: str) -> str | None:
        """Return the first cookie of a name."""
        values = self.cookies.get(name)
        return values[0] if values else None

    @property
    def wants_html(self) -> bool:
        """Whether a person looks at the answer in a browser."""
        return "text/html" in self.accept and not self.path.startswith("/api/")

    @property
    def foreign(self) -> bool:
        """Whether a browser says that another site's page made it. Programs say nothing, and are not foreign."""
        if self.fetch_site is not None and self.fetch_site != "cross-site":
            return False
        if self.fetch_site == "cross-site":
            return True
        return self.origin is not None and _host(self.origin.partition("://")[2]) != self.host


def read_request(scope: Any, new_id: str, *, secure: bool) -> Asked:
    """Read an ASGI scope; `secure`: the deployment is reached by https whatever this hop says."""
    found: dict[str, str] = {}
    cookies: dict[str, list[str]] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "cookie":
            _read_cookies(value, cookies)
        else:
            found[name] = f"{found[name]}, {value}" if name in found else value
    given = found.get("x-request-id", "")
    offered = scope.get("subprotocols") if scope["type"] == "websocket" else None
    token, protocols = _token(found.get("authorization", ""), offered)
    return Asked(
        id=given if _REQUEST_ID.fullmatch(given) else new_id,
        method=scope.get("method", "GET"),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        host=_host(found.get("host", "")),
        secure=secure or scope.get("scheme") in ("https", "wss"),
        address=_address(scope),
        user_agent=found.get("user-agent", "")[:200],
        accept=found.get("accept", ""),
        accept_language=found.get("accept-language", ""),
        origin=found.get("origin"),
        fetch_site=found.get("sec-fetch-site"),
        csrf_header=found.get("x-csrf-token", ""),
        cookies=cookies,
        token=token,
        protocols=protocols,
        set_cookies=[],
    )


def network_of(address: str) -> str:
    """Return what one subscriber has: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _token(authorization: str, subprotocols: Sequence[str] | None) -> tuple[str | None, tuple[str, ...]]:
    """Find the bearer's token; a browser's WebSocket cannot set headers, and says `bearer, <token>` as protocols."""
    scheme, _, value = authorization.partition(" ")
    token = value.strip() if scheme.lower() == BEARER and value.strip() else None
    if subprotocols is None:
        return token, ()
    offered = list(subprotocols)
    if BEARER in offered:
        at = offered.index(BEARER)
        if at + 1 < len(offered):
            token = token or offered[at + 1]
            del offered[at + 1]
    return token, tuple(offered)


def _read_cookies(header: str, into: dict[str, list[str]]) -> None:
    for item in header.split(";")[:COOKIES_MAX]:
        name, equals, value = item.strip().partition("=")
        values = into.setdefault(name, [])
        if equals and len(values) < SAME_NAME_MAX:
            values.append(value.strip('"'))


def _host(text: str) -> str:
    host = text.partition("/")[0]
    if host.startswith("["):
        return host.partition("]")[0][1:].lower()
    return host.partition(":")[0].lower().rstrip(".")


def _address(scope: Any) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"
