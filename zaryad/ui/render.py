"""Templates to HTML, and HTML to an answer that a browser may trust: strict policy, nothing inline, no foreign host.

A module with pages has `templates/` beside its `pages`, and makes one `Templates` of it; the base
page, the macros and the filters come from here. Filters know the reader's language: `{{ cost | money }}`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from jinja2.runtime import Context
from litestar import Response
from litestar.enums import MediaType
from markupsafe import Markup

from zaryad.ui import format as f
from zaryad.ui import static
from zaryad.ui.i18n import LANGUAGES, t

DIRECTORY = Path(__file__).parent / "templates"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language",
}


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What every page knows besides its own content. Handlers get it as `frame`."""

    language: str
    now: dt.datetime
    path: str = "/"  # with its query: where the language switch and the sign-in come back to
    csrf: str = ""  # goes into a hidden field of every form
    signed_in: bool = False
    demo: bool = False
    timezone: str = "Asia/Bishkek"  # of times that belong to no place: payments, messages


class Templates:
    """The templates of one module, and the kit's."""

    def __init__(self, directory: Path | None = None) -> None:
        directories = [DIRECTORY] if directory is None else [directory, DIRECTORY]
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(directories),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(_FILTERS)
        self._environment.globals.update(languages=LANGUAGES, asset=static.url)

    def render(self, name: str, frame: Frame, /, **values: Any) -> str:
        """Return the page's HTML; a value that a template misses is a bug and raises."""
        template = self._environment.get_template(name)
        return template.render(
            frame=frame, language=frame.language, now=frame.now, t=partial(t, frame.language), **values
        )

    def page(self, name: str, frame: Frame, /, status: int = 200, **values: Any) -> Response[str]:
        """Return the page as an answer with the headers every page carries."""
        return html(self.render(name, frame, **values), frame.language, status)


def html(text: str, language: str, status: int = 200) -> Response[str]:
    """Wrap finished HTML."""
    return Response(
        text, status_code=status, media_type=MediaType.HTML, headers=HEADERS | {"Content-Language": language}
    )


def _told(words: Callable[..., str]) -> Callable[..., str]:
    """Make a filter of a formatter whose first argument is the language."""

    @jinja2.pass_context
    def filter(context: Context, value: Any, *arguments: Any, **options: Any) -> str:
        return words(context["language"], value, *arguments, **options)

    return filter


@jinja2.pass_context
def _age(context: Context, at: dt.datetime, timezone: str) -> str:
    return f.age(context["language"], at, context["now"], timezone)


def _figure(told: str) -> Markup:
    """Set a number and its unit apart, so that a long one wraps between them and never inside."""
    value, _, unit = told.rpartition(f.NBSP)
    return Markup('{} <span class="unit">{}</span>').format(value, unit) if value else Markup.escape(told)


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


_FILTERS: dict[str, Callable[..., str]] = {
    "money": _told(f.money),
    "money_exact": _told(f.money_exact),
    "price": _told(f.price),
    "rate": _told(f.rate),
    "energy": _told(f.energy),
    "power": _told(f.power),
    "rated_power": _told(f.rated_power),
    "percent": _told(f.percent),
    "duration": _told(f.duration),
    "number": _told(f.number),
    "day": _told(f.day),
    "moment": _told(f.moment),
    "age": _age,
    "stopwatch": f.stopwatch,
    "clock_time": f.clock_time,
    "phone": f.phone,
    "figure": _figure,
    "iso": _iso,
}
