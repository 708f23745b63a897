"""Which tariff of several: the nearest to the driver, then the nearest to the plug. Pure; every "no" has its reason.

contract, driver group, connector, station, location, network. Within one of these the higher priority goes first,
then what is valid since later, then the smaller id, so that the answer never depends on an order of rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import Enum
from uuid import UUID

import msgspec

from zaryad.tariffs.model import TariffId, TariffVersionId


class Scope(Enum):
    """What a tariff is assigned to, the strongest first."""

    CONTRACT = "contract"
    GROUP = "group"
    CONNECTOR = "connector"
    STATION = "station"
    LOCATION = "location"
    NETWORK = "network"


class Why(Enum):
    """What became of a candidate."""

    CHOSEN = "chosen"
    NOT_YET = "not_yet"
    OVER = "over"
    OTHER_CURRENCY = "other_currency"
    NO_VERSION = "no_version"  # the tariff has no version in force
    OUTRANKED = "outranked"  # by a stronger scope
    LOWER_PRIORITY = "lower_priority"  # than another of the same scope
    OLDER = "older"  # than another of the same scope and priority


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """A tariff for a contract, a group, a connector ("KG-BIS-0001/2"), a station, a location or the network ("*").

    Without an id it is what a connector itself names, or the network's default for a currency.
    """

    kind: Scope
    scope: str
    tariff_id: TariffId
    priority: int = 0
    valid_from: dt.datetime | None = None
    valid_to: dt.datetime | None = None
    id: UUID | None = None


class InForce(msgspec.Struct, frozen=True):
    """A tariff's currency, and its version in force at the moment asked about."""

    currency: str
    version_id: TariffVersionId | None


class Candidate(msgspec.Struct, frozen=True):
    """An assignment that fits the place and the driver, and what became of it."""

    assignment: Assignment
    why: Why


class Choice(msgspec.Struct, frozen=True):
    """The tariff that was chosen, if any, and all that was looked at, the strongest first."""

    chosen: Assignment | None
    version_id: TariffVersionId | None
    candidates: tuple[Candidate, ...]


_RANK = {scope: rank for rank, scope in enumerate(Scope)}


def pick(
    assignments: Sequence[Assignment], currency: str, at: dt.datetime, known: Mapping[TariffId, InForce]
) -> Choice:
    """Choose among the assignments that fit a place and a driver, by what their tariffs are at that moment."""
    chosen: Assignment | None = None
    version: TariffVersionId | None = None
    candidates = []
    for it in sorted(assignments, key=_order):
        tariff = known.get(it.tariff_id)
        if it.valid_from is not None and at < it.valid_from:
            why = Why.NOT_YET
        elif it.valid_to is not None and at >= it.valid_to:
            why = Why.OVER
        elif tariff is not None and tariff.currency != currency:
            why = Why.OTHER_CURRENCY
        elif tariff is None or tariff.version_id is None:
            why = Why.NO_VERSION
        elif chosen is None:
            chosen, version, why = it, tariff.version_id, Why.CHOSEN
        else:
            why = _beaten(it, chosen)
        candidates.append(Candidate(it, why))
    return Choice(chosen, version, tuple(candidates))


def _beaten(it: Assignment, chosen: Assignment) -> Why:
    if it.kind is not chosen.kind:
        return Why.OUTRANKED
    return Why.LOWER_PRIORITY if (it.id is None) != (chosen.id is None) or it.priority < chosen.priority else Why.OLDER


def _order(it: Assignment) -> tuple[int, bool, int, int, str]:
    since = 0 if it.valid_from is None else int((it.valid_from - _EPOCH) // _SECOND)
    return _RANK[it.kind], it.id is None, -it.priority, -since, str(it.id)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)
