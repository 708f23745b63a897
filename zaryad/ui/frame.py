"""What every page knows besides its own content, read from the request."""

from __future__ import annotations

import datetime as dt

import msgspec
from litestar.di import Provide

from zaryad.platform.http_asked import Asked

CSRF_COOKIE = "XSRF-TOKEN"


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The frame of a page. Handlers get it as `frame`."""

    language: str
    now: dt.datetime
    path: str = "/"  # with its query: where the language switch and the sign-in come back to
    csrf: str = ""  # goes into a hidden field of every form; empty for somebody not signed in
    signed_in: bool = False
    demo: bool = False
    timezone: str = "Asia/Bishkek"  # of times that belong to no place: payments, messages


def frame_of(asked: Asked, language: str, now: dt.datetime, *, demo: bool) -> Frame:
    """Return the frame of the page that is asked for."""
    return Frame(
        language=language,
        now=now,
        path=f"{asked.path}?{asked.query}" if asked.query else asked.path,
        csrf=asked.cookie(CSRF_COOKIE) or "",
        signed_in=asked.caller is not None,
        demo=demo,
    )


def provide_frame(*, demo: bool) -> Provide:
    """Return the dependency `frame`."""

    async def provide(asked: Asked, language: str, now: dt.datetime) -> Frame:
        return frame_of(asked, language, now, demo=demo)

    return Provide(provide)
