"""SQL of people and cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.accounts.model import Credentials, IdToken, Person, PersonId
from zaryad.accounts.tables import id_token, person
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


async def tokens_of(tx: Tx, person_id: PersonId) -> Sequence[IdToken]:
    """Read a person's cards."""
    statement = sa.select(*_TOKEN).where(id_token.c.person_id == person_id).order_by(id_token.c.token)
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
