"""Who there is: found, made at the first sign-in, changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from zaryad.accounts import store
from zaryad.accounts.model import LANGUAGES, NAME_MAX, ROLES, Credentials, Person, PersonId, Settings, Status
from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import new_id
from zaryad.platform.db import Tx


async def find(tx: Tx, id: PersonId) -> Person | None:
    """Return a person."""
    return await store.by_id(tx, id)


async def by_phone(tx: Tx, phone: str) -> Person | None:
    """Return whoever has the phone (E.164)."""
    return await store.by_phone(tx, phone)


async def by_login(tx: Tx, login: str) -> Credentials | None:
    """Return whoever has the login, with what a sign-in is judged by."""
    return await store.credentials(tx, login)


async def list_people(
    tx: Tx, *, role: str | None = None, text: str | None = None, after: PersonId | None = None, limit: int = 100
) -> list[Person]:
    """List people by id; `text` is looked for in phones, logins and names."""
    return await store.some(tx, role=role, text=text, after=after, limit=limit)


async def ensure_by_phone(tx: Tx, phone: str, language: str, now: dt.datetime) -> Person:
    """Return whoever has the phone; whoever signs in first with it becomes a driver."""
    known = await store.by_phone(tx, phone)
    if known is not None:
        return known
    values: dict[str, object] = {
        "id": new_id(),
        "phone": phone,
        "language": _language(language),
        "roles": ["driver"],
        "created_at": now,
    }
    made = await store.insert_person(tx, values) or await store.by_phone(tx, phone)
    assert made is not None, "either we inserted it, or somebody did a moment ago"
    return made


async def create_staff(  # noqa: PLR0917  # told in the order of a form
    tx: Tx,
    login: str,
    password_hash: str,
    roles: Iterable[str],
    name: str | None,
    now: dt.datetime,
    *,
    language: str = "ru",
    phone: str | None = None,
) -> Person:
    """Make a person who signs in by login and password; CONFLICT when the login or the phone is taken."""
    values: dict[str, object] = {
        "id": new_id(),
        "login": login,
        "phone": phone,
        "password_hash": password_hash,
        "password_set_at": now,
        "name": _name(name),
        "language": _language(language),
        "roles": _roles(roles),
        "created_at": now,
    }
    made = await store.insert_person(tx, values)
    if made is None:
        raise DomainError(Kind.CONFLICT, "login_taken", login=login)
    return made


async def set_roles(tx: Tx, id: PersonId, roles: Iterable[str]) -> Person:
    """Replace the person's roles; they hold from the next refresh of each sign-in on."""
    return _found(await store.update_person(tx, id, {"roles": _roles(roles)}))


async def set_password(tx: Tx, id: PersonId, password_hash: str, now: dt.datetime) -> Person:
    """Replace the password's hash."""
    return _found(await store.update_person(tx, id, {"password_hash": password_hash, "password_set_at": now}))


async def set_status(tx: Tx, id: PersonId, status: Status) -> Person:
    """Block a person, or let them back in."""
    return _found(await store.update_person(tx, id, {"status": status}))


async def change(tx: Tx, id: PersonId, *, name: str | None = None, language: str | None = None) -> Person:
    """Change what a person says of themselves; an empty name takes the name away."""
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = _name(name)
    if language is not None:
        values["language"] = _language(language)
    return _found(await store.update_person(tx, id, values) if values else await store.by_id(tx, id))


def check_login(login: str, rules: Settings) -> str:
    """Return the login as it is kept; its length follows the system settings."""
    kept = login.strip()
    if not rules.login_min <= len(kept) <= rules.login_max:
        raise DomainError(Kind.INVALID, "login_length", least=rules.login_min, most=rules.login_max)
    if not kept.isprintable() or any(character.isspace() for character in kept):
        raise DomainError(Kind.INVALID, "login_characters")
    return kept


def _found(person: Person | None) -> Person:
    if person is None:
        raise DomainError(Kind.NOT_FOUND, "person_unknown")
    return person


def _roles(roles: Iterable[str]) -> list[str]:
    wanted = sorted(set(roles))
    for role in wanted:
        if role not in ROLES:
            raise DomainError(Kind.INVALID, "role_unknown", role=role, roles=", ".join(ROLES))
    return wanted


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise DomainError(Kind.INVALID, "language_unknown", languages=", ".join(LANGUAGES))
    return language


def _name(name: str | None) -> str | None:
    kept = (name or "").strip()
    if len(kept) > NAME_MAX or not kept.isprintable():
        raise DomainError(Kind.INVALID, "name_invalid", most=NAME_MAX)
    return kept or None
