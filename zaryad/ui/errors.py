"""Errors for people: the page says what happened, what is safe, and where to go from here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from zaryad.kernel.clock import Clock
from zaryad.platform.http_asked import Asked
from zaryad.platform.http_problem import ErrorPage, Problem
from zaryad.ui.frame import frame_of
from zaryad.ui.i18n import t
from zaryad.ui.render import Frame, Templates

_templates = Templates()
_TOLD = (400, 401, 403, 404, 409, 422, 429, 500, 503)
_OWN_WORDS = (404, 409, 422)  # where the problem says more than its status


def error_pages(clock: Clock, *, demo: bool) -> ErrorPage:
    """Return what the HTTP edge shows to browsers: a page, or the way to the sign-in that leads back."""

    def page(asked: Asked, language: str, problem: Problem) -> Response[Any]:
        frame = frame_of(asked, language, clock.now(), demo=demo)
        if problem.status == 401 and asked.method in ("GET", "HEAD"):
            return Redirect(f"/sign-in?{urlencode({'next': frame.path})}", status_code=303)
        text = None
        if problem.code == "csrf_mismatch":
            text = t(language, "ui.error.form")
        elif problem.status in _OWN_WORDS and problem.code != "route_unknown":
            text = problem.detail
        return error_page(frame, problem.status, code=problem.request_id, text=text)

    return page


def error_page(frame: Frame, status: int, *, code: str | None = None, text: str | None = None) -> Response[str]:
    """Return the page of an error; `text` says more than the status alone can, `code` is quoted for our own errors."""
    told = status if status in _TOLD else 500 if status >= 500 else 400
    title = t(frame.language, f"ui.error.title.{told}")
    words = text or t(frame.language, f"ui.error.text.{told}")
    quoted = code if told >= 500 else None
    return _templates.page("error.html", frame, status, title=title, text=words, code=quoted, sign_in=status == 401)
