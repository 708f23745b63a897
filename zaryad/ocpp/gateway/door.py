"""The gateway's door: handshakes are read, judged by the stations' module, and remembered.

Strangers are many and cost nothing to be: past a rate they are not written down, past a higher one not even looked up.
Stations that were let in before are never held up by them, however many share one address.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import http
from collections.abc import Iterable

import msgspec
import structlog
from websockets.http11 import Request

from zaryad.kernel.clock import Clock
from zaryad.kernel.ids import new_id
from zaryad.link.answers import BootStatus
from zaryad.link.door import Approach, Attempt
from zaryad.link.facts import Booted, StationId
from zaryad.ocpp.gateway import handshake, metrics
from zaryad.ocpp.gateway.attempts import AttemptLog
from zaryad.ocpp.gateway.bucket import Bucket
from zaryad.ocpp.gateway.connection import Connection
from zaryad.ocpp.gateway.ports import Admission, Stations
from zaryad.ocpp.gateway.quarantine import CLOSE_CODE, CLOSE_REASON, Quarantine
from zaryad.ocpp.gateway.settings import Settings
from zaryad.ocpp.gateway.tls import Failure
from zaryad.ocpp.gateway.transport import Socket, StationSocket
from zaryad.platform.db import Db

log = structlog.get_logger()

QUIRKS_KEPT = 20
JUDGED_PER_NOTED = 20  # a look-up by key is that much cheaper than a row


class DoorSocket(StationSocket):
    """A socket from its first byte on; `guest` and `chosen` once it has been let in."""

    guest: Connection | Quarantine | None = None
    chosen: str | None = None
    address: str = ""
    attempt: Attempt | None = None


class Refusal(msgspec.Struct, frozen=True):
    """What a handshake is answered instead of the upgrade."""

    status: http.HTTPStatus
    text: str


class Welcome(msgspec.Struct, frozen=True):
    """The upgrade; `listen_only`: a stranger, let in to say who it is."""

    station_id: StationId
    offered: tuple[str, ...]
    boot_status: BootStatus | None
    listen_only: bool = False
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None


class Door:
    """Decides on handshakes. `places` bounds how many are at the database at once."""

    def __init__(
        self,
        db: Db,
        stations: Stations,
        clock: Clock,
        settings: Settings,
        *,
        places: asyncio.Semaphore,
        attempts: AttemptLog,
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._places = places
        self._attempts = attempts
        self.stations = stations
        self.listened_to = 0  # strangers in quarantine now
        rate, burst = settings.strangers_per_s, settings.strangers_burst
        self._noted = Bucket(rate, burst)
        self._judged = Bucket(rate * JUDGED_PER_NOTED, burst * JUDGED_PER_NOTED)
        self._acquainted: set[StationId] = set()  # let in since we started: no more than there are stations

    async def judge(self, socket: DoorSocket, request: Request) -> Welcome | Refusal | None:
        """Decide before the upgrade; None for what is no WebSocket's handshake, which the library answers."""
        try:
            asked = handshake.read_target(request.path)
        except handshake.NoPath:
            return Refusal(http.HTTPStatus.NOT_FOUND, NO_PATH)
        except handshake.BadIdentityError as error:
            return Refusal(http.HTTPStatus.BAD_REQUEST, str(error))
        if not handshake.wants_upgrade(request.headers):
            return None if asked.known else Refusal(http.HTTPStatus.NOT_FOUND, NO_PATH)
        approach = self._approach(socket, request, asked)
        socket.address = approach.address
        id, at = asked.station_id, asyncio.get_running_loop().time()
        if id not in self._acquainted and not self._judged.has(at):
            metrics.STRANGERS.labels("unjudged").inc()
            return _REFUSALS["busy"]
        try:
            async with self._places:
                if not self._noted.has(asyncio.get_running_loop().time()):
                    approach = msgspec.structs.replace(approach, may_note=False)
                async with self._db.begin() as tx:
                    verdict = await self.stations.admit(tx, approach, self._clock.now())
        except Exception as error:  # noqa: BLE001  # the database is away: nobody can be judged
            log.warning("gateway.cannot_judge", station=id, error=repr(error)[:200])
            return _REFUSALS["away"]
        answer = self._answer(approach, verdict, at)
        self._remember(socket, approach, verdict, answer)
        return answer

    def _answer(self, approach: Approach, verdict: Admission, at: float) -> Welcome | Refusal:
        status, id = verdict.status.value, approach.station_id
        if status == "ok":
            self._acquainted.add(id)
        elif status != "disabled":
            self._judged.take(at)
            self._noted.take(at)
            metrics.STRANGERS.labels("noted" if verdict.noted and approach.may_note else "unnoted").inc()
        listen_only = status == "listen" and self.listened_to < self._settings.listened_to_at_once
        if status == "ok" or listen_only:
            return Welcome(
                id,
                approach.offered,
                verdict.boot_status,
                listen_only=listen_only,
                vendor=verdict.vendor,
                model=verdict.model,
                firmware=verdict.firmware,
            )
        log.info("gateway.turned_away", station=id, why=status, address=approach.address)
        return _REFUSALS["unknown" if status == "listen" else status if status in _REFUSALS else "forbidden"]

    def _remember(self, socket: DoorSocket, approach: Approach, verdict: Admission, answer: Welcome | Refusal) -> None:
        status = verdict.status.value
        if not verdict.noted or not (approach.may_note or status in ("ok", "disabled")):
            return
        code = answer.status if isinstance(answer, Refusal) else http.HTTPStatus.SWITCHING_PROTOCOLS
        socket.attempt = Attempt(
            id=new_id(),
            station_id=approach.station_id,
            at=self._clock.now(),
            node=self._settings.node,
            address=approach.address,
            path=approach.path,
            user_agent=approach.user_agent,
            tls=approach.tls,
            auth=verdict.auth,
            offered=list(approach.offered),
            status=code.value,
            reason=status,
            detail=dict(verdict.detail),
        )
        self._attempts.offer(socket.attempt)

    def tls_failed(self, failure: Failure) -> None:
        """Note a TLS handshake that came to nothing; with the station where its certificate names one.

        That name is the certificate's word only, so it is remembered as any stranger's is: so many a second.
        """
        metrics.TLS_FAILED.labels(failure.why if failure.why in _TLS_WHYS else "other").inc()
        at = asyncio.get_running_loop().time()
        named = handshake.named_in(failure.shown)
        if not self._noted.has(at):
            return
        self._noted.take(at)
        log.info("gateway.tls_failed", why=failure.why, address=failure.address, station=named)
        if named is None:
            return
        self._attempts.offer(
            Attempt(
                id=new_id(),
                station_id=named,
                at=self._clock.now(),
                node=self._settings.node,
                address=failure.address,
                tls={"version": "", "cipher": "", "client_certificate": "presented"},
                reason=failure.why,
            )
        )

    def opened(self, socket: DoorSocket, connection: Connection) -> None:
        """Remember that the connection is open."""
        if socket.attempt is not None:
            socket.attempt.epoch = connection.epoch
            socket.attempt.chosen = connection.codec.protocol
            self._attempts.offer(socket.attempt)

    def ended(self, socket: DoorSocket, now: dt.datetime, code: int, why: str, *, reason: str | None = None) -> None:
        """Remember how it ended; `reason`: it was nothing from the beginning."""
        attempt = socket.attempt
        if attempt is None:
            return
        attempt.closed_at, attempt.close_code, attempt.close_reason = now, code, why
        attempt.reason = reason or attempt.reason
        if isinstance(socket.guest, Connection):
            attempt.quirks = dict(socket.guest.quirks.most_common(QUIRKS_KEPT))
        self._attempts.offer(attempt)

    def ponged(self, socket: Socket, seconds: float) -> None:
        """Remember how long a ping took, when that is news."""
        attempt = getattr(socket, "attempt", None)
        rtt_ms = round(seconds * 1_000)
        if isinstance(attempt, Attempt) and rtt_ms >= 0 and not _about(attempt.rtt_ms, rtt_ms):
            attempt.rtt_ms = rtt_ms
            self._attempts.offer(attempt)

    def note_quirks(self, connections: Iterable[Connection]) -> None:
        """Remember the liberties taken in reading those who are still here, each time they have doubled."""
        for connection in connections:
            attempt = getattr(connection.socket, "attempt", None)
            if isinstance(attempt, Attempt) and connection.quirks.total() > 2 * sum(attempt.quirks.values()):
                attempt.quirks = dict(connection.quirks.most_common(QUIRKS_KEPT))
                self._attempts.offer(attempt)

    async def listen(self, socket: DoorSocket, guest: Quarantine) -> None:
        """Hear a stranger out."""

        async def learn(fact: Booted) -> None:
            async with self._places, self._db.begin() as tx:
                await self.stations.learn(tx, fact)

        self.listened_to += 1
        try:
            await guest.run(learn)
        except Exception as error:  # noqa: BLE001  # the database is away: it will say so again
            log.warning("gateway.cannot_learn", station=guest.station_id, error=repr(error)[:200])
        finally:
            self.listened_to -= 1
            self.ended(socket, self._clock.now(), CLOSE_CODE, "")
        await socket.close(CLOSE_CODE, CLOSE_REASON)

    def _approach(self, socket: DoorSocket, request: Request, asked: handshake.Target) -> Approach:
        headers = request.headers
        given = handshake.credentials(headers)
        agents = headers.get_all("User-Agent")
        over = socket.transport.get_extra_info("ssl_object")
        secured, certificate = handshake.tls(over), handshake.client_certificate(over)
        if secured is None and self._settings.trust_forwarded:
            secured, certificate = handshake.forwarded_tls(headers)
        return Approach(
            station_id=asked.station_id,
            user=None if given is None else given.user,
            password=None if given is None else given.password,
            unreadable_auth=given is None and "Authorization" in headers,
            address=handshake.address(headers, socket.remote_address, trust_forwarded=self._settings.trust_forwarded),
            user_agent=agents[0] if len(agents) == 1 else "",
            offered=tuple(handshake.offered(headers)),
            path=asked.shown,
            path_known=asked.known,
            token=asked.token,
            tls=secured,
            certificate=certificate,
        )


