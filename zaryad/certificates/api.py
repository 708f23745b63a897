"""Routes of certificates, of the trust store, of alarms and of what stations told about their security."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.params import Parameter

from zaryad.auth import PUBLIC, Caller, Role, needs
from zaryad.certificates import keep, store
from zaryad.certificates.authority import root_pem
from zaryad.certificates.contracts import store as trust_rows
from zaryad.certificates.contracts import trust
from zaryad.certificates.events import store as events
from zaryad.certificates.events.store import Event
from zaryad.certificates.model import Alarm, Certificate, Installed, RootUse, Settings, Status, TrustedRoot, WhoIs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.link.facts import StationId
from zaryad.platform.db import Db
from zaryad.platform.seal import Seal

STAFF = needs(Role.OPERATOR, Role.TECHNICIAN)
OPERATOR = needs(Role.OPERATOR)
Limit = Annotated[int, Parameter(ge=1, le=500)]
Words = Annotated[str | None, Parameter(max_length=100)]
Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class CertificatePage(msgspec.Struct, frozen=True):
    """Certificates, and what to ask for next."""

    items: list[Certificate]
    next: str | None


class AlarmPage(msgspec.Struct, frozen=True):
    """Alarms, and what to ask for next."""

    items: list[Alarm]
    next: str | None


class EventPage(msgspec.Struct, frozen=True):
    """Security events, and what to ask for next."""

    items: list[Event]
    next: str | None


class RootPage(msgspec.Struct, frozen=True):
    """The whole trust store: it is small."""

    items: list[TrustedRoot]
    next: None = None


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a certificate is taken back."""

    why: Annotated[str, msgspec.Meta(max_length=keep.WHY_MAX)] = ""


