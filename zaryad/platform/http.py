"""The HTTP edge: one application of the routes it is given, with the same manners everywhere.

It knows no roles and no people: who asks (`authenticate`), whether they may (`check`) and in which words errors
are told come from the layers above as an `Edge`. A route without a rule lets nobody in.

Handlers get by name: `db now bus language asked caller visitor` and whatever `dependencies` adds.
A route's `opt` may say `csrf: False` (no double submit) and `cross_site: True` (forms of other sites may post here).
`caller` is whoever is signed in (nobody: 401), `visitor` the same or None.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hmac
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import msgspec
import structlog
import uvicorn
from litestar import Litestar, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.exceptions import WebSocketException
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from zaryad.kernel.clock import Clock
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db
from zaryad.platform.http_asked import Asked
from zaryad.platform.http_docs import docs_routes, openapi
from zaryad.platform.http_edge import REFUSED, UNSAFE, App, Authenticate, Outer, Renew, Throttle, refuse_foreign
from zaryad.platform.http_problem import STATUS, ErrorPage, Problem, Problems, Translate

__all__ = ["Asked", "Edge", "Problem", "Settings", "asked_of", "csrf_matches", "make_app", "serve"]

log = structlog.get_logger()

API = "/api/v1"
CSRF_FIELD = "csrf"  # the hidden field of a form
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
READY_WITHIN_S = 3

Ready = Callable[[], Awaitable[object]]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[http]`. `trusted_proxies`: whose X-Forwarded-For and -Proto are believed."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""  # https://... makes every cookie Secure; empty: as each request came
    trusted_proxies: tuple[str, ...] = ()
    body_bytes_max: int = 1 << 20
    anonymous_per_minute: int = 1200  # per network of a subscriber: a car park behind one address is many people
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    shutdown_s: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65_535:
            raise ValueError("port is 1 to 65535")
        if self.public_url and not self.public_url.startswith(("http://", "https://")):
            raise ValueError("public_url begins with http:// or https://")
        if not 1_024 <= self.body_bytes_max <= 1 << 27 or self.anonymous_per_minute < 1:
            raise ValueError("body_bytes_max is 1 KiB to 128 MiB, anonymous_per_minute at least 1")

    @property
    def secure(self) -> bool:
        """Whether people reach it by https only."""
        return self.public_url.startswith("https://")


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """What the layers above tell the edge. A caller is theirs: the edge only hands it on."""

    authenticate: Authenticate
    check: Callable[[object, Any], None]  # a route's rule, the caller or None; raises to refuse
    public: Mapping[str, Any]  # the `opt` of a route that is open to all
    rule: str  # the key of the rule in `opt`
    language: Callable[[Asked], str]
    translate: Translate
    renew: Renew | None = None
    error_page: ErrorPage | None = None
    access_cookie: str = "evp_access"
    refresh_cookie: str = "evp_refresh"
    csrf_cookie: str = "XSRF-TOKEN"


def asked_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Asked:
    """Return what the edge read of a request."""
    asked: Asked = connection.scope["state"]["asked"]
    return asked


def make_app(
    *,
    api: Sequence[Any],
    root: Sequence[Any] = (),
    edge: Edge,
    settings: Settings,
    db: Db,
    bus: Bus,
    clock: Clock,
    dependencies: Mapping[str, object] | None = None,
    ready: Mapping[str, Ready] | None = None,
    lifespan: Sequence[Any] = (),
) -> Litestar:
    """Build the application: `api` under /api/v1, `root` at /, and what every deployment has beside them.

    `dependencies`: ready values by name, or `Provide`s. `ready`: further checks of /readyz, which raise when unwell.
    """
    checks: dict[str, Ready] = {"database": db.ping, "bus": _bus_check(bus), **(ready or {})}
    own = [*docs_routes(edge.public), *_machine_routes(edge, settings, checks)]
    problems = Problems(edge.translate, edge.language, edge.error_page)
    app = Litestar(
        route_handlers=[Router(API, route_handlers=list(api)), *root, *own],
        guards=[_guard(edge, Throttle(settings.anonymous_per_minute))],
        dependencies=_dependencies(edge, db, bus, clock, dependencies or {}),
        exception_handlers=problems.handlers(),  # type: ignore[arg-type]  # each handler takes the error it is for
        after_exception=[_remember],
        openapi_config=openapi(edge.public, edge.rule),
        request_max_body_size=settings.body_bytes_max,
        logging_config=None,
        lifespan=list(lifespan),
        debug=False,
    )
    # Around the framework and not among its middleware: that would miss whatever the framework refuses by itself.
    outer: App = Outer(
        app.asgi_handler,
        clock,
        edge.authenticate,
        edge.renew,
        access_cookie=edge.access_cookie,
        refresh_cookie=edge.refresh_cookie,
        always_secure=settings.secure,
    )
    app.asgi_handler = outer
    return app


async def serve(app: App, settings: Settings, stop: asyncio.Event, ready: Callable[[], None] | None = None) -> None:
    """Serve until `stop` is set; running requests get `shutdown_s`, WebSockets are told to come back (1012).

    `ready` is called once it listens.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="none",
        ws="wsproto",
        ws_max_size=64 << 10,
        access_log=False,
        log_config=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_s,
        lifespan="on",
    )
    server = _Server(config, ready)
    try:
        door = socket.create_server((settings.host, settings.port), backlog=2048, family=_family(settings.host))
    except OSError as error:
        raise RuntimeError(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    serving = asyncio.create_task(server.serve([door]), name="http")
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopped.cancel()
    await serving


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs it, and says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Never called: no signal is captured."""


def _guard(edge: Edge, throttle: Throttle) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Any]:
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        asked = asked_of(connection)
        kind = str(connection.scope["type"])
        try:
            if asked.caller is None and not throttle.take(asked.address, time.monotonic()):
                REFUSED.labels("too_many").inc()
                raise DomainError(Kind.TOO_MANY, "too_many_requests", retry_after_s=5)
            edge.check(handler.opt.get(edge.rule), asked.caller)
            if asked.by != "bearer" and not handler.opt.get("cross_site"):
                refuse_foreign(asked, kind)
            if asked.by == "cookie" and asked.method in UNSAFE and kind == "http" and handler.opt.get("csrf", True):
                await _check_csrf(edge, asked, connection)
        except DomainError as error:
            if kind == "http":
                raise
            raise WebSocketException(detail=error.code, code=4000 + STATUS[error.kind]) from error

    return guard


async def _check_csrf(edge: Edge, asked: Asked, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Compare what the page read from its cookie with the cookie: another site can send it, and cannot read it."""
    said = asked.csrf_header
    if not said and isinstance(connection, Request) and connection.content_type[0] in FORMS:
        said = str((await connection.form()).get(CSRF_FIELD, ""))
    if not csrf_matches(asked, said, edge.csrf_cookie):
        REFUSED.labels("csrf").inc()
        raise DomainError(Kind.FORBIDDEN, "csrf_mismatch")


def csrf_matches(asked: Asked, said: str, cookie: str = "XSRF-TOKEN") -> bool:
    """Whether it is the value of the readable cookie, compared in constant time."""
    values = asked.cookies.get(cookie, ())
    return bool(said) and any(hmac.compare_digest(said.encode(), value.encode()) for value in values if value)


async def _remember(error: Exception, scope: Any) -> None:
    """Keep what a WebSocket handler raised, for the close code (see `Outer`)."""
    scope["state"]["raised"] = error


def _dependencies(edge: Edge, db: Db, bus: Bus, clock: Clock, more: Mapping[str, object]) -> dict[str, Provide]:
    provided: dict[str, object] = {"db": db, "bus": bus, "clock": clock, **more}
    made = {name: each if isinstance(each, Provide) else _constant(each) for name, each in provided.items()}

    async def provide_asked(scope: Scope) -> Asked:
        found: Asked = scope["state"]["asked"]
        return found

    async def provide_caller(scope: Scope) -> Any:
        found = scope["state"]["asked"].caller
        if found is None:
            raise DomainError(Kind.UNAUTHENTICATED, "sign_in_first")
        return found

    async def provide_visitor(scope: Scope) -> Any:
        return scope["state"]["asked"].caller

    async def provide_language(scope: Scope) -> str:
        return edge.language(scope["state"]["asked"])

    async def provide_now() -> dt.datetime:
        return clock.now()

    return made | {
        "asked": Provide(provide_asked),
        "caller": Provide(provide_caller),
        "visitor": Provide(provide_visitor),
        "language": Provide(provide_language),
        "now": Provide(provide_now),
    }


def _constant(value: object) -> Provide:
    async def provide() -> Any:
        return value

    return Provide(provide)


def _bus_check(bus: Bus) -> Ready:
    async def check() -> None:
        if not getattr(bus, "connected", True):
            raise DomainError(Kind.UNAVAILABLE, "unavailable")

    return check


def _machine_routes(edge: Edge, settings: Settings, checks: Mapping[str, Ready]) -> list[Any]:
    opt = dict(edge.public)

    @get("/healthz", opt=opt, include_in_schema=False)
    async def healthz() -> dict[str, str]:
        """Say that the process is up."""
        return {"status": "ok"}

    @get("/readyz", opt=opt, include_in_schema=False)
    async def readyz() -> Response[dict[str, object]]:
        """Say whether everything it depends on answers."""
        names = list(checks)
        found = await asyncio.gather(*(_well(name, checks[name]) for name in names))
        well = all(found)
        told = {name: "ok" if ok else "unavailable" for name, ok in zip(names, found, strict=True)}
        body: dict[str, object] = {"status": "ok" if well else "unavailable", "checks": told}
        return Response(body, status_code=200 if well else 503)

    @get("/metrics", opt=opt, include_in_schema=False)
    async def metrics(asked: Asked, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Tell Prometheus; other addresses than the configured ones see no such route."""
        if asked.address not in settings.metrics_from or "x-forwarded-for" in request.headers:
            raise DomainError(Kind.NOT_FOUND, "route_unknown")
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [healthz, readyz, metrics]


async def _well(name: str, check: Ready) -> bool:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await check()
    except Exception as error:  # noqa: BLE001  # whatever is wrong with it, it is not ready
        log.warning("http.not_ready", check=name, error=repr(error)[:300])
        return False
    return True
