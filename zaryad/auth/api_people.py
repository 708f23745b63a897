"""Routes of people and cards for staff: look them up, describe cards, say who may do what."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, put
from litestar.params import Parameter

from zaryad import accounts
from zaryad.accounts import IdToken, Person, PersonId
from zaryad.auth import password as passwords
from zaryad.auth.roles import Role, needs
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Db

Limit = Annotated[int, Parameter(ge=1, le=200)]
Words = Annotated[str | None, Parameter(max_length=100)]
CardPath = Annotated[
    str, Parameter(max_length=36, description="the card's number as stations read it; case is ignored")
]


class PersonShown(msgspec.Struct, frozen=True):
    """A person as the API tells of one."""

    id: UUID
    phone: str | None
    login: str | None
    name: str | None
    language: str
    roles: list[str]
    status: accounts.Status
    created_at: dt.datetime


class TokenPut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card as staff describe it."""

    person_id: UUID | None = None
    status: accounts.TokenState = "active"
    expires_at: dt.datetime | None = None
    group: Annotated[str, msgspec.Meta(max_length=36)] | None = None


class RolesPut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All roles of a person."""

    roles: list[Role]


class StatusPut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a person may sign in."""

    status: accounts.OpenStatus


class PeoplePage(msgspec.Struct, frozen=True):
    """People, and what to ask for next."""

    items: list[PersonShown]
    next: UUID | None


@get("/tokens/{token:str}", opt=needs(Role.OPERATOR), tags=["people"])
async def get_token(token: CardPath, db: Db) -> IdToken:
    """Return a card."""
    async with db.begin() as tx:
        found = await accounts.find_token(tx, token)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "token_unknown")
    return found


@put("/tokens/{token:str}", opt=needs(Role.OPERATOR), tags=["people"])
async def put_token(token: CardPath, data: TokenPut, db: Db, now: dt.datetime) -> IdToken:
    """Describe a card: whose it is, whether it is good, until when."""
    values = msgspec.structs.asdict(data)
    async with db.begin() as tx:
        return await accounts.put_token(tx, IdToken(token=token, **values), now)


@delete("/tokens/{token:str}", opt=needs(Role.OPERATOR), tags=["people"])
async def delete_token(token: CardPath, db: Db) -> None:
    """Forget a card; gone already is as good."""
    async with db.begin() as tx:
        await accounts.drop_token(tx, token)


@get("/people", opt=needs(Role.OPERATOR, Role.ACCOUNTANT), tags=["people"])
async def list_people(
    db: Db, q: Words = None, role: Role | None = None, after: UUID | None = None, limit: Limit = 50
) -> PeoplePage:
    """List people; `q` is looked for in phones, logins and names."""
    async with db.begin() as tx:
        found = await accounts.list_people(
            tx,
            role=None if role is None else role.value,
            text=q,
            after=None if after is None else PersonId(after),
            limit=limit,
        )
    return PeoplePage([person_shown(each) for each in found], found[-1].id if len(found) == limit else None)


@put("/people/{id:uuid}/roles", opt=needs(Role.ADMIN), tags=["people"])
async def put_roles(id: UUID, data: RolesPut, db: Db) -> PersonShown:
    """Replace a person's roles; they hold from each device's next refresh on."""
    async with db.begin() as tx:
        return person_shown(await accounts.set_roles(tx, PersonId(id), [role.value for role in data.roles]))


@put("/people/{id:uuid}/status", opt=needs(Role.ADMIN), tags=["people"])
async def put_status(id: UUID, data: StatusPut, db: Db, now: dt.datetime) -> PersonShown:
    """Block a person, which signs them out everywhere, or let them back in."""
    return person_shown(await passwords.set_status(db, PersonId(id), data.status, now))


def person_shown(person: Person) -> PersonShown:
    """Show a person."""
    return PersonShown(
        id=person.id,
        phone=person.phone,
        login=person.login,
        name=person.name,
        language=person.language,
        roles=sorted(person.roles),
        status=person.status,
        created_at=person.created_at,
    )


routes: list[Any] = [get_token, put_token, delete_token, list_people, put_roles, put_status]
