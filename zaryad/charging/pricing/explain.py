"""Why a price is what it is: the tariffs that were looked at, and a session's bill by another tariff."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from zaryad import tariffs
from zaryad.charging.model import Session
from zaryad.charging.place import about, about_kept, where
from zaryad.charging.settle import timeline_of
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Tx
from zaryad.stations import Connector
from zaryad.tariffs import Choice, Element, Line, Terms, Why
from zaryad.ui.i18n import t


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff that was looked at, and what became of it, as a key and in words."""

    kind: str
    scope: str
    tariff_id: UUID
    names: dict[str, str]
    priority: int
    valid_from: dt.datetime | None
    valid_to: dt.datetime | None
    assignment_id: UUID | None
    why: Why
    told: str


class WhyThisPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The version that prices a connector for a driver at a moment, and every candidate, the strongest first."""

    at: dt.datetime
    tariff_version_id: UUID | None
    kept_since_start: bool  # a session keeps the version it began with, whatever has been assigned since
    candidates: list[Looked]
    sentence: str | None
    display: str | None
    next_change_at: dt.datetime | None


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Prices to try: a tariff's version in force at the session's start, or elements not published."""

    tariff_id: UUID | None = None
    elements: tuple[Element, ...] | None = None
    terms: Terms = Terms()


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What a session comes to by other prices, beside what it comes to by its own."""

    amount_minor: int
    before_tax_minor: int
    currency: str
    own_minor: int
    lines: tuple[Line, ...]
    told: list[str]


async def why_here(tx: Tx, place: Connector, person_id: UUID | None, at: dt.datetime, language: str) -> WhyThisPrice:
    """Explain the price of a connector."""
    choice = (await tariffs.explain(tx, [where(place, person_id)], at))[0]
    price = None
    if choice.version_id is not None:
        version = await tariffs.version(tx, choice.version_id)
        it = await tariffs.about_for(
            tx,
            version,
            timezone=place.timezone,
            at=at,
            connector=place.kind,
            plate_w=place.power_w,
            person_id=person_id,
        )
        price = tariffs.price_now(version, place.timezone, at, it)
    return WhyThisPrice(
        at=at,
        tariff_version_id=choice.version_id,
        kept_since_start=False,
        candidates=await _looked(tx, choice, language),
        sentence=None if price is None else tariffs.sentence(language, price, place.timezone),
        display=None if price is None else tariffs.display(price, place.timezone),
        next_change_at=None if price is None else price.next_change_at,
    )


async def why_session(
    tx: Tx, session: Session, place: Connector | None, now: dt.datetime, language: str
) -> WhyThisPrice:
    """Explain the price of a session: its version as it was frozen, and what was there to choose from at its start."""
    began_at = session.began_at or session.requested_at
    candidates: list[Looked] = []
    if place is not None:
        choice = (await tariffs.explain(tx, [where(place, session.driver_id)], session.requested_at))[0]
        candidates = await _looked(tx, choice, language)
    price = None
    if session.tariff_version_id is not None:
        version = await tariffs.version(tx, session.tariff_version_id)
        at = now if session.state.live else began_at
        price = tariffs.price_now(version, session.timezone, at, about_kept(session))
    return WhyThisPrice(
        at=began_at,
        tariff_version_id=session.tariff_version_id,
        kept_since_start=True,
        candidates=candidates,
        sentence=None if price is None else tariffs.sentence(language, price, session.timezone),
        display=None if price is None else tariffs.display(price, session.timezone),
        next_change_at=None if price is None else price.next_change_at,
    )


async def by_other(tx: Tx, session: Session, other: Other, language: str) -> Tried:
    """Price a session that has begun by other prices; nothing is changed by it."""
    if session.began_at is None:
        raise DomainError(Kind.CONFLICT, "session_not_begun")
    if (other.tariff_id is None) == (other.elements is None):
        raise DomainError(Kind.INVALID, "quote_ambiguous")
    if other.elements is not None:
        version = tariffs.planned(other.elements, other.terms, session.currency)
    else:
        version = await tariffs.quote(tx, other.tariff_id, session.currency, session.began_at)
    timeline = await timeline_of(tx, session)
    it = await about(tx, session, version, session.began_at)
    bill = tariffs.bill(version, session.timezone, timeline.points, it)
    own = 0
    if session.tariff_version_id is not None:
        mine = await tariffs.version(tx, session.tariff_version_id)
        own = tariffs.bill(mine, session.timezone, timeline.points, about_kept(session)).total.minor
    return Tried(
        amount_minor=bill.total.minor,
        before_tax_minor=bill.before_tax.minor,
        currency=session.currency,
        own_minor=own,
        lines=bill.lines,
        told=[tariffs.explain_line(language, line, session.timezone, session.currency) for line in bill.lines],
    )


async def _looked(tx: Tx, choice: Choice, language: str) -> list[Looked]:
    found = []
    for candidate in choice.candidates:
        it = candidate.assignment
        tariff = await tariffs.find_tariff(tx, it.tariff_id)
        found.append(
            Looked(
                kind=it.kind.value,
                scope=it.scope,
                tariff_id=it.tariff_id,
                names={} if tariff is None else tariff.names,
                priority=it.priority,
                valid_from=it.valid_from,
                valid_to=it.valid_to,
                assignment_id=it.id,
                why=candidate.why,
                told=t(language, f"tariff.why.{candidate.why.value}"),
            )
        )
    return found
