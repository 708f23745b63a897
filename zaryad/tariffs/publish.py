"""Naming tariffs and publishing their versions. What is published stands for ever; a change is the next version."""

from __future__ import annotations

import datetime as dt
import hashlib
from uuid import UUID

import msgspec

from zaryad.kernel.errors import DomainError, Kind
from zaryad.kernel.ids import derived_id
from zaryad.platform.db import Tx
from zaryad.tariffs import store
from zaryad.tariffs.lawful import check
from zaryad.tariffs.model import Tariff, TariffId, TariffVersion, TariffVersionId
from zaryad.tariffs.terms import Element, Terms

NAME_MAX = 100
UNPUBLISHED = TariffVersionId(UUID(int=0))
CLOCK_SLACK = dt.timedelta(minutes=5)  # "from now on", said by a client whose clock is a little behind


async def name_tariff(tx: Tx, it: Tariff) -> None:
    """Name a tariff, make it the network's default for its currency, or archive it.

    An archived tariff is offered to nobody any more, yet goes on pricing the connectors that have it.
    """
    if not it.names or not all(0 < len(name.strip()) <= NAME_MAX for name in it.names.values()) or len(it.names) > 10:
        raise DomainError(Kind.INVALID, "tariff_names_invalid", most=NAME_MAX)
    if not (len(it.currency) == 3 and it.currency.isascii() and it.currency.isupper()):
        raise DomainError(Kind.INVALID, "currency_unknown", currency=it.currency)
    known = await store.one(tx, it.id, lock=True)
    if known is not None and known.currency != it.currency:
        raise DomainError(Kind.CONFLICT, "tariff_currency_fixed")
    if it.archived and it.network_default:
        raise DomainError(Kind.INVALID, "tariff_default_archived")
    await store.put(tx, it)


async def publish(
    tx: Tx,
    tariff_id: TariffId,
    number: int,
    elements: tuple[Element, ...],
    *,
    valid_from: dt.datetime | None,
    now: dt.datetime,
    terms: Terms | None = None,
) -> TariffVersion:
    """Publish version `number`, in force from `valid_from` or at once; the same again is the same version.

    DomainError CONFLICT for a number that is taken by other prices or leaves a gap, INVALID for what cannot
    be evaluated or would change prices of the past, NOT_FOUND without such a tariff. (A first version may
    begin in the past: it prices what stations that were offline report late.)
    """
    terms = terms or Terms()
    check(elements, terms)
    tariff = await store.one(tx, tariff_id, lock=True)
    if tariff is None:
        raise DomainError(Kind.NOT_FOUND, "tariff_unknown")
    id, version, digest = _make(tariff, number, elements, terms)
    known = {row["number"]: row for row in await store.history(tx, tariff_id)}
    if (row := known.get(number)) is not None:
        if row["digest"] != digest or (valid_from is not None and row["valid_from"] != valid_from):
            raise DomainError(Kind.CONFLICT, "tariff_version_taken", number=number)
        return (await store.versions(tx, [row["id"]]))[row["id"]]
    if number != len(known) + 1:
        raise DomainError(Kind.CONFLICT, "tariff_version_gap", next=len(known) + 1)
    if number > 1 and valid_from is not None and valid_from < now - CLOCK_SLACK:
        raise DomainError(Kind.INVALID, "tariff_valid_from_past")
    values = {
        "id": id,
        "tariff_id": tariff_id,
        "number": number,
        "valid_from": valid_from or now,
        "body": msgspec.to_builtins(version),
        "digest": digest,
        "published_at": now,
    }
    await store.insert_version(tx, values)
    tx.hint(f"tariff.{tariff_id}", b"version")
    return version


def planned(elements: tuple[Element, ...], terms: Terms, currency: str) -> TariffVersion:
    """Make a version of prices that are not published, to preview by; DomainError INVALID as `publish`."""
    check(elements, terms)
    return TariffVersion(
        id=UNPUBLISHED,
        tariff_id=TariffId(UNPUBLISHED),
        number=0,
        currency=currency,
        elements=elements,
        terms=terms,
    )


def _make(
    tariff: Tariff, number: int, elements: tuple[Element, ...], terms: Terms
) -> tuple[TariffVersionId, TariffVersion, bytes]:
    """Derive the version's id from all that it says: equal ids are equal prices, wherever they are read."""
    said = (tariff.currency, elements) if terms == Terms() else (tariff.currency, elements, terms)
    digest = hashlib.sha256(msgspec.json.encode(said, order="deterministic")).digest()
    id = TariffVersionId(derived_id("tariff_version", tariff.id, number, digest.hex(), sorted(tariff.names.items())))
    version = TariffVersion(
        id=id,
        tariff_id=tariff.id,
        number=number,
        currency=tariff.currency,
        elements=elements,
        names=tariff.names,
        terms=terms,
    )
    return id, version, digest
