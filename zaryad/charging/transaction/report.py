"""A 2.x station reports an event of a transaction. It is always answered, and never before all of it is written.

Two commits, in this order: the event with all that follows from it, then its readings by the meter's book. Should
the process die between them, nobody was answered; the station repeats the event, which is known then, and its readings
are written. Should the station never repeat it, they are written with its end: the event holds them.
"""

from __future__ import annotations

from typing import Protocol

from zaryad import accounts
from zaryad.charging import store as sessions
from zaryad.charging.begin import Reserved, nobody_reserves
from zaryad.charging.model import Session, SessionId, Settings, State
from zaryad.charging.settle import bill_of, timeline_of
from zaryad.charging.transaction.take import Taken, bounded, take
from zaryad.kernel.money import Money, exponent
from zaryad.link.answers import Noted, TokenStatus, TokenVerdict, TransactionVerdict
from zaryad.link.facts import MeterRead, Told, TransactionReported
from zaryad.platform.db import Db, Tx
from zaryad.ui import format as shown
from zaryad.ui.i18n import FALLBACK, t

RUNNING_COST_KNOWN = "ocpp2.1"  # in 2.0.1 `totalCost` is of an end only (Part 2, TransactionEventResponse)


class Book(Protocol):
    """Where readings are written."""

    async def record(self, fact: MeterRead) -> Noted:
        """Write the readings; returns after the commit."""


async def report(
    db: Db, rules: Settings, book: Book, fact: TransactionReported, reserved: Reserved = nobody_reserves
) -> TransactionVerdict:
    """Take the event in, and answer what its token may, what it costs, and how far it may go."""
    fact = bounded(fact)
    async with db.begin() as tx:
        taken = await take(tx, rules, fact, reserved)
        verdict = await _answer(tx, fact, taken)
    if taken.readings is not None:
        await book.record(taken.readings)
    if verdict is None:
        assert taken.session is not None, "its cost is asked for"
        async with db.begin() as tx:
            verdict = await _running(tx, taken, taken.session.id)
    return verdict


async def _answer(tx: Tx, fact: TransactionReported, taken: Taken) -> TransactionVerdict | None:
    """Return the answer, or None where it is the running cost, once the readings are in it."""
    session = taken.session
    if session is None or session.payer_id is None or session.state is State.FAILED:
        language = await _language(tx, session)
        return TransactionVerdict(token=_explained(taken.verdict, language))
    if fact.told is not Told.ENDED and session.state is State.CHARGING:
        if taken.row.protocol == RUNNING_COST_KNOWN and fact.told is Told.UPDATED:
            return None
        return await _said(tx, taken, session, None)
    if session.state is State.SETTLED:
        return await _said(tx, taken, session, session.cost)
    return await _said(tx, taken, session, (await bill_of(tx, session, await timeline_of(tx, session))).total)


async def _running(tx: Tx, taken: Taken, id: SessionId) -> TransactionVerdict:
    session = await sessions.find(tx, id)
    assert session is not None, "sessions are never deleted"
    return await _said(tx, taken, session, session.cost if session.tariff_version_id else None)


async def _said(tx: Tx, taken: Taken, session: Session, cost: Money | None) -> TransactionVerdict:
    """Say it. The limits go with the token that the session is billed by, and only with it: 2.1 confirms them."""
    final = cost is not None and session.state is not State.CHARGING
    language = await _language(tx, session) if final or taken.verdict is not None else FALLBACK
    message = None
    if final and cost is not None:
        energy = shown.energy(language, session.energy_mwh)
        message = t(language, "display.cost", cost=shown.money(language, cost), energy=energy)
    priced = session.tariff_version_id is not None
    return TransactionVerdict(
        token=_explained(taken.verdict, language),
        total_minor=cost.minor if cost is not None and priced else None,
        exponent=exponent(session.currency),
        message=message,
        language=None if message is None else language,
        limit_minor=session.limit_amount_minor if taken.first else None,
        limit_wh=session.limit_energy_wh if taken.first else None,
    )


def _explained(verdict: TokenVerdict | None, language: str) -> TokenVerdict | None:
    """Add to a refusal what the display may say."""
    if verdict is None or verdict.status is TokenStatus.ACCEPTED or verdict.message is not None:
        return verdict
    return TokenVerdict(
        status=verdict.status,
        expires_at=verdict.expires_at,
        group=verdict.group,
        contract=verdict.contract,
        message=t(language, f"display.token.{verdict.status.value}"),
        language=language,
    )


async def _language(tx: Tx, session: Session | None) -> str:
    person = None if session is None or session.driver_id is None else await accounts.find(tx, session.driver_id)
    return FALLBACK if person is None else person.language
