"""The language switch: a plain link that leaves a cookie and comes back to where it was."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import Parameter
from litestar.response import Redirect

from zaryad.ui.i18n import LANGUAGES
from zaryad.ui.language import COOKIE
from zaryad.ui.typed import own_path

KEPT_S = 365 * 86_400


@get("/language/{code:str}", opt={"roles": "public"}, include_in_schema=False, sync_to_thread=False)
def switch_language(code: str, next: Annotated[str, Parameter(max_length=1_000)] = "/") -> Response[None]:
    """Remember the language in this browser."""
    if code not in LANGUAGES:
        raise NotFoundException
    answer = Redirect(own_path(next), status_code=303)
    answer.set_cookie(COOKIE, code, max_age=KEPT_S, samesite="lax", httponly=True)
    return answer
