"""The trust store: whose contracts count, and which roots stations are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zaryad.certificates import path, read
from zaryad.certificates.contracts import store
from zaryad.certificates.model import ROOT_CHARACTERS_MAX, RootUse, TrustedRoot, WhoIs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import derived_id, new_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import InstallCertificate, OrderId, OrderState, Placed
from zaryad.platform.db import Tx

ROOTS_MAX = 500
STATIONS_MAX = 1_000
NOTE_MAX = 200
INSTALL_WITHIN = dt.timedelta(hours=24)


async def add(  # noqa: PLR0917  # a row's parts
    tx: Tx, use: RootUse, pem: str, note: str, author: str, now: dt.datetime
) -> TrustedRoot:
    """Put one certificate into the trust store: a root, or as `v2g_chain` an authority below one."""
    try:
        found = read.chain(pem)
    except read.UnreadableError as error:
        raise DomainError(Kind.INVALID, "certificate_unreadable") from error
    if len(found) != 1:
        raise DomainError(Kind.INVALID, "certificate_one_at_a_time")
    certificate = found[0]
    text = read.pem(found)
    if len(text) > ROOT_CHARACTERS_MAX:
        raise DomainError(Kind.INVALID, "certificate_too_long", most=ROOT_CHARACTERS_MAX)
    if certificate.not_valid_after_utc <= now:
        raise DomainError(Kind.INVALID, "certificate_ended")
    if use != "v2g_chain" and not path.signed(certificate, by=certificate):
        raise DomainError(Kind.INVALID, "certificate_no_root")
    if await store.count_roots(tx) >= ROOTS_MAX:
        raise DomainError(Kind.REFUSED, "trust_store_full", most=ROOTS_MAX)
    row = TrustedRoot(
        fingerprint=read.fingerprint(certificate),
        use=use,
        subject=read.subject(certificate),
        not_after=certificate.not_valid_after_utc,
        added_at=now,
        added_by=author,
        note=note[:NOTE_MAX],
    )
    await store.put_root(tx, row, text, read.responders(certificate)[:10])
    return row


async def drop(tx: Tx, fingerprint: str, use: RootUse | None) -> None:
    """Trust a certificate no longer. Stations keep what they have until they are ordered to delete it."""
    if not await store.drop_root(tx, fingerprint, use):
        raise DomainError(Kind.NOT_FOUND, "root_unknown")


async def install(  # noqa: PLR0917  # an order's parts
    tx: Tx, who_is: WhoIs, use: RootUse, pem: str, stations: Sequence[StationId], author: str, now: dt.datetime
) -> list[OrderId]:
    """Order stations to install a root; DomainError when one of them is not known, and then none is ordered."""
    if len(stations) > STATIONS_MAX:
        raise DomainError(Kind.INVALID, "too_many_stations", most=STATIONS_MAX)
    placed = []
    for station_id in dict.fromkeys(stations):
        if await who_is(tx, station_id, now) is None:
            raise DomainError(Kind.NOT_FOUND, "station_unknown", station_id=station_id)
        id = OrderId(new_id())
        await place_install(tx, id, use, pem, station_id, author, now)
        placed.append(id)
    return placed


async def place_install(  # noqa: PLR0917  # an order's parts
    tx: Tx, id: OrderId, use: RootUse, pem: str, station_id: StationId, author: str, now: dt.datetime
) -> None:
    """Place the order to install one root at one station."""
    await orders.place(
        tx,
        id,
        station_id,
        InstallCertificate(use=use, certificate=pem),
        author=author,
        now=now,
        before=now + INSTALL_WITHIN,
    )


def install_id(*parts: object) -> OrderId:
    """Return the id of an install order that is to be placed once."""
    return OrderId(derived_id("install-root", *parts))


async def installed(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """React to the end of an order to install a root, whoever gave it."""
    order = placed.order
    if placed.state is not OrderState.DONE or not isinstance(order, InstallCertificate):
        return
    try:
        certificates = read.chain(order.certificate)
    except read.UnreadableError:
        return
    if certificates:
        await store.note_installed(tx, placed.station_id, order.use, read.fingerprint(certificates[0]), now)
