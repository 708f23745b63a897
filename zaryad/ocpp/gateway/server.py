"""The gateway: answers handshakes, holds the stations' connections, runs the few loops they share."""

from __future__ import annotations

import asyncio
import contextlib
import http
import logging
from collections.abc import Sequence
from typing import Any

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from zaryad.kernel.clock import Clock
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.ocpp import quirks
from zaryad.ocpp.codec import PROTOCOLS, Codec, negotiate
from zaryad.ocpp.frames import FrameLog, look_after
from zaryad.ocpp.gateway import metrics
from zaryad.ocpp.gateway.attempts import AttemptLog
from zaryad.ocpp.gateway.connection import Connection, House
from zaryad.ocpp.gateway.deflate import DEFLATE
from zaryad.ocpp.gateway.door import Door, DoorSocket, Refusal, Welcome
from zaryad.ocpp.gateway.oddities import Oddities
from zaryad.ocpp.gateway.outbound import Pump, Reveal, as_it_stands
from zaryad.ocpp.gateway.patience import Patience
from zaryad.ocpp.gateway.ports import Handlers, OrderEnded, Stations
from zaryad.ocpp.gateway.presence import Presence
from zaryad.ocpp.gateway.quarantine import Quarantine
from zaryad.ocpp.gateway.rounds import Rounds
from zaryad.ocpp.gateway.settings import Settings
from zaryad.ocpp.gateway.tls import Keys, Roots, TlsFront
from zaryad.ocpp.log import WANTED, Teller
from zaryad.ocpp.log.hush import Hush
from zaryad.platform.bus import Bus, Unsubscribe, part
from zaryad.platform.db import Db

log = structlog.get_logger()

FLUSH_LOG_EVERY_S = 0.5
LOOK_AFTER_LOG_EVERY_S = 3_600.0
WAITS_EVERY_S = 0.25
GREET_EVERY_S = 0.2
_quiet = logging.getLogger("zaryad.sockets")  # the library's tracebacks about strangers' half-open sockets
_quiet.setLevel(logging.CRITICAL)
_quiet.propagate = False


