"""A card at the reader: who may charge, with the central system's word or without it (OCPP 1.6, 3.5, 4.1 and 5.2)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from zaryad.sandbox import reserve
from zaryad.sandbox.kept import Profile
from zaryad.sandbox.line import Outcome, Reply
from zaryad.sandbox.model import KnownToken
from zaryad.sandbox.outlet import Outlet, Permission

if TYPE_CHECKING:
    from zaryad.sandbox.station16 import Station16


def present(station: Station16, token: str, connector: int | None, now: dt.datetime) -> bool:
    """Hold a card to the reader: stop the charge it may stop, or start one; False when no outlet could use it."""
    outlet = station.outlets.get(connector) if connector is not None else _meant(station, token)
    if outlet is None:
        return False
    running = station.charges.at(outlet)
    if running is not None and running.token.upper() == token.upper():
        station.end(outlet, "Local", now, token=token)
        return True
    if running is None and not outlet.usable:
        return False
    known = station.charges.known(token, now)
    if known is not None and known.status == "Accepted" and station.configuration.on("LocalPreAuthorize"):
        decide(station, outlet, token, known, now)
    elif station.online:
        station.ask("Authorize", {"idTag": token}, lambda reply, at: _authorised(station, outlet, token, reply, at))
    else:
        _offline(station, outlet, token, now)
    return True


def decide(station: Station16, outlet: Outlet, token: str, known: KnownToken, now: dt.datetime) -> None:
    """Act on what is known of the token."""
    if known.status != "Accepted":
        return
    running = station.charges.at(outlet)
    if running is None:
        permit(station, outlet, token, known.group, now)
    elif known.group is not None and known.group == running.group:  # another card of the same group may stop it
        station.end(outlet, "Local", now, token=token)


def permit(  # noqa: PLR0917  # what a permission is made of
    station: Station16,
    outlet: Outlet,
    token: str,
    group: str | None,
    now: dt.datetime,
    profile: Profile | None = None,
) -> None:
    """Let the token charge as soon as a cable is in, within ConnectionTimeOut, unless the outlet is kept for others."""
    if outlet.usable and reserve.may_use(station.reserved(outlet.model.number), token, group):
        patience = dt.timedelta(seconds=station.configuration.number("ConnectionTimeOut"))
        ready = now + dt.timedelta(seconds=station.model.start_delay_s)
        outlet.permission = Permission(
            token=token, until=now + patience, not_before=ready, group=group, profile=profile
        )


def _authorised(station: Station16, outlet: Outlet, token: str, reply: Reply, now: dt.datetime) -> None:
    if reply.outcome is Outcome.ANSWERED:
        known = station.charges.remember(token, reply.body.get("idTagInfo"))
        decide(station, outlet, token, known, now)
    else:
        _offline(station, outlet, token, now)


def _offline(station: Station16, outlet: Outlet, token: str, now: dt.datetime) -> None:
    known = station.charges.known(token, now)
    if known is not None:
        if station.configuration.on("LocalAuthorizeOffline"):
            decide(station, outlet, token, known, now)
    elif station.configuration.on("AllowOfflineTxForUnknownId"):
        decide(station, outlet, token, KnownToken("Accepted"), now)


def _meant(station: Station16, token: str) -> Outlet | None:
    outlets = list(station.outlets.values())
    for outlet in outlets:
        running = station.charges.at(outlet)
        if running is not None and running.token.upper() == token.upper():
            return outlet
    waiting = [o for o in outlets if o.usable and o.memory.car is not None and not o.memory.spent]
    return next(iter(waiting or [o for o in outlets if o.usable and o.memory.car is None]), None)
