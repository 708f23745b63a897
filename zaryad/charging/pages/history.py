"""One's own sessions, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from zaryad.auth import SIGNED_IN, Caller
from zaryad.charging.find import sessions_of
from zaryad.charging.model import Session, State
from zaryad.charging.pages.kit import templates
from zaryad.kernel.money import Money
from zaryad.platform.db import Db
from zaryad.ui.i18n import t
from zaryad.ui.render import Frame

PAGE = 20


class Row(msgspec.Struct, frozen=True):
    """A session in the list."""

    id: UUID
    place: str
    live: bool
    cost: Money | None
    at: dt.datetime
    timezone: str
    energy_mwh: int
    reason: str | None


@get("/history", opt=SIGNED_IN, include_in_schema=False)
async def history_page(
    db: Db, frame: Frame, caller: Caller, after: Annotated[str | None, Parameter(max_length=100)] = None
) -> Response[str]:
    """List the caller's own sessions."""
    async with db.begin() as tx:
        found, following = await sessions_of(tx, caller.person_id, after=after, limit=PAGE)
    rows = [_row(frame.language, session) for session in found]
    return templates.page(
        "history.html", frame, sessions=rows, next=f"/history?after={following}" if following else None
    )


def _row(language: str, session: Session) -> Row:
    return Row(
        id=session.id,
        place=session.location_name or session.station_id,
        live=session.state.live,
        cost=session.cost if session.state is State.SETTLED else None,
        at=session.began_at or session.requested_at,
        timezone=session.timezone,
        energy_mwh=session.energy_mwh,
        reason=t(language, f"end.{session.reason.value}") if session.reason is not None else None,
    )


routes = [history_page]
