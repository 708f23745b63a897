"""Routes of people and cards for staff: look them up, describe cards, say who may do what."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
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


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A card. `verdict` is what a station would be told of it by itself: whose it is may say more."""

    token: str
    person_id: UUID | None
    status: accounts.TokenState
    expires_at: dt.datetime | None
    group: str | None
    blocked: bool
    expired: bool
    verdict: Literal["accepted", "blocked", "expired"]


class TokenPage(msgspec.Struct, frozen=True):
    """Cards, and what to ask for next."""

    items: list[TokenView]
    next: str | None


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


@get("/tokens", opt=needs(Role.OPERATOR), tags=["people"])
async def list_tokens(
    *,
    db: Db,
    now: dt.datetime,
    q: Words = None,
    person_id: UUID | None = None,
    group: Words = None,
    token_status: Annotated[accounts.TokenState | None, Parameter(query="status")] = None,
    expired: bool | None = None,
    after: Words = None,
    limit: Limit = 50,
) -> TokenPage:
    """List cards by number: a person's, a group's, the blocked or expired ones; `q` is a part of the number."""
    where = accounts.TokenFilter(person_id=person_id, group=group, status=token_status, expired=expired, text=q)
    async with db.begin() as tx:
        found = await accounts.list_tokens(tx, where, now, after=after, limit=limit)
    return TokenPage([token_view(each, now) for each in found], found[-1].token if len(found) == limit else None)


@get("/tokens/{token:str}", opt=needs(Role.OPERATOR), tags=["people"])
async def get_token(token: CardPath, db: Db, now: dt.datetime) -> TokenView:
    """Return a card."""
    async with db.begin() as tx:
        found = await accounts.find_token(tx, token)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "token_unknown")
    return token_view(found, now)


@put("/tokens/{token:str}", opt=needs(Role.OPERATOR), tags=["people"])
async def put_token(token: CardPath, data: TokenPut, db: Db, now: dt.datetime) -> TokenView:
    """Describe a card: whose it is, whether it is good, until when."""
    values = msgspec.structs.asdict(data)
    async with db.begin() as tx:
        return token_view(await accounts.put_token(tx, IdToken(token=token, **values), now), now)


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


def token_view(card: IdToken, now: dt.datetime) -> TokenView:
    """Tell of a card."""
    blocked, expired = card.status == "blocked", card.expires_at is not None and card.expires_at <= now
    return TokenView(
        **msgspec.structs.asdict(card),
        blocked=blocked,
        expired=expired,
        verdict="blocked" if blocked else "expired" if expired else "accepted",
    )


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


routes: list[Any] = [list_tokens, get_token, put_token, delete_token, list_people, put_roles, put_status]
