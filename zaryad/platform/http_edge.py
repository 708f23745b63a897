"""The outermost layer: names the request, finds out who asks, counts, logs, and puts safe headers on every answer.

Paths are logged as their templates: `/hooks/{provider}/{account}/{secret}` and not what stood there; queries never.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter, Gauge, Histogram

from zaryad.kernel.clock import Clock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.platform.http_asked import BEARER, Asked, network_of, read_request
from zaryad.platform.http_problem import STATUS

log = structlog.get_logger()

TOOK = Histogram("zaryad_http_seconds", "Time an answer took", ["method", "route", "status"])
SOCKETS = Gauge("zaryad_http_websockets", "Open WebSockets of people")
REFUSED = Counter("zaryad_http_refused_total", "Requests refused at the edge", ["why"])

App = Callable[[Any, Any, Any], Awaitable[None]]
Authenticate = Callable[[str, dt.datetime], "Any | None"]  # an access token -> who it speaks for
Renew = Callable[[Asked, dt.datetime], Awaitable["Any | None"]]  # a browser that comes back after its token's end

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MACHINES = ("/api/", "/static/", "/hooks/", "/files/")  # paths that no browser shows as a page
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked all day by machines
_SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_HSTS = (b"strict-transport-security", b"max-age=31536000")
ADDRESSES_MAX = 20_000


class Throttle:
    """So many in a sliding minute per network; the memory of it is bounded, and the longest silent go first."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._seen: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, at: float) -> bool:
        """Whether one more at `at` (monotonic seconds) is within bounds."""
        key = network_of(address)
        left, then = self._seen.pop(key, (float(self._per_minute), at))
        left = min(self._per_minute, left + (at - then) * self._per_minute / 60)
        allowed = left >= 1
        self._seen[key] = (left - 1 if allowed else left, at)
        if len(self._seen) > ADDRESSES_MAX:
            self._seen.popitem(last=False)
        return allowed


class Outer:
    """Wraps the application; the framework's own middleware would miss what it refuses itself."""

    def __init__(
        self,
        app: App,
        clock: Clock,
        authenticate: Authenticate,
        renew: Renew | None,
        *,
        access_cookie: str,
        refresh_cookie: str,
        always_secure: bool,
    ) -> None:
        self._app = app
        self._clock = clock
        self._authenticate = authenticate
        self._renew = renew
        self._access_cookie = access_cookie
        self._refresh_cookie = refresh_cookie
        self._always_secure = always_secure

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request, one WebSocket, or the server's start and stop."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = read_request(scope, new_id().hex, secure=self._always_secure)
        scope.setdefault("state", {})["asked"] = asked
        with structlog.contextvars.bound_contextvars(request=asked.id):
            await self._identify(asked, scope["type"])
            if scope["type"] == "http":
                await self._http(asked, scope, receive, send)
            else:
                await self._websocket(asked, scope, receive, send)

    async def _identify(self, asked: Asked, kind: str) -> None:
        now = self._clock.now()
        if asked.token is not None:
            asked.caller = self._authenticate(asked.token, now)
            asked.by = "bearer" if asked.caller is not None else "nobody"
            return
        for value in asked.cookies.get(self._access_cookie, ()):
            asked.caller = self._authenticate(value, now)
            if asked.caller is not None:
                asked.by = "cookie"
                return
        is_page = kind == "http" and not asked.path.startswith(MACHINES)
        if is_page and self._renew is not None and self._refresh_cookie in asked.cookies:
            try:
                asked.caller = await self._renew(asked, now)
            except Exception as error:  # noqa: BLE001  # then the page is shown as to somebody not signed in
                log.warning("http.renew_failed", error=repr(error)[:300])
            asked.by = "cookie" if asked.caller is not None else "nobody"

    async def _http(self, asked: Asked, scope: Any, receive: Any, send: Any) -> None:
        began = time.perf_counter()
        status, size = 500, 0

        async def told(message: Any) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": self._headers(asked, list(message["headers"]))}
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            took = time.perf_counter() - began
            route = scope.get("path_template") or "unknown"
            TOOK.labels(asked.method if asked.method in METHODS else "other", route, str(status)).observe(took)
            if route not in QUIET:
                log.info(
                    "http.answered",
                    method=asked.method,
                    route=route,
                    status=status,
                    ms=round(took * 1000, 1),
                    bytes=size,
                    address=asked.address,
                    by=asked.by,
                )

    def _headers(self, asked: Asked, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        headers.append((b"x-request-id", asked.id.encode()))
        headers.extend((name, value) for name, value in _SAFE_HEADERS if name not in present)
        if asked.secure:
            headers.append(_HSTS)
        headers.extend((b"set-cookie", line.encode("latin-1")) for line in asked.set_cookies)
        return headers

    async def _websocket(self, asked: Asked, scope: Any, receive: Any, send: Any) -> None:
        """Speak for a WebSocket: confirm the protocol that carried the token, and refuse with a plain HTTP status."""
        scope["subprotocols"] = list(asked.protocols)
        accepted = False

        async def told(message: Any) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
                SOCKETS.inc()
                if message.get("subprotocol") is None and BEARER in asked.protocols:
                    message = {**message, "subprotocol": BEARER}
                headers = [*message.get("headers", []), (b"x-request-id", asked.id.encode())]
                message = {**message, "headers": headers}
            elif message["type"] == "websocket.close":
                await self._refuse(asked, scope, send, message, accepted=accepted)
                return
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, told)
        finally:
            if accepted:
                SOCKETS.dec()
            log.info(
                "http.websocket_ended",
                route=scope.get("path_template") or "unknown",
                accepted=accepted,
                seconds=round(time.perf_counter() - began, 1),
                address=asked.address,
                by=asked.by,
            )

    async def _refuse(self, asked: Asked, scope: Any, send: Any, message: Any, *, accepted: bool) -> None:
        """Close with 4000 + the status and the error's code; before the handshake is over, answer that status."""
        raised = scope["state"].get("raised")
        code, reason = message.get("code", 1000), message.get("reason", "")
        if isinstance(raised, DomainError):
            code, reason = 4000 + STATUS[raised.kind], raised.code
        if not accepted and "websocket.http.response" in scope.get("extensions", {}):
            status = code - 4000 if 4400 <= code < 4600 else 403
            body = msgspec.json.encode({"status": status, "code": reason or "refused", "request_id": asked.id})
            headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
            start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
            await send(start)
            await send({"type": "websocket.http.response.body", "body": body})
            return
        await send({**message, "code": code, "reason": reason[:120]})


def refuse_foreign(asked: Asked, kind: str) -> None:
    """Raise when another site's page made the browser ask; no route of ours wants that."""
    if (kind == "websocket" or asked.method in UNSAFE) and asked.foreign:
        REFUSED.labels("foreign").inc()
        raise DomainError(Kind.FORBIDDEN, "cross_site")
