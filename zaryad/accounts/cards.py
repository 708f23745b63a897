"""Which card is whose. A card is known by its upper-case spelling."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.accounts import store
from zaryad.accounts.model import GROUP_MAX, TOKEN_MAX, IdToken, PersonId
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Tx


async def find_token(tx: Tx, token: str) -> IdToken | None:
    """Return a card, in whatever case a station spelled it."""
    upper = token.strip().upper()
    return await store.token(tx, upper) if upper.isprintable() else None


async def tokens_of(tx: Tx, person_id: PersonId) -> list[IdToken]:
    """Return a person's cards."""
    return list(await store.tokens_of(tx, person_id))


async def put_token(tx: Tx, it: IdToken, now: dt.datetime) -> IdToken:
    """Write a card as people describe it; return it as it is kept."""
    upper = it.token.strip().upper()
    if not 1 <= len(upper) <= TOKEN_MAX or not upper.isascii() or not upper.isprintable():
        raise DomainError(Kind.INVALID, "token_invalid", most=TOKEN_MAX)
    if it.group is not None and len(it.group) > GROUP_MAX:
        raise DomainError(Kind.INVALID, "token_group_invalid", most=GROUP_MAX)
    if it.person_id is not None and await store.by_id(tx, it.person_id) is None:
        raise DomainError(Kind.NOT_FOUND, "person_unknown")
    kept = msgspec.structs.replace(it, token=upper)
    await store.put_token(tx, kept, now)
    return kept


async def drop_token(tx: Tx, token: str) -> bool:
    """Forget a card; whether there was one."""
    return await store.drop_token(tx, token.strip().upper())
