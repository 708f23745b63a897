"""Choosing how much, and starting: the form carries the session's id, so that pressing twice is starting once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect

from zaryad import stations, wallet
from zaryad.auth import PUBLIC, SIGNED_IN, Caller
from zaryad.charging.model import Limit, SessionId, Settings
from zaryad.charging.pages.balance import purse_of
from zaryad.charging.pages.find import connector_card, versions_of
from zaryad.charging.pages.kit import templates
from zaryad.charging.start import start
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.kernel.money import Money, exponent
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.ui import format as f
from zaryad.ui.i18n import t
from zaryad.ui.render import Frame
from zaryad.ui.told import error_told
from zaryad.ui.typed import decimal

PRESETS_MAJOR = (200, 500, 1_000)  # whole units of the currency


class StartForm(msgspec.Struct, frozen=True):
    """The form as it was sent. `limit`: a preset in minor units, "none", "amount" or "energy"."""

    csrf: str
    id: UUID
    limit: str = "none"
    amount: str = ""
    energy: str = ""


@get("/start/{station_id:str}/{number:int}", opt=PUBLIC, include_in_schema=False)
async def start_page(
    *,
    station_id: str,
    number: int,
    db: Db,
    frame: Frame,
    visitor: Caller | None,
    charging_rules: Settings,
    station_rules: stations.Settings,
) -> Response[str]:
    """Show the price, the choices and the balance; anyone may look."""
    return await _form(
        db, frame, visitor, (StationId(station_id), number), rules=charging_rules, station_rules=station_rules
    )


@post("/start/{station_id:str}/{number:int}", opt=SIGNED_IN, include_in_schema=False, status_code=200)
async def start_it(
    *,
    station_id: str,
    number: int,
    data: Annotated[StartForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    db: Db,
    now: dt.datetime,
    frame: Frame,
    caller: Caller,
    charging_rules: Settings,
    station_rules: stations.Settings,
    wallet_rules: wallet.Settings,
) -> Response[Any]:
    """Start, and go to the session's page; or show the form again with what is wrong."""
    place = StationId(station_id)
    try:
        limit = _limit(data, wallet_rules.currency)
        await start(db, charging_rules, SessionId(data.id), caller.person_id, place, number, limit, now)
    except DomainError as error:
        if error.code == "already_charging" and error.facts.get("session_id") not in (None, data.id):
            return Redirect(f"/sessions/{error.facts['session_id']}", status_code=303)
        told = error_told(frame.language, error)
        if error.code == "limit_not_read":
            told = t(frame.language, "driver.start.limit_invalid")
        return await _form(
            db,
            frame,
            caller,
            (place, number),
            rules=charging_rules,
            station_rules=station_rules,
            form=data,
            error=told,
        )
    return Redirect(f"/sessions/{data.id}", status_code=303)


def _limit(form: StartForm, currency: str) -> Limit:
    """Read the choice; INVALID `limit_not_read`."""
    if form.limit == "none":
        return Limit()
    if form.limit == "energy":
        energy_wh = decimal(form.energy, 3)
        if energy_wh:
            return Limit(energy_wh=energy_wh)
    else:
        minor = decimal(form.amount, exponent(currency)) if form.limit == "amount" else decimal(form.limit, 0)
        if minor:
            return Limit(amount_minor=minor)
    raise DomainError(Kind.INVALID, "limit_not_read")


async def _form(
    db: Db,
    frame: Frame,
    visitor: Caller | None,
    place: tuple[StationId, int],
    *,
    rules: Settings,
    station_rules: stations.Settings,
    form: StartForm | None = None,
    error: str | None = None,
) -> Response[str]:
    station_id, number = place
    async with db.begin() as tx:
        found = await stations.find_connector(tx, station_id, number, frame.now, station_rules)
        if found is None or not found.confirmed:
            raise DomainError(Kind.NOT_FOUND, "connector_unknown", station_id=station_id, connector=number)
        versions = await versions_of(tx, [found], frame.now, None if visitor is None else visitor.person_id)
        purse = None if visitor is None else await purse_of(tx, visitor.person_id, found.currency)
    presets = [Money(major * 10 ** exponent(found.currency), found.currency) for major in PRESETS_MAJOR]
    available = Money(0, found.currency) if purse is None else purse.available
    return templates.page(
        "start.html",
        frame,
        200 if error is None else 422,
        connector=connector_card(frame, found, versions),
        error=error,
        id=new_id(),
        presets=presets,
        chosen=form.limit if form else "none",
        amount_typed=form.amount if form else "",
        energy_typed=form.energy if form else "",
        currency_word=f.currency_word(frame.language, found.currency),
        available=available,
        hold_told=t(
            frame.language,
            "driver.start.hold_rule",
            limit=rules.hold_percent_of_limit,
            balance=rules.hold_percent_of_balance,
        ),
    )


routes = [start_page, start_it]
