"""The sign-in pages of a browser, and in which words a browser is answered. They call what the API calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.response import Redirect

from zaryad import accounts
from zaryad.auth import code as codes
from zaryad.auth import sign_in
from zaryad.auth.api import forget, keep, origin_of
from zaryad.auth.model import REFRESH_COOKIE, Gate
from zaryad.auth.roles import PUBLIC, Caller
from zaryad.kernel.errors import DomainError
from zaryad.platform.db import Db
from zaryad.platform.http import Asked
from zaryad.ui import language as languages
from zaryad.ui.i18n import FALLBACK, catalogue
from zaryad.ui.render import Frame, Templates
from zaryad.ui.told import error_told, facts_told
from zaryad.ui.typed import own_path

_templates = Templates(Path(__file__).parent / "templates")

Typed = Annotated[str, Parameter(max_length=64)]
Next = Annotated[str, Parameter(max_length=1_000)]


class PhoneForm(msgspec.Struct, frozen=True):
    """The first form."""

    csrf: str = ""
    phone: str = ""
    next: str = "/"


class CodeForm(msgspec.Struct, frozen=True):
    """The second form."""

    csrf: str = ""
    phone: str = ""
    code: str = ""
    next: str = "/"


PhoneSent = Annotated[PhoneForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
CodeTyped = Annotated[CodeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/sign-in", opt=PUBLIC, include_in_schema=False)
async def sign_in_page(frame: Frame, visitor: Caller | None, next: Next = "/", phone: Typed = "") -> Response[Any]:
    """Ask for the phone; somebody who is signed in goes on."""
    if visitor is not None:
        return Redirect(own_path(next), status_code=303)
    return _ask_phone(frame, next, phone)


@post("/sign-in", opt=PUBLIC, include_in_schema=False, status_code=200)
async def send_code_form(
    *, data: PhoneSent, db: Db, now: dt.datetime, frame: Frame, asked: Asked, auth_gate: Gate
) -> Response[Any]:
    """Send a code and ask for it. Too early for another one: the one that was sent is asked for."""
    try:
        await codes.send_code(db, auth_gate, data.phone, origin=origin_of(asked), language=frame.language, now=now)
    except DomainError as error:
        told = error_told(frame.language, error)
        if error.code == "code_too_soon":
            return _ask_code(frame, auth_gate, data.phone, data.next, told)
        return _ask_phone(frame, data.next, data.phone, told)
    return _ask_code(frame, auth_gate, data.phone, data.next)


@post("/sign-in/code", opt=PUBLIC, include_in_schema=False, status_code=200)
async def sign_in_form(
    *, data: CodeTyped, db: Db, now: dt.datetime, frame: Frame, asked: Asked, auth_gate: Gate
) -> Response[Any]:
    """Sign in and go on."""
    try:
        done = await codes.sign_in_by_code(
            db, auth_gate, data.phone, data.code, origin=origin_of(asked), language=frame.language, now=now
        )
    except DomainError as error:
        return _ask_code(frame, auth_gate, data.phone, data.next, error_told(frame.language, error))
    keep(asked, auth_gate, done, now)
    return Redirect(own_path(data.next), status_code=303)


@post("/sign-out", opt=PUBLIC, include_in_schema=False, status_code=200)
async def sign_out_form(
    db: Db, now: dt.datetime, asked: Asked, visitor: Caller | None, auth_gate: Gate
) -> Response[Any]:
    """Sign this browser out."""
    async with db.begin() as tx:
        mine = visitor.sign_in_id if visitor is not None else None
        await sign_in.sign_out(tx, auth_gate.keys, asked.cookies.get(REFRESH_COOKIE, []), mine, now)
    forget(asked, auth_gate)
    return Redirect("/", status_code=303)


def language_of(asked: Asked, default: str) -> str:
    """Return the language to answer in: the switch, the person's, the browser's, the network's."""
    person = asked.caller.language if isinstance(asked.caller, Caller) else None
    chosen = asked.cookie(languages.COOKIE)
    return languages.negotiate(cookie=chosen, person=person, accept=asked.accept_language, default=default)


def translated(language: str, key: str, values: Mapping[str, object]) -> str | None:
    """Return a text, or None when no language has it."""
    texts = catalogue()
    if not texts.has(language, key) and not texts.has(FALLBACK, key):
        return None
    return texts.text(language, key, **facts_told(language, values))


def _ask_phone(frame: Frame, next: str, phone: str, error: str | None = None) -> Response[str]:
    status = 200 if error is None else 422
    frame = _at_the_start(frame, next)
    return _templates.page("sign_in.html", frame, status, next=own_path(next), phone=phone, error=error)


def _ask_code(frame: Frame, gate: Gate, typed: str, next: str, error: str | None = None) -> Response[str]:
    try:
        phone = accounts.normal_phone(typed, gate.people)
    except DomainError as invalid:
        return _ask_phone(frame, next, typed, error_told(frame.language, invalid))
    status = 200 if error is None else 422
    frame = _at_the_start(frame, next)
    return _templates.page("code.html", frame, status, next=own_path(next), phone=phone, error=error)


def _at_the_start(frame: Frame, next: str) -> Frame:
    """Return the frame of a form shown again: its own address takes no GET, so links lead to the first one."""
    return msgspec.structs.replace(frame, path=f"/sign-in?{urlencode({'next': own_path(next)})}")


page_routes: list[Any] = [sign_in_page, send_code_form, sign_in_form, sign_out_form]
