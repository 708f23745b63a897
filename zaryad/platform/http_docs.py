"""The API described: OpenAPI 3.1 made of the routes, and a page that reads it. Nothing is fetched from other hosts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from zaryad.platform.http_problem import Problem

DIRECTORY = Path(__file__).parent / "docs"
PREFIX = "/api"
FILES = {"docs.css": "text/css", "docs.js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ABOUT = (
    "Everything the pages of Zaryad do, programs can do here. Money is in minor units of its currency, times are "
    "ISO 8601 in UTC, energy is in the unit its name ends with. Errors are problem documents (RFC 9457) with a stable "
    "`code` and words in the language of `Accept-Language`. Lists are paged by `after` and `limit`."
)
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS = {
    "400": "The request cannot mean anything.",
    "401": "Nobody is signed in.",
    "403": "This caller may not.",
    "404": "There is none, or none that the caller may know of.",
    "409": "True of the state, not of the request.",
    "422": "Understood, and the answer is no.",
    "429": "Too many; see Retry-After.",
    "503": "Try again.",
}


class _Json(OpenAPIRenderPlugin):
    """The document, finished once."""

    def __init__(self, rule: str) -> None:
        super().__init__(path="/openapi.json", media_type=MediaType.JSON)
        self._rule = rule
        self._document: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the document."""
        if self._document is None:
            rules = _rules(request.app, self._rule)
            self._document = msgspec.json.encode(_finished(openapi_schema, rules))
        return self._document


class _Page(OpenAPIRenderPlugin):
    """The page."""

    def __init__(self) -> None:
        super().__init__(path=["/docs", "/"])

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002  # the page reads the document itself
        """Return the page's HTML."""
        return _file("docs.html")


class _Quiet(Router):
    """A router that takes only what we mean to serve: the framework would add an HTML page for unknown paths."""

    def register(self, value: Any) -> Any:
        """Register, except the framework's own catch-all."""
        if any(path.endswith("{path:str}") for path in getattr(value, "paths", ())):
            return []
        return super().register(value)


def openapi(public: Mapping[str, Any], rule: str) -> OpenAPIConfig:
    """Configure the document and its page."""
    return OpenAPIConfig(
        title="Zaryad",
        version="1",
        description=ABOUT,
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "cookie": SecurityScheme(type="apiKey", name="evp_access", security_scheme_in="cookie"),
            }
        ),
        openapi_router=_Quiet(
            PREFIX,
            route_handlers=[],
            opt=dict(public),
            include_in_schema=False,
            response_headers={"Content-Security-Policy": POLICY},
        ),
        render_plugins=[_Page(), _Json(rule)],
    )


def document(app: Litestar, rule: str) -> bytes:
    """Return the document of an application that need not be running."""
    return msgspec.json.encode(_finished(app.openapi_schema.to_schema(), _rules(app, rule)))


def docs_routes(public: Mapping[str, Any]) -> list[Any]:
    """Return the routes of the page's own files."""

    @get(f"{PREFIX}/docs/{{name:str}}", opt=dict(public), include_in_schema=False)
    async def docs_file(name: str) -> Response[bytes]:
        """Serve the page's style or script."""
        if name not in FILES:
            raise NotFoundException
        return Response(_file(name), media_type=FILES[name], headers={"Cache-Control": "no-cache"})

    return [docs_file]


@cache
def _file(name: str) -> bytes:
    return (DIRECTORY / name).read_bytes()


def _rules(app: Any, rule: str) -> dict[tuple[str, str], object]:
    """Return each operation's rule by path and method."""
    found: dict[tuple[str, str], object] = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in handler.http_methods:
                found[route.path_format, method.lower()] = handler.opt.get(rule)
    return found


def _finished(document: dict[str, Any], rules: Mapping[tuple[str, str], object]) -> dict[str, Any]:
    """Add what the framework cannot know: who may call, and how every refusal looks."""
    (_,), components = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in components.items():
        schemas.setdefault(name, schema)
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            if not isinstance(operation, dict):
                continue
            allowed = rules.get((path, method))
            if isinstance(allowed, frozenset):
                operation["security"] = [{"bearer": []}, {"cookie": []}]
                operation["x-roles"] = sorted(str(getattr(role, "value", role)) for role in allowed)
            else:
                operation["security"] = []
            responses = operation.setdefault("responses", {})
            for status, description in _REFUSALS.items():
                if status in ("401", "403") and not isinstance(allowed, frozenset):
                    continue
                responses[status] = {"description": description, "content": _PROBLEM}
    return document
