"""Words of signing in."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal
from uuid import UUID

import msgspec

from zaryad import accounts
from zaryad.accounts import Person, PersonId
from zaryad.auth.keys import Keys

ACCESS_COOKIE = "evp_access"
REFRESH_COOKIE = "evp_refresh"
CSRF_COOKIE = "XSRF-TOKEN"
CODE_DIGITS = 6

Way = Literal["code", "password"]

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[auth]`. Caps per address are wide on purpose: a car park behind one address is many people."""

    access_minutes: int = 15
    refresh_days: int = 7
    reuse_grace_s: int = 60  # in which the very last refresh may be repeated: its answer was lost on the way
    code_life_s: int = 300
    code_tries: int = 5
    resend_after_s: int = 60
    codes_per_hour: int = 5  # per phone
    codes_per_address_hour: int = 300
    failures_per_address_hour: int = 300
    login_failures_per_hour: int = 20  # per login and address together; per login alone ten times as many
    cookie_domains: tuple[str, ...] = ()  # the longest that the request's host belongs to; none: this host only

    def __post_init__(self) -> None:
        whole = (self.access_minutes, self.refresh_days, self.code_life_s, self.code_tries, self.codes_per_hour)
        more = (self.codes_per_address_hour, self.failures_per_address_hour, self.login_failures_per_hour)
        if min(*whole, *more) < 1 or min(self.reuse_grace_s, self.resend_after_s) < 0:
            raise ValueError("times and limits are positive")
        if self.access_minutes > 24 * 60 or self.refresh_days > 366 or self.code_tries > 10:
            raise ValueError("access_minutes is at most a day, refresh_days a year, code_tries 10")
        for domain in self.cookie_domains:
            if not _DOMAIN.fullmatch(domain):
                raise ValueError(f"cookie_domains: {domain!r} is no domain; an example: example.kg")

    @property
    def access_life(self) -> dt.timedelta:
        """How long an access token speaks for its bearer."""
        return dt.timedelta(minutes=self.access_minutes)

    @property
    def refresh_life(self) -> dt.timedelta:
        """How long a sign-in lives without being used."""
        return dt.timedelta(days=self.refresh_days)


class Gate(msgspec.Struct, frozen=True):
    """What every sign-in is decided by: the deployment's keys, the rules of signing in, the rules of people."""

    keys: Keys
    rules: Settings
    people: accounts.Settings


class Origin(msgspec.Struct, frozen=True):
    """Where a sign-in comes from, for its owner to recognise."""

    address: str
    user_agent: str = ""


class Tokens(msgspec.Struct, frozen=True):
    """What a client keeps."""

    access: str
    access_expires_at: dt.datetime
    refresh: str
    refresh_expires_at: dt.datetime

    def __repr__(self) -> str:
        return "Tokens(...)"


class SignedIn(msgspec.Struct, frozen=True):
    """Somebody proved who they are."""

    id: UUID
    person: Person
    tokens: Tokens


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """One device that is signed in: a family of refresh tokens of which one is good."""

    id: UUID
    person_id: PersonId
    way: Way
    created_at: dt.datetime
    last_used_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    address: str
    user_agent: str
