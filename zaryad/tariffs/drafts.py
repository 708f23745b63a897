"""The next version of a tariff while people work on it: one draft a tariff, and nobody overwrites another unseen."""

from __future__ import annotations

import datetime as dt

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Tx
from zaryad.tariffs import store
from zaryad.tariffs.lawful import check
from zaryad.tariffs.model import TariffId, TariffVersion
from zaryad.tariffs.publish import publish
from zaryad.tariffs.terms import Element, Terms


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Prices as they are planned. They may be wrong still; publishing checks them."""

    elements: tuple[Element, ...] = ()
    terms: Terms = Terms()
    valid_from: dt.datetime | None = None


class DraftKept(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it is kept. `revision` counts its changes from 1."""

    draft: Draft
    revision: int
    author: str
    updated_at: dt.datetime


async def draft(tx: Tx, tariff_id: TariffId, *, lock: bool = False) -> DraftKept | None:
    """Return a tariff's draft."""
    row = await store.draft(tx, tariff_id, lock=lock)
    if row is None:
        return None
    return DraftKept(
        draft=msgspec.convert(row["body"], Draft),
        revision=row["revision"],
        author=row["author"],
        updated_at=row["updated_at"],
    )


async def keep_draft(
    tx: Tx, tariff_id: TariffId, it: Draft, *, based_on: int, author: str, now: dt.datetime
) -> DraftKept:
    """Keep a draft that was made of revision `based_on`, 0 for none.

    The same again is the same. DomainError CONFLICT where somebody else was faster, NOT_FOUND without the tariff.
    """
    if await store.one(tx, tariff_id, lock=True) is None:
        raise DomainError(Kind.NOT_FOUND, "tariff_unknown")
    if len(it.elements) > 64 or len(it.terms.rules) > 16:
        check(it.elements, it.terms)
    known = await draft(tx, tariff_id)
    if known is not None and known.draft == it:
        return known
    revision = 0 if known is None else known.revision
    if revision != based_on:
        raise DomainError(Kind.CONFLICT, "tariff_draft_changed", revision=revision)
    kept = DraftKept(draft=it, revision=revision + 1, author=author, updated_at=now)
    body = msgspec.to_builtins(it)
    values = {"body": body, "revision": kept.revision, "author": author, "updated_at": now}
    await store.put_draft(tx, tariff_id, values)
    return kept


async def drop_draft(tx: Tx, tariff_id: TariffId) -> bool:
    """Throw a draft away; False where there is none."""
    return await store.drop_draft(tx, tariff_id)


async def publish_draft(tx: Tx, tariff_id: TariffId, *, revision: int, now: dt.datetime) -> TariffVersion:
    """Make the draft the next version; the draft is gone then.

    DomainError CONFLICT unless the draft is still at this revision, NOT_FOUND without one, INVALID as `publish`.
    """
    if await store.one(tx, tariff_id, lock=True) is None:
        raise DomainError(Kind.NOT_FOUND, "tariff_unknown")
    kept = await draft(tx, tariff_id, lock=True)
    if kept is None:
        raise DomainError(Kind.NOT_FOUND, "tariff_draft_unknown")
    if kept.revision != revision:
        raise DomainError(Kind.CONFLICT, "tariff_draft_changed", revision=kept.revision)
    number = len(await store.history(tx, tariff_id)) + 1
    it = kept.draft
    version = await publish(tx, tariff_id, number, it.elements, valid_from=it.valid_from, now=now, terms=it.terms)
    await store.drop_draft(tx, tariff_id)
    return version
