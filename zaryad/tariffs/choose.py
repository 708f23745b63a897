"""Which version a session is charged by: the assignments that fit, and the order of `precedence.py`.

A connector's own tariff is the last among those assigned to the connector, the network's default for the location's
currency the last of all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.platform.db import Tx
from zaryad.tariffs import assigned, store
from zaryad.tariffs.model import Tariff, TariffId, TariffVersion, TariffVersionId
from zaryad.tariffs.precedence import Assignment, Choice, InForce, Scope, Why, pick


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Who charges where: what assignments are looked up by."""

    currency: str
    tariff_id: UUID | None = None  # the connector's own
    station_id: str | None = None
    connector: int | None = None
    location_id: UUID | None = None
    person_id: UUID | None = None
    groups: frozenset[str] = frozenset()  # beside those the person is a member of
    contract: str | None = None


NETWORK = "*"


async def quote(
    tx: Tx, tariff_id: UUID | None, currency: str, now: dt.datetime, *, where: Where | None = None
) -> TariffVersion:
    """Return the version in force for a connector with this tariff, or none of its own, where this currency is used.

    `where` names the place and the driver, whose assignments go before. DomainError REFUSED `no_tariff` where
    nothing is in force: without a price nothing is sold, nor given away.
    """
    asked = where or Where(currency=currency, tariff_id=tariff_id)
    choice = (await explain(tx, [asked], now))[0]
    if choice.version_id is None:
        wrong = next((each for each in choice.candidates if each.why is Why.OTHER_CURRENCY), None)
        if wrong is not None:
            found = await tariff(tx, wrong.assignment.tariff_id)
            facts = {"tariff_currency": found.currency, "currency": asked.currency}
            raise DomainError(Kind.CONFLICT, "tariff_currency_differs", **facts)
        raise DomainError(Kind.REFUSED, "no_tariff")
    return await version(tx, choice.version_id)


async def quotes(tx: Tx, asked: Sequence[Where], now: dt.datetime) -> list[TariffVersion | None]:
    """Return the same for many places at once; None where there is no price."""
    choices = await explain(tx, asked, now)
    known = await versions(tx, [choice.version_id for choice in choices if choice.version_id is not None])
    return [None if choice.version_id is None else known.get(choice.version_id) for choice in choices]


async def explain(tx: Tx, asked: Sequence[Where], now: dt.datetime) -> list[Choice]:
    """Return for each place what was chosen and why each other candidate was not."""
    people = {it.person_id for it in asked if it.person_id is not None}
    members = await assigned.members(tx, people, now)
    scopes = [_scopes(it, members.get(it.person_id, ())) for it in asked]
    rows = await assigned.fitting(tx, {scope for each in scopes for scope in each})
    defaults = {it.currency: await store.default_of(tx, it.currency) for it in asked}
    wanted = {row.tariff_id for row in rows} | {TariffId(it.tariff_id) for it in asked if it.tariff_id is not None}
    wanted |= {default for default in defaults.values() if default is not None}
    known = await _known(tx, wanted, now)
    return [
        pick(_candidates(it, here, rows, defaults[it.currency]), it.currency, now, known)
        for it, here in zip(asked, scopes, strict=True)
    ]


def _scopes(it: Where, members: Iterable[tuple[str, str]]) -> frozenset[tuple[Scope, str]]:
    """Return all that an assignment may name for this place and driver."""
    found = {(Scope.NETWORK, NETWORK)} | {(Scope(kind), name) for kind, name in members}
    found |= {(Scope.GROUP, name) for name in it.groups}
    if it.contract is not None:
        found.add((Scope.CONTRACT, it.contract))
    if it.station_id is not None:
        found.add((Scope.STATION, it.station_id))
        if it.connector is not None:
            found.add((Scope.CONNECTOR, f"{it.station_id}/{it.connector}"))
    if it.location_id is not None:
        found.add((Scope.LOCATION, str(it.location_id)))
    return frozenset(found)


def _candidates(
    it: Where, scopes: frozenset[tuple[Scope, str]], rows: Sequence[Assignment], default: TariffId | None
) -> list[Assignment]:
    found = [row for row in rows if (row.kind, row.scope) in scopes]
    if it.tariff_id is not None:
        place = f"{it.station_id or ''}/{it.connector or ''}"
        found.append(Assignment(kind=Scope.CONNECTOR, scope=place, tariff_id=TariffId(it.tariff_id)))
        return found  # a connector's own tariff without a version in force is no offer of the network's
    if default is not None:
        found.append(Assignment(kind=Scope.NETWORK, scope=it.currency, tariff_id=default))
    return found


async def _known(tx: Tx, ids: Iterable[TariffId], now: dt.datetime) -> dict[TariffId, InForce]:
    found = {}
    for id in ids:
        it = await store.one(tx, id)
        if it is not None:
            found[id] = InForce(it.currency, await store.in_force(tx, id, now))
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