class Gateway:
    """One node's share of the network. Everything of the business is brought by the caller."""

    def __init__(  # noqa: PLR0917  # `app/build.py` hands it its neighbours
        self,
        db: Db,
        bus: Bus,
        handlers: Handlers,
        order_ended: OrderEnded,
        admission: Stations,
        clock: Clock,
        settings: Settings,
        *,
        client_roots: Roots | None = None,
        reveal: Reveal = as_it_stands,
    ) -> None:
        self._db = db
        self._bus = bus
        self._stations = admission
        self._clock = clock
        self._settings = settings
        self._keys = Keys(settings.tls, client_roots)
        self._oddities = Oddities(db, clock)
        self._presence = Presence(db, admission, clock, settings.node)
        self._pump = Pump(db, order_ended, clock, reveal)
        self._teller = Teller(bus)
        self._frames = FrameLog(
            db,
            queue_max=settings.log_queue_max,
            text_max=settings.log_text_max,
            bytes_max=settings.log_queue_bytes_max,
            hush=Hush(burst=settings.log_odd_at_once, per_minute=settings.log_odd_per_minute),
            tell=self._teller.tell,
        )
        self._house = House(
            handlers=handlers,
            clock=clock,
            settings=settings,
            patience=Patience(settings.handle_within_s),
            note=self._frames.offer if settings.log_frames else lambda _: None,
            heard=self._presence.heard,
            skews=self._presence.skews,
            booted=self._pump.nudge,
            stray=self._pump.late,
            odd=self._oddities.note,
        )
        self.connections: dict[StationId, Connection] = {}
        self._by_part: dict[str, StationId] = {}
        self._arrived: set[StationId] = set()  # connected since orders were last looked for
        self._places = asyncio.Semaphore(settings.handshakes_at_once)
        self._attempts = AttemptLog(db, admission)
        self._door = Door(db, admission, clock, settings, places=self._places, attempts=self._attempts)
        self._servers: dict[str, Server] = {}
        self._rounds = Rounds()
        self._unsubscribe: list[Unsubscribe] = []
        self._stopping = False

    @property
    def port(self) -> int:
        """Return the plain port it listens on."""
        return self._port("plain")

    @property
    def tls_port(self) -> int:
        """Return the port it listens on with TLS."""
        return self._port("tls")

    def _port(self, which: str) -> int:
        port: int = self._servers[which].sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listen. Fails when the database cannot be reached: a gateway without it can answer nobody."""
        settings = self._settings
        await self._presence.reset()
        if settings.log_frames:
            self._rounds.every(FLUSH_LOG_EVERY_S, self._frames.flush)
            self._rounds.every(LOOK_AFTER_LOG_EVERY_S, self._look_after_log)
        self._unsubscribe = [
            await self._bus.subscribe("orders.*", self._heard_of_order),
            await self._bus.subscribe("gateway.claim.*", self._heard_of_claim),
            await self._bus.subscribe(WANTED, self._teller.heard),
        ]
        self._rounds.every(settings.seen_every_s, self._presence.tell)
        self._rounds.every(settings.seen_every_s, self._oddities.tell)
        self._rounds.every(settings.attempts_every_s, self._attempts.flush)
        self._rounds.every(settings.seen_every_s, self._note_quirks)
        self._rounds.every(settings.poll_orders_every_s, self._poll_orders)
        self._rounds.every(GREET_EVERY_S, self._greet)
        self._rounds.every(WAITS_EVERY_S, self._expire_waits)
        self._rounds.every(min(settings.ping_every_s, settings.pong_within_s) / 4, self._probe)
        if settings.tls.enabled:
            await self._keys.refresh()
            self._rounds.every(settings.tls.reload_every_s, self._reload)
            self._servers["tls"] = await self._listen(settings.tls.port, secured=True)
        if settings.plain:
            self._servers["plain"] = await self._listen(settings.port, secured=False)
        ports = {name: self._port(name) for name in self._servers}
        log.info("gateway.listening", node=settings.node, **ports)

    async def _listen(self, port: int, *, secured: bool) -> Server:
        settings = self._settings

        def secured_socket(*parts: Any, **more: Any) -> TlsFront:
            return TlsFront(DoorSocket(*parts, **more), self._keys, settings.open_within_s, self._door.tls_failed)

        made: Any = secured_socket if secured else DoorSocket

        return await serve(
            self._serve,
            settings.host,
            port,
            process_request=self._at_the_door,
            select_subprotocol=self._subprotocol,
            create_connection=made,
            compression=None,
            ping_interval=None,
            open_timeout=settings.open_within_s,
            close_timeout=settings.close_within_s,
            max_size=settings.frame_bytes_max,
            server_header=None,
            logger=_quiet,
            reuse_port=False,
            backlog=4_096,
        )

    async def _reload(self) -> None:
        await self._keys.refresh()

    async def stop(self) -> None:
        """Close every connection and leave nothing open in the books."""
        self._stopping = True
        for unsubscribe in self._unsubscribe:
            with contextlib.suppress(Exception):
                await unsubscribe()
        await self._rounds.stop()
        for server in self._servers.values():
            server.close()
        for server in self._servers.values():
            await server.wait_closed()
        await self._pump.stop()
        await self._attempts.close()
        await self._frames.flush(last=True)
        with contextlib.suppress(Exception):
            await self._oddities.tell()
        with contextlib.suppress(Exception):  # the next start does it again
            await self._presence.reset()

    # Handshake

    async def _at_the_door(self, socket: ServerConnection, request: Request) -> Response | None:
        """Decide before the upgrade: a refusal is an HTTP answer, which stations log and people can read."""
        assert isinstance(socket, DoorSocket)
        match await self._door.judge(socket, request):
            case Refusal(status=status, text=text):
                return self._refuse(socket, status, text)
            case Welcome() as welcome:
                self._let_in(socket, welcome)
        return None

    def _let_in(self, socket: DoorSocket, welcome: Welcome) -> None:
        """Prepare the connection, so that a frame right behind the handshake finds its listener."""
        codec: Codec | None
        if welcome.offered:
            chosen = negotiate(welcome.offered)
            socket.chosen, codec = chosen if chosen is not None else (None, None)
        else:
            codec = PROTOCOLS.get(self._settings.without_subprotocol)
            metrics.violation("no_subprotocol", welcome.vendor or "")
        if codec is None:
            return
        if self._settings.deflate and (codec.dialect.deflates or self._settings.deflate_16):
            socket.protocol.available_extensions = [DEFLATE]
        id = welcome.station_id
        if welcome.listen_only:
            socket.guest = Quarantine(socket, id, codec, self._clock, self._settings.listened_to_s)
        else:
            ways = quirks.find(welcome.vendor or "", welcome.model or "", welcome.firmware, codec.protocol)
            socket.guest = Connection(
                self._house, socket, id, codec, welcome.boot_status, ways=ways, vendor=welcome.vendor or ""
            )
        socket.listener = socket.guest

    @staticmethod
    def _refuse(socket: DoorSocket, status: http.HTTPStatus, text: str) -> Response:
        metrics.HANDSHAKES.labels(str(status.value)).inc()
        response = socket.respond(status, text + "\n")
        if status == http.HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Basic realm="OCPP", charset="UTF-8"'
        elif status == http.HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = "10"
        return response

    @staticmethod
    def _subprotocol(front: ServerConnection, _offered: Sequence[Subprotocol]) -> Subprotocol | None:
        socket = front.inner if isinstance(front, TlsFront) else front
        assert isinstance(socket, DoorSocket)
        return None if socket.chosen is None else Subprotocol(socket.chosen)

    # A connection's life

    async def _serve(self, socket: ServerConnection) -> None:
        assert isinstance(socket, DoorSocket)
        connection = socket.guest
        if connection is None:  # OCPP-J 3.1.2: finish the handshake without the header, then close
            metrics.HANDSHAKES.labels("no_subprotocol").inc()
            self._door.ended(socket, self._clock.now(), 1002, "", reason="no_subprotocol")
            await socket.close(1002, "no common subprotocol; ocpp1.6, ocpp2.0.1 and ocpp2.1 are spoken here")
            return
        if isinstance(connection, Quarantine):
            metrics.HANDSHAKES.labels("listened_to").inc()
            await self._door.listen(socket, connection)
            return
        try:
            await self._opened(connection, socket)
        except Exception as error:  # noqa: BLE001  # the database is away: the station comes again
            log.warning("gateway.cannot_open", station=connection.station_id, error=repr(error)[:200])
            await socket.close(1013, "try again later")
            return
        try:
            await connection.run()
        finally:
            await self._closed(connection, socket)

    async def _opened(self, connection: Connection, socket: DoorSocket) -> None:
        id, now = connection.station_id, self._clock.now()
        async with self._places, self._db.begin() as tx:
            connection.epoch = await self._stations.connected(
                tx, id, self._settings.node, connection.codec.protocol, socket.address, now
            )
        self._door.opened(socket, connection)
        metrics.HANDSHAKES.labels("101").inc()
        metrics.CONNECTIONS.inc()
        log.info("station.connected", station=id, epoch=connection.epoch, address=socket.address)
        connection.note(now, "in", "opened", payload=f"{socket.address} {connection.codec.protocol}")
        held = self.connections.get(id)
        if held is not None and held.epoch > connection.epoch:
            connection.supersede()
            return
        self.connections[id] = connection
        self._by_part[part(id)] = id
        if held is not None:
            held.supersede()
        self._bus.publish(f"gateway.claim.{part(id)}", str(connection.epoch).encode())
        self._arrived.add(id)

    async def _closed(self, connection: Connection, socket: DoorSocket) -> None:
        id, (code, reason) = connection.station_id, connection.lost or (1006, "")
        metrics.CONNECTIONS.dec()
        metrics.CLOSED.labels(str(code)).inc()
        log.info("station.disconnected", station=id, epoch=connection.epoch, code=code, reason=reason)
        connection.note(self._clock.now(), "in", "closed", outcome=str(code), payload=reason)
        self._door.ended(socket, self._clock.now(), code, "superseded" if connection.superseded else reason)
        if self.connections.get(id) is connection:
            del self.connections[id]
            self._by_part.pop(part(id), None)
        if not self._stopping:
            await self._presence.gone(id, connection.epoch)

    # What is heard on the bus, and what goes round

    def _station_of(self, subject: str) -> Connection | None:
        id = self._by_part.get(subject.rpartition(".")[2])
        return None if id is None else self.connections.get(id)

    async def _heard_of_order(self, subject: str, _payload: bytes) -> None:
        connection = self._station_of(subject)
        if connection is not None:
            self._pump.nudge(connection)

    async def _heard_of_claim(self, subject: str, payload: bytes) -> None:
        """Give way when another node has the station's newer connection."""
        connection = self._station_of(subject)
        if connection is not None and payload.isdigit() and int(payload) > connection.epoch:
            connection.supersede()

    async def _poll_orders(self) -> None:
        """Look for orders whose hint was lost, and for whoever has just come: one question for all of them."""
        if not self.connections:
            return
        arrived, self._arrived = self._arrived, set()
        try:
            async with self._db.begin() as tx:
                waiting = await orders.waiting(tx, self._clock.now(), arrived=sorted(arrived))
        except Exception:
            self._arrived |= arrived
            raise
        for id in waiting:
            connection = self.connections.get(id)
            if connection is not None:
                self._pump.nudge(connection)

    async def _greet(self) -> None:
        if self._arrived:
            await self._poll_orders()

    async def _expire_waits(self) -> None:
        self._pump.expire(self._clock.now())
        self._house.patience.look()

    async def _look_after_log(self) -> None:
        rules = self._settings
        await look_after(
            self._db, self._clock.now(), keep_days=rules.log_keep_days, keep_bulk_days=rules.log_keep_bulk_days
        )

    async def _note_quirks(self) -> None:
        self._door.note_quirks(list(self.connections.values()))

    async def _probe(self) -> None:
        """Ping who is silent, drop who stays so. Any byte is a sign of life; while we do not read, none is needed."""
        now = asyncio.get_running_loop().time()
        for connection in list(self.connections.values()):
            socket = connection.socket
            if socket.held or now - socket.heard_at < self._settings.ping_every_s:
                if connection.pinged_at is not None and not socket.held:
                    self._door.ponged(socket, socket.heard_at - connection.pinged_at)
                connection.pinged_at = None
            elif connection.pinged_at is None:
                connection.pinged_at = now
                socket.probe()
            elif now - connection.pinged_at >= self._settings.pong_within_s:
                log.info("station.silent", station=connection.station_id)
                socket.abort()
