"""Words of people: who they are to us, and which cards they hold."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NewType
from uuid import UUID

import msgspec

PersonId = NewType("PersonId", UUID)

Status = Literal["active", "blocked", "deleted"]
OpenStatus = Literal["active", "blocked"]  # what people decide; "deleted" is a process of its own
TokenState = Literal["active", "blocked"]

LANGUAGES = ("ru", "ky", "en")
# Spelled here as well as in auth, which stands above: the table checks them, and a test compares the two.
ROLES = ("driver", "corporate_manager", "partner", "operator", "technician", "accountant", "admin")

NAME_MAX = 100
LOGIN_MAX = 1_000  # what the settings may allow at most
TOKEN_MAX = 36  # characters: an OCPP 2.x idToken; 1.6 stations send up to 20
GROUP_MAX = 36


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `System.*` says of people (product.md section 14). `phone_prefixes` empty: any prefix will do."""

    language: str = "ru"  # System.Language
    phone_prefixes: tuple[str, ...] = ()  # System.PhonePrefix
    login_min: int = 3  # System.UserLoginMinimumLength
    login_max: int = 150  # System.UserLoginMaximumLength
    password_bits_min: int = 30  # System.UserPasswordMinimumEntrophy

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"System.Language is one of {', '.join(LANGUAGES)}")
        for prefix in self.phone_prefixes:
            if not prefix.removeprefix("+").isdecimal():
                raise ValueError(f"System.PhonePrefix: {prefix!r} is no prefix; an example: +996,+7")
        if not 1 <= self.login_min <= self.login_max <= LOGIN_MAX:
            raise ValueError("System.UserLoginMinimumLength and ...MaximumLength: 1 <= minimum <= maximum <= 1000")
        if not 0 <= self.password_bits_min <= 200:
            raise ValueError("System.UserPasswordMinimumEntrophy is 0 to 200 bits")


def phone_prefixes(text: str | None) -> tuple[str, ...]:
    """Read `System.PhonePrefix`: prefixes separated by commas; absent or blank means none."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody: a driver has a phone (E.164, "+996555123456"), staff have a login, and one may have both."""

    id: PersonId
    phone: str | None
    login: str | None
    name: str | None
    language: str
    roles: frozenset[str]
    status: Status
    created_at: dt.datetime


class IdToken(msgspec.Struct, frozen=True, kw_only=True):
    """A card. `token` is upper-case: stations disagree about the case of the same card."""

    token: str
    person_id: PersonId | None = None
    status: TokenState = "active"
    expires_at: dt.datetime | None = None
    group: str | None = None


class TokenFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cards: those that meet all that is said; nothing said is all. `text` is a part of the number."""

    person_id: UUID | None = None
    group: str | None = None
    status: TokenState | None = None
    expired: bool | None = None
    tokens: tuple[str, ...] = ()
    text: str | None = None


class Credentials(msgspec.Struct, frozen=True):
    """What a staff sign-in is judged by; the hash never leaves `auth`."""

    person: Person
    password_hash: str | None