# Names of metrics are few; what OpenSSL can say is not.
_TLS_WHYS = {"certificate_not_trusted", "tls_timeout", "tls_broken_off", "no_shared_cipher", "unsupported_protocol"}


def _about(before: int | None, now: int) -> bool:
    return before is not None and before / 2 - 5 <= now <= before * 2 + 5


NO_PATH = "no such path; a station's URL is /ocpp/{identity}"
_TOKEN = "the registration token in the URL opens nothing: "  # noqa: S105  # words about one
_REFUSALS = {
    "unknown": Refusal(http.HTTPStatus.NOT_FOUND, "unknown station; it waits in the inbox for approval"),
    "too_many_new": Refusal(http.HTTPStatus.NOT_FOUND, "too many new stations this hour; it waits in the inbox"),
    "bad_path": Refusal(http.HTTPStatus.NOT_FOUND, NO_PATH),
    "token_unknown": Refusal(http.HTTPStatus.NOT_FOUND, _TOKEN + "it is not known"),
    "token_expired": Refusal(http.HTTPStatus.NOT_FOUND, _TOKEN + "it has expired"),
    "token_used_up": Refusal(http.HTTPStatus.NOT_FOUND, _TOKEN + "it is used up"),
    "token_revoked": Refusal(http.HTTPStatus.NOT_FOUND, _TOKEN + "it was revoked"),
    "bad_password": Refusal(http.HTTPStatus.UNAUTHORIZED, "the password is not this station's"),
    "wrong_user": Refusal(http.HTTPStatus.UNAUTHORIZED, "the user is not the station's identity"),
    "plain_where_tls_required": Refusal(http.HTTPStatus.FORBIDDEN, "this station comes by TLS, and so it shall"),
    "certificate_missing": Refusal(http.HTTPStatus.FORBIDDEN, "this station shows a certificate, and so it shall"),
    "certificate_unreadable": Refusal(http.HTTPStatus.FORBIDDEN, "the client certificate cannot be read"),
    "certificate_expired": Refusal(http.HTTPStatus.FORBIDDEN, "the client certificate is not valid today"),
    "certificate_revoked": Refusal(http.HTTPStatus.FORBIDDEN, "the client certificate was revoked"),
    "certificate_not_trusted": Refusal(http.HTTPStatus.FORBIDDEN, "the client certificate is not from our authority"),
    "certificate_of_another": Refusal(http.HTTPStatus.FORBIDDEN, "the client certificate is another station's"),
    "disabled": Refusal(http.HTTPStatus.FORBIDDEN, "this station is switched off"),
    "banned": Refusal(http.HTTPStatus.FORBIDDEN, "this identity is banned"),
    "forbidden": Refusal(http.HTTPStatus.FORBIDDEN, "not in this way; the doctor of the console says why"),
    "busy": Refusal(http.HTTPStatus.SERVICE_UNAVAILABLE, "too many strangers; try again later"),
    "away": Refusal(http.HTTPStatus.SERVICE_UNAVAILABLE, "try again later"),
}
