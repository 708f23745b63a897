"""Routes of tariffs: what there is, what it says, what a sample session would cost by the very code that charges."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from zaryad.auth import PUBLIC, SIGNED_IN, Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db
from zaryad.tariffs import choose, drafts, store
from zaryad.tariffs.ahead import price_now, prices_ahead
from zaryad.tariffs.assigned.api import routes as assigned_routes
from zaryad.tariffs.bill import bill
from zaryad.tariffs.drafts import Draft, DraftKept
from zaryad.tariffs.model import Line, Point, Tariff, TariffId, TariffVersion, TariffVersionId, Tax
from zaryad.tariffs.publish import UNPUBLISHED, name_tariff, planned, publish
from zaryad.tariffs.terms import About, Element, Terms
from zaryad.tariffs.told import display, explain_line, sentence
from zaryad.tariffs.words import PriceSaid, say

KWH_MAX, HOURS_MAX = 1_000, 72
START_WITHIN = dt.timedelta(days=3_660)
DAYS_MAX = 100

EDITORS = needs(Role.OPERATOR, Role.ACCOUNTANT)

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]
Limit = Annotated[int, Parameter(ge=1, le=500)]


class TariffPage(msgspec.Struct, frozen=True):
    """Tariffs, and what to ask for next."""

    items: list[Tariff]
    next: str | None


class VersionRow(msgspec.Struct, frozen=True):
    """A version in a list."""

    id: TariffVersionId
    number: int
    valid_from: dt.datetime
    published_at: dt.datetime


class TariffFull(msgspec.Struct, frozen=True):
    """A tariff with its versions, the newest first, and the one in force."""

    tariff: Tariff
    in_force: TariffVersion | None
    versions: list[VersionRow]


class TariffPut(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff as people name it."""

    names: dict[str, str]
    currency: str
    network_default: bool = False
    archived: bool = False


class VersionPut(msgspec.Struct, frozen=True, kw_only=True):
    """Prices to publish; without `valid_from` they are in force at once."""

    elements: tuple[Element, ...]
    valid_from: Moment | None = None
    terms: Terms = Terms()


class DraftPut(msgspec.Struct, frozen=True, kw_only=True):
    """A draft, and the revision it was made of (0 for none): nobody overwrites another's work unseen."""

    draft: Draft
    based_on: int = 0


class DraftPublish(msgspec.Struct, frozen=True, kw_only=True):
    """The revision that was looked at when it was decided."""

    revision: int


class AboutAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What a sample's restrictions are judged by."""

    connector: str = "unknown"
    plate_w: int = 0
    groups: frozenset[str] = frozenset()
    contract: str | None = None
    holidays: frozenset[dt.date] = frozenset()


class QuoteAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A sample session: energy that flows evenly for some minutes, by a tariff or by elements not yet published."""

    timezone: str
    energy_wh: int
    minutes: int
    start: Moment | None = None
    tariff_id: UUID | None = None
    currency: str | None = None
    elements: tuple[Element, ...] | None = None
    terms: Terms = Terms()
    about: AboutAsked = AboutAsked()
    idle_minutes: int = 0  # after the energy has flowed
    draft: bool = False  # the tariff's draft instead of its version in force


class QuoteGiven(msgspec.Struct, frozen=True, kw_only=True):
    """What it would cost and why, what is in force at its start, and the prices of the day that follows."""

    tariff_version_id: TariffVersionId | None
    amount_minor: int
    currency: str
    lines: tuple[Line, ...]
    price: PriceSaid
    ahead: list[PriceSaid]
    before_tax_minor: int = 0
    taxes: tuple[Tax, ...] = ()
    told: list[str] = []  # each line in words
    sentence: str = ""  # the price at the start in words
    display: str = ""  # the same in ASCII, for a station's display


@get("/tariffs", opt=PUBLIC)
async def list_tariffs(db: Db, after: UUID | None = None, limit: Limit = 100, archived: bool = False) -> TariffPage:
    """List tariffs."""
    async with db.begin() as tx:
        items = await store.some(tx, archived=archived, after=None if after is None else TariffId(after), limit=limit)
    return TariffPage(items, str(items[-1].id) if len(items) == limit else None)


@get("/tariffs/{id:uuid}", opt=PUBLIC)
async def get_tariff(id: UUID, db: Db, now: dt.datetime) -> TariffFull:
    """Return one tariff with its versions."""
    async with db.begin() as tx:
        tariff = await choose.tariff(tx, id)
        current = await store.in_force(tx, tariff.id, now)
        version = None if current is None else await choose.version(tx, current)
        rows = await store.history(tx, tariff.id)
    history = [VersionRow(row["id"], row["number"], row["valid_from"], row["published_at"]) for row in rows]
    return TariffFull(tariff, version, history)


@get("/tariffs/{id:uuid}/versions/{number:int}", opt=PUBLIC)
async def get_version(id: UUID, number: int, db: Db) -> TariffVersion:
    """Return one version."""
    async with db.begin() as tx:
        rows = await store.history(tx, TariffId(id))
        for row in rows:
            if row["number"] == number:
                return await choose.version(tx, row["id"])
    raise DomainError(Kind.NOT_FOUND, "tariff_version_unknown")


@put("/tariffs/{id:uuid}", opt=EDITORS)
async def put_tariff(id: UUID, data: TariffPut, db: Db) -> Tariff:
    """Name a tariff, archive it, or make it the network's default for its currency; the id is the client's."""
    it = Tariff(id=TariffId(id), **msgspec.structs.asdict(data))
    async with db.begin() as tx:
        await name_tariff(tx, it)
    return it


@put("/tariffs/{id:uuid}/versions/{number:int}", opt=EDITORS)
async def put_version(id: UUID, number: int, data: VersionPut, db: Db, *, now: dt.datetime) -> TariffVersion:
    """Publish the next version; the same again is the same, other prices under a taken number are a conflict."""
    async with db.begin() as tx:
        return await publish(
            tx, TariffId(id), number, data.elements, valid_from=data.valid_from, now=now, terms=data.terms
        )


@get("/tariffs/{id:uuid}/draft", opt=EDITORS)
async def get_draft(id: UUID, db: Db) -> DraftKept:
    """Return the draft of the next version."""
    async with db.begin() as tx:
        found = await drafts.draft(tx, TariffId(id))
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "tariff_draft_unknown")
    return found


@put("/tariffs/{id:uuid}/draft", opt=EDITORS)
async def put_draft(id: UUID, data: DraftPut, db: Db, caller: Caller, now: dt.datetime) -> DraftKept:
    """Keep a draft; it is checked when it is published."""
    author = f"staff:{caller.person_id}"
    async with db.begin() as tx:
        return await drafts.keep_draft(tx, TariffId(id), data.draft, based_on=data.based_on, author=author, now=now)


@delete("/tariffs/{id:uuid}/draft", opt=EDITORS)
async def delete_draft(id: UUID, db: Db) -> None:
    """Throw the draft away."""
    async with db.begin() as tx:
        await drafts.drop_draft(tx, TariffId(id))


@post("/tariffs/{id:uuid}/draft/publish", opt=EDITORS, status_code=200)
async def post_draft_publish(id: UUID, data: DraftPublish, db: Db, now: dt.datetime) -> TariffVersion:
    """Make the draft the next version."""
    async with db.begin() as tx:
        return await drafts.publish_draft(tx, TariffId(id), revision=data.revision, now=now)


@post("/quotes", opt=SIGNED_IN, status_code=200)
async def make_quote(data: QuoteAsked, db: Db, now: dt.datetime, language: str) -> QuoteGiven:
    """Price a sample session."""
    minutes = data.minutes + data.idle_minutes
    if not (0 <= data.energy_wh <= KWH_MAX * 1_000 and min(data.minutes, data.idle_minutes) >= 0):
        raise DomainError(Kind.INVALID, "quote_sample_invalid", kwh_max=KWH_MAX, hours_max=HOURS_MAX)
    if minutes > HOURS_MAX * 60 or len(data.about.holidays) > DAYS_MAX or len(data.about.groups) > DAYS_MAX:
        raise DomainError(Kind.INVALID, "quote_sample_invalid", kwh_max=KWH_MAX, hours_max=HOURS_MAX)
    if data.timezone not in zoneinfo.available_timezones():
        raise DomainError(Kind.INVALID, "timezone_unknown", timezone=data.timezone)
    start = data.start or now
    if abs(start - now) > START_WITHIN:
        raise DomainError(Kind.INVALID, "quote_start_far", days=START_WITHIN.days)
    version = await _asked(data, db, start)
    about = About(**msgspec.structs.asdict(data.about))
    full = start + dt.timedelta(minutes=data.minutes)
    points = [Point(start, 0), Point(full, data.energy_wh * 1_000)]
    if data.idle_minutes:
        points.append(Point(full + dt.timedelta(minutes=data.idle_minutes), data.energy_wh * 1_000))
    it = bill(version, data.timezone, points, about)
    price = price_now(version, data.timezone, start, about)
    return QuoteGiven(
        tariff_version_id=None if version.id == UNPUBLISHED else version.id,
        amount_minor=it.total.minor,
        currency=it.total.currency,
        lines=it.lines,
        price=say(price, data.timezone),
        ahead=[say(each, data.timezone) for each in prices_ahead(version, data.timezone, start, about=about)],
        before_tax_minor=it.before_tax.minor,
        taxes=it.taxes,
        told=[explain_line(language, line, data.timezone, version.currency) for line in it.lines],
        sentence=sentence(language, price, data.timezone),
        display=display(price, data.timezone),
    )


async def _asked(data: QuoteAsked, db: Db, start: dt.datetime) -> TariffVersion:
    if data.elements is not None and data.currency is not None and data.tariff_id is None:
        return planned(data.elements, data.terms, data.currency)
    if data.elements is not None or (data.tariff_id is None and (data.currency is None or data.draft)):
        raise DomainError(Kind.INVALID, "quote_ambiguous")
    async with db.begin() as tx:
        currency = data.currency
        if currency is None:
            assert data.tariff_id is not None
            currency = (await choose.tariff(tx, data.tariff_id)).currency
        if data.draft and data.tariff_id is not None:
            kept = await drafts.draft(tx, TariffId(data.tariff_id))
            if kept is None:
                raise DomainError(Kind.NOT_FOUND, "tariff_draft_unknown")
            return planned(kept.draft.elements, kept.draft.terms, currency)
        return await choose.quote(tx, data.tariff_id, currency, start)


routes: list[Any] = [
    list_tariffs,
    get_tariff,
    get_version,
    put_tariff,
    put_version,
    get_draft,
    put_draft,
    delete_draft,
    post_draft_publish,
    make_quote,
    *assigned_routes,
]
