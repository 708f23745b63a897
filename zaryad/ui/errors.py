"""Errors for people: the page says what happened and what is safe; programs keep getting problem documents."""

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
from zaryad.ui.render import Templates

_templates = Templates()
_TOLD = (400, 401, 403, 404, 409, 422, 429, 500, 503)
_OWN_WORDS = (404, 409, 422)  # where the problem says more than its status


def error_pages(clock: Clock, *, demo: bool) -> ErrorPage:
    """Return what the HTTP edge shows to browsers: a page, or the way to the sign-in that leads back."""

    def page(asked: Asked, language: str, problem: Problem) -> Response[Any]:
        frame = frame_of(asked, language, clock.now(), demo=demo)
        if problem.status == 401 and asked.method in ("GET", "HEAD"):
            return Redirect(f"/sign-in?{urlencode({'next': frame.path})}", status_code=303)
        told = problem.status if problem.status in _TOLD else 500 if problem.status >= 500 else 400
        text = t(language, f"ui.error.text.{told}")
        if problem.code == "csrf_mismatch":
            text = t(language, "ui.error.form")
        elif told in _OWN_WORDS and problem.code != "route_unknown":
            text = problem.detail
        return _templates.page(
            "error.html",
            frame,
            problem.status,
            title=t(language, f"ui.error.title.{told}"),
            text=text,
            code=problem.request_id if told >= 500 else None,
            sign_in=problem.status == 401,
        )

    return page
