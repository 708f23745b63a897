"""SQL of tariffs, and the decoded versions kept at hand: what never changes may be kept for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from zaryad.platform.db import Tx
from zaryad.tariffs.model import Tariff, TariffId, TariffVersion, TariffVersionId
from zaryad.tariffs.tables import tariff, tariff_draft, tariff_version

_KEPT_MAX = 10_000
_kept: dict[UUID, TariffVersion] = {}  # an id is derived from its content: it means the same in any database


async def versions(tx: Tx, ids: Iterable[TariffVersionId]) -> dict[TariffVersionId, TariffVersion]:
    """Return the versions that exist, asking the database only for those not decoded before."""
    wanted = set(ids)
    missing = [id for id in wanted if id not in _kept]
    if missing:
        statement = sa.select(tariff_version.c.id, tariff_version.c.body).where(tariff_version.c.id.in_(missing))
        for row in await tx.execute(statement):
            if len(_kept) >= _KEPT_MAX:
                _kept.pop(next(iter(_kept)))
            _kept[row.id] = msgspec.convert(row.body, TariffVersion)
    return {id: _kept[id] for id in wanted if id in _kept}


async def in_force(tx: Tx, tariff_id: TariffId, now: dt.datetime) -> TariffVersionId | None:
    """Return the version in force: of those that have begun, the one that began last."""
    statement = (
        sa.select(tariff_version.c.id)
        .where(tariff_version.c.tariff_id == tariff_id, tariff_version.c.valid_from <= now)
        .order_by(tariff_version.c.valid_from.desc(), tariff_version.c.number.desc())
        .limit(1)
    )
    return await tx.scalar(statement)


async def default_of(tx: Tx, currency: str) -> TariffId | None:
    """Return the network's tariff for a currency."""
    statement = sa.select(tariff.c.id).where(tariff.c.currency == currency, tariff.c.network_default)
    return await tx.scalar(statement)


async def one(tx: Tx, id: TariffId, *, lock: bool = False) -> Tariff | None:
    """Read a tariff."""
    statement = sa.select(tariff).where(tariff.c.id == id)
    if lock:
        statement = statement.with_for_update()
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else msgspec.convert(row, Tariff)


async def some(tx: Tx, *, archived: bool, after: TariffId | None, limit: int) -> list[Tariff]:
    """Read tariffs in the order of their ids."""
    statement = sa.select(tariff).order_by(tariff.c.id).limit(limit)
    if not archived:
        statement = statement.where(sa.not_(tariff.c.archived))
    if after is not None:
        statement = statement.where(tariff.c.id > after)
    return [msgspec.convert(row, Tariff) for row in (await tx.execute(statement)).mappings()]


async def put(tx: Tx, it: Tariff) -> None:
    """Write a tariff; a new default takes the place of the old one."""
    if it.network_default:
        # Two at once would each unseat the old default and meet in the unique index.
        await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("tariff.network_default"))))
        others = sa.and_(tariff.c.currency == it.currency, tariff.c.id != it.id, tariff.c.network_default)
        await tx.execute(sa.update(tariff).where(others).values(network_default=False))
    values = msgspec.structs.asdict(it)
    statement = insert(tariff).values(**values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[tariff.c.id], set_={name: value for name, value in values.items() if name != "id"}
        )
    )


async def history(tx: Tx, tariff_id: TariffId) -> Sequence[sa.RowMapping]:
    """Read when the tariff's versions begin, the newest number first."""
    statement = (
        sa.select(
            tariff_version.c.id,
            tariff_version.c.number,
            tariff_version.c.valid_from,
            tariff_version.c.published_at,
            tariff_version.c.digest,
        )
        .where(tariff_version.c.tariff_id == tariff_id)
        .order_by(tariff_version.c.number.desc())
    )
    return (await tx.execute(statement)).mappings().all()


async def insert_version(tx: Tx, values: Mapping[str, object]) -> None:
    """Write a version."""
    await tx.execute(sa.insert(tariff_version).values(**values))


async def draft(tx: Tx, id: TariffId, *, lock: bool) -> sa.RowMapping | None:
    """Read a tariff's draft."""
    statement = sa.select(tariff_draft).where(tariff_draft.c.tariff_id == id)
    if lock:
        statement = statement.with_for_update()
    return (await tx.execute(statement)).mappings().one_or_none()


async def put_draft(tx: Tx, id: TariffId, values: Mapping[str, object]) -> None:
    """Write a tariff's draft."""
    statement = insert(tariff_draft).values(tariff_id=id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[tariff_draft.c.tariff_id], set_=dict(values)))


async def drop_draft(tx: Tx, id: TariffId) -> bool:
    """Remove a tariff's draft."""
    c = tariff_draft.c
    return await tx.scalar(sa.delete(tariff_draft).where(c.tariff_id == id).returning(c.tariff_id)) is not None
