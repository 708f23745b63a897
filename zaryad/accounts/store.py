"""SQL of people and cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.accounts.model import Credentials, IdToken, Person, PersonId, TokenFilter
from zaryad.accounts.tables import compact_token, id_token, person
from zaryad.platform.db import Tx

_PERSON = (
    person.c.id,
    person.c.phone,
    person.c.login,
    person.c.name,
    person.c.language,
    person.c.roles,
    person.c.status,
    person.c.created_at,
)
_TOKEN = (id_token.c.token, id_token.c.person_id, id_token.c.status, id_token.c.expires_at, id_token.c.group)


async def insert_person(tx: Tx, values: dict[str, object]) -> Person | None:
    """Insert; None when the phone or the login is somebody's already."""
    statement = insert(person).values(**values).on_conflict_do_nothing().returning(*_PERSON)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Person)


async def one(tx: Tx, where: sa.ColumnElement[bool]) -> Person | None:
    """Read one person."""
    row = (await tx.execute(sa.select(*_PERSON).where(where))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Person)


async def by_id(tx: Tx, id: PersonId) -> Person | None:
    """Read by id."""
    return await one(tx, person.c.id == id)


async def by_phone(tx: Tx, phone: str) -> Person | None:
    """Read by phone, E.164."""
    return await one(tx, person.c.phone == phone)


async def credentials(tx: Tx, login: str) -> Credentials | None:
    """Read what a sign-in by login is judged by, whatever the case of its letters."""
    statement = sa.select(*_PERSON, person.c.password_hash).where(sa.func.lower(person.c.login) == sa.func.lower(login))
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else Credentials(msgspec.convert(row, Person), row["password_hash"])


async def update_person(tx: Tx, id: PersonId, values: dict[str, object]) -> Person | None:
    """Change columns; None when there is nobody."""
    statement = sa.update(person).where(person.c.id == id).values(**values).returning(*_PERSON)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Person)


async def some(tx: Tx, *, role: str | None, text: str | None, after: PersonId | None, limit: int) -> list[Person]:
    """Read people in the order of their ids."""
    statement = sa.select(*_PERSON).order_by(person.c.id).limit(limit)
    if role is not None:
        statement = statement.where(person.c.roles.contains([role]))
    if text:
        columns = (person.c.phone, person.c.login, person.c.name)
        statement = statement.where(sa.or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if after is not None:
        statement = statement.where(person.c.id > after)
    return [msgspec.convert(row, Person) for row in (await tx.execute(statement)).mappings()]


async def token(tx: Tx, upper: str) -> IdToken | None:
    """Read one card."""
    row = (await tx.execute(sa.select(*_TOKEN).where(id_token.c.token == upper))).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, IdToken)


async def contract(tx: Tx, compact: str) -> IdToken | None:
    """Read the one token that is this contract (eMAID) in another spelling; two that are it are none."""
    rows = (await tx.execute(sa.select(*_TOKEN).where(compact_token == compact).limit(2))).mappings().all()
    return msgspec.convert(rows[0], IdToken) if len(rows) == 1 else None


async def tokens_of(tx: Tx, person_id: PersonId) -> Sequence[IdToken]:
    """Read a person's cards."""
    statement = sa.select(*_TOKEN).where(id_token.c.person_id == person_id).order_by(id_token.c.token)
    return [msgspec.convert(row, IdToken) for row in (await tx.execute(statement)).mappings()]


async def some_tokens(  # what a list is asked by
    tx: Tx,
    where: TokenFilter,
    now: dt.datetime,
    after: str | None,
    limit: int,
) -> list[IdToken]:
    """Read cards in the order of their numbers."""
    statement = sa.select(*_TOKEN).order_by(id_token.c.token).limit(limit)
    if where.person_id is not None:
        statement = statement.where(id_token.c.person_id == where.person_id)
    if where.group is not None:
        statement = statement.where(sa.func.lower(id_token.c.group) == where.group.lower())
    if where.status is not None:
        statement = statement.where(id_token.c.status == where.status)
    if where.tokens:
        wanted = [each.strip().upper() for each in where.tokens]
        statement = statement.where(id_token.c.token == sa.any_(sa.literal(wanted, sa.ARRAY(sa.Text))))
    if where.text:
        statement = statement.where(id_token.c.token.contains(where.text.upper(), autoescape=True))
    if where.expired is not None:
        over = sa.func.coalesce(id_token.c.expires_at <= now, sa.false())
        statement = statement.where(over if where.expired else sa.not_(over))
    if after is not None:
        statement = statement.where(id_token.c.token > after)
    return [msgspec.convert(row, IdToken) for row in (await tx.execute(statement)).mappings()]


async def put_token(tx: Tx, it: IdToken, now: dt.datetime) -> None:
    """Write a card."""
    values = msgspec.structs.asdict(it) | {"changed_at": now}
    statement = insert(id_token).values(**values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[id_token.c.token], set_=values))


async def drop_token(tx: Tx, upper: str) -> bool:
    """Delete a card; False when there is none."""
    statement = sa.delete(id_token).where(id_token.c.token == upper).returning(id_token.c.token)
    return await tx.scalar(statement) is not None