class RootPost(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate to be trusted, in PEM."""

    use: RootUse
    certificate: Annotated[str, msgspec.Meta(max_length=20_000)]
    note: Annotated[str, msgspec.Meta(max_length=trust.NOTE_MAX)] = ""


class InstallPost(msgspec.Struct, frozen=True, kw_only=True):
    """At which stations a root is to be installed."""

    station_ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=trust.STATIONS_MAX)]


class RenewalPost(msgspec.Struct, frozen=True, kw_only=True):
    """Which of its certificates a station is to renew."""

    use: Literal["station", "v2g", "v2g20"] = "station"


class OrdersPlaced(msgspec.Struct, frozen=True):
    """The orders that were placed; `/orders/{id}` tells their lives."""

    order_ids: list[UUID]


@get("/certificates", opt=STAFF)
async def list_certificates(
    *,
    db: Db,
    station_id: Words = None,
    use: Literal["station", "v2g", "v2g20", "server"] | None = None,
    status: Status | None = None,
    ends_before: Moment | None = None,
    after: UUID | None = None,
    limit: Limit = 100,
) -> CertificatePage:
    """List certificates of stations and of our servers, newest first."""
    async with db.begin() as tx:
        items = await store.certificates(
            tx, station_id=station_id, use=use, status=status, ends_before=ends_before, after=after, limit=limit
        )
    return CertificatePage(items, str(items[-1].id) if len(items) == limit else None)


@get("/certificates/{id:uuid}", opt=STAFF)
async def get_certificate(id: UUID, db: Db) -> Certificate:
    """Return one certificate."""
    async with db.begin() as tx:
        found = await store.by_id(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "certificate_unknown")
    return found


@get("/certificates/{id:uuid}/chain", opt=STAFF, media_type="application/x-pem-file")
async def get_chain(id: UUID, db: Db) -> Response[bytes]:
    """Return a certificate with its chain, in PEM."""
    async with db.begin() as tx:
        found = await store.chain_of(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "certificate_unknown")
    return _pem(found)


@post("/certificates/{id:uuid}/revoke", opt=OPERATOR, status_code=200)
async def revoke_certificate(id: UUID, data: Revocation, db: Db, now: dt.datetime, caller: Caller) -> Certificate:
    """Take a certificate back: its station is turned away from its next connection on. Twice is once."""
    async with db.begin() as tx:
        return await keep.revoke(tx, id, data.why, f"staff:{caller.person_id}", now)


@post("/stations/{id:str}/certificates/renew", opt=STAFF, status_code=202)
async def renew_certificate(
    *, id: str, data: RenewalPost, db: Db, now: dt.datetime, caller: Caller, who_is: WhoIs
) -> OrdersPlaced:
    """Order a station to ask for a new certificate; it keeps the present one until it has taken that."""
    async with db.begin() as tx:
        order_id = await keep.call_for_renewal(tx, who_is, StationId(id), data.use, f"staff:{caller.person_id}", now)
    return OrdersPlaced([order_id])


@get("/certificates/ca", opt=PUBLIC, media_type="application/x-pem-file")
async def get_root(db: Db, now: dt.datetime, certificate_rules: Settings, seal: Seal) -> Response[bytes]:
    """Return the root of our CA, in PEM: what stations know us by."""
    async with db.begin() as tx:
        return _pem(await root_pem(tx, certificate_rules, seal, now))


@get("/certificates/crl", opt=PUBLIC, media_type="application/pkix-crl")
async def get_crl(db: Db, now: dt.datetime, certificate_rules: Settings, seal: Seal) -> Response[bytes]:
    """Return the list of certificates that our CA has taken back (X.509 CRL, DER)."""
    async with db.begin() as tx:
        body = await keep.revoked_list(tx, certificate_rules, seal, now)
    return Response(body, media_type="application/pkix-crl", headers={"cache-control": "max-age=300"})


@get("/trust-roots", opt=STAFF)
async def list_roots(db: Db, use: RootUse | None = None) -> RootPage:
    """List the trust store: roots of contracts and cars, and what stations are given to trust."""
    async with db.begin() as tx:
        return RootPage(await trust_rows.roots(tx, use=use))


@post("/trust-roots", opt=OPERATOR)
async def add_root(data: RootPost, db: Db, now: dt.datetime, caller: Caller) -> TrustedRoot:
    """Trust a certificate."""
    async with db.begin() as tx:
        return await trust.add(tx, data.use, data.certificate, data.note, f"staff:{caller.person_id}", now)


@get("/trust-roots/{fingerprint:str}", opt=STAFF, media_type="application/x-pem-file")
async def get_trusted(fingerprint: str, db: Db) -> Response[bytes]:
    """Return a trusted certificate, in PEM."""
    async with db.begin() as tx:
        found = await trust_rows.root_pem(tx, fingerprint)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "root_unknown")
    return _pem(found[0])


@delete("/trust-roots/{fingerprint:str}", opt=OPERATOR, status_code=204)
async def drop_root(fingerprint: str, db: Db, use: RootUse | None = None) -> None:
    """Trust a certificate no longer; stations keep theirs until they are ordered to delete it."""
    async with db.begin() as tx:
        await trust.drop(tx, fingerprint, use)


@post("/trust-roots/{fingerprint:str}/install", opt=STAFF, status_code=202)
async def install_root(
    *,
    fingerprint: str,
    data: InstallPost,
    db: Db,
    now: dt.datetime,
    caller: Caller,
    who_is: WhoIs,
    certificate_rules: Settings,
    seal: Seal,
    use: RootUse | None = None,
) -> OrdersPlaced:
    """Order stations to install a trusted root; `ca` as fingerprint is the root of our own CA."""
    async with db.begin() as tx:
        if fingerprint == "ca":
            found: tuple[str, Any] | None = (
                await root_pem(tx, certificate_rules, seal, now),
                "csms_root",
            )
        else:
            found = await trust_rows.root_pem(tx, fingerprint, use)
        if found is None:
            raise DomainError(Kind.NOT_FOUND, "root_unknown")
        ids = [StationId(id) for id in data.station_ids]
        placed = await trust.install(tx, who_is, found[1], found[0], ids, f"staff:{caller.person_id}", now)
    return OrdersPlaced(list(placed))


@get("/stations/{id:str}/trust-roots", opt=STAFF)
async def list_installed(id: str, db: Db) -> list[Installed]:
    """List the roots that a station has taken from us."""
    async with db.begin() as tx:
        return await trust_rows.installed(tx, id)


@get("/security/events", opt=STAFF)
async def list_events(
    *,
    db: Db,
    station_id: Words = None,
    kind: Words = None,
    critical: bool | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    after: Annotated[str | None, Parameter(max_length=80)] = None,
    limit: Limit = 100,
) -> EventPage:
    """List what stations told about their security, latest first."""
    async with db.begin() as tx:
        items = await events.events(
            tx,
            station_id=station_id,
            kind=kind,
            critical=critical,
            since=since,
            until=until,
            after=None if after is None else _cursor(after),
            limit=limit,
        )
    last = items[-1] if len(items) == limit else None
    return EventPage(items, None if last is None else f"{last.at.isoformat()}_{last.id}")


@get("/security/alarms", opt=STAFF)
async def list_alarms(
    *,
    db: Db,
    station_id: Words = None,
    kind: Words = None,
    standing: bool | None = None,
    after: UUID | None = None,
    limit: Limit = 100,
) -> AlarmPage:
    """List security alarms, newest first; `standing`: those that nobody has cleared, or the others."""
    async with db.begin() as tx:
        items = await store.alarms(tx, station_id=station_id, kind=kind, standing=standing, after=after, limit=limit)
    return AlarmPage(items, str(items[-1].id) if len(items) == limit else None)


@post("/security/alarms/{id:uuid}/clear", opt=STAFF, status_code=200)
async def clear_alarm(id: UUID, db: Db, now: dt.datetime, caller: Caller) -> Alarm:
    """Clear an alarm that somebody has seen to; it comes again when its cause does."""
    async with db.begin() as tx:
        found = await store.clear_alarm_by_id(tx, id, f"staff:{caller.person_id}", now)
        tx.hint("security.alarm", b"cleared")
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "alarm_unknown")
    return found


def _pem(text: str) -> Response[bytes]:
    return Response(text.encode(), media_type="application/x-pem-file")


def _cursor(text: str) -> tuple[dt.datetime, UUID]:
    at, _, id = text.partition("_")
    try:
        moment = dt.datetime.fromisoformat(at.replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment, UUID(id)
    except ValueError as error:
        raise DomainError(Kind.INVALID, "cursor_unreadable") from error


routes: list[Any] = [
    list_certificates,
    get_root,
    get_crl,
    get_certificate,
    get_chain,
    revoke_certificate,
    renew_certificate,
    list_roots,
    add_root,
    get_trusted,
    drop_root,
    install_root,
    list_installed,
    list_events,
    list_alarms,
    clear_alarm,
]
