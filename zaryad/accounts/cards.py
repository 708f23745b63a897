"""Which card is whose. A card is known by its upper-case spelling."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.accounts import store
from zaryad.accounts.model import GROUP_MAX, TOKEN_MAX, IdToken, PersonId, TokenFilter
from zaryad.kernel.emaid import compact, is_emaid
from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Tx


async def find_token(tx: Tx, token: str) -> IdToken | None:
    """Return a card, in whatever case a station spelled it; a contract (eMAID) in whatever spelling."""
    upper = token.strip().upper()
    if not upper.isprintable():
        return None
    found = await store.token(tx, upper)
    return await store.contract(tx, compact(upper)) if found is None and is_emaid(upper) else found


async def tokens_of(tx: Tx, person_id: PersonId) -> list[IdToken]:
    """Return a person's cards."""
    return list(await store.tokens_of(tx, person_id))


async def list_tokens(
    tx: Tx, where: TokenFilter, now: dt.datetime, *, after: str | None = None, limit: int = 100
) -> list[IdToken]:
    """Return cards by number, after the one named."""
    return await store.some_tokens(tx, where, now, after, limit)


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
