"""Looking after certificates: revoke, renew before the end, raise an alarm when that did not help."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import structlog

from zaryad.certificates import issue, store
from zaryad.certificates.alarm import clear_alarm, raise_alarm
from zaryad.certificates.authority import authority
from zaryad.certificates.model import Certificate, Settings, Status, WhoIs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import OrderId, Trigger
from zaryad.platform.db import Db, Tx
from zaryad.platform.seal import Seal

log = structlog.get_logger()

CALL_AGAIN = dt.timedelta(hours=20)
LOOK_AGAIN = dt.timedelta(hours=1)
CALL_WITHIN = dt.timedelta(hours=12)
REQUESTS_KEPT = dt.timedelta(days=90)
AT_ONCE = 200
WHY_MAX = 200


async def revoke(tx: Tx, id: UUID, why: str, author: str, now: dt.datetime) -> Certificate:
    """Take a certificate back: its station is turned away from its next handshake on. Twice is once."""
    found = await store.by_id(tx, id, lock=True)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "certificate_unknown")
    if found.status is not Status.REVOKED:
        await store.set_certificate(tx, id, status="revoked", revoked_at=now, revoked_why=why[:WHY_MAX])
        log.info("certificate.revoked", station=found.station_id, serial=found.serial, by=author)
        await clear_alarm(tx, "certificate_ending", f"{found.station_id}:{found.use}", now)
        found = await store.by_id(tx, id)
        assert found is not None
    return found


async def revoked_list(tx: Tx, rules: Settings, seal: Seal, now: dt.datetime) -> bytes:
    """Return the signed list of the revoked (DER)."""
    by = await authority(tx, rules, seal, now)
    return issue.crl(by, await store.revoked(tx, now), now)


async def call_for_renewal(  # noqa: PLR0917  # an order's parts
    tx: Tx, who_is: WhoIs, station_id: StationId, use: str, author: str, now: dt.datetime
) -> OrderId:
    """Order a station to come with a request for a new certificate."""
    station = await who_is(tx, station_id, now)
    if station is None:
        raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
    old = (station.protocol or "ocpp1.6").startswith("ocpp1")
    own = "SignChargePointCertificate" if old else "SignChargingStationCertificate"
    message = {"station": own, "v2g": "SignV2GCertificate", "v2g20": "SignV2G20Certificate"}[use]
    id = OrderId(new_id())
    await orders.place(tx, id, station_id, Trigger(message=message), author=author, now=now, before=now + CALL_WITHIN)
    return id


async def renew(db: Db, who_is: WhoIs, now: dt.datetime) -> int:
    """Call stations whose certificates are past two thirds of their life, each once a day; how many were called."""
    async with db.begin() as tx:
        due = await store.to_renew(tx, now, CALL_AGAIN, AT_ONCE)
        called = 0
        for each in due:
            assert each.station_id is not None
            station = await who_is(tx, each.station_id, now)
            if station is None or not station.online:  # it cannot hear: an order would only expire
                await store.set_certificate(tx, each.id, renewal_at=now - CALL_AGAIN + LOOK_AGAIN)
                continue
            await store.set_certificate(tx, each.id, renewal_at=now)
            await call_for_renewal(tx, who_is, each.station_id, each.use, "system:renewal", now)
            called += 1
    return called


async def watch_ends(db: Db, rules: Settings, now: dt.datetime) -> None:
    """Raise an alarm for each certificate that is in use and ends soon, or has ended."""
    async with db.begin() as tx:
        for each in await store.ending(tx, now + dt.timedelta(days=rules.warn_days)):
            left = (each.not_after - now).days
            await raise_alarm(
                tx,
                "certificate_ending",
                f"{each.station_id or each.subject}:{each.use}",
                now,
                station_id=each.station_id,
                serial=each.serial,
                subject=each.subject,
                not_after=each.not_after.isoformat(),
                days_left=str(left),
            )
        await store.drop_requests(tx, now - REQUESTS_KEPT)
