"""From a request that was taken up to a certificate at the station: sign, give by an order, see what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import structlog
from cryptography import x509

from zaryad.certificates import issue, read, store
from zaryad.certificates.alarm import clear_alarm, raise_alarm
from zaryad.certificates.authority import authority
from zaryad.certificates.enrol import EnrolError, Enroller
from zaryad.certificates.model import CHAIN_CHARACTERS_MAX, Settings, Status
from zaryad.kernel.ids import derived_id
from zaryad.link import orders
from zaryad.link.facts import StationId
from zaryad.link.orders import GiveCertificate, OrderId, OrderState, Placed
from zaryad.platform.db import Db, Tx
from zaryad.platform.seal import Seal

log = structlog.get_logger()

GIVE_WITHIN = dt.timedelta(hours=24)  # a station that is away meanwhile gets it when it is back


async def sign(  # noqa: PLR0917  # the job's neighbours
    db: Db, rules: Settings, seal: Seal, enroller: Enroller | None, now: dt.datetime, request_id: str
) -> None:
    """Sign a request and place the order that gives the certificate, once.

    A provider that is away raises: the job comes again. One that says no ends the request, and an alarm stands.
    """
    id = UUID(request_id)
    async with db.begin() as tx:
        row = await store.request_by_id(tx, id)
        if row is None or row["state"] != "asked":
            return
        csr = x509.load_pem_x509_csr(row["csr"].encode())
        if row["use"] == "station" or rules.v2g.own:
            by = await authority(tx, rules, seal, now)
            certificate = issue.sign_station(by, rules, csr, row["use"], now)
            await _place(tx, row, [certificate, *by.middle], now, ours=True)
            return
    assert enroller is not None, "a request for which there is no provider is not taken up"
    try:
        chain = await enroller.enrol(csr)
    except EnrolError as error:
        if error.retryable:
            raise
        async with db.begin() as tx:
            row = await store.request_by_id(tx, id)
            if row is not None and row["state"] == "asked":
                await _failed(tx, row, f"provider:{error}", now)
        return
    async with db.begin() as tx:
        row = await store.request_by_id(tx, id)
        if row is not None and row["state"] == "asked":
            await _place(tx, row, chain, now, ours=False)


async def _place(tx: Tx, row: object, chain: Sequence[x509.Certificate], now: dt.datetime, *, ours: bool) -> None:
    request: dict[str, object] = dict(row)  # type: ignore[call-overload]  # a mapping of the row's columns
    station_id, id = StationId(str(request["station_id"])), request["id"]
    text = read.pem(chain)
    if len(text) > CHAIN_CHARACTERS_MAX:
        await _failed(tx, request, "chain_too_long", now)
        return
    order_id = OrderId(derived_id("give-certificate", id))
    kept = await issue.keep(
        tx,
        chain,
        station_id=station_id,
        use=str(request["use"]),
        ours=ours,
        status=Status.ISSUED,
        now=now,
        order_id=order_id,
    )
    number = request["number"]
    await orders.place(
        tx,
        order_id,
        station_id,
        GiveCertificate(
            chain=text,
            use=str(request["use"]),  # type: ignore[arg-type]  # the column's check
            request=int(number) if isinstance(number, int) else None,
        ),
        author="system:certificates",
        now=now,
        before=now + GIVE_WITHIN,
    )
    await store.set_request(tx, UUID(str(id)), state="given", certificate_id=kept.id)
    log.info("certificate.issued", station=station_id, use=kept.use, serial=kept.serial, until=kept.not_after)


async def given(tx: Tx, placed: Placed, now: dt.datetime) -> None:
    """React to the end of an order that gives a certificate."""
    certificate = await store.by_order(tx, placed.id)
    if certificate is None:  # given by hand
        return
    request = await store.request_of(tx, certificate.id)
    key = f"{placed.station_id}:{certificate.use}"
    if placed.state is OrderState.DONE:
        if certificate.status is Status.ISSUED:
            await store.set_certificate(tx, certificate.id, status=Status.ACTIVE.value)
            await store.replace_others(tx, certificate)
        if request is not None:
            await store.set_request(tx, request["id"], state="done", ended_at=now)
        await clear_alarm(tx, "certificate_not_taken", key, now)
        await clear_alarm(tx, "certificate_ending", key, now)
        log.info("certificate.taken", station=placed.station_id, use=certificate.use, serial=certificate.serial)
        return
    if certificate.status is Status.ISSUED:
        # Unanswered, the station may have it all the same: it stays good. Refused, it is nobody's.
        refused = placed.state in (OrderState.REFUSED, OrderState.NOT_SUPPORTED)
        values = {"status": "revoked", "revoked_at": now, "revoked_why": "not taken by the station"} if refused else {}
        if values:
            await store.set_certificate(tx, certificate.id, **values)
    if request is not None:
        await store.set_request(tx, request["id"], state="failed", why=placed.state.value, ended_at=now)
    log.warning("certificate.not_taken", station=placed.station_id, use=certificate.use, state=placed.state.value)
    said = str(placed.detail.get("status") or placed.detail.get("error") or "")
    await raise_alarm(
        tx, "certificate_not_taken", key, now, station_id=placed.station_id, state=placed.state.value, said=said
    )


async def _failed(tx: Tx, row: object, why: str, now: dt.datetime) -> None:
    request: dict[str, object] = dict(row)  # type: ignore[call-overload]  # a mapping of the row's columns
    await store.set_request(tx, UUID(str(request["id"])), state="failed", why=why[:200], ended_at=now)
    station_id = StationId(str(request["station_id"]))
    key = f"{station_id}:{request['use']}"
    await raise_alarm(tx, "certificate_not_signed", key, now, station_id=station_id, why=why)
