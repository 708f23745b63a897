"""Issue a receipt: once per settled session, numbered without gaps, with everything it will ever say inside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec

from zaryad import accounts, tariffs
from zaryad.charging import store as sessions
from zaryad.charging.model import EndReason, Session, SessionId, State
from zaryad.charging.receipts import store
from zaryad.charging.receipts.model import Line, Place, Receipt, Seller, Settings
from zaryad.platform.db import Db, Tx
from zaryad.ui import format as f

JOB = "receipts.issue"


async def issue(db: Db, rules: Settings, session_id: SessionId, now: dt.datetime) -> Receipt | None:
    """Issue the session's receipt, or return the one that it has; None while there is nothing to put into one.

    Settlement defers it as the job `receipts.issue`. The session's row is the lock: twice at once is once.
    """
    async with db.begin() as tx:
        session = await sessions.find(tx, session_id, lock=True)
        if session is None or session.state is not State.SETTLED:
            return None
        known = await store.find_receipt(tx, session_id)
        if known is not None:
            return known[0]
        receipt = await _write(tx, rules, session, now)
        await store.insert_receipt(tx, receipt, session.driver_id)
        tx.hint(f"session.{session_id}", b"receipt")
    return receipt


async def find(tx: Tx, session_id: SessionId) -> tuple[Receipt, UUID | None] | None:
    """Return a session's receipt and whose it is."""
    return await store.find_receipt(tx, session_id)


async def _write(tx: Tx, rules: Settings, session: Session, now: dt.datetime) -> Receipt:
    began_at = session.began_at or session.requested_at
    ended_at = session.ended_at or began_at
    year = f.local(now, session.timezone).year
    customer = None if session.driver_id is None else await accounts.find(tx, session.driver_id)
    phone = None if customer is None or customer.phone is None else f.phone(customer.phone, masked=True)
    number = f"{year}-{await store.next_in_year(tx, year):06}"
    return Receipt(
        number=number,
        session_id=session.id,
        issued_at=now,
        seller=Seller(rules.seller_name, rules.seller_tax_id, rules.seller_address, rules.support_phone),
        place=Place(
            session.location_name,
            session.address,
            session.timezone,
            session.station_id,
            session.connector,
            session.connector_kind,
            session.power_w,
        ),
        customer=phone,
        token=None if session.origin.value == "app" else f"*{session.token[-4:]}",
        started_at=began_at,
        ended_at=ended_at,
        energy_mwh=session.energy_mwh,
        tariff=await _tariff_names(tx, session),
        lines=lines_of(session),
        total_minor=session.cost_minor,
        from_balance_minor=(session.captured_minor or 0) + (session.from_balance_minor or 0),
        owed_minor=session.receivable_minor or 0,
        currency=session.currency,
        end_reason=(session.reason or EndReason.OTHER).value,
    )


async def _tariff_names(tx: Tx, session: Session) -> dict[str, str]:
    if session.tariff_version_id is None:
        return {}
    return (await tariffs.version(tx, session.tariff_version_id)).names


def lines_of(session: Session) -> tuple[Line, ...]:
    """Return the bill's lines as they were settled; none for a session that nothing prices."""
    return tuple(_lines(msgspec.convert(session.bill or [], list[tariffs.Line])))


_SUMS = {tariffs.Dimension.SESSION, tariffs.Dimension.MINIMUM, tariffs.Dimension.MAXIMUM}


def _lines(bill: Iterable[tariffs.Line]) -> Iterable[Line]:
    for line in bill:
        if line.kind in _SUMS:
            yield Line(kind=line.kind.value, amount_minor=line.amount_minor)
            continue
        energy = line.kind is tariffs.Dimension.ENERGY
        yield Line(
            kind=line.kind.value,
            unit="kwh" if energy else "hour",
            quantity=line.energy_mwh if energy else line.seconds,
            rate_e4=line.price_e4,
            begins_at=line.started_at,
            ends_at=line.ended_at,
            amount_minor=line.amount_minor,
        )
