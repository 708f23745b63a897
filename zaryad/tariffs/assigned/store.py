"""SQL of assignments, memberships and holidays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.platform.db import Tx
from zaryad.tariffs.precedence import Assignment, Scope
from zaryad.tariffs.tables import tariff_assignment, tariff_holiday, tariff_member


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person's place in a driver group, or under a contract."""

    person_id: UUID
    kind: str
    name: str
    valid_from: dt.datetime
    valid_to: dt.datetime | None = None


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a calendar."""

    calendar: str
    day: dt.date
    holiday: bool = True
    names: dict[str, str] = {}


async def fitting(tx: Tx, scopes: Collection[tuple[Scope, str]]) -> list[Assignment]:
    """Read the assignments that name any of these."""
    if not scopes:
        return []
    c = tariff_assignment.c
    pairs = [(kind.value, scope) for kind, scope in scopes]
    rows = await tx.execute(sa.select(tariff_assignment).where(sa.tuple_(c.kind, c.scope).in_(pairs)))
    return [_assignment(row) for row in rows.mappings()]


async def some(tx: Tx, *, kind: str | None, scope: str | None, after: UUID | None, limit: int) -> list[Assignment]:
    """Read assignments in the order of their ids."""
    c = tariff_assignment.c
    statement = sa.select(tariff_assignment).order_by(c.id).limit(limit)
    for column, value in ((c.kind, kind), (c.scope, scope)):
        if value is not None:
            statement = statement.where(column == value)
    if after is not None:
        statement = statement.where(c.id > after)
    return [_assignment(row) for row in (await tx.execute(statement)).mappings()]


async def put(tx: Tx, it: Assignment, author: str) -> None:
    """Write an assignment."""
    values = msgspec.structs.asdict(it) | {"kind": it.kind.value, "author": author}
    changed = {name: value for name, value in values.items() if name != "id"}
    statement = insert(tariff_assignment).values(**values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[tariff_assignment.c.id], set_=changed))


async def remove(tx: Tx, id: UUID) -> bool:
    """Take an assignment away."""
    statement = sa.delete(tariff_assignment).where(tariff_assignment.c.id == id).returning(tariff_assignment.c.id)
    return await tx.scalar(statement) is not None


async def members(tx: Tx, people: Iterable[UUID], at: dt.datetime) -> dict[UUID | None, list[tuple[str, str]]]:
    """Read the groups and contracts of people at a moment."""
    found: dict[UUID | None, list[tuple[str, str]]] = {}
    wanted = list(people)
    if wanted:
        c = tariff_member.c
        valid = sa.and_(c.valid_from <= at, sa.or_(c.valid_to.is_(None), c.valid_to > at))
        statement = sa.select(c.person_id, c.kind, c.name).where(c.person_id.in_(wanted), valid)
        for person_id, kind, name in await tx.execute(statement.order_by(c.kind, c.name)):
            found.setdefault(person_id, []).append((kind, name))
    return found


async def put_member(tx: Tx, it: Member) -> None:
    """Write a membership."""
    values = msgspec.structs.asdict(it)
    statement = insert(tariff_member).values(**values)
    changed = {"valid_from": it.valid_from, "valid_to": it.valid_to}
    keys = [tariff_member.c.person_id, tariff_member.c.kind, tariff_member.c.name]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def members_of(tx: Tx, kind: str, name: str, after: UUID | None, limit: int) -> list[Member]:
    """Read who is in a group or under a contract."""
    c = tariff_member.c
    statement = sa.select(tariff_member).where(c.kind == kind, c.name == name).order_by(c.person_id).limit(limit)
    if after is not None:
        statement = statement.where(c.person_id > after)
    return [msgspec.convert(row, Member) for row in (await tx.execute(statement)).mappings()]


async def days(tx: Tx, calendars: Collection[str], first: dt.date, last: dt.date) -> list[Day]:
    """Read the days of calendars between two dates, both included."""
    c = tariff_holiday.c
    statement = (
        sa.select(tariff_holiday)
        .where(c.calendar.in_(list(calendars)), c.day >= first, c.day <= last)
        .order_by(c.calendar, c.day)
    )
    return [msgspec.convert(row, Day) for row in (await tx.execute(statement)).mappings()]


async def put_day(tx: Tx, it: Day) -> None:
    """Write a day of a calendar."""
    statement = insert(tariff_holiday).values(**msgspec.structs.asdict(it))
    keys = [tariff_holiday.c.calendar, tariff_holiday.c.day]
    changed = {"holiday": it.holiday, "names": it.names}
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def remove_day(tx: Tx, calendar: str, day: dt.date) -> bool:
    """Take a day out of a calendar."""
    c = tariff_holiday.c
    statement = sa.delete(tariff_holiday).where(c.calendar == calendar, c.day == day).returning(c.day)
    return await tx.scalar(statement) is not None


def _assignment(row: sa.RowMapping) -> Assignment:
    values = {str(name): value for name, value in row.items() if name != "author"}
    return msgspec.convert(values, Assignment)
