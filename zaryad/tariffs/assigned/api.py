"""Routes of what is said of tariffs as rows: assignments, members of groups and contracts, holidays."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, put
from litestar.params import Parameter

from zaryad.auth import Caller, Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db
from zaryad.tariffs import store as tariff_store
from zaryad.tariffs.assigned import store
from zaryad.tariffs.assigned.holidays import NETWORK
from zaryad.tariffs.assigned.store import Day, Member
from zaryad.tariffs.model import TariffId
from zaryad.tariffs.precedence import Assignment, Scope

EDITORS = needs(Role.OPERATOR, Role.ACCOUNTANT)
PRIORITY_MAX = 1_000
WORD_MAX = 64
SPAN_MAX = dt.timedelta(days=800)

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]
Limit = Annotated[int, Parameter(ge=1, le=500)]


class AssignmentPut(msgspec.Struct, frozen=True, kw_only=True):
    """Whom or where a tariff serves, from when to when. `scope` of the network is "*", of a connector "station/2"."""

    kind: Scope
    scope: str
    tariff_id: UUID
    priority: int = 0
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class AssignmentPage(msgspec.Struct, frozen=True):
    """Assignments, and what to ask for next."""

    items: list[Assignment]
    next: str | None


class MemberPut(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when a person belongs there."""

    valid_from: Moment | None = None
    valid_to: Moment | None = None


class MemberPage(msgspec.Struct, frozen=True):
    """Members, and what to ask for next."""

    items: list[Member]
    next: str | None


class DayPut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a day is a holiday; false takes a country's holiday back for the network."""

    holiday: bool = True
    names: dict[str, str] = {}


class Calendar(msgspec.Struct, frozen=True):
    """A calendar's days."""

    items: list[Day]


@get("/tariff-assignments", opt=EDITORS)
async def list_assignments(
    db: Db, kind: Scope | None = None, named: str | None = None, after: UUID | None = None, limit: Limit = 100
) -> AssignmentPage:
    """List assignments, of a kind or to one thing (`named`: its scope)."""
    async with db.begin() as tx:
        of_kind = None if kind is None else kind.value
        items = await store.some(tx, kind=of_kind, scope=named, after=after, limit=limit)
    return AssignmentPage(items, str(items[-1].id) if len(items) == limit else None)


@put("/tariff-assignments/{id:uuid}", opt=EDITORS)
async def put_assignment(id: UUID, data: AssignmentPut, db: Db, caller: Caller, now: dt.datetime) -> Assignment:
    """Assign a tariff; the id is the client's, the same again is the same."""
    it = Assignment(
        id=id,
        kind=data.kind,
        scope=data.scope.strip(),
        tariff_id=TariffId(data.tariff_id),
        priority=data.priority,
        valid_from=data.valid_from or now,
        valid_to=data.valid_to,
    )
    assert it.valid_from is not None, "just set"
    lawful = 0 < len(it.scope) <= 2 * WORD_MAX and abs(it.priority) <= PRIORITY_MAX
    if not lawful or (it.valid_to is not None and it.valid_to <= it.valid_from):
        raise DomainError(Kind.INVALID, "tariff_assignment_invalid")
    if it.kind is Scope.NETWORK and it.scope != "*":
        raise DomainError(Kind.INVALID, "tariff_assignment_invalid")
    async with db.begin() as tx:
        if await tariff_store.one(tx, it.tariff_id) is None:
            raise DomainError(Kind.NOT_FOUND, "tariff_unknown")
        await store.put(tx, it, f"staff:{caller.person_id}")
        tx.hint(f"tariff.{it.tariff_id}", b"assigned")
    return it


@delete("/tariff-assignments/{id:uuid}", opt=EDITORS)
async def delete_assignment(id: UUID, db: Db) -> None:
    """Take an assignment away; sessions that run keep their price."""
    async with db.begin() as tx:
        if not await store.remove(tx, id):
            raise DomainError(Kind.NOT_FOUND, "tariff_assignment_unknown")


@get("/tariff-members/{kind:str}/{name:str}", opt=EDITORS)
async def list_members(kind: str, name: str, db: Db, after: UUID | None = None, limit: Limit = 100) -> MemberPage:
    """List who is in a driver group ("group") or under a contract ("contract")."""
    async with db.begin() as tx:
        items = await store.members_of(tx, kind, name, after, limit)
    return MemberPage(items, str(items[-1].person_id) if len(items) == limit else None)


@put("/tariff-members/{kind:str}/{name:str}/{person_id:uuid}", opt=EDITORS)
async def put_member(kind: str, name: str, person_id: UUID, data: MemberPut, db: Db, *, now: dt.datetime) -> Member:
    """Put a person into a group or under a contract; with `valid_to`, until then."""
    since = data.valid_from or now
    wrong_end = data.valid_to is not None and data.valid_to <= since
    if kind not in {"group", "contract"} or not 0 < len(name.strip()) <= WORD_MAX or wrong_end:
        raise DomainError(Kind.INVALID, "tariff_member_invalid")
    it = Member(person_id=person_id, kind=kind, name=name.strip(), valid_from=since, valid_to=data.valid_to)
    async with db.begin() as tx:
        await store.put_member(tx, it)
    return it


@get("/tariff-holidays/{calendar:str}", opt=EDITORS)
async def list_holidays(calendar: str, db: Db, first: dt.date, last: dt.date) -> Calendar:
    """List the days of a country's calendar ("KG"), or of the network's own ("network")."""
    if not first <= last <= first + SPAN_MAX:
        raise DomainError(Kind.INVALID, "tariff_calendar_invalid")
    async with db.begin() as tx:
        return Calendar(await store.days(tx, [calendar], first, last))


@put("/tariff-holidays/{calendar:str}/{day:date}", opt=EDITORS)
async def put_holiday(calendar: str, day: dt.date, data: DayPut, db: Db) -> Day:
    """Write a day. Sessions that have begun keep the calendar they began with."""
    country = len(calendar) == 2 and calendar.isascii() and calendar.isalpha() and calendar.isupper()  # ISO 3166
    if not (country or calendar == NETWORK) or len(data.names) > 10 or any(len(x) > 100 for x in data.names.values()):
        raise DomainError(Kind.INVALID, "tariff_calendar_invalid")
    it = Day(calendar=calendar, day=day, holiday=data.holiday, names=data.names)
    async with db.begin() as tx:
        await store.put_day(tx, it)
    return it


@delete("/tariff-holidays/{calendar:str}/{day:date}", opt=EDITORS)
async def delete_holiday(calendar: str, day: dt.date, db: Db) -> None:
    """Take a day out of a calendar."""
    async with db.begin() as tx:
        if not await store.remove_day(tx, calendar, day):
            raise DomainError(Kind.NOT_FOUND, "tariff_holiday_unknown")


routes: list[Any] = [
    list_assignments,
    put_assignment,
    delete_assignment,
    list_members,
    put_member,
    list_holidays,
    put_holiday,
    delete_holiday,
]
