"""Errors as problem documents (RFC 9457): a stable code, a status, words in the caller's language, no stack traces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import UNAVAILABLE
from zaryad.platform.http_asked import Asked

log = structlog.get_logger()

# language, key, values -> the text, or None when there is none
Translate = Callable[[str, str, Mapping[str, object]], "str | None"]
ErrorPage = Callable[[Asked, str, "Problem"], "Response[Any] | None"]

STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.REFUSED: 422,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}
MEDIA_TYPE = "application/problem+json"
# Codes of what the framework refuses by itself.
_CODES = {
    400: "request_invalid",
    401: "sign_in_first",
    403: "role_missing",
    404: "route_unknown",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "media_type_unsupported",
    429: "too_many_requests",
    503: "unavailable",
}
FAILED = "internal_error"


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field; `field` is its path, `source` says where it was: body, query, path, header."""

    field: str
    message: str
    source: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error. Programs look at `code`, people read `title` and `detail`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    params: Mapping[str, Any] = {}
    errors: list[FieldError] = []


class Problems:
    """Makes the answer of whatever was raised."""

    def __init__(self, translate: Translate, language: Callable[[Asked], str], page: ErrorPage | None) -> None:
        self._translate = translate
        self._language = language
        self._page = page

    def handlers(self) -> dict[type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]]:
        """Return the application's exception handlers."""
        return {DomainError: self.domain, HTTPException: self.framework, Exception: self.unexpected}

    def domain(self, request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
        """Tell an expected error."""
        headers = {}
        if error.kind is Kind.UNAUTHENTICATED:
            headers["WWW-Authenticate"] = 'Bearer realm="zaryad"'
        wait = error.facts.get("retry_after_s")
        if error.kind in (Kind.TOO_MANY, Kind.UNAVAILABLE) and isinstance(wait, int):
            headers["Retry-After"] = str(wait)
        return self._answer(request, STATUS[error.kind], error.code, params=error.facts, headers=headers)

    def framework(self, request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        """Tell what the framework refused: an unknown path, a body that does not fit."""
        status = error.status_code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _CODES:
            return self.unexpected(request, error)
        fields = _fields(error) if isinstance(error, ValidationException) else []
        if status == HTTPStatus.BAD_REQUEST and not fields:
            fields = [FieldError("", error.detail)]
        code = _CODES.get(status, "request_refused")
        return self._answer(request, status, code, fields=fields, headers=dict(error.headers or {}))

    def unexpected(self, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        """Tell that something broke here, and keep the story in the log."""
        if isinstance(error, UNAVAILABLE):
            log.warning("http.unavailable", error=repr(error)[:300])
            return self._answer(request, 503, "unavailable", headers={"Retry-After": "2"})
        log.error("http.failed", exc_info=error)
        return self._answer(request, 500, FAILED)

    def _answer(
        self,
        request: Request[Any, Any, Any],
        status: int,
        code: str,
        *,
        params: Mapping[str, object] | None = None,
        fields: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response[Any]:
        asked: Asked = request.scope["state"]["asked"]
        language = self._language(asked)
        facts = {name: _plain(value) for name, value in (params or {}).items()}
        title = self._translate(language, f"problem.title.{status}", {}) or HTTPStatus(status).phrase
        problem = Problem(
            type=f"urn:zaryad:problem:{code}",
            title=title,
            status=status,
            detail=self._translate(language, f"error.{code}", facts) or title,
            code=code,
            request_id=asked.id,
            params=facts,
            errors=fields or [],
        )
        answer = self._page(asked, language, problem) if self._page is not None and asked.wants_html else None
        if answer is None:
            told = {"Content-Language": language, "Cache-Control": "no-store", **(headers or {})}
            answer = Response(
                msgspec.json.encode(problem, enc_hook=str), status_code=status, media_type=MEDIA_TYPE, headers=told
            )
        return answer


def _fields(error: ValidationException) -> list[FieldError]:
    found = []
    for each in error.extra if isinstance(error.extra, list) else []:
        if isinstance(each, dict):
            source = each.get("source")
            told = None if source is None else str(getattr(source, "value", source))
            found.append(FieldError(str(each.get("key", "")), str(each.get("message", "")), told))
    return found


def _plain(value: object) -> object:
    """Return a fact as JSON can tell it; what is no plain value is told as its text."""
    return value if isinstance(value, str | int | bool | None) else str(value)
