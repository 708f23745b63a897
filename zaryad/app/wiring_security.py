"""What joins stations' security with certificates: both lie side by side, and neither may know the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from zaryad import certificates, stations
from zaryad.app.config import Config
from zaryad.certificates import KnownStation, PlugAndCharge
from zaryad.kernel.clock import Clock
from zaryad.link.answers import Answer
from zaryad.link.door import Approach
from zaryad.link.facts import (
    CertificateAsked,
    ChainAsked,
    ContractAsked,
    Fact,
    OcspAsked,
    SecurityEvent,
    StationId,
)
from zaryad.link.orders import AnyOrder, Placed
from zaryad.platform.db import Db, Tx
from zaryad.platform.seal import Seal
from zaryad.platform.worker import JobFunction, Sweep
from zaryad.stations import security

# Its parts are few and slow: one round looks after all of them.
KEEP_EVERY = dt.timedelta(minutes=30)
LOOK_EVERY = dt.timedelta(seconds=20)


async def who_is(tx: Tx, station_id: StationId, now: dt.datetime) -> KnownStation | None:
    """Tell the certificates' module what it has to know of a station."""
    found = await stations.find_station(tx, station_id, now)
    return None if found is None else KnownStation(found.serial, found.protocol, found.online)


class Trust:
    """What stations' security asks of the certificates' module."""

    def __init__(self, rules: certificates.Settings, seal: Seal) -> None:
        self._rules = rules
        self._seal = seal

    async def root_pem(self, tx: Tx, now: dt.datetime) -> str:
        """Return the root that stations know us by."""
        return await certificates.root_pem(tx, self._rules, self._seal, now)

    async def has_root(self, tx: Tx, station_id: StationId, now: dt.datetime) -> bool:
        """Whether the station has taken it from us."""
        return await certificates.has_csms_root(tx, station_id, await self.root_pem(tx, now))

    async def has_certificate(self, tx: Tx, station_id: StationId, now: dt.datetime) -> bool:
        """Whether the station can show a good certificate of its own."""
        return await certificates.has_certificate(tx, station_id, now)

    async def raise_alarm(self, tx: Tx, kind: str, station_id: StationId, why: str, now: dt.datetime) -> None:
        """Have a person see it."""
        await certificates.raise_alarm(tx, kind, station_id, now, station_id=station_id, why=why)


class Guard:
    """All of it, with a deployment's secret and rules bound."""

    def __init__(self, config: Config) -> None:
        self.rules = config.certificates
        self.station_rules = config.station_security
        self.seal = Seal(config.secret.encode())
        self.trust = Trust(self.rules, self.seal)
        self._key = config.secret.encode()

    async def proved(self, tx: Tx, approach: Approach, now: dt.datetime) -> Approach:
        """Return a handshake with its certificate judged."""
        if approach.certificate is None:
            return approach
        proof = await certificates.judge_client(
            tx, self.rules, self.seal, who_is, approach.station_id, approach.certificate, now
        )
        tls = approach.tls and {**approach.tls, "client_certificate": "verified" if proof == "good" else "presented"}
        return msgspec.structs.replace(approach, proof=proof, tls=tls)

    async def client_roots(self, db: Db, clock: Clock) -> str:
        """Return what a TLS door asks client certificates of."""
        async with db.begin() as tx:
            return await certificates.trust_pem(tx, self.rules, self.seal, clock.now())

    def reveal(self, order: AnyOrder) -> AnyOrder:
        """Return an order as it goes out: what stands sealed in its row is opened."""
        return security.revealed(order, self.seal)

    def fact_handlers(self, db: Db, desk: PlugAndCharge) -> dict[type[Fact], Callable[[Any], Awaitable[Answer]]]:
        """Return who hears the facts about certificates and security."""
        return {
            CertificateAsked: partial(certificates.asked, db, self.rules, who_is),
            SecurityEvent: partial(certificates.note_event, db, self.rules),
            OcspAsked: desk.ocsp,
            ChainAsked: desk.chain,
            ContractAsked: desk.contract,
        }

    async def order_ended(self, tx: Tx, placed: Placed, now: dt.datetime) -> None:
        """React to the end of an order that is about security."""
        await certificates.order_ended(tx, placed, now)
        await security.rotation_concluded(tx, placed, now, self.trust)
        await security.profile_concluded(tx, self.station_rules, self.trust, placed, now)

    def jobs(self, db: Db, clock: Clock) -> dict[str, JobFunction]:
        """Return what deferred names run."""

        async def sign(request_id: str) -> None:
            enroller = certificates.Enroller(self.rules.v2g) if self.rules.v2g.url else None
            try:
                await certificates.sign(db, self.rules, self.seal, enroller, clock.now(), request_id)
            finally:
                if enroller is not None:
                    await enroller.close()

        return {certificates.SIGN_JOB: sign}

    def sweeps(self, db: Db, clock: Clock) -> list[Sweep]:
        """Return what is looked after on timers."""

        async def keep() -> None:
            await certificates.sweep(db, self.rules, who_is, clock.now())

        async def look() -> None:
            now = clock.now()
            await security.profile_look(db, self.trust, now)
            await security.rotation_retry(db, self.station_rules, self.seal, now, self.trust)
            await security.rotate_old(db, self.station_rules, self.seal, self._key, now)

        return [
            Sweep(name="certificates.keep", every=KEEP_EVERY, run=keep),
            Sweep(name="security.look", every=LOOK_EVERY, run=look),
        ]
