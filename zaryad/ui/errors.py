"""Errors for people: the page says what happened and what is safe; programs keep getting problem documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response import Redirect

from zaryad.ui.i18n import catalogue, t
from zaryad.ui.render import Frame, Templates

AsProblem = Callable[[Request[Any, Any, Any], Exception], Response[Any]]
FrameOf = Callable[[Request[Any, Any, Any]], Frame]

_templates = Templates()
_TOLD = (400, 401, 403, 404, 409, 422, 429, 500, 503)


def wants_page(path: str, accept: str) -> bool:
    """Whether a browser asks for something to look at."""
    return not path.startswith(("/api/", "/hooks/", "/static/")) and "text/html" in accept


def error_page(frame: Frame, status: int, *, code: str | None = None, text: str | None = None) -> Response[str]:
    """Return the page of an error; `text` says more than the status alone can."""
    told = status if status in _TOLD else 500 if status >= 500 else 400
    title = t(frame.language, f"ui.error.title.{told}")
    words = text or t(frame.language, f"ui.error.text.{told}")
    return _templates.page("error.html", frame, status, title=title, text=words, code=code if told >= 500 else None)


def pages_for_browsers(as_problem: AsProblem, frame_of: FrameOf) -> AsProblem:
    """Make an exception handler: a page or the way to the sign-in for a browser, else what `as_problem` answers.

    `as_problem` decides status and logging for both; its body's `code` names the text `error.{code}`.
    """

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        problem = as_problem(request, error)
        if not wants_page(request.url.path, request.headers.get("accept", "")):
            return problem
        status = problem.status_code or 500
        frame = frame_of(request)
        if status == 401 and request.method in ("GET", "HEAD"):
            return Redirect(f"/sign-in?{urlencode({'next': frame.path})}", status_code=303)
        return error_page(frame, status, code=_code(problem), text=_text(frame.language, problem, status))

    return handle


def _code(problem: Response[Any]) -> str | None:
    body = problem.content
    code = body.get("code") if isinstance(body, dict) else getattr(body, "code", None)
    return code if isinstance(code, str) else None


def _text(language: str, problem: Response[Any], status: int) -> str | None:
    """Return the problem's own words where they are meant for people: those of an expected error."""
    body, code = problem.content, _code(problem)
    if status >= 500 or code is None or not catalogue().has(language, f"error.{code}"):
        return None
    detail = body.get("detail") if isinstance(body, dict) else getattr(body, "detail", None)
    return detail if isinstance(detail, str) else t(language, f"error.{code}")
