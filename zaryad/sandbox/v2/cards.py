"""Who may charge at a 2.x station, with the central system's word or without it (block C; Plug & Charge C07)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from zaryad.link.station import evse_of
from zaryad.sandbox import reserve
from zaryad.sandbox.kept import Grant
from zaryad.sandbox.line import Outcome, Reply
from zaryad.sandbox.model import KnownToken, PresentContract
from zaryad.sandbox.outlet import Outlet
from zaryad.sandbox.timekeeping import parse, read

if TYPE_CHECKING:
    from zaryad.sandbox.v2.station import Station2

RFID, CONTRACT = "ISO14443", "eMAID"
CERTIFICATE_MAX = 5_500  # 2.0.1; 2.1 has room for 10000
CERTIFICATE_MAX_21 = 10_000


class Cards:
    """The reader, the cache and the local list."""

    def __init__(self, station: Station2) -> None:
        self._station = station
        self._memory = station.memory
        self._device = station.device

    def present(self, token: str, connector: int | None, now: dt.datetime) -> bool:
        """Hold a card to the reader: stop the charge it may stop, or start one; False when no outlet could use it."""
        station = self._station
        outlet = station.outlets.get(connector) if connector is not None else self._meant(token)
        if outlet is None:
            return False
        charge = station.charges.at(outlet)
        holder = outlet.memory.grant is not None and charge is not None and charge.token is not None
        if holder and charge is not None and charge.token is not None and charge.token.upper() == token.upper():
            station.charges.released(outlet, "StopAuthorized", "Local", now, (token, charge.type))
            return True
        if not holder and not station.usable(outlet):
            return False
        known = self.known(token, now)
        if known is not None and known.status == "Accepted" and self._device.on("AuthCtrlr/LocalPreAuthorize"):
            self._decide(outlet, token, RFID, known, now)
        elif station.online:
            body = {"idToken": {"idToken": token, "type": RFID}}
            station.ask("Authorize", body, lambda reply, at: self._authorised(outlet, token, reply, at))
        else:
            self._offline(outlet, token, now)
        return True

    def contract(self, outlet: Outlet, command: PresentContract, now: dt.datetime) -> bool:
        """A plugged car tells its contract: Authorize with its certificate, or with what OCSP needs of it."""
        station = self._station
        on = self._device.on("ISO15118Ctrlr/PnCEnabled") and station.online
        if not (on and station.usable(outlet) and outlet.memory.car is not None):
            return False
        body: dict[str, Any] = {"idToken": {"idToken": command.emaid, "type": CONTRACT}}
        room = CERTIFICATE_MAX_21 if station.subprotocol == "ocpp2.1" else CERTIFICATE_MAX
        if command.chain is not None and len(command.chain) <= room:
            body["certificate"] = command.chain
        if command.hashes:
            body["iso15118CertificateHashData"] = command.hashes

        def authorised(reply: Reply, at: dt.datetime) -> None:
            judged = reply.body.get("certificateStatus", "Accepted")
            if reply.outcome is Outcome.ANSWERED and judged == "Accepted":
                known = self.remember(command.emaid, reply.body.get("idTokenInfo"))
                self._decide(outlet, command.emaid, CONTRACT, known, at)

        station.ask("Authorize", body, authorised)
        del now
        return True

    def permit(  # noqa: PLR0917  # what a grant is made of
        self,
        outlet: Outlet,
        token: str | None,
        kind: str,
        group: str | None,
        now: dt.datetime,
        remote: int | None = None,
    ) -> bool:
        """Let somebody charge as soon as a cable is in, within EVConnectionTimeOut."""
        station = self._station
        if not station.usable(outlet) or not reserve.may_use(station.reserved(outlet.model.number), token, group):
            return False
        patience = dt.timedelta(seconds=self._device.number("TxCtrlr/EVConnectionTimeOut"))
        ready = now + dt.timedelta(seconds=station.model.start_delay_s)
        station.charges.granted(outlet, Grant(token, kind, now + patience, ready, group, remote), now)
        return True

    def remember(self, token: str, info: object) -> KnownToken:
        """Put an idTokenInfo into the cache and return it."""
        fields = info if isinstance(info, dict) else {}
        group = fields.get("groupIdToken")
        known = KnownToken(
            status=str(fields.get("status", "Invalid")),
            expires_at=parse(fields.get("cacheExpiryDateTime")),
            group=str(group.get("idToken")) if isinstance(group, dict) else None,
        )
        if self._device.on("AuthCacheCtrlr/Enabled"):
            self._memory.cache[token.upper()] = known
        return known

    def known(self, token: str, now: dt.datetime) -> KnownToken | None:
        """Return what the local list says of a token, else what the cache says; nothing when both are silent."""
        at = read(self._memory, now)
        if self._device.on("LocalAuthListCtrlr/Enabled"):
            listed = reserve.listed(self._memory, token, at)
            if listed is not None:
                return listed
        known = self._memory.cache.get(token.upper())
        if known is None or not self._device.on("AuthCacheCtrlr/Enabled"):
            return None
        return None if known.expires_at is not None and known.expires_at <= at else known

    def startable(self, evse: int | None, token: str, group: str | None) -> Outlet | None:
        """Return the outlet that a remote start would take: of this EVSE, or of any; a waiting car first."""
        station = self._station
        outlets = [o for n, o in station.outlets.items() if evse is None or evse_of(n)[0] == evse]
        outlets.sort(key=lambda outlet: outlet.memory.car is None)
        fit = (o for o in outlets if station.usable(o) and o.memory.grant is None and self._memory.operative)
        fit = (o for o in fit if reserve.may_use(station.reserved(o.model.number), token, group))
        return next((o for o in fit if not (o.memory.spent and station.model.quirks.wants_replug)), None)

    def _decide(self, outlet: Outlet, token: str, kind: str, known: KnownToken, now: dt.datetime) -> None:
        if known.status != "Accepted":
            return
        charge = self._station.charges.at(outlet)
        if outlet.memory.grant is None:
            self.permit(outlet, token, kind, known.group, now)
        elif charge is not None and known.group is not None and known.group == charge.group:
            self._station.charges.released(outlet, "StopAuthorized", "Local", now, (token, kind))
        elif known.group is not None and known.group == self._device["AuthCtrlr/MasterPassGroupId"]:
            self._station.charges.released(outlet, "StopAuthorized", "MasterPass", now, (token, kind))

    def _authorised(self, outlet: Outlet, token: str, reply: Reply, now: dt.datetime) -> None:
        if reply.outcome is Outcome.ANSWERED:
            self._decide(outlet, token, RFID, self.remember(token, reply.body.get("idTokenInfo")), now)
        else:
            self._offline(outlet, token, now)

    def _offline(self, outlet: Outlet, token: str, now: dt.datetime) -> None:
        known = self.known(token, now)
        if known is not None:
            if self._device.on("AuthCtrlr/LocalAuthorizeOffline"):
                self._decide(outlet, token, RFID, known, now)
        elif self._device.on("AuthCtrlr/OfflineTxForUnknownIdEnabled"):
            self._decide(outlet, token, RFID, KnownToken("Accepted"), now)

    def _meant(self, token: str) -> Outlet | None:
        station = self._station
        outlets = list(station.outlets.values())
        for outlet in outlets:
            charge = station.charges.at(outlet)
            if charge is not None and (charge.token or "").upper() == token.upper() and outlet.memory.grant is not None:
                return outlet
        waiting = [o for o in outlets if station.usable(o) and o.memory.car is not None and not o.memory.spent]
        return next(iter(waiting or [o for o in outlets if station.usable(o) and o.memory.car is None]), None)
