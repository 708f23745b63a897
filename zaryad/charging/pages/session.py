"""One session as its driver lives it: the honest steps of a start, the live figures, the result with its reason."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect

from zaryad import stations, tariffs
from zaryad.auth import SIGNED_IN, Caller
from zaryad.charging import receipts, store
from zaryad.charging.find import session_for
from zaryad.charging.model import EndReason, Session, SessionId, Settings, State
from zaryad.charging.pages import prices
from zaryad.charging.pages.curve import power_curve
from zaryad.charging.pages.kit import back_at, templates
from zaryad.charging.pages.steps import is_plugged, steps_of
from zaryad.charging.stop import stop
from zaryad.charging.view import view_of
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.money import Money
from zaryad.platform.db import Db, Tx
from zaryad.tariffs import TariffVersion
from zaryad.ui import format as f
from zaryad.ui.i18n import t
from zaryad.ui.render import Frame
from zaryad.ui.told import error_told

STALE_AFTER_S = 15
STEP_WARNED = dt.timedelta(minutes=10)
CURVE_READINGS = 3_000
TAPER_SOC = 80


class StopForm(msgspec.Struct, frozen=True):
    """The button."""

    csrf: str


@get("/sessions/{id:uuid}", opt=SIGNED_IN, include_in_schema=False)
async def session_page(
    *, id: UUID, db: Db, frame: Frame, caller: Caller, charging_rules: Settings, station_rules: stations.Settings
) -> Response[str]:
    """Show the session at the stage it is at."""
    return await _page(db, frame, caller, SessionId(id), rules=charging_rules, station_rules=station_rules)


@post("/sessions/{id:uuid}/stop", opt=SIGNED_IN, include_in_schema=False, status_code=200)
async def stop_it(
    *,
    id: UUID,
    data: Annotated[StopForm, Body(media_type=RequestEncodingType.URL_ENCODED)],  # noqa: ARG001  # its token was checked
    db: Db,
    now: dt.datetime,
    frame: Frame,
    caller: Caller,
    charging_rules: Settings,
    station_rules: stations.Settings,
) -> Response[Any]:
    """Stop, and show the session again."""
    try:
        async with db.begin() as tx:
            await session_for(tx, SessionId(id), caller)
        await stop(db, SessionId(id), f"driver:{caller.person_id}", now, charging_rules)
    except DomainError as error:
        if error.kind is Kind.NOT_FOUND:
            raise
        told = error_told(frame.language, error)
        again = back_at(frame, f"/sessions/{id}")
        return await _page(
            db, again, caller, SessionId(id), rules=charging_rules, station_rules=station_rules, error=told
        )
    return Redirect(f"/sessions/{id}", status_code=303)


async def _page(
    db: Db,
    frame: Frame,
    caller: Caller,
    id: SessionId,
    *,
    rules: Settings,
    station_rules: stations.Settings,
    error: str | None = None,
) -> Response[str]:
    async with db.begin() as tx:
        session = await session_for(tx, id, caller)
        if session.state is State.STARTING:
            values = await _starting(tx, frame, rules, station_rules, session)
        elif session.state is State.CHARGING:
            values = await _charging(tx, frame, rules, session)
        else:
            values = await _over(tx, frame, session)
    common = {
        "id": session.id,
        "place": session.location_name or session.station_id,
        "station_id": session.station_id,
        "connector": session.connector,
        "timezone": session.timezone,
        "live_path": f"/api/v1/sessions/{session.id}/live",
        "receipt": None,
        "waiting": False,
        "error": error,
    }
    return templates.page("session.html", frame, 200 if error is None else 409, **(common | values))


async def _starting(
    tx: Tx, frame: Frame, rules: Settings, station_rules: stations.Settings, session: Session
) -> dict[str, Any]:
    waits_for = (await view_of(tx, session, frame.now)).waits_for or "link"
    connector = await stations.find_connector(tx, session.station_id, session.connector, frame.now, station_rules)
    return {
        "title": t(frame.language, "driver.starting.title"),
        "stage": "starting",
        "plugged": is_plugged(connector),
        "steps": steps_of(frame.language, waits_for, session.requested_at, connector, frame.now),
        "advice": t(frame.language, f"driver.starting.advice.{waits_for}"),
        "gives_up_minutes": rules.start_within_s // 60,
        "gives_up_at": session.requested_at + dt.timedelta(seconds=rules.start_within_s),
        "held": Money(session.hold_minor, session.currency),
    }


async def _charging(tx: Tx, frame: Frame, rules: Settings, session: Session) -> dict[str, Any]:
    language, began_at = frame.language, session.began_at or session.requested_at
    rows = await store.readings(tx, session.id, None, CURVE_READINGS)
    version = None if session.tariff_version_id is None else await tariffs.version(tx, session.tariff_version_id)
    held, cost = Money(session.hold_minor, session.currency), session.cost
    used = min(1000, cost.minor * 1000 // held.minor) if held else 0
    fresh_at = session.last_received_at or began_at
    stale_s = int((frame.now - fresh_at).total_seconds())
    shown = "charging" if session.paused_by is None else f"suspended_{session.paused_by}"
    return {
        "title": t(language, f"connector.{shown}"),
        "stage": "charging",
        "shown": shown,
        "power_mw": session.power_mw,
        "points": power_curve([(row["at"], row["power_mw"]) for row in rows if row["power_mw"] is not None]),
        "why_slow": _why_slow(language, session),
        "cost": cost,
        "energy_mwh": session.energy_mwh,
        "began_at": began_at,
        "seconds": int((frame.now - began_at).total_seconds()),
        "soc_percent": session.soc_percent,
        "held": held,
        "strip_used": used,
        "strip_back": 1000 - used,
        "back": Money(max(held.minor - cost.minor, 0), session.currency),
        "limit_told": _limit_told(language, rules, session),
        "next_price": _step_told(frame, version, session),
        "fresh_at": fresh_at,
        "fresh_told": f.duration(language, stale_s),
        "stale_after_s": STALE_AFTER_S,
        "stale": stale_s > STALE_AFTER_S,
        "stopping": session.stop_reason is not None,
    }


def _step_told(frame: Frame, version: TariffVersion | None, session: Session) -> str | None:
    if version is None:
        return None
    return prices.step_told(frame.language, version, session.timezone, frame.now, STEP_WARNED)


def _why_slow(language: str, session: Session) -> str | None:
    """Return who holds the power back, where the facts say it; no guess is better than a wrong one."""
    if session.paused_by is not None:
        return t(language, f"driver.charging.why.suspended_{session.paused_by}")
    if (session.soc_percent or 0) > TAPER_SOC:
        return t(language, "driver.charging.why.full")
    return None


def _limit_told(language: str, rules: Settings, session: Session) -> str:
    if session.limit_amount_minor is not None:
        stop_at = Money(session.limit_amount_minor, session.currency).percent(rules.stop_percent)
        return t(language, "driver.charging.limit_amount", amount=f.money(language, stop_at))
    if session.limit_energy_wh is not None:
        stop_mwh = session.limit_energy_wh * 1_000 * rules.stop_percent // 100
        return t(language, "driver.charging.limit_energy", energy=f.energy(language, stop_mwh))
    return t(language, "driver.charging.limit_none")


async def _over(tx: Tx, frame: Frame, session: Session) -> dict[str, Any]:
    language, currency = frame.language, session.currency
    found = await receipts.find(tx, session.id)
    began_at = session.began_at or session.requested_at
    ended_at = session.ended_at or began_at
    failed = session.state is State.FAILED
    lines = receipts.lines_of(session)
    returned = Money(max(session.hold_minor - (session.captured_minor or 0), 0), currency)
    return {
        "title": t(language, "driver.over.failed" if failed else "driver.over.title"),
        "stage": "over",
        "when": f.moment(language, ended_at, session.timezone),
        "reason": t(language, f"end.{(session.reason or EndReason.OTHER).value}"),
        "reason_more": None,
        "settled": session.state in (State.SETTLED, State.FAILED),
        "waiting": not failed and found is None and session.payer_id is not None,
        "bill": [_line(receipts.line_told(line, currency, session.timezone, language)) for line in lines],
        "total": session.cost,
        "returned": returned or None,
        "owed": Money(session.receivable_minor or 0, currency) or None,
        "energy_mwh": session.energy_mwh,
        "seconds": max(int((ended_at - began_at).total_seconds()), 0),
        "receipt": None if found is None else found[0].number,
        "pdf_path": f"/api/v1/sessions/{session.id}/receipt.pdf",
        "unplug": not failed,
    }


def _line(told: dict[str, str]) -> dict[str, str]:
    return {
        "name": f"{told['name']} {told['when']}".strip(),
        "reckoning": told["reckoning"],
        "amount": told["amount"],
    }


routes = [session_page, stop_it]
