"""The access token: who speaks, in which roles, for a quarter of an hour. Judging one asks nobody."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import jwt

from zaryad.accounts import Person, PersonId
from zaryad.auth.roles import Caller, Role

ALGORITHM = "HS256"
ISSUER = "zaryad"
TOKEN_MAX = 4_096
_CLAIMS = ["iss", "sub", "sid", "iat", "exp", "roles", "lang"]


def issue_access(key: bytes, person: Person, sign_in_id: UUID, now: dt.datetime, life: dt.timedelta) -> str:
    """Sign a token (RFC 7519). Roles are the person's at this moment; a refresh reads them again."""
    claims = {
        "iss": ISSUER,
        "sub": str(person.id),
        "sid": str(sign_in_id),
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
        "roles": sorted(person.roles),
        "lang": person.language,
    }
    return jwt.encode(claims, key, ALGORITHM)


def read_access(key: bytes, token: str, now: dt.datetime) -> Caller | None:
    """Return whom a token speaks for; None for anything but a good one. The time is ours, not the library's."""
    if len(token) > TOKEN_MAX:
        return None
    unjudged = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": _CLAIMS}
    try:
        claims: dict[str, Any] = jwt.decode(token, key, [ALGORITHM], options=unjudged, issuer=ISSUER)  # type: ignore[arg-type]  # the library types its options loosely
        if not int(claims["exp"]) > int(now.timestamp()):
            return None
        roles = frozenset(Role(role) for role in claims["roles"])
        person_id = PersonId(UUID(claims["sub"]))
        return Caller(person_id, roles, str(claims["lang"]), UUID(claims["sid"]))
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
