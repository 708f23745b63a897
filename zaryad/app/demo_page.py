"""The page of a demonstration: how to try it, codes that would go by SMS, logins, and hands for virtual cars.

Its routes exist in demo mode only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.response import Redirect

from zaryad import notify, sandbox
from zaryad.auth import PUBLIC, SIGNED_IN
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.bus import Bus
from zaryad.platform.db import Db
from zaryad.sandbox.model import PlugIn, Unplug
from zaryad.ui.render import Frame, Templates
from zaryad.ui.typed import own_path

CODES = 10

_templates = Templates(Path(__file__).parent / "templates")


class DemoLogin(msgspec.Struct, frozen=True):
    """A member of staff that the demonstration has made."""

    login: str
    password: str
    roles: str


class DemoFacts(msgspec.Struct, frozen=True):
    """What the page shows besides messages: logins, and links as (name, address)."""

    logins: tuple[DemoLogin, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


class ActForm(msgspec.Struct, frozen=True):
    """A button of the virtual car."""

    csrf: str
    next: str = "/"


@get("/demo", opt=PUBLIC, include_in_schema=False)
async def demo_page(db: Db, frame: Frame, demo_facts: DemoFacts) -> Response[str]:
    """Show how to try it, and the last codes."""
    async with db.begin() as tx:
        messages = await notify.recent(tx, CODES)
    return _templates.page("demo.html", frame, messages=messages, logins=demo_facts.logins, links=demo_facts.links)


@post(
    "/demo/stations/{station_id:str}/{number:int}/{act:str}",
    opt=SIGNED_IN,
    include_in_schema=False,
    status_code=200,
)
async def do_by_hand(
    *,
    station_id: Annotated[str, Parameter(max_length=48)],
    number: int,
    act: Literal["plug", "unplug"],
    data: Annotated[ActForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    bus: Bus,
    sandbox_rules: sandbox.Settings,
) -> Response[Any]:
    """Plug the virtual car in, or out, as the sandbox's API does for drivers."""
    if not sandbox_rules.drivers_may_act:
        raise DomainError(Kind.FORBIDDEN, "role_missing")
    await sandbox.do(bus, station_id, PlugIn(connector=number) if act == "plug" else Unplug(connector=number))
    return Redirect(own_path(data.next), status_code=303)


demo_routes: list[Any] = [demo_page, do_by_hand]
