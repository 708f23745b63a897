"""What every page knows besides its own content, read from the request."""

from __future__ import annotations

import datetime as dt

from litestar.di import Provide

from zaryad.platform.http_asked import Asked
from zaryad.ui.render import Frame

CSRF_COOKIE = "XSRF-TOKEN"


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
