"""Which version a session is charged by: the connector's tariff, else the network's for the location's currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Tx
from zaryad.tariffs import store
from zaryad.tariffs.model import Tariff, TariffId, TariffVersion, TariffVersionId


async def quote(tx: Tx, tariff_id: UUID | None, currency: str, now: dt.datetime) -> TariffVersion:
    """Return the version in force for a connector with this tariff, or none of its own, where this currency is used.

    DomainError REFUSED `no_tariff` where nothing is in force: without a price nothing is sold, nor given away.
    """
    chosen = await store.default_of(tx, currency) if tariff_id is None else TariffId(tariff_id)
    id = None if chosen is None else await store.in_force(tx, chosen, now)
    if id is None:
        raise DomainError(Kind.REFUSED, "no_tariff")
    found = await version(tx, id)
    if found.currency != currency:
        raise DomainError(Kind.CONFLICT, "tariff_currency_differs", tariff_currency=found.currency, currency=currency)
    return found


async def version(tx: Tx, id: UUID) -> TariffVersion:
    """Return the version with this id, or DomainError NOT_FOUND."""
    found = await store.versions(tx, [TariffVersionId(id)])
    if not found:
        raise DomainError(Kind.NOT_FOUND, "tariff_version_unknown")
    return found[TariffVersionId(id)]


async def versions(tx: Tx, ids: Iterable[UUID]) -> dict[TariffVersionId, TariffVersion]:
    """Return those of the versions that exist; for many sessions at once, mostly without a query."""
    return await store.versions(tx, [TariffVersionId(id) for id in ids])


async def find_tariff(tx: Tx, id: UUID) -> Tariff | None:
    """Return the tariff."""
    return await store.one(tx, TariffId(id))


async def tariff(tx: Tx, id: UUID) -> Tariff:
    """Return the tariff, or DomainError NOT_FOUND."""
    found = await find_tariff(tx, id)
    if found is None:
        raise DomainError(Kind.NOT_FOUND, "tariff_unknown")
    return found
